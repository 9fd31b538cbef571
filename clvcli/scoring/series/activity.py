"""What happened in the log: purchases by week, cohorts by month. One pass over the purchases, in slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.engines.series import Part, added
from clvcli.models.exact_sum import whole_sums
from clvcli.scoring.season import DayCounts
from clvcli.scoring.series.change import FIGURES, KINDS, counted, window_of

Ints = npt.NDArray[np.int64]

MAX_WEEKS, MAX_PERIODS = 260, 36
"""Most points of a series: longer logs get longer steps, so that a page stays a page."""
PERIOD_MONTHS = (1, 3, 6, 12, 24, 60, 120, 600, 1200, 12000)
SLICE = 1 << 16
AGAIN_DAYS = (90, 180, 365)
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Activity:
    """Counts of a log. Days are counted from `first`; `active` and `revenue` have shape (cohort, period).

    purchases, births: purchases and first purchases of each day up to as_of. active: customers of a cohort who bought
    in a period; revenue: what they paid, minor units, exact. `starts`: first day of each period; `months`: its length;
    `most`: purchases of one customer; `change`: see change.py, empty for a log too short for it. again: those of a
    cohort with a second purchase within so many days of the first, shape (AGAIN_DAYS, cohort).
    """

    first: date
    as_of: date
    purchases: Ints
    births: Ints
    starts: tuple[date, ...]
    months: int
    active: Ints
    revenue: Ints
    most: int
    again: Ints
    change: tuple[int, ...] = ()

    @property
    def days(self) -> DayCounts:
        """Purchases and first purchases of the days that have some."""
        days = pl.date_range(self.first, self.as_of, eager=True).alias("day")
        bought, births = (pl.DataFrame({"day": days, "count": n}) for n in (self.purchases, self.births))
        return DayCounts(bought.filter(pl.col("count") > 0), births.filter(pl.col("count") > 0))


@dataclass(frozen=True)
class Purchased:
    """Buyers (first_day, purchases) and their purchases (day, amount; of one buyer after the other, by day) ->
    Activity. `first`: day of the first purchase of the whole log."""

    first: date
    as_of: date

    def of(self, buyers: pl.DataFrame, purchases: pl.DataFrame) -> Part:
        """The counts of Activity as lists."""
        periods, starts, _ = periods_of(self.first, self.as_of)
        zero = (self.first - EPOCH).days
        born = buyers["first_day"].to_physical().to_numpy() - zero
        counts = buyers["purchases"].to_numpy()
        day, amount = purchases["day"].to_physical().to_numpy(), purchases["amount"].to_numpy()
        days, n = (self.as_of - self.first).days + 1, len(starts)
        by_day = np.zeros(days, dtype=np.int64)
        active, revenue = np.zeros(n * n, dtype=np.int64), np.zeros(n * n, dtype=np.int64)
        ends = np.cumsum(counts)
        window, compared = window_of(self.first, self.as_of), np.zeros(0, dtype=np.int64)
        if window is not None:
            middle, start = ((d - self.first).days for d in (window.middle, window.start))
            compared = np.zeros(len(KINDS) * len(FIGURES), dtype=np.int64)
        low = 0
        while low < counts.size:
            row = ends[low - 1] if low else 0
            high = max(low + 1, int(np.searchsorted(ends, row + SLICE)))
            rows = slice(row, ends[high - 1])
            part = day[rows].astype(np.int64) - zero
            by_day += np.bincount(part, minlength=days)
            period = periods[part]
            key = np.repeat(periods[born[low:high]] * n, counts[low:high]) + period
            fresh = np.ones(period.size, dtype=bool)
            fresh[1:] = period[1:] != period[:-1]
            fresh[ends[low : high - 1] - row] = True
            active += np.bincount(key[fresh], minlength=n * n)
            revenue += np.array(whole_sums(amount[rows], key, n * n))  # a log adds up to less than 2^63: see verdicts
            if window is not None:
                compared += np.array(counted(born[low:high], counts[low:high], part, amount[rows], middle, start))
            low = high
        births = np.bincount(born, minlength=days)
        told = {"purchases": by_day, "births": births, "active": active, "revenue": revenue}
        told["change"] = compared
        told["again"] = _again(day, counts, ends - counts, periods[born], n)
        return {"most": int(counts.max()), **{name: found.tolist() for name, found in told.items()}}

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        return added(found) | {"most": max(part["most"] for part in found)}

    def finish(self, total: Part) -> Activity:
        """Counts of all periods as arrays."""
        _, starts, months = periods_of(self.first, self.as_of)
        bought, births, active, revenue, again = (
            np.array(total[name], dtype=np.int64) for name in ("purchases", "births", "active", "revenue", "again")
        )
        square = (len(starts), len(starts))
        return Activity(
            self.first, self.as_of, bought, births, starts, months, active.reshape(square), revenue.reshape(square),
            total["most"], again.reshape(len(AGAIN_DAYS), len(starts)), tuple(total["change"]),
        )  # fmt: skip


def _again(day: Ints, counts: Ints, rows: Ints, cohort: Ints, n: int) -> Ints:
    """For each of AGAIN_DAYS the customers of every cohort whose second purchase came within it; `rows`: of the first
    purchases."""
    twice = counts > 1
    first = rows[twice]
    waited, began = day[first + 1].astype(np.int64) - day[first], cohort[twice]
    return np.concatenate([np.bincount(began[waited <= days], minlength=n) for days in AGAIN_DAYS])


def periods_of(first: date, as_of: date) -> tuple[Ints, tuple[date, ...], int]:
    """Index of the period of each day, the first day of each period, the months that a period has."""
    low, high = first.year * 12 + first.month - 1, as_of.year * 12 + as_of.month - 1
    months = next(m for m in PERIOD_MONTHS if high // m - low // m < MAX_PERIODS)
    numbers = range(low // months, high // months + 1)
    starts = tuple(date(max(1, k * months // 12), k * months % 12 + 1, 1) for k in numbers)
    offsets = np.array([(start - first).days for start in starts])
    days = np.arange((as_of - first).days + 1)
    return np.searchsorted(offsets, days, side="right") - 1, starts, months


def weekly(found: Activity, expected: Any = None) -> list[dict[str, Any]]:
    """Purchases of each week (a longer step for long logs), counted back from as_of; the first may be a part of one.

    `expected(days)`: repeat purchases that a model expects up to the end of each of these days since `first`.
    """
    days = found.purchases.size
    step = 7 * -(-days // (7 * MAX_WEEKS))
    ends = np.arange(days - 1, -1, -step)[::-1]
    bought, births = np.cumsum(found.purchases)[ends], np.cumsum(found.births)[ends]
    bought, births = np.diff(bought, prepend=0), np.diff(births, prepend=0)
    model = None if expected is None else np.diff(expected(ends), prepend=0.0)
    return [
        {
            "until": (found.first + timedelta(days=int(end))).isoformat(),
            "days": int(min(step, end + 1)),
            "purchases": int(bought[i]),
            "first": int(births[i]),
            "repeat": int(bought[i] - births[i]),
            "expected": None if model is None else round(float(model[i]), 4),
        }
        for i, end in enumerate(ends)
    ]


def cohorts(found: Activity, decimals: int) -> list[dict[str, Any]]:
    """Per cohort its size and, period after period from its first, customers who bought and what they paid.

    The last period ends with as_of and may be unfinished: `complete` counts the finished ones. `again`: how many bought
    a second time within so many days; null where not all of the cohort were seen as long.
    """
    money, n = 10.0**decimals, len(found.starts)
    done = complete_periods(found)
    return [
        {
            "cohort": start.isoformat()[:7],
            "customers": int(found.active[i, i]),
            "complete": max(0, done - i),
            "active": [int(v) for v in found.active[i, i:n]],
            "revenue": [int(v) / money for v in found.revenue[i, i:n]],
            "again": {str(days): _seen(found, i, k, days) for k, days in enumerate(AGAIN_DAYS)},
        }
        for i, start in enumerate(found.starts)
    ]


def _seen(found: Activity, cohort: int, place: int, days: int) -> int | None:
    low = (found.starts[cohort] - found.first).days
    high = (found.starts[cohort + 1] - found.first).days if cohort + 1 < len(found.starts) else found.births.size
    born = np.flatnonzero(found.births[max(0, low) : high])
    if not born.size or max(0, low) + int(born[-1]) + days >= found.births.size:
        return None
    return int(found.again[place, cohort])


def complete_periods(found: Activity) -> int:
    """Count periods that had ended by as_of."""
    tomorrow = found.as_of + timedelta(days=1)
    last = found.starts[-1].year * 12 + found.starts[-1].month - 1
    ended = tomorrow.year * 12 + tomorrow.month - 1 - last >= found.months
    return len(found.starts) - (0 if ended else 1)


def lifetime_spend(found: Activity, decimals: int) -> list[dict[str, Any]]:
    """Mean spend of a customer, cumulated over the periods since the first purchase.

    Each step is the mean over the cohorts that have lived through that whole period: later steps rest on fewer, older
    customers, whose number is given.
    """
    done, money = complete_periods(found), 10.0**decimals
    result, total = [], 0.0
    for age in range(done):
        cells = [(i, i + age) for i in range(done - age)]
        people = sum(int(found.active[i, i]) for i, _ in cells)
        if people == 0:
            break
        total += sum(int(found.revenue[c]) for c in cells) / money / people
        result.append({"months": (age + 1) * found.months, "customers": people, "spend": round(total, 6)})
    return result
