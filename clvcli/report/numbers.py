"""Numbers, dates and names as people read them."""

import math
from collections.abc import Sequence
from datetime import date

from clvcli.core.printable import printable

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST = 80


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage."""
    return "-" if share is None else f"{share * 100:.{digits}f}%"


def money(amount: float | None) -> str:
    """An amount, without decimals from 1,000 on."""
    if amount is None:
        return "-"
    return f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:,.2f}"


def estimate(amount: float | None) -> str:
    """A predicted amount, with no more digits than a prediction has a claim to."""
    if amount is None:
        return "-"
    return f"{amount:,.0f}" if abs(amount) >= 10 or amount == 0 else f"{amount:.2g}"


def figure(value: float) -> str:
    """Any number in four digits, or more where it has them before the point; never with an exponent."""
    if abs(value) >= 1000 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) >= 0.0001 else "under 0.0001"


def count(number: float | None) -> str:
    """A count, with one decimal where it is no whole number and small."""
    if number is None:
        return "-"
    return f"{number:,.0f}" if float(number).is_integer() or abs(number) >= 100 else f"{number:,.1f}"


def signed(amount: float | None) -> str:
    """A change of an amount."""
    return "-" if amount is None else f"{'+' if amount > 0 else ''}{money(amount)}"


def short(number: float) -> str:
    """A number for an axis: 950, 1.2k, 35k, 4m, 2bn."""
    for limit, word in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(number) >= limit:
            return f"{number / limit:.3g}{word}"
    return f"{number:.3g}"


def day(text: str | None) -> str:
    """An ISO date as 5 Mar 2024; what is none as it stands."""
    try:
        value = date.fromisoformat(text or "")
    except ValueError:
        return text or "-"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def shown(text: object, limit: int = LONGEST) -> str:
    """Text of the data in one line, without what a screen could act on, cut where it is long; nothing for null."""
    clean = "" if text is None else printable(str(text)).replace("\n", " ")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def ahead(horizon: str) -> str:
    """When the predictions fall: `in the next 12 months`, `in their lifetime`."""
    endless = horizon.strip().lower() == "inf"
    return "in their lifetime" if endless else f"in the next {span_words(horizon)}"


def span_words(horizon: str) -> str:
    """`12m` as `12 months`; `inf` as `their lifetime`."""
    units = {"d": "day", "w": "week", "m": "month", "y": "year"}
    if horizon.strip().lower() == "inf":
        return "their lifetime"
    number, unit = horizon.strip()[:-1], units.get(horizon.strip()[-1:].lower())
    return f"{int(number):,} {unit}{'' if int(number) == 1 else 's'}" if unit and number.isdigit() else horizon


def ticks(high: float, parts: int = 4, low: float = 0.0) -> list[float]:
    """Round steps from `low` to the first that reaches `high`, about `parts` of them."""
    room = high - low
    if not room > 0:
        return [low, low + 1.0]
    raw = room / parts
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    return [low + step * i for i in range(math.ceil(room / step - 1e-9) + 1)]


def every(items: Sequence[str], most: int) -> list[tuple[int, str]]:
    """At most `most` of the items with their place, evenly spread, the first among them."""
    step = max(1, -(-len(items) // most))
    return [(i, item) for i, item in enumerate(items) if i % step == 0]
