"""Closures: weeks in which nobody bought although sales are steady before and after.

Purchase models know no closed door. To them every customer was silent by choice, and who has not come back yet looks
lost. Seasons that come again each year are none, nor are the waits of a log that has few days with sales.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from clvcli.core.errors import Notice
from clvcli.core.marked import both, marked
from clvcli.log.column_values import quoted
from clvcli.log.columns import Role, shell_quoted
from clvcli.log.purchases import Purchases
from clvcli.log.sums import EPOCH

Ints = npt.NDArray[np.int64]
SHORTEST = 28
"""Days; holidays are shorter."""
QUIET = 0.05
"""A closure has at most this part of the usual sales: somebody may still have bought a voucher."""
ENOUGH = 30
"""So many purchases were to be expected in it, at least."""
BESIDE = (SHORTEST, 91)
"""Days before and after that say what is usual."""
ENOUGH_BESIDE = 20
"""So many were made before it, and after it."""
TIMES = 3
"""A closure is so many times as long as nine in ten waits between days with sales."""
SAME_SEASON = 31
"""Days that the ends of a yearly pause may move."""
MOST_NAMED = 3


@dataclass(frozen=True)
class Closure:
    """From `start` up to `stop`, days from the first; `made` purchases where `expected` were usual."""

    start: int
    stop: int
    made: int
    expected: int


def closures_of(counts: Ints) -> list[Closure]:
    """The closures of a log. `counts`: purchases of each day, from the first one to as_of."""
    until = np.append(0, np.cumsum(counts))
    if counts.size < 3 * SHORTEST or not counts.any():
        return []
    sums = until[SHORTEST:] - until[:-SHORTEST]
    usual = float(np.median(sums[sums > 0]))
    found = [_measured(until, *_trimmed(counts, *run)) for run in _runs(sums <= QUIET * usual)]
    waits = np.diff(np.flatnonzero(counts))
    shortest = max(SHORTEST, TIMES * float(np.quantile(waits, 0.9))) if waits.size else SHORTEST
    clear = [
        c for c in found
        if c.stop - c.start >= shortest and c.expected >= ENOUGH and c.made <= QUIET * c.expected
    ]  # fmt: skip
    return [c for c in clear if not any(_is_same_season(c, other) for other in clear)]


def _runs(quiet: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First day and the day after the last of each run of windows that are quiet."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1 + SHORTEST) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _trimmed(counts: Ints, start: int, stop: int) -> tuple[int, int]:
    """Without the days of sales at its ends."""
    while start < stop and counts[start]:
        start += 1
    while stop > start and counts[stop - 1]:
        stop -= 1
    return start, stop


def _measured(until: Ints, start: int, stop: int) -> Closure:
    """What was usual: the least of the weeks and of the months beside it, as seasons fade and doors close."""
    size = until.size - 1
    ends = [(max(0, start - days), start) for days in BESIDE]
    ends += [(stop, min(size, stop + days)) for days in BESIDE] if stop < size else []
    sides = [until[high] - until[low] for low, high in ends]
    rate = min(sold / max(SHORTEST, high - low) for sold, (low, high) in zip(sides, ends, strict=True))
    if min(max(sides[i : i + 2]) for i in range(0, len(sides), 2)) < ENOUGH_BESIDE:
        rate = 0
    return Closure(start, stop, int(until[stop] - until[start]), round(rate * (stop - start)))


def _is_same_season(one: Closure, other: Closure) -> bool:
    """Whether two pauses lie whole years apart."""
    years = round((one.start - other.start) / 365.25)
    shifts = (one.start - other.start - 365.25 * years, one.stop - other.stop - 365.25 * years)
    return years != 0 and all(abs(shift) <= SAME_SEASON for shift in shifts)


def about_closures(bought: Purchases, as_of: date, dates: Role, *, as_iso: bool) -> list[Notice]:
    """The warning, with the SQL that takes the closed days out of the clock where the dates are a column `as_iso`."""
    if not bought.height:
        return []
    day = bought.day.to_physical().to_numpy()
    zero, last = int(day.min()), (as_of - EPOCH).days
    counts = np.bincount(day - zero, minlength=last - zero + 1).astype(np.int64)
    found = closures_of(counts)
    if not found:
        return []
    begin = EPOCH + timedelta(days=zero)
    spans = [(begin + timedelta(days=c.start), begin + timedelta(days=c.stop)) for c in found]
    named = [_named(*span, c) for span, c in zip(spans[:MOST_NAMED], found, strict=False)]
    if len(found) > MOST_NAMED:
        named.append(marked("{n:d} times more", n=len(found) - MOST_NAMED))
    effect = _effect(*made_lost(bought, zero, last, found), bought.ids.len())
    if spans[-1][1] > as_of:
        cure = marked("--as-of {day} stands before it", day=spans[-1][0] - timedelta(days=1))
    elif as_iso and not dates.is_sql and len(found) <= MOST_NAMED:
        moved = shell_quoted(_moved(dates, spans, found))
        cure = marked("--date {sql} takes those days out of the clock (earlier dates move)", sql=moved)
    else:
        cure = marked("--acquired-from {day} fits on customers first seen later", day=spans[-1][1])
    message = marked(
        "nobody bought {times}: closed, out of season, or an export is missing? {effect}; {cure}",
        times=both(named), effect=effect, cure=cure,
    )  # fmt: skip
    return [Notice("closure", message)]


def _effect(lost: int, slower: int, customers: int) -> str:
    gone = marked("{n:,} of {all:,} customers look lost for it alone", n=lost, all=customers)
    if not slower:
        return gone
    late = marked("{n:,} who came back look slower than they are", n=slower)
    return marked("{one}, and {other}", one=gone, other=late) if lost else late


def _named(start: date, stop: date, closure: Closure) -> str:
    usual = marked("some {n:,} purchases usual in that time", n=closure.expected)
    if closure.made:
        usual = marked("{made:d} of {usual}", made=closure.made, usual=usual)
    return marked(
        "from {start:%Y-%m-%d} to {end:%Y-%m-%d} ({days:d} days; {usual})",
        start=start, end=stop - timedelta(days=1), days=(stop - start).days, usual=usual,
    )  # fmt: skip


def _moved(dates: Role, spans: Sequence[tuple[date, date]], found: Sequence[Closure]) -> str:
    """SQL of the dates, the earlier ones later by the closed days that follow; what was bought in one counts from the
    day of the reopening."""
    name, branches = quoted(dates.text), []
    for i, (start, stop) in enumerate(spans):
        left = sum((b - a).days for a, b in spans[i:])
        branches.append(f"WHEN {name} < DATE '{start}' THEN {name} + INTERVAL '{left} days'")
        if found[i].made:
            rest = left - (stop - start).days
            later = f" + INTERVAL '{rest} days'" if rest else ""
            branches.append(f"WHEN {name} < DATE '{stop}' THEN DATE '{stop}'{later}")
    return f"CASE {' '.join(branches)} ELSE {name} END"


def made_lost(bought: Purchases, zero: int, last: int, found: Sequence[Closure]) -> tuple[int, int]:
    """Customers whose silence is longer than their longest wait before, but not without the closed days (of who bought
    once: than nine in ten waits of the log); and those who bought both before a closure and after it."""
    closed = np.zeros(last - zero + 1, dtype=np.int64)
    for closure in found:
        closed[closure.start : closure.stop] = 1
    before = np.append(0, np.cumsum(closed))[1:]
    day = bought.day.to_physical().to_numpy().astype(np.int64) - zero
    shut = before[day]
    waits, over = np.diff(day - shut, prepend=0), np.diff(shut, prepend=0)
    firsts, ends = bought.start[:-1], bought.start[1:] - 1
    waits[firsts], over[firsts] = 0, 0
    longest = np.maximum.reduceat(waits, firsts)
    again = np.ones(waits.size, dtype=bool)
    again[firsts] = False
    longest[firsts == ends] = np.quantile(waits[again], 0.9) if again.any() else 0
    silence, shut_since = last - zero - day[ends], before[-1] - shut[ends]
    lost = (silence > longest) & (silence - shut_since <= longest)
    return int(lost.sum()), int((np.maximum.reduceat(over, firsts) > 0).sum())
