"""Calendar periods: which one a day belongs to, what it is called, and which is the last that is over."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.core.horizon import add_months

PER_YEAR = {"week": 365.25 / 7, "month": 12.0, "quarter": 4.0, "year": 1.0}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONDAY = date(1970, 1, 5)


@dataclass(frozen=True)
class Calendar:
    """The periods of a log, numbered 0 .. count - 1. `over`: the last one that is complete; -1 where none is."""

    unit: str
    origin: date
    count: int
    over: int

    def number(self, day: pl.Expr) -> pl.Expr:
        """The number of the period of a day."""
        if self.unit == "week":
            return (day - pl.lit(self.origin)).dt.total_days() // 7
        months = day.dt.year().cast(pl.Int64) * 12 + day.dt.month() - 1
        return (months - (self.origin.year * 12 + self.origin.month - 1)) // _MONTHS[self.unit]

    def start(self, number: int) -> date:
        """The first day of a period."""
        return _moved(self.origin, self.unit, number)

    def end(self, number: int) -> date:
        """The last day of a period."""
        return self.start(number + 1) - timedelta(days=1)

    def name(self, number: int) -> str:
        """2024-01, 2024-Q1, 2024, or the Monday of a week."""
        first = self.start(number)
        if self.unit == "quarter":
            return f"{first.year}-Q{(first.month + 2) // 3}"
        return first.isoformat()[: {"week": 10, "month": 7, "year": 4}[self.unit]]


def calendar_of(days: pl.Series, as_of: date, unit: str) -> Calendar:
    """The periods from the first of `days` to the one of `as_of`.

    The last period is over when as_of is its last day, or when in no earlier period anything happened later in the
    period than as_of lies in it: who bills on the 5th has billed this month too.
    """
    first = days.min()
    origin = _start_of(first if isinstance(first, date) else as_of, unit)
    bare = Calendar(unit, origin, 0, -1)
    last = int(pl.select(bare.number(pl.lit(as_of))).item())
    into = (as_of - bare.start(last)).days
    frame = pl.DataFrame({"day": days}).select("day", period=bare.number(pl.col("day"))).unique()
    starts = pl.DataFrame({"period": range(last), "start": [bare.start(i) for i in range(last)]}, _STARTS)
    earlier = frame.join(starts, on="period")
    latest = earlier.select((pl.col("day") - pl.col("start")).dt.total_days().max()).item()
    over = as_of >= bare.end(last) or (latest is not None and into >= latest)
    return Calendar(unit, origin, last + 1, last if over else last - 1)


_STARTS = {"period": pl.Int64(), "start": pl.Date()}


def _start_of(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=(day - _MONDAY).days % 7)
    return date(day.year, (day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1, 1)


def _moved(origin: date, unit: str, count: int) -> date:
    return origin + timedelta(days=7 * count) if unit == "week" else add_months(origin, count * _MONTHS[unit])
