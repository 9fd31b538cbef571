"""The like-for-like figure by hand."""

from datetime import date

import polars as pl
import pytest

from clvcli.scoring.series.activity import Activity, Purchased
from clvcli.scoring.series.past import like_for_like, months_of


def activity(as_of: date) -> Activity:
    """Ann: 2023-05, 2024-03, 2024-06; Bob: 2024-02."""
    days = [date(2023, 5, 1), date(2024, 3, 1), date(2024, 6, 1), date(2024, 2, 1)]
    bought = pl.DataFrame({"day": days, "amount": [1000, 300, 70, 5000]})
    buyers = pl.DataFrame({"first_day": [days[0], days[3]], "purchases": [3, 1]})
    series = Purchased(days[0], as_of)
    return series.finish(series.of(buyers, bought))


def test_by_hand() -> None:
    assert like_for_like(activity(date(2024, 12, 31)), 2, "12m") == {
        "from": "2024-01-01", "before": None, "customers": 1, "spend": 3.7, "sales": 53.7,
    }  # fmt: skip
    # June 2024 has not ended: the twelve months before it.
    assert like_for_like(activity(date(2024, 6, 10)), 2, "1y") == {
        "from": "2023-06-01", "before": "2024-06-01", "customers": 1, "spend": 3.0, "sales": 53.0,
    }  # fmt: skip


def test_none_where_the_log_is_short_or_the_horizon_fits_no_months() -> None:
    assert like_for_like(activity(date(2024, 12, 31)), 2, "2y") is None
    assert like_for_like(activity(date(2024, 12, 31)), 2, "inf") is None
    assert like_for_like(activity(date(2024, 12, 31)), 2, "10d") is None


@pytest.mark.parametrize(
    ("horizon", "months"), [("12m", 12), ("52w", 12), ("365d", 12), ("2y", 24), ("26w", 6), ("10d", None)]
)
def test_months(horizon: str, months: int | None) -> None:
    assert months_of(horizon) == months
