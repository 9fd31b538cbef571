"""Spans of time: the calendar is the authority."""

from datetime import date

import pytest

from clvcli.core.horizon import Span, add_months, parse_span


@pytest.mark.parametrize(
    ("text", "start", "days"),
    [
        ("12m", date(2023, 12, 31), 366),  # through a leap February
        ("1m", date(2024, 1, 31), 29),  # clamped to 29 February
        ("1y", date(2024, 2, 29), 365),  # 28 February 2025
        ("52w", date(2024, 1, 1), 364),
        (" 30D ", date(2024, 1, 1), 30),
    ],
)
def test_a_span_is_calendar_correct(text: str, start: date, days: int) -> None:
    assert parse_span(text).days(start) == days


def test_inf_has_no_end() -> None:
    assert parse_span("inf") == Span(None, "")
    assert parse_span("inf").days(date(2024, 1, 1)) == float("inf")


@pytest.mark.parametrize("text", ["", "0d", "12", "m", "1.5y", "-3m", "12 months", "1e3d", "١m"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="span like"):
        parse_span(text)


def test_a_finite_span_is_demanded_where_one_is_needed() -> None:
    with pytest.raises(ValueError, match="span like"):
        parse_span("inf", infinite=False)


def test_beyond_the_calendar_is_an_error_not_a_crash() -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        parse_span("99999y").days(date(2024, 1, 1))


def test_months_go_back_too() -> None:
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
