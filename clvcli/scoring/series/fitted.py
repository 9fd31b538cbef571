"""What the fits say: P(alive) by history, the spread of rates and dropout, purchases expected week by week."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.buyers import buyers_of
from clvcli.engines.series import Counts, Part
from clvcli.models.base import Array, Fit
from clvcli.models.registry import purchase_model
from clvcli.models.ufuncs import betainc, gammainc, gammaincinv
from clvcli.scoring.groups import POOLED

WEEKS_PER_YEAR = 365.25 / 7
PURCHASES = (1, 2, 3, 4, 6, 8, 12, 20, 40, 100)
SILENCES, RATE_BINS, DROPOUT_BINS = 13, 20, 20


def alive_grid(fit: Fit, age_days: int, most_purchases: int) -> dict[str, Any] | None:
    """P(alive) by number of purchases (rows) and days of silence (columns) of a customer first seen `age_days` ago.

    One purchase is the case apart: there the silence is the age.
    """
    if not fit.usable or age_days < SILENCES:
        return None
    model = purchase_model(fit.name)
    counts = [n for n in PURCHASES if n <= max(2, most_purchases)]
    silences = [round(age_days * i / (SILENCES - 1)) for i in range(SILENCES)]
    rows = []
    for n in counts:
        silent = np.array(silences) / 7.0
        age = np.full(silent.shape, age_days / 7.0) if n > 1 else silent
        recency = age - silent if n > 1 else np.zeros(silent.shape)
        p = model.p_alive(fit.params, np.full(silent.shape, n - 1.0), recency, age)
        rows.append([None if not np.isfinite(v) else round(float(v), 4) for v in p])
    return {"age_days": age_days, "purchases": counts, "silent_days": silences, "p_alive": rows}


def purchase_rates(fit: Fit) -> list[dict[str, float | None]]:
    """Share of customers by purchases a year while they stay: the fitted gamma distribution in bins of equal width."""
    if not fit.usable or not {"r", "alpha"} <= set(fit.params):
        return []
    shape, scale = fit.params["r"], WEEKS_PER_YEAR / fit.params["alpha"]
    top = float(gammaincinv(shape, 0.975)) * scale
    width = _nice(top / RATE_BINS)
    edges: Array = width * np.arange(RATE_BINS + 1, dtype=np.float64)
    return _shares(edges, gammainc(shape, edges / scale), open_end=True)


def dropout(fit: Fit) -> dict[str, Any] | None:
    """Share of customers by their chance of leaving: after a purchase (beta), or within a year (gamma rates)."""
    p = fit.params
    edges = np.linspace(0.0, 1.0, DROPOUT_BINS + 1)
    if not fit.usable:
        return None
    if {"a", "b"} <= set(p):
        return {"per": "purchase", "bins": _shares(edges, betainc(p["a"], p["b"], edges))}
    if {"s", "beta"} <= set(p):
        hazard: Array = np.append(-np.log1p(-edges[:-1]), np.inf) / WEEKS_PER_YEAR
        return {"per": "year", "bins": _shares(edges, gammainc(p["s"], p["beta"] * hazard))}
    return None


def _shares(edges: Array, below: Array, *, open_end: bool = False) -> list[dict[str, float | None]]:
    rows: list[dict[str, float | None]] = [
        {"from": _digits(edges[i]), "to": _digits(edges[i + 1]), "share": _digits(below[i + 1] - below[i])}
        for i in range(edges.size - 1)
    ]
    return [*rows, {"from": _digits(edges[-1]), "to": None, "share": _digits(1 - below[-1])}] if open_end else rows


def _nice(width: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(width, 1e-9)))
    return float(next(m * power for m in (1, 2, 5, 10) if m * power >= width * (1 - 1e-12)))


def _digits(value: float) -> float:
    return float(f"{value:.6g}")


@dataclass(frozen=True)
class Births(Counts):
    """Customers by group and day of the first purchase -> group, first_day, customers; sorted."""

    def of(self, batch: pl.DataFrame) -> Part:
        """By group, then by day."""
        needed = [name for name in ("first_day", "purchases", "model_group") if name in batch.columns]
        group = pl.col("model_group") if "model_group" in needed else pl.lit(POOLED)
        buyers = buyers_of(batch.select(needed))
        counted = buyers.group_by(group.alias("group"), pl.col("first_day")).agg(customers=pl.len())
        found: dict[str, dict[str, int]] = {}
        for name, day, n in counted.with_columns(pl.col("first_day").cast(pl.String)).iter_rows():
            found.setdefault(name, {})[day] = n
        return found

    def finish(self, total: Part) -> pl.DataFrame:
        """The result as a frame."""
        rows = [(group, day, n) for group, days in total.items() for day, n in days.items()]
        kinds = {"group": pl.String, "first_day": pl.String, "customers": pl.Int64}
        made = pl.DataFrame(rows, schema=kinds, orient="row")
        return made.with_columns(pl.col("first_day").str.to_date()).sort("group", "first_day")


def expected_repeats(
    fits: Mapping[str | None, Fit], births: pl.DataFrame, first: date
) -> Callable[[Array], Array] | None:
    """Repeat purchases expected up to the end of given days since `first`, of all customers by their first purchases.

    `fits` by group, None for the pooled one; `births`: group, first_day, customers. None when a fit predicts nothing.
    E[X(t)] is taken at every day of the first ten weeks, then weekly, linear between.
    """
    if not fits or not all(fit.usable for fit in fits.values()):
        return None
    groups = []
    for key, part in births.sort("first_day").partition_by("group", as_dict=True).items():
        fit = fits.get(key[0]) or fits[None]
        born = (part["first_day"] - first).dt.total_days().to_numpy().astype(np.float64)
        groups.append((fit, born, part["customers"].to_numpy().astype(np.float64)))
    groups.sort(key=lambda g: (g[0].name, g[1].size, float(g[1].sum())))

    def expected(days: Array) -> Array:
        total = np.zeros(len(days))
        for fit, born, count in groups:
            grid, curve = _curve(fit, float(np.max(days)))
            ages = np.asarray(days, dtype=np.float64)[:, None] - born[None, :]
            total += np.where(ages > 0, np.interp(ages, grid, curve), 0.0) @ count
        return total

    return expected


def _curve(fit: Fit, last_day: float) -> tuple[Array, Array]:
    """E[X(t)] on a grid of days."""
    grid = np.unique(np.concatenate([np.arange(0.0, min(70.0, last_day) + 1), np.arange(70.0, last_day + 7, 7.0)]))
    grid = np.unique(np.linspace(0.0, last_day + 7, 400)) if grid.size > 600 else grid
    weeks = grid / 7.0
    curve = np.zeros(grid.size)
    curve[1:] = purchase_model(fit.name).expected_from_birth(fit.params, weeks[1:])
    return grid, curve
