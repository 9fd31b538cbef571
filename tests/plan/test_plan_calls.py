"""Calls of the stages by hand: cadence, once, lead time, next purchase, what was done before."""

from datetime import date

import polars as pl

from clvcli.commands.plan.calls import Days, calls
from clvcli.core.horizon import parse_span
from clvcli.lifecycle.actions import StageAction, StageActions

START = date(2026, 1, 1)


def of(every: str | None, lead: str | None = None, *, days: str = "90d", next_purchase: date | None = None,
       contacted: date | None = None) -> list[tuple[date, str]]:  # fmt: skip
    """(day, reason) of one customer in a stage with one action."""
    frame = pl.DataFrame(
        {"customer_id": ["A"], "stage": ["s"], "next_purchase_date": pl.Series([next_purchase], dtype=pl.Date)}
    )
    cadence, before = (parse_span(t) if t else None for t in (every, lead))
    actions = StageActions((StageAction("s", "write", "email", cadence, before),), {})
    earlier = None
    if contacted:
        earlier = pl.DataFrame({"customer_id": ["A"], "day": [contacted], "action": ["write"]})
    end = parse_span(days).after(START)
    found, _ = calls(frame, actions, [], Days(START, date.fromordinal(end.toordinal() - 1)), earlier)
    return found.sort("day").select("day", "reason").rows()


def test_36_touches_in_three_years() -> None:
    found = of("1m", days="3y")
    assert len(found) == 36
    assert found[0] == (START, "every 1m")
    assert found[-1] == (date(2028, 12, 1), "every 1m")


def test_next_week() -> None:
    assert of("3d", days="7d") == [(date(2026, 1, d), "every 3d") for d in (1, 4, 7)]


def test_cadence_starts_with_the_next_purchase() -> None:
    # Expected on 20 January, 5 days of lead: 15 January; then every 30 days: 14 February, 16 March.
    assert of("30d", "5d", next_purchase=date(2026, 1, 20)) == [
        (date(2026, 1, 15), "next purchase expected 2026-01-20"),
        (date(2026, 2, 14), "every 30d"),
        (date(2026, 3, 16), "every 30d"),
    ]
    # Expected on 20 March: the cadence comes round before.
    assert of("30d", next_purchase=date(2026, 3, 20))[0] == (START, "every 30d")


def test_once() -> None:
    assert of(None) == [(START, "once in this stage")]
    assert of(None, next_purchase=date(2026, 1, 20)) == [(START, "once in this stage")]
    assert of(None, "7d", next_purchase=date(2026, 1, 20)) == [(date(2026, 1, 13), "next purchase expected 2026-01-20")]
    assert of(None, "7d", next_purchase=date(2026, 1, 3)) == [(START, "next purchase expected 2026-01-03")]
    assert of(None, "7d", next_purchase=date(2027, 1, 3)) == []  # not in this calendar


def test_earlier_contacts_carry_on() -> None:
    # Last on 20 December: every 30 days goes on at 19 January. Once is never again.
    assert of("30d", contacted=date(2025, 12, 20), days="31d") == [(date(2026, 1, 19), "every 30d")]
    assert of(None, contacted=date(2025, 12, 20)) == []
