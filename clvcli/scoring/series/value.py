"""Who is worth what: totals, shares, distribution, the R x F grid. Aggregates of the scored table."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.buyers import buyers_of
from clvcli.models.base import Array

SOON_DAYS = 30
SHARES = np.linspace(0.0, 1.0, 51)
MONEY_STEPS = 1e4
"""Sums run over whole ten-thousandths: a sum of floats depends on the order of the threads."""


def total(name: str) -> pl.Expr:
    """The sum of a money column to four decimals, the same in any order."""
    return ((pl.col(name) * MONEY_STEPS).round().cast(pl.Int64).sum() / MONEY_STEPS).alias(name)


def headline(
    table: pl.DataFrame, as_of: date, decimals: int, at_risk: Sequence[str] = (), values: Array | None = None
) -> dict[str, Any]:
    """Totals of the whole table, who is at risk now, how concentrated value is. `at_risk`: see who_at_risk; `values`:
    values_of the table, where they are known."""
    values = values_of(table) if values is None else values
    best, ranked, whole = None, 0.0, 0.0
    if values.size:
        cumulated, fifth = np.cumsum(values), fifth_of(values.size)
        whole = float(cumulated[-1])
        best = whole - float(cumulated[values.size - 1 - fifth]) if fifth else None
        ranked = float(np.arange(1, values.size + 1) @ values)
    concentration = concentration_of(values.size, whole, best, ranked)
    return headline_of(headline_sums(table, as_of, decimals, at_risk), at_risk, concentration)


def headline_sums(table: pl.DataFrame, as_of: date, decimals: int, at_risk: Sequence[str] = ()) -> dict[str, Any]:
    """Counts and sums of a table or of a part of one: those of the parts add up."""
    buyers = pl.col("purchases") > 0
    late, slipping = pl.col("alert_date") <= as_of, pl.col("stage").is_in(list(at_risk))
    soon = (pl.col("alert_date") > as_of) & (pl.col("alert_date") <= as_of + timedelta(days=SOON_DAYS))
    return table.select(
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


def headline_of(sums: Mapping[str, Any], at_risk: Sequence[str], concentration: Mapping[str, Any]) -> dict[str, Any]:
    """The headline from the sums of the whole table and what concentration_of says of it."""
    row = dict(sums)
    if row["valued"] == 0:
        row |= dict.fromkeys(("clv", "at_risk_clv", "silent", "silent_clv", "silent_spend", "soon", "soon_clv"))
    return row | who_at_risk(row, at_risk) | {"soon_days": SOON_DAYS, **concentration}


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
    values = buyers_of(table.select(name, "purchases"))[name].drop_nulls()
    return np.sort(values.to_numpy().astype(np.float64))


def fifth_of(n: int) -> int:
    """How many customers are the best fifth of n; 0 where that is nobody or everybody."""
    return round(n / 5) if 0 < round(n / 5) < n else 0


def concentration_of(n: int, whole: float, best: float | None, ranked: float) -> dict[str, Any]:
    """The share of the best fifth and the Gini coefficient of n values. whole: their sum; best: that of the best fifth;
    ranked: sum of value times rank, from 1 for the lowest."""
    if n == 0 or whole <= 0:
        return {"top_fifth": None, "gini": None}
    gini = 2.0 * ranked / (n * whole) - (n + 1) / n
    return {"top_fifth": None if best is None else _digits(best / whole), "gini": _digits(gini)}


def lorenz(values: Array) -> list[dict[str, float]]:
    """Share of value held by the best 0, 2, 4 ... 100 % of customers."""
    if values.size == 0 or values[-1] <= 0:
        return []
    falling = np.concatenate([[0.0], np.cumsum(values[::-1])])
    return lorenz_of(np.interp(SHARES * values.size, np.arange(values.size + 1), falling))


def lorenz_of(held: Array) -> list[dict[str, float]]:
    """The same from what the best of each of SHARES hold."""
    return [
        {"customers": round(float(s), 2), "value": _digits(v)} for s, v in zip(SHARES, held / held[-1], strict=True)
    ]


def bins(values: Array) -> list[dict[str, Any]]:
    """Customers and value by size of value, in steps of 1, 2, 5, 10; the first bin is what is below the first step."""
    if values.size == 0 or values[-1] <= 0:
        return []
    low = values[low_rank(values.size)]
    edges = bin_edges(float(low), float(values[values > 0][0]), float(values[-1]))
    index = np.searchsorted(edges, values, side="right")
    counts = np.bincount(index, minlength=len(edges) + 1)
    sums = np.bincount(index, weights=values, minlength=len(edges) + 1)
    return bins_of(edges, counts.tolist(), sums.tolist())


def low_rank(n: int) -> int:
    """The place, from 0, of the value in whose size the bins begin."""
    return int(n * 0.05)


def bin_edges(low: float, positive: float, top: float) -> list[float]:
    """The steps between bins. low: the value at low_rank; positive: the lowest above 0; top: the highest."""
    return _steps(max(low if low > 0 else positive, top / 1e6), top)


def bins_of(edges: Sequence[float], counts: Sequence[int], sums: Sequence[float]) -> list[dict[str, Any]]:
    """The bins from how many values each has and their sum; one more than edges."""
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
    # One small number as key: a third of the time and of the memory of two columns.
    grid = (
        buyers_of(table.select(value, "purchases", "r_score", "f_score"))
        .select(value, cell=(pl.col("r_score") * 10 + pl.col("f_score")).cast(pl.UInt8))
        .group_by("cell")
        .agg(pl.len().alias("customers"), total(value))
        .sort("cell")
        .with_columns(pl.col(value).round(4).alias("value"), r=pl.col("cell") // 10, f=pl.col("cell") % 10)
    )
    return grid.select("customers", "value", "r", "f").to_dicts()


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
