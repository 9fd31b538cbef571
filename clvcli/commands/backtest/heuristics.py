"""The rules of thumb that a model has to beat: same rate, last window, total spend so far, the best silence rule.

They are learnt as a model is: from purchases up to the origin alone. To read what a zero means and how often the silent
buy, they look at the window before (at most half the time before the origin). Where silence begins is chosen with
hindsight: a model that beats the best of all silence rules beats the one in use.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from clvcli.commands.backtest.forecasts import Forecast
from clvcli.engines.base import Engine
from clvcli.models.base import Array
from clvcli.models.scores import poisson_log_probability
from clvcli.scoring.histories import histories
from clvcli.scoring.rolling_origins import Cases, Fold, cases

WEEK = 7
LEAST = 1e-6


@dataclass(frozen=True)
class _Past:
    """A day to stand on, the customers known then, and their purchases up to it."""

    at: Cases
    purchases: pl.DataFrame


def heuristics(engine: Engine, purchases: pl.DataFrame, at: Cases, decimals: int) -> list[Forecast]:
    """All of them, for the cases of one origin. `purchases`: the whole log; nothing after the origin is looked at."""
    known = purchases.filter(pl.col("day") <= at.fold.origin)
    before = _window_before(engine, known, at, decimals)
    own = np.where(at.customers["purchases"] > 0, at.customers["total"] / at.customers["purchases"], 0.0)
    now, mean_spend = _Past(at, known), own / 10.0**decimals
    rate, window, earned = _same_rate(now), *_last_window(now, decimals)
    found = [
        _read("same rate", rate, rate * mean_spend, at, before, None if before is None else _same_rate(before)),
        _read("last window", window, earned, at, before, None if before is None else _last_window(before, decimals)[0]),
    ]
    if before is not None:
        found += [_so_far(now, before, decimals), _silence_rule(now, before, mean_spend)]
    zero = np.zeros(at.later.shape)
    return [
        *found,
        Forecast("nobody buys", "zero", zero, zero + LEAST, zero, _poisson(at, zero + LEAST), {"own": zero}),
    ]


def _window_before(engine: Engine, known: pl.DataFrame, at: Cases, decimals: int) -> _Past | None:
    """The window before the origin that rules learn from."""
    days = window_before(known, at.fold)
    if days < 1:
        return None
    origin = at.fold.origin - timedelta(days=days)
    return _Past(
        cases(engine, known, Fold(origin, at.fold.origin), decimals=decimals), known.filter(pl.col("day") <= origin)
    )


def window_before(known: pl.DataFrame, fold: Fold) -> int:
    """Days of the window before the origin: as many as are held out, at most half of the log up to it. `known`: the
    purchases up to the origin."""
    first: date | None = known["day"].min()  # type: ignore[assignment]
    return 0 if first is None else min(fold.days, (fold.origin - first).days // 2)


def _same_rate(past: _Past) -> Array:
    """Repeat purchases so far over the time so far, times the holdout; 0 for those who bought once or today."""
    seen = histories(past.at.customers, past.at.fold.origin)
    return np.divide(seen.x, seen.T, out=np.zeros(seen.x.shape), where=seen.T > 0) * (past.at.fold.days / WEEK)


def _last_window(past: _Past, decimals: int) -> tuple[Array, Array]:
    """Purchases and spend in the window of the same length that ends at the origin; the first purchase counts."""
    since = past.at.fold.origin - timedelta(days=past.at.fold.days)
    recent = (
        past.purchases.lazy()
        .filter(pl.col("day") > since)
        .group_by("customer_id")
        .agg(count=pl.len(), spend=pl.col("amount").sum())
        .collect()
    )
    frame = past.at.customers.select("customer_id").join(recent, on="customer_id", how="left", maintain_order="left")
    count, spend = (frame[c].fill_null(0).cast(pl.Float64).to_numpy() for c in ("count", "spend"))
    return count, spend / 10.0**decimals


def _so_far(now: _Past, before: _Past, decimals: int) -> Forecast:
    """Total spend: everybody goes on in proportion to what he bought and spent so far. The proportions are those of the
    window before."""
    stretch = now.at.fold.days / before.at.fold.days
    counts, spend = (now.at.customers[name].cast(pl.Float64).to_numpy() for name in ("purchases", "total"))
    then = before.at.customers
    again = stretch * float(before.at.later.sum()) / max(1.0, float(then["purchases"].sum()))
    worth = stretch * float(before.at.spend.sum()) / max(1.0, float(then["total"].sum()) / 10.0**decimals)
    expected = np.maximum(counts * again, LEAST)
    value = spend / 10.0**decimals * worth
    p = -np.expm1(-expected)
    return Forecast("total spend", "heuristic", expected, expected, p, _poisson(now.at, expected), {"own": value})


def _read(
    name: str, expected: Array, value: Array, at: Cases, before: _Past | None, expected_before: Array | None
) -> Forecast:
    """A count as a forecast: its zeros are read as what those with a zero bought in the window before."""
    floor = LEAST
    if before is not None and expected_before is not None:
        zeros = before.at.later[expected_before == 0]
        if zeros.size:
            floor = max(LEAST, float(zeros.mean()) * at.fold.days / before.at.fold.days)
    floored = np.where(expected > 0, expected, floor)
    return Forecast(name, "heuristic", expected, floored, -np.expm1(-floored), _poisson(at, floored), {"own": value})


def _silence_rule(now: _Past, before: _Past, mean_spend: Array) -> Forecast:
    """Silent for longer than so many days: does not come back. The number of days is the best that there is, chosen
    with hindsight; how much both sides buy is learnt in the window before."""
    days = best_threshold(_silence(now), now.at.bought)
    bought, later = before.at.bought, before.at.later
    stretch = now.at.fold.days / before.at.fold.days
    active_now, active_then = _silence(now) <= days, _silence(before) <= days
    expected, p = np.empty(active_now.shape), np.empty(active_now.shape)
    for side in (True, False):
        rows = active_then == side
        rows = rows if rows.any() else np.ones(rows.shape, dtype=bool)
        expected[active_now == side] = max(LEAST, float(later[rows].mean()) * stretch)
        p[active_now == side] = 1 - (1 - min(float(bought[rows].mean()), 1 - LEAST)) ** stretch
    return Forecast(
        "best silence rule", "heuristic", expected, expected, np.clip(p, LEAST, 1 - LEAST), _poisson(now.at, expected),
        {"own": expected * mean_spend}, says=active_now.astype(np.float64), note=f"gone after {days} silent days",
    )  # fmt: skip


def best_threshold(silent: Array, bought: Array) -> int:
    """The whole weeks of silence, in days, that tell best who buys: most often right, the shortest of equals."""
    candidates = np.arange(WEEK, max(WEEK, int(silent.max(initial=0))) + WEEK, WEEK)
    right = [float(((silent <= days) == (bought > 0)).mean()) for days in candidates]
    return int(candidates[int(np.argmax(right))])


def _silence(past: _Past) -> Array:
    days = (pl.lit(past.at.fold.origin) - pl.col("last_day")).dt.total_days().cast(pl.Float64)
    return past.at.customers.select(days).to_series().to_numpy()


def _poisson(at: Cases, expected: Array) -> Array:
    return poisson_log_probability(at.later, expected)
