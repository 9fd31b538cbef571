"""How far a long step is: told by whoever does it, shown by the console. Without a console nobody looks."""

import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar


class Meter:
    """Counts of the step that runs: `total` is what `done` will be at its end, in any unit; None: not known.

    `of` says how much the whole run is about, like `6,600 customers`, once that is known; it outlives the steps.
    """

    def __init__(self) -> None:
        self.of = ""
        self.clear()

    def clear(self) -> None:
        """A new step, of which nothing is known."""
        self.total: float | None = None
        self.doing = self.then = ""
        self.done, self.records, self.began = 0.0, 0, time.monotonic()

    def start(self, total: float | None, doing: str = "") -> None:
        """A part of the step begins, of known size or not; `doing` names it where it is not the step itself."""
        self.clear()
        self.total, self.doing = total, doing

    def add(self, done: float, records: int = 0) -> None:
        """So much more is done, so many records."""
        self.done += done
        self.records += records

    def end(self, then: str) -> None:
        """All records are counted; what is done with them now, whose size nobody knows."""
        self.then = then

    def text(self, now: float | None = None) -> str:
        """`1,200,000 records, 34%, 2,100,000 a second, 3 s left`, as far as it is known; nothing in the first second of
        a step of unknown size."""
        seconds = max((time.monotonic() if now is None else now) - self.began, 1e-3)
        told = [self.doing] if self.doing else []
        counted = [f"{self.records:,} records"] if self.records else []
        if self.then:
            return ", ".join([*told, *counted, self.then])
        speed = [f"{self.records / seconds:,.0f} a second"] if self.records else []
        if self.total and self.done:
            share = min(1.0, self.done / self.total)
            return ", ".join([*told, *counted, f"{share:.0%}", *speed, f"{_time(seconds / share - seconds)} left"])
        if self.records:
            return ", ".join([*told, *counted, *speed])
        return ", ".join([*told, *filter(None, [self.of]), _time(seconds)]) if seconds >= 1 else ""


def _time(seconds: float) -> str:
    """`3 s`, `2 min 5 s`, `1 h 4 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


UNPACKING = "unpacking"
METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
"""The meter of the command that runs here, where a console shows it."""


def passing(parts: Iterable[bytes], total: float, doing: str) -> Iterator[bytes]:
    """The parts, of `total` bytes, counted for who looks."""
    meter = METER.get()
    if meter is not None:
        meter.start(total, doing)
    for part in parts:
        yield part
        if meter is not None:
            meter.add(len(part))
