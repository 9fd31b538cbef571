"""Whole-table quantiles, frozen: what turns days, purchases, spend and clv of one customer into scores and a rank.

A saved model carries them, so that a customer does not change stage because others did.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.background import in_background
from clvcli.engines import local
from clvcli.engines.base import BELOW, Carrier, Rows, Shares
from clvcli.engines.buyers import buyers_of
from clvcli.engines.series import Counts, Part
from clvcli.models.base import Array
from clvcli.models.exact_sum import as_float, exact_parts
from clvcli.scoring.digits import rounded

_TEXTS = [str(number) for number in range(556)]
TEXTS = pl.Series("rfm_score", _TEXTS, dtype=pl.Enum(_TEXTS))
"""The text of every three scores, by r x 100 + f x 10 + m."""
BLOCK = 1 << 15
"""Customers at a time: temporary arrays stay in the processor's cache."""
MAX_SAVED_POINTS = 100_000
"""Of clv in a model file; up to there clv_pct is exact, beyond it the points are spread evenly."""


@dataclass(frozen=True)
class Cuts:
    """Bounds of the scores and of clv_pct, and the whole-table facts that stages use.

    r: days, descending; score = 1 + bounds that are >= the days. f: purchases, m: minor units, ascending; score = 1 +
    bounds that are <= the value. A None bound is never reached. clv_values, ascending, and clv_below: the share of
    customers with a lower clv.
    """

    r: tuple[float | None, ...]
    f: tuple[float | None, ...]
    m: tuple[float | None, ...]
    clv_values: Array
    clv_below: Array
    typical_gap: float | None
    mean_gap: float | None
    mean_p_purchase: float | None
    total_clv: float | None

    def score(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Adds r_score, f_score, m_score, rfm_score, clv_pct. Leads stay null."""
        with in_background(lambda: self._clv_pct(batch)) as share:
            days, count, total = (batch[n].to_numpy() for n in ("days_since_last_purchase", "purchases", "total"))
            r = _risen(batch.height, (days <= bound for bound in self.r if bound is not None))
            f = _risen(batch.height, (count >= bound for bound in self.f if bound is not None))
            m = _risen(batch.height, (total >= bound for bound in self.m if bound is not None))
            text = TEXTS.gather(r * np.uint32(100) + f * np.uint32(10) + m)
            scores = {"r_score": pl.Series(r), "f_score": pl.Series(f), "m_score": pl.Series(m)}
            buyer = pl.col("purchases") > 0
            scored = batch.with_columns(
                *(pl.when(buyer).then(score.cast(pl.Int64)).alias(name) for name, score in scores.items()),
                rfm_score=pl.when(buyer).then(text),
            )
        return scored.with_columns(clv_pct=share.value)

    def _clv_pct(self, batch: pl.DataFrame) -> pl.Series:
        if BELOW not in batch.columns:
            return self.clv_share(batch["clv"])
        return pl.Series("clv_pct", rounded(batch[BELOW].to_numpy())).set(batch["clv"].is_null(), None)

    def clv_share(self, clv: pl.Series) -> pl.Series:
        """Share of customers with a lower clv, to ten digits; exact for the table that the cuts were taken from."""
        if self.clv_values.size == 0:
            return pl.Series("clv_pct", [None] * clv.len(), dtype=pl.Float64)
        values, below = clv.fill_null(0.0).to_numpy(), rounded(np.append(self.clv_below, 1.0))
        # A search for rising values walks through memory in order: six times as fast.
        order, guess = _nearly_rising(values), self._places(values.size)
        shares = np.empty(values.size)
        for start in range(0, values.size, BLOCK):
            some, place = order[start : start + BLOCK], guess[start : start + BLOCK]
            rising = values[some]
            wrong = np.flatnonzero(self.clv_values[place] != rising)
            place[wrong] = np.searchsorted(self.clv_values, rising[wrong], side="left")
            shares[some] = below[place]
        share = pl.Series("clv_pct", shares)
        return share.set(clv.is_null(), None) if clv.null_count() else share

    def _places(self, rows: int) -> npt.NDArray[np.intp]:
        """The place of each of so many rising values of clv, were they those that the cuts were taken from: then hardly
        one need be searched for."""
        ends = np.rint(np.append(self.clv_below, 1.0) * rows)
        if ends[0] != 0 or not (np.diff(ends) >= 0).all():
            return np.zeros(rows, dtype=np.intp)
        return np.repeat(np.arange(ends.size - 1), np.diff(ends).astype(np.intp))

    def as_json(self) -> dict[str, Any]:
        """Plain values; clv_pct exact up to MAX_SAVED_POINTS distinct values."""
        step = max(1, math.ceil(self.clv_values.size / MAX_SAVED_POINTS))
        return {
            **{name: list(getattr(self, name)) for name in ("r", "f", "m")},
            **{n: getattr(self, n) for n in ("typical_gap", "mean_gap", "mean_p_purchase", "total_clv")},
            "clv_values": [float(v) for v in self.clv_values[::step]],
            "clv_below": [float(v) for v in self.clv_below[::step]],
        }


def _nearly_rising(values: Array) -> npt.NDArray[np.intp]:
    """The rows by the first digits of values >= 0: with the row in the last bits, words are sorted in a fourth of the
    time of finding the order."""
    rows = np.uint64((1 << max(1, int(values.size).bit_length())) - 1)
    words = values.view(np.uint64) & ~rows
    words |= np.arange(values.size, dtype=np.uint64)
    words.sort()
    words &= rows
    return words.view(np.intp)


def cuts_from_json(value: Mapping[str, Any]) -> Cuts:
    """The reverse of `as_json`. Raises KeyError, TypeError or ValueError when `value` is no such thing."""
    r, f, m = (tuple(None if v is None else float(v) for v in value[name]) for name in ("r", "f", "m"))
    values, below = (np.asarray(value[name], dtype=np.float64) for name in ("clv_values", "clv_below"))
    gap, mean_gap, mean_p, total = (
        None if value.get(n) is None else float(value[n])
        for n in ("typical_gap", "mean_gap", "mean_p_purchase", "total_clv")
    )
    if (len(r), len(f), len(m)) != (4, 4, 4) or values.shape != below.shape or (np.diff(values) <= 0).any():
        raise ValueError("cuts are four bounds of r, f and m, and as many shares below as rising values of clv")
    return Cuts(r, f, m, values, below, gap, mean_gap, mean_p, total)


def cuts_of(table: pl.DataFrame, breakpoints: Mapping[str, Sequence[float]] | None = None, decimals: int = 2) -> Cuts:
    """The cuts of a whole predicted table in memory."""
    return cut(local, table, breakpoints, decimals)[1]


def cut(
    engine: Carrier, predicted: Rows, breakpoints: Mapping[str, Sequence[float]] | None, decimals: int
) -> tuple[Rows, Cuts]:
    """The cuts of all rows: exact weighted value counts, mid-ranks, in integer arithmetic; and the rows, which may have
    got a column of shares (see engines/base.py: then the cuts have no values of clv).

    `breakpoints` (r in days descending, f in purchases, m in currency) replace the fifths where the rules fix them.
    """
    facts: _Facts = engine.reduce(predicted, _Facting())
    fixed = dict(breakpoints or {})
    r = fixed["r"] if "r" in fixed else bounds(facts.days, 5, descending=True)
    f = fixed["f"] if "f" in fixed else [2.0, *bounds(facts.purchases.filter(pl.col("value") > 1), 4)]
    m = [v * 10**decimals for v in fixed["m"]] if "m" in fixed else bounds(engine.counted(predicted, "total", 5), 5)
    placed = engine.shares(predicted) if facts.clv is not None else Shares(predicted, np.empty(0), np.empty(0))
    cuts = Cuts(
        r=tuple(r),
        f=tuple(f),
        m=tuple(m),
        clv_values=placed.values,
        clv_below=placed.below,
        typical_gap=_quantile(facts.gaps, 0.75),
        mean_gap=_weighted(facts.spans) / steps if (steps := _weighted(facts.purchases, 1)) else None,
        mean_p_purchase=facts.mean_p_purchase,
        total_clv=facts.clv,
    )
    return placed.rows, cuts


@dataclass(frozen=True)
class _Facts:
    """Values (ascending) and counts of buyers: days since the last purchase, purchases, days from the first purchase to
    the second and to the last; the mean of p_purchase and the sum of clv, None where nobody has one."""

    days: pl.DataFrame
    purchases: pl.DataFrame
    gaps: pl.DataFrame
    spans: pl.DataFrame
    mean_p_purchase: float | None
    clv: float | None


class _Facting(Counts):
    """Predicted customers -> _Facts."""

    def of(self, batch: pl.DataFrame) -> Part:
        """Counts by value; sums by binary exponent."""
        buyers = buyers_of(batch.select("purchases", "days_since_last_purchase", "first_day", "second_day", "last_day"))
        first, second, last = (buyers[name].to_physical() for name in ("first_day", "second_day", "last_day"))
        counted = {
            "days": buyers["days_since_last_purchase"],
            "purchases": buyers["purchases"],
            "gaps": (second - first).drop_nulls(),
            "spans": last - first,
        }
        known = {name: batch[name].drop_nulls() for name in ("p_purchase", "clv")}
        return {
            **{name: _tally(values) for name, values in counted.items()},
            **{name: {"n": v.len(), "sum": exact_parts(v.to_numpy())} for name, v in known.items()},
        }

    def finish(self, total: Part) -> _Facts:
        """The distinct values of all parts in ascending order."""
        days, purchases, gaps, spans = (_ascending(total[name]) for name in ("days", "purchases", "gaps", "spans"))
        p, clv = ((total[name]["n"], as_float(total[name]["sum"])) for name in ("p_purchase", "clv"))
        return _Facts(days, purchases, gaps, spans, p[1] / p[0] if p[0] else None, clv[1] if clv[0] else None)


def _tally(values: pl.Series) -> dict[str, int]:
    """Count the occurrences of each whole number >= 0."""
    counts = np.bincount(values.to_numpy().astype(np.int64))
    return {str(i): int(counts[i]) for i in np.flatnonzero(counts)}


def _ascending(tally: Mapping[str, int]) -> pl.DataFrame:
    rows = sorted((int(value), count) for value, count in tally.items())
    return pl.DataFrame(rows, schema={"value": pl.Int64, "count": pl.Int64}, orient="row")


def _weighted(counted: pl.DataFrame, less: int = 0) -> int:
    return int(((counted["value"] - less) * counted["count"]).sum())


def _quantile(counted: pl.DataFrame, share: float) -> float | None:
    """The quantile by linear interpolation."""
    if counted.is_empty():
        return None
    ends = counted["count"].cum_sum().to_numpy()
    at = share * (int(ends[-1]) - 1)
    low, high = (counted["value"][int(np.searchsorted(ends, i, side="right"))] for i in (math.floor(at), math.ceil(at)))
    return float(low + (high - low) * (at - math.floor(at)))


def bounds(counted: pl.DataFrame, scores: int, *, descending: bool = False) -> list[float | None]:
    """The values at which the score rises: share = (mid-rank - 0.5) / n, score = floor(scores x share) + 1.

    `counted`: columns value (ascending) and count. Integer arithmetic: ties and halves are exact.
    """
    if counted.is_empty():
        return [None] * (scores - 1)
    ordered = counted.sort("value", descending=descending)
    count = ordered["count"].cast(pl.Int64).to_numpy()
    before = np.cumsum(count) - count
    steps = (scores * (2 * before + count)) // (2 * count.sum())
    values = ordered["value"].to_numpy()
    return [float(values[steps >= k][0]) if (steps >= k).any() else None for k in range(1, scores)]


def _risen(rows: int, conditions: Iterable[npt.NDArray[np.bool_]]) -> npt.NDArray[np.uint8]:
    """1 and how many of the conditions hold."""
    scores = np.ones(rows, dtype=np.uint8)
    for condition in conditions:
        scores += condition
    return scores
