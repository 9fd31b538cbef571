"""How far a long step is: told by whoever does it, shown by the console. Without a console nobody looks."""

import time
from contextvars import ContextVar


class Meter:
    """Counts of the step that runs: `total` is what `done` will be at its end, in any unit; None: not known."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """A new step, of which nothing is known."""
        self.total: float | None = None
        self.done, self.records, self.began = 0.0, 0, time.monotonic()

    def start(self, total: float) -> None:
        """A step of known size begins."""
        self.clear()
        self.total = total

    def add(self, done: float, records: int) -> None:
        """So much more is done, so many records."""
        self.done += done
        self.records += records

    def text(self, now: float | None = None) -> str:
        """`1,200,000 records, 34%, 2,100,000 a second, 3 s left`; nothing before there is something to tell."""
        if not self.total or not self.done:
            return ""
        seconds = max((time.monotonic() if now is None else now) - self.began, 1e-3)
        share = min(1.0, self.done / self.total)
        left = seconds / share - seconds
        return f"{self.records:,} records, {share:.0%}, {self.records / seconds:,.0f} a second, {_time(left)} left"


def _time(seconds: float) -> str:
    """`3 s`, `2 min 5 s`, `1 h 4 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


METER: ContextVar[Meter | None] = ContextVar("meter", default=None)
"""The meter of the command that runs here, where a console shows it."""
