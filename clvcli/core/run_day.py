"""The day on which a run stands: CLV_TODAY, else the clock. Nothing else reads the clock for a date."""

import os
from datetime import UTC, date, datetime

from clvcli.core.errors import UsageError
from clvcli.core.language import marked


def day_of(as_of: str, today: date) -> date:
    """The day that --as-of names: `today`, or YYYY-MM-DD."""
    return today if as_of == "today" else date.fromisoformat(as_of)


def run_day() -> date:
    """CLV_TODAY (YYYY-MM-DD), else today in UTC. Raises UsageError when CLV_TODAY is no date."""
    text = os.environ.get("CLV_TODAY")
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(marked("CLV_TODAY: is a date like 2024-12-31; got {text}", text=repr(text))) from None
