"""Which calls become contacts: the caps of a customer, the capacity of a day, the budget; highest value first."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from clvcli.core.errors import UsageError
from clvcli.core.horizon import parse_span
from clvcli.core.language import marked

LONGEST = {"d": 1, "w": 7, "m": 31, "y": 366}
"""Days of a cap's span: the longest month and year, so that no calendar month can hold more."""


@dataclass(frozen=True)
class Limits:
    """`caps`: (contacts, days), all hold in every window of so many days. `capacity`: channel -> contacts a day, None
    for all together. `cost`: channel -> cost of a contact. `late`: days that a contact may be moved back.
    """

    caps: tuple[tuple[int, int], ...] = ()
    capacity: Mapping[str | None, int] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    budget: float | None = None
    late: int = 0


class Call(NamedTuple):
    """A wish: a customer, a channel, the first day (a number), what the customer may still cost (None: no limit),
    what this contact costs (None: as the channel does).
    """

    customer: str
    channel: str | None
    day: int
    max_cost: float | None
    cost: float | None = None


@dataclass(frozen=True)
class Allotted:
    """`days`: the day of each call, None where it cannot be; `dropped`: how many for which limit; `cost` in all."""

    days: tuple[int | None, ...]
    dropped: Mapping[str, int]
    cost: float


def allot(calls: Sequence[Call], limits: Limits, end: int, earlier: Mapping[str, Sequence[int]]) -> Allotted:
    """Gives each call, in the order given, its first possible day up to `late` days on and not after `end`.

    `earlier`: days of contacts that were made already; they count for the caps. No customer has two on one day.
    """
    made: dict[str, list[int]] = {customer: sorted(days) for customer, days in earlier.items()}
    used: Counter[tuple[int, str | None]] = Counter()
    spent: dict[str, float] = {}
    dropped: Counter[str] = Counter()
    total, days = 0.0, []
    for call in calls:
        cost = limits.cost.get(call.channel or "", 0.0) if call.cost is None else call.cost
        own = spent.get(call.customer, 0.0) + cost
        reason = _too_dear(call, cost, own, total, limits)
        day = None
        if reason is None:
            last = min(call.day + limits.late, end)
            day, reason = _first_day(call, last, made.get(call.customer, []), used, limits)
        days.append(day)
        if day is None:
            dropped[reason or "cap"] += 1
            continue
        insort(made.setdefault(call.customer, []), day)
        used[day, None] += 1
        used[day, call.channel or ""] += 1
        spent[call.customer] = own
        total += cost
    return Allotted(tuple(days), dict(sorted(dropped.items())), round(total, 6))


def _too_dear(call: Call, cost: float, own: float, total: float, limits: Limits) -> str | None:
    if cost and call.max_cost is not None and own > call.max_cost + 1e-9:
        return "max_cost"
    if cost and limits.budget is not None and total + cost > limits.budget + 1e-9:
        return "budget"
    return None


def _first_day(
    call: Call, last: int, made: Sequence[int], used: Mapping[tuple[int, str | None], int], limits: Limits
) -> tuple[int | None, str | None]:
    """The first day from the call's on where every limit allows it; else the limit that stood in the way last."""
    reason = "late"
    for day in range(call.day, last + 1):
        if not allowed(made, day, limits.caps):
            reason = "cap"
        elif not _room(day, call.channel, used, limits.capacity):
            reason = "capacity"
        else:
            return day, None
    return None, reason


def _room(
    day: int, channel: str | None, used: Mapping[tuple[int, str | None], int], capacity: Mapping[str | None, int]
) -> bool:
    in_all, own = capacity.get(None), capacity.get(channel or "")
    if in_all is not None and used.get((day, None), 0) >= in_all:
        return False
    return own is None or used.get((day, channel or ""), 0) < own


def allowed(made: Sequence[int], day: int, caps: Sequence[tuple[int, int]]) -> bool:
    """Whether one more contact on `day` keeps every window within its cap. `made` is sorted."""
    if not made:
        return True
    place = bisect_left(made, day)
    if place < len(made) and made[place] == day:
        return False
    for count, span in caps:
        near = [*made[bisect_right(made, day - span) : bisect_left(made, day + span)]]
        insort(near, day)
        if any(near[i + count] - near[i] < span for i in range(len(near) - count)):
            return False
    return True


def caps_of(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """`1/7d`, `4/1m` -> ((1, 7), (4, 31))."""
    found = []
    for text in texts:
        count, _, span = text.partition("/")
        days = parse_span(span, infinite=False)
        found.append((int(count), (days.count or 0) * LONGEST[days.unit]))
    return tuple(found)


def capacity_of(texts: Sequence[str]) -> dict[str | None, int]:
    """`200`, `phone=20` -> {None: 200, "phone": 20}. Raises UsageError."""
    found: dict[str | None, int] = {}
    for text in texts:
        channel, equals, number = text.rpartition("=")
        if not number.strip().isdigit():
            raise UsageError(
                marked("--capacity: {text} is not understood", text=repr(text)),
                hint="--capacity 200 or --capacity phone=20",
            )
        found[channel.strip() if equals else None] = int(number)
    return found


def costs_of(texts: Sequence[str]) -> dict[str, float]:
    """`phone=4` -> {"phone": 4.0}. Raises UsageError."""
    found = {}
    for text in texts:
        channel, equals, number = text.rpartition("=")
        try:
            cost = float(number)
        except ValueError:
            cost = -1.0
        if not equals or not 0 <= cost < float("inf"):
            raise UsageError(marked("--cost: {text} is not understood", text=repr(text)), hint="--cost phone=4")
        found[channel.strip()] = cost
    return found
