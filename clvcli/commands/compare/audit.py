"""The audit of a customer base: why sales changed, deciles, and cohorts by period. Of the purchases alone, no model.

Source of the form: Fader, Hardie & Ross (2022), The Customer-Base Audit: lenses one to four.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.errors import UsageError
from clvcli.core.horizon import Span, parse_span
from clvcli.scoring.series.change import change, counted, window_of

EPOCH = date(1970, 1, 1)
AGAIN_DAYS = (90, 180, 365)
MOST_PERIODS = 12
UNITS = (("1q", "quarter"), ("1y", "year"))


@dataclass(frozen=True)
class Decile:
    """A tenth of the customers of the later period, the highest spend first; spend in currency, `share` of all."""

    decile: int
    customers: int
    spend: float
    share: float
    purchases: float
    amount: float


@dataclass(frozen=True)
class Cohort:
    """Customers whose first purchase lies in one quarter (or year): who bought and what they spent in each period from
    their own on; the share who bought a second time within so many days, null where not all of them were seen as long.
    """

    cohort: str
    customers: int
    active: tuple[int, ...]
    spend: tuple[float, ...]
    again: dict[int, float | None]


@dataclass(frozen=True)
class Audit:
    """`change`: see scoring/series/change.py, None for a log too short; `periods`: names of the periods of cohorts."""

    change: dict[str, Any] | None
    deciles: tuple[Decile, ...]
    periods: tuple[str, ...]
    cohorts: tuple[Cohort, ...]


def audit(purchases: pl.DataFrame, as_of: date, decimals: int, period: str | None) -> Audit:
    """`purchases`: customer_id, day, amount (minor units). Raises UsageError for a period that the log does not hold
    twice.
    """
    first = purchases["day"].min()
    assert isinstance(first, date)
    days = _days(parse_span(period, infinite=False), as_of) if period else None
    window = window_of(first, as_of, days)
    if window is None and period:
        known = (as_of - first).days + 1
        text = f"--between {period}: the log of {known:,} days does not hold it twice"
        raise UsageError(text, hint=f"--between {known // 2}d")
    ordered = purchases.sort("customer_id", "day")
    changed = None
    if window is not None:
        people = ordered.group_by("customer_id", maintain_order=True).agg(born=pl.col("day").first(), n=pl.len())
        born, day = (s.to_physical().cast(pl.Int64).to_numpy() for s in (people["born"], ordered["day"]))
        middle, start = ((d - EPOCH).days for d in (window.middle, window.start))
        counts = people["n"].cast(pl.Int64).to_numpy()
        changed = change(counted(born, counts, day, ordered["amount"].to_numpy(), middle, start), window, decimals)
    later = ordered if window is None else ordered.filter(pl.col("day") > window.middle)
    names, cohorts = _cohorts(ordered, first, as_of, decimals)
    return Audit(changed, tuple(_deciles(later, decimals)), names, cohorts)


def _days(span: Span, as_of: date) -> int:
    """Days of a span that ends on `as_of`."""
    return (span.after(as_of) - as_of).days


def _deciles(purchases: pl.DataFrame, decimals: int) -> list[Decile]:
    people = purchases.group_by("customer_id").agg(spend=pl.col("amount").sum(), n=pl.len())
    people = people.sort(["spend", "customer_id"], descending=[True, False])
    total, money = float(people["spend"].sum()), 10.0**decimals
    found = []
    for number, places in enumerate(np.array_split(np.arange(people.height), 10), start=1):
        part = people[places]
        if part.is_empty():
            continue
        spend, n = float(part["spend"].sum()), int(part["n"].sum())
        share = spend / total if total else 0.0
        found.append(Decile(number, part.height, spend / money, share, n / part.height, spend / money / n))
    return found


def _cohorts(
    purchases: pl.DataFrame, first: date, as_of: date, decimals: int
) -> tuple[tuple[str, ...], tuple[Cohort, ...]]:
    """By quarter where twelve of them hold the log, else by year."""
    quarters = (as_of.year - first.year) * 4 + (as_of.month - 1) // 3 - (first.month - 1) // 3 + 1
    step, name = UNITS[0] if quarters <= MOST_PERIODS else UNITS[1]
    start = pl.col("day").dt.truncate(step)
    label = pl.format("{}-Q{}", pl.col("day").dt.year(), pl.col("day").dt.quarter()) if name == "quarter" else (
        pl.col("day").dt.year().cast(pl.String)
    )  # fmt: skip
    days = purchases.with_columns(period=start, name=label)
    born = days.group_by("customer_id", maintain_order=True).agg(
        cohort=pl.col("period").first(), born=pl.col("day").first(),
        second=pl.col("day").get(1, null_on_oob=True),
    )  # fmt: skip
    cells = (
        days.join(born.select("customer_id", "cohort"), on="customer_id")
        .group_by("cohort", "period").agg(active=pl.col("customer_id").n_unique(), spend=pl.col("amount").sum())
    )  # fmt: skip
    spans = pl.date_range(first, as_of, "1d", eager=True).alias("day").to_frame().select(period=start, name=label)
    spans = spans.unique().sort("period")
    table = {(c, p): (a, s) for c, p, a, s in cells.iter_rows()}
    starts, money = spans["period"].to_list(), 10.0**decimals
    found = []
    for place, cohort in enumerate(starts):
        mine = born.filter(pl.col("cohort") == cohort)
        if mine.is_empty():
            continue
        row = [table.get((cohort, period), (0, 0)) for period in starts[place:]]
        again = {days: _again(mine, days, as_of) for days in AGAIN_DAYS}
        active, spend = tuple(int(a) for a, _ in row), tuple(int(s) / money for _, s in row)
        found.append(Cohort(str(spans["name"][place]), mine.height, active, spend, again))
    return tuple(spans["name"]), tuple(found)


def _again(people: pl.DataFrame, days: int, as_of: date) -> float | None:
    """The share with a second purchase within `days`; None where the last of them was not seen as long."""
    last = people["born"].max()
    assert isinstance(last, date)
    if last + timedelta(days=days) > as_of:
        return None
    soon = (pl.col("second") - pl.col("born")).dt.total_days() <= days
    return float(people.select(soon.fill_null(value=False).mean()).item())
