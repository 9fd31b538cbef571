"""Who is worth what: totals, shares, distribution, the R x F grid. Aggregates of the scored table."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from clvcli.models.base import Array

SOON_DAYS = 30
MONEY_STEPS = 1e4
"""Sums run over whole ten-thousandths: a sum of floats depends on the order of the threads."""


def total(name: str) -> pl.Expr:
    """The sum of a money column to four decimals, the same in any order."""
    return ((pl.col(name) * MONEY_STEPS).round().cast(pl.Int64).sum() / MONEY_STEPS).alias(name)


def headline(table: pl.DataFrame, as_of: date, decimals: int, at_risk: Sequence[str] = ()) -> dict[str, Any]:
    """Totals of the whole table, who is at risk now, how concentrated value is. `at_risk`: see who_at_risk."""
    buyers = pl.col("purchases") > 0
    late, slipping = pl.col("alert_date") <= as_of, pl.col("stage").is_in(list(at_risk))
    soon = (pl.col("alert_date") > as_of) & (pl.col("alert_date") <= as_of + timedelta(days=SOON_DAYS))
    row = table.select(
        buyers=buyers.sum(),
        one_time=(pl.col("purchases") == 1).sum(),
        spend=pl.col("total").filter(buyers).sum() / 10.0**decimals,
        valued=pl.col("clv").count(),
        clv=total("clv"),
        alerts=pl.col("alert_date").count(),
        silent=late.sum(),
        silent_clv=_part("clv", late),
        silent_spend=pl.col("total").filter(late).sum() / 10.0**decimals,
        at_risk=slipping.sum(),
        at_risk_clv=_part("clv", slipping),
        at_risk_spend=pl.col("total").filter(slipping).sum() / 10.0**decimals,
        soon=soon.sum(),
        soon_clv=_part("clv", soon),
        in_control=pl.col("in_control").sum(),
        low_zero=(pl.col("clv_low") <= 0).sum(),
    ).to_dicts()[0]
    if row["valued"] == 0:
        row |= dict.fromkeys(("clv", "at_risk_clv", "silent", "silent_clv", "silent_spend", "soon", "soon_clv"))
    return row | who_at_risk(row, at_risk) | {"soon_days": SOON_DAYS} | _concentration(values_of(table))


def who_at_risk(row: Mapping[str, Any], stages: Sequence[str]) -> dict[str, Any]:
    """Who is at risk, and who says so: the stages that the rules mark, else P(alive) below --alert.

    Null where no stage is marked and P(alive) tells nothing: it falls below --alert for nobody, ever.
    """
    if stages:
        return {"at_risk_by": "rules", "at_risk_stages": list(stages)}
    by_silence = bool(row["alerts"]) and row["silent"] is not None
    return {
        "at_risk_by": "silence" if by_silence else None,
        "at_risk_stages": [],
        **{f"at_risk{part}": row[f"silent{part}"] if by_silence else None for part in ("", "_clv", "_spend")},
    }


def _part(name: str, condition: pl.Expr) -> pl.Expr:
    return (pl.col(name) * MONEY_STEPS).filter(condition).round().cast(pl.Int64).sum() / MONEY_STEPS


def values_of(table: pl.DataFrame) -> Array:
    """The customers' clv, ascending; without a model what they spent. Leads left out."""
    name = "clv" if table["clv"].count() else "total_spend"
    values = table[name].filter(table["purchases"] > 0).drop_nulls()
    return np.sort(values.to_numpy().astype(np.float64))


def _concentration(values: Array) -> dict[str, Any]:
    if values.size == 0 or values[-1] <= 0:
        return {"top_fifth": None, "gini": None}
    n, cumulated = values.size, np.cumsum(values)
    best = cumulated[-1] - cumulated[n - 1 - round(n / 5)] if 0 < round(n / 5) < n else None
    gini = 2.0 * float(np.arange(1, n + 1) @ values) / (n * cumulated[-1]) - (n + 1) / n
    return {"top_fifth": None if best is None else _digits(best / cumulated[-1]), "gini": _digits(gini)}


def lorenz(values: Array) -> list[dict[str, float]]:
    """Share of value held by the best 0, 2, 4 ... 100 % of customers."""
    if values.size == 0 or values[-1] <= 0:
        return []
    falling = np.concatenate([[0.0], np.cumsum(values[::-1])])
    shares = np.linspace(0.0, 1.0, 51)
    held = np.interp(shares * values.size, np.arange(values.size + 1), falling) / falling[-1]
    return [{"customers": round(float(s), 2), "value": _digits(v)} for s, v in zip(shares, held, strict=True)]


def bins(values: Array) -> list[dict[str, Any]]:
    """Customers and value by size of value, in steps of 1, 2, 5, 10; the first bin is what is below the first step."""
    if values.size == 0 or values[-1] <= 0:
        return []
    low = values[int(values.size * 0.05)] if values[int(values.size * 0.05)] > 0 else values[values > 0][0]
    low = max(low, values[-1] / 1e6)
    edges = _steps(float(low), float(values[-1]))
    index = np.searchsorted(edges, values, side="right")
    counts = np.bincount(index, minlength=len(edges) + 1)
    sums = np.bincount(index, weights=values, minlength=len(edges) + 1)
    bounds = [0.0, *edges, None]
    rows = [
        {"from": bounds[i], "to": bounds[i + 1], "customers": int(counts[i]), "value": round(float(sums[i]), 4)}
        for i in range(len(edges) + 1)
    ]
    return rows if rows[-1]["customers"] else rows[:-1]


def _steps(low: float, high: float) -> list[float]:
    power = int(np.floor(np.log10(low)))
    steps = [float(f"{m}e{p}") for p in range(power, int(np.floor(np.log10(high))) + 2) for m in (1, 2, 5)]
    return [s for s in steps if low / 2 < s <= high * 2.5][: 3 * 8]


def rfm_grid(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Customers and value of every combination of R and F score that occurs."""
    value = "clv" if table["clv"].count() else "total_spend"
    grid = (
        table.select("purchases", "r_score", "f_score", value)
        .filter(pl.col("purchases") > 0)
        .group_by("r_score", "f_score")
        .agg(pl.len().alias("customers"), total(value))
        .sort("r_score", "f_score")
        .with_columns(pl.col(value).round(4).alias("value"))
    )
    return grid.select("customers", "value", r="r_score", f="f_score").to_dicts()


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
