"""What the forecast can be held against: the same length of the past, customers known before it alone."""

from typing import Any

from clvcli.core.horizon import DAYS_PER_UNIT, parse_span
from clvcli.scoring.series.activity import Activity, complete_periods

TOLERANCE = 0.02
"""How far a horizon in days or weeks may be from whole months to count as such: 52w and 365d are twelve."""


def months_of(horizon: str) -> int | None:
    """The whole months of a horizon; None where it has none."""
    span = parse_span(horizon)
    if span.count is None:
        return None
    if span.unit in ("m", "y"):
        return span.count * (12 if span.unit == "y" else 1)
    months = span.count * (7 if span.unit == "w" else 1) / DAYS_PER_UNIT["month"]
    whole = round(months)
    return whole if whole and abs(months / whole - 1) <= TOLERANCE else None


def like_for_like(found: Activity, decimals: int, horizon: str) -> dict[str, Any] | None:
    """Spend in the last finished months, as many as the horizon has, of the customers won before them: what today's
    customers are expected to bring is the like of it; and all sales of those months, whose customers won meanwhile no
    forecast has. None where the log is shorter, or the months do not fit the periods of the cohorts.
    """
    months = months_of(horizon)
    if months is None or months % found.months:
        return None
    end = complete_periods(found)
    start = end - months // found.months
    if start < 1:
        return None
    money, window = 10.0**decimals, slice(start, end)
    last = found.starts[end] if end < len(found.starts) else None
    return {
        "from": found.starts[start].isoformat(),
        "before": None if last is None else last.isoformat(),
        "customers": int(sum(int(found.active[i, i]) for i in range(start))),
        "spend": int(found.revenue[:start, window].sum()) / money,
        "sales": int(found.revenue[:, window].sum()) / money,
    }
