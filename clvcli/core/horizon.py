"""Spans of time that users type: `12m`, `52w`, `365d`, `2y`, `inf`. Calendar-correct."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from clvcli.core.language import marked

DAYS_PER_UNIT = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}


@dataclass(frozen=True)
class Span:
    """A count of calendar units; `count` is None for `inf`."""

    count: int | None
    unit: str

    def __str__(self) -> str:
        return "inf" if self.count is None else f"{self.count}{self.unit}"

    def after(self, start: date) -> date:
        """The day that ends the span, the end of the month clamped. Raises ValueError for `inf` and past year 9999."""
        if self.count is None:
            raise ValueError(marked("an infinite span has no end"))
        try:
            if self.unit in "dw":
                return start + timedelta(days=self.count * (7 if self.unit == "w" else 1))
            return add_months(start, self.count * (12 if self.unit == "y" else 1))
        except (OverflowError, ValueError):
            raise ValueError(marked("{text} after {start} is beyond the calendar", text=self, start=start)) from None

    def days(self, start: date) -> float:
        """Days from `start` to the end of the span; inf for `inf`."""
        return float("inf") if self.count is None else float((self.after(start) - start).days)


def add_months(start: date, months: int) -> date:
    """`start` moved by whole months (negative: back); 31 January + 1 month is the last of February."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def days_or_span(text: str) -> Span:
    """A finite span; a bare number is days. Raises ValueError with a plain sentence."""
    clean = text.strip()
    try:
        return parse_span(f"{clean}d" if clean.isdigit() else clean, infinite=False)
    except ValueError:
        raise ValueError(marked("is a number of days, or a span like 30d, 12m or 3y")) from None


def parse_span(text: str, *, infinite: bool = True) -> Span:
    """`12m` -> Span(12, "m"). Raises ValueError with a plain sentence."""
    clean = text.strip().lower()
    if clean == "inf" and infinite:
        return Span(None, "")
    match = re.fullmatch(r"([0-9]{1,5})\s*([dwmy])", clean)
    if match is None or int(match[1]) == 0:
        raise ValueError(
            marked("is a span like 365d, 52w, 12m or 2y, or inf")
            if infinite
            else marked("is a span like 365d, 52w, 12m or 2y")
        )
    return Span(int(match[1]), match[2])
