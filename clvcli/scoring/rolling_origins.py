"""Rolling origins: days on which to stand in the past, with the time after each held out to judge forecasts by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from clvcli.core.horizon import Span
from clvcli.engines.base import Engine
from clvcli.log.purchases import Purchases
from clvcli.models.base import Array

FOLDS = 3
MAX_FOLDS = 24
WEEK = 7


@dataclass(frozen=True)
class Fold:
    """Fit on purchases up to `origin`; judge by those after it, up to and with `end`."""

    origin: date
    end: date

    @property
    def days(self) -> int:
        """Length of the holdout."""
        return (self.end - self.origin).days


@dataclass(frozen=True)
class Cases:
    """The customers known at an origin, as the engine describes them on that day, and what they did afterwards.

    Arrays of shape (customers,): `later` purchases in the holdout, `spend` in currency units, `next_wait` days from
    the origin to the first purchase of the holdout (inf without one).
    """

    fold: Fold
    customers: pl.DataFrame
    later: Array
    spend: Array
    next_wait: Array

    @property
    def bought(self) -> Array:
        """1 for those who bought in the holdout."""
        return (self.later > 0).astype(np.float64)


def plan_folds(
    first: date, last: date, *, holdout: Span | None = None, folds: int | None = None, horizon: float = 365.0
) -> tuple[Fold, ...]:
    """Origins of equal holdouts, latest first, the latest ending with the log; none where the log is too short.

    Without `holdout`: a quarter of the log in whole weeks, at most `horizon` days. Holdouts follow one another and the
    time before the earliest origin is at least one holdout long; where that leaves fewer folds than a typed `folds`,
    they overlap, and the earliest origin keeps half of the time before the latest.
    """
    length = (last - first).days
    days = length // 4 // WEEK * WEEK if holdout is None else (last - _before(last, holdout)).days
    days = int(min(days, horizon)) if holdout is None else days
    before = length - days
    if days < 1 or before < 1:
        return ()
    room = max(1, before // days)
    wanted = min(folds or FOLDS, MAX_FOLDS)
    step = days if wanted <= room else before // 2 // max(1, wanted - 1)
    if folds is None:
        wanted, step = min(wanted, room), days
    count = wanted if step >= 1 else 1
    ends = [last - timedelta(days=k * step) for k in range(count)]
    return tuple(Fold(end - timedelta(days=days), end) for end in ends)


def _before(last: date, span: Span) -> date:
    """The day from which the span ends on `last`; day 1 where it would lie before the calendar."""
    try:
        return Span(-(span.count or 0), span.unit).after(last)
    except ValueError:
        return date.min


def cases(engine: Engine, purchases: pl.DataFrame, fold: Fold, *, decimals: int, needs: Sequence[str] = ()) -> Cases:
    """Cuts the log at the origin. `purchases`: customer_id, day, amount (minor units), sorted."""
    customers = engine.customers(Purchases.of(purchases.filter(pl.col("day") <= fold.origin)), needs)
    after = (
        purchases.lazy()
        .filter((pl.col("day") > fold.origin) & (pl.col("day") <= fold.end))
        .group_by("customer_id")
        .agg(later=pl.len(), spend=pl.col("amount").sum(), next_day=pl.col("day").min())
        .collect()
    )
    held = customers.select("customer_id").join(after, on="customer_id", how="left", maintain_order="left")
    wait = held.select(
        (pl.col("next_day") - pl.lit(fold.origin)).dt.total_days().cast(pl.Float64).fill_null(float("inf"))
    ).to_series()
    return Cases(
        fold,
        customers,
        held["later"].fill_null(0).cast(pl.Float64).to_numpy(),
        held["spend"].fill_null(0).cast(pl.Float64).to_numpy() / 10.0**decimals,
        wait.to_numpy(),
    )


def sampled(purchases: pl.DataFrame, at_most: int) -> pl.DataFrame:
    """The purchases of every k-th customer by id, k so that at most so many remain: the same in any row order."""
    people = purchases.select("customer_id").unique().sort("customer_id")
    if people.height <= at_most:
        return purchases
    few = people.gather_every(-(-people.height // at_most))
    return purchases.join(few, on="customer_id", how="semi", maintain_order="left")
