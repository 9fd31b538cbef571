"""The months of the year: how far repeat purchases of each month lie above or below what the model expects.

The purchase models know no calendar. Their expected repeat purchases month by month, summed over all customers, stand
against those that were made; the ratio, freed of its trend by a centred twelve-month mean (classical decomposition) and
averaged over the years, is the index of a month. It needs two full years. It does not change the fit: it scales what is
expected within a finite horizon.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.horizon import add_months
from clvcli.core.marked import marked
from clvcli.core.options.shared import SEASON_AUTO, SEASON_MONTH
from clvcli.models.base import Array, Fit
from clvcli.models.registry import purchase_model

YEAR = 12
SWING, UNPROVEN_SWING = 1.4, 1.6
"""A year whose best month is this many times its worst is seasonal; more is asked where one year is all there is."""
FEWEST = 300
"""A year with fewer expected purchases than this says nothing."""
USUAL = 30.0
"""Expected purchases of an average month that every month is pulled towards 1 with: chance alone makes swings."""
OFF = 0.10
"""A horizon whose months lie further than this from an average one is told of."""
FEWEST_REHEARSALS, HELPED, ALIKE = 3, 0.7, 0.01
"""Fewer rehearsals prove nothing; the factors must leave at most this share of the variance of their errors, and errors
that are so alike (standard deviation of their logs) leave nothing to explain."""
GRID = 65
NEARLY_A_YEAR = 360


@dataclass(frozen=True)
class Season:
    """The index of each month, January first, mean 1 over a year; `months`: full months of the log that it rests on.

    `proven`: at least two full years, so that a season can be told from a trend.
    """

    index: tuple[float, ...]
    months: int

    @property
    def proven(self) -> bool:
        """Whether two full years back it."""
        return self.months >= 2 * YEAR

    @property
    def swing(self) -> float:
        """Best month over worst."""
        return max(self.index) / min(self.index)

    @property
    def strong(self) -> bool:
        """Whether a horizon shorter than a year has to mind it."""
        return self.swing >= (SWING if self.proven else UNPROVEN_SWING)

    def factor(self, as_of: date, days: float) -> float:
        """Mean index of the days of a horizon; 1 for whole years and for the infinite one."""
        if not np.isfinite(days) or days < 1:
            return 1.0
        spread = np.zeros(YEAR)
        day, end = as_of + timedelta(days=1), as_of + timedelta(days=int(days))
        while day <= end:
            last = min(end, add_months(day.replace(day=1), 1) - timedelta(days=1))
            spread[day.month - 1] += (last - day).days + 1
            day = last + timedelta(days=1)
        return float(spread @ np.array(self.index) / spread.sum())

    def sure_factor(self, as_of: date, days: float) -> float:
        """The factor as far as it can be told from a trend: half of it with less than two full years."""
        factor = self.factor(as_of, days)
        return factor if self.proven else 1 + (factor - 1) / 2

    def named(self) -> str:
        """The best and the worst month, for people."""
        best, worst = int(np.argmax(self.index)), int(np.argmin(self.index))
        return marked(
            "{best:%B} {high:.2f}, {worst:%B} {low:.2f} of an average month",
            best=date(2001, best + 1, 1), high=self.index[best], worst=date(2001, worst + 1, 1), low=self.index[worst],
        )  # fmt: skip


@dataclass(frozen=True)
class DayCounts:
    """Count purchases by day, and customers by the day of their first one: day (ascending), count."""

    bought: pl.DataFrame
    births: pl.DataFrame

    @classmethod
    def of(cls, purchases: pl.DataFrame, customers: pl.DataFrame) -> "DayCounts":
        """`purchases`: day of each; `customers` as in engines/base.py."""
        return cls(_counted(purchases["day"]), _counted(customers["first_day"]))


def _counted(days: pl.Series) -> pl.DataFrame:
    return days.drop_nulls().value_counts(name="count").rename({days.name: "day"}).sort("day")


Rehearsed = Sequence[tuple[float, float]]
"""Of each rehearsal that knew a season: log of actual over forecast total, and log of the factor of its months."""


def helps(rehearsed: Rehearsed) -> bool:
    """Whether the factors would have brought the totals of earlier days clearly nearer to each other; what all have in
    common is no season, and is learned from (lesson.py). Evidence: .github/FORECASTS.md, made by tests/bench/season.py.
    """
    if len(rehearsed) < FEWEST_REHEARSALS:
        return False
    plain, factor = np.array(rehearsed).T
    return bool(plain.std() > ALIKE and (plain - factor).var() <= HELPED * plain.var())


def horizon_season(
    first: date | None, counts: Callable[[], DayCounts], as_of: date, fit: Fit | None, days: float, *, asked: str,
    rehearsed: Callable[[], Rehearsed],
) -> tuple[float | None, list[Notice]]:  # fmt: skip
    """The factor for a horizon (None where none is used), and what to say of the horizon.

    A horizon longer than the log is extrapolated; one shorter than a year on a seasonal log is off by its season.
    `first`: day of the first purchase; `asked`: as --seasonality; `counts` and `rehearsed` are asked for only where
    they are needed.
    """
    found: list[Notice] = []
    if fit is None or first is None or not np.isfinite(days):
        return None, found
    found += horizon_notices(fit, days, (as_of - first).days)
    wanted = asked == SEASON_MONTH
    if days >= NEARLY_A_YEAR and not wanted:
        return None, found
    season = season_of(counts(), as_of, fit)
    if wanted and (season is None or not season.proven):
        text = marked(
            "--seasonality month changes nothing: it needs two full years with enough purchases in every month"
        )
        return None, [*found, Notice("season_unknown", text)]
    if wanted and season is not None:
        return season.factor(as_of, days), found
    if asked == SEASON_AUTO and season is not None and helps(rehearsed()):
        return season.sure_factor(as_of, days), found
    if season is not None and (season.strong or abs(season.factor(as_of, days) - 1) > OFF):
        remedy = marked("one year cannot tell season from trend")
        if season.proven:
            remedy = marked("--seasonality month scales for it")
        text = marked(
            "purchases swing with the months ({months}), and the horizon is shorter than a year; --horizon 12m evens "
            "it out; {remedy}",
            months=season.named(), remedy=remedy,
        )  # fmt: skip
        found.append(Notice("horizon_in_season", text))
    return None, found


def horizon_notices(fit: Fit | None, days: float, length: int) -> list[Notice]:
    """What to say of a horizon of `days` after a log of `length` days."""
    if fit is None or not np.isfinite(days) or days <= length:
        return []
    text = marked(
        "the horizon of {days:.0f} days is longer than the log of {length:d}: what lies beyond is extrapolated",
        days=days, length=length,
    )  # fmt: skip
    if length:
        text = marked("{told}; {option} stays within", told=text, option=f"--horizon {length}d")
    return [Notice("horizon_beyond_log", text)]


def season_of(counts: DayCounts, as_of: date, fit: Fit) -> Season | None:
    """The index from the log up to `as_of` and the model fitted to it; None with less than one full year."""
    if not fit.usable or counts.births.is_empty():
        return None
    first: date = counts.births["day"].min()  # type: ignore[assignment]
    edges = _full_months(first, as_of)
    months = len(edges) - 1
    if months < YEAR:
        return None
    made, expected = _made(counts, edges), _expected(counts.births, edges, fit)
    if expected[-YEAR:].sum() < FEWEST:
        return None
    return Season(_index(made, expected, [edge.month for edge in edges[:-1]]), months)


def _full_months(first: date, as_of: date) -> list[date]:
    """First days of the full months of the log, and the first day after them."""
    edge = first if first.day == 1 else add_months(first.replace(day=1), 1)
    edges = [edge]
    while add_months(edges[-1], 1) <= as_of + timedelta(days=1):
        edges.append(add_months(edges[-1], 1))
    return edges


def _made(counts: DayCounts, edges: Sequence[date]) -> Array:
    """Repeat purchases in each full month."""

    def counted(by_day: pl.DataFrame) -> Array:
        at = by_day["day"].search_sorted(pl.Series(edges), side="left").to_numpy()
        until: Array = np.append(0.0, by_day["count"].cum_sum().cast(pl.Float64).to_numpy())[at]
        return np.diff(until)

    return counted(counts.bought) - counted(counts.births)


def _expected(births: pl.DataFrame, edges: Sequence[date], fit: Fit) -> Array:
    """Repeat purchases that the model expects in each full month of those who had come by then."""
    start = births["day"].to_numpy().astype("datetime64[D]")
    size = births["count"].cast(pl.Float64).to_numpy()
    ends = np.array(edges, dtype="datetime64[D]")
    age = np.maximum(0, (ends[:, None] - start[None, :]).astype(np.int64)).astype(np.float64) / 7
    grid = np.linspace(0.0, np.sqrt(age.max() + 1e-9), GRID) ** 2
    curve = purchase_model(fit.name).expected_from_birth(fit.params, grid[1:])
    return np.diff(np.interp(age, grid, np.append(0.0, curve)) @ size)


def _pulled(ratio: Array, expected: Array) -> float:
    """The mean ratio of a month over the years, pulled towards 1 as far as few purchases were expected in it."""
    share = float(expected.sum()) / (float(expected.sum()) + USUAL)
    return 1 + share * (float(ratio.mean()) - 1)


def _index(made: Array, expected: Array, months: Sequence[int]) -> tuple[float, ...]:
    """Ratios of made to expected, over their centred yearly mean where there is one, averaged by month, mean 1."""
    ratio = made / np.maximum(expected, 1.0)
    total = len(months)
    weights = np.array([0.5, *[1.0] * (YEAR - 1), 0.5]) / YEAR
    if total >= 2 * YEAR:
        trend = np.convolve(ratio, weights, mode="valid")
        inner = slice(YEAR // 2, total - YEAR // 2)
        ratio, months = ratio[inner] / np.maximum(trend, 1e-9), months[inner]
    else:
        ratio, months = ratio[-YEAR:], months[-YEAR:]
    of, size = np.array(months), expected[-len(ratio) :] if total < 2 * YEAR else expected[inner]
    index = np.array([_pulled(ratio[of == m], size[of == m]) for m in range(1, YEAR + 1)])
    index = np.maximum(index, 0.05)
    return tuple(float(v) for v in index / index.mean())
