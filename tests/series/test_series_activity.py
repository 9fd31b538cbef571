"""Weeks, cohorts and lifetime spend of a log, against counts made by hand and a slow loop over purchases."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.scoring.series import activity as module
from clvcli.scoring.series.activity import MAX_PERIODS, MAX_WEEKS, Activity, Purchased, cohorts, lifetime_spend, weekly

Purchase = tuple[str, date, int]


def frames(purchases: list[Purchase]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The two frames that activity wants."""
    schema = {"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}
    log = pl.DataFrame(sorted(purchases), schema=schema, orient="row")
    buyers = log.group_by("customer_id").agg(first_day=pl.col("day").min(), purchases=pl.len()).sort("customer_id")
    return log, buyers


def activity(purchases: list[Purchase], as_of: date) -> Activity:
    """What happened in the log, in one part."""
    log, buyers = frames(purchases)
    first = log["day"].min()
    assert isinstance(first, date)
    series = Purchased(first, as_of)
    found = series.finish(series.of(buyers, log))
    customers = {customer for customer, _, _ in purchases}
    parts = [series.of(*frames([one for one in purchases if one[0] == name])[::-1]) for name in customers]
    assert series.merge(parts) == series.of(buyers, log)
    return found


# Three customers: two begin in January, one in February. March is not over on the 15th.
LOG: list[Purchase] = [
    ("a", date(2024, 1, 5), 1000), ("a", date(2024, 1, 20), 500), ("a", date(2024, 3, 2), 250),
    ("b", date(2024, 1, 31), 2000), ("b", date(2024, 2, 10), 100),
    ("c", date(2024, 2, 1), 300),
]  # fmt: skip
AS_OF = date(2024, 3, 15)


def test_cohorts_by_hand() -> None:
    found = activity(LOG, AS_OF)
    january, february, march = cohorts(found, 2)
    assert january == {
        "cohort": "2024-01", "customers": 2, "complete": 2, "active": [2, 1, 1], "revenue": [35.0, 1.0, 2.5],
        "again": {"90": None, "180": None, "365": None},
    }  # fmt: skip
    assert (february["customers"], february["active"], february["revenue"]) == (1, [1, 0], [3.0, 0.0])
    assert (march["customers"], march["complete"]) == (0, 0)


def test_who_bought_again_by_hand() -> None:
    """a after 15 days, b after 10; c never. b was seen 365 days from 31 January on 30 January (a leap year)."""
    january, february, march = cohorts(activity(LOG, date(2025, 1, 30)), 2)[:3]
    assert january["again"] == {"90": 2, "180": 2, "365": 2}
    assert cohorts(activity(LOG, date(2025, 1, 29)), 2)[0]["again"]["365"] is None
    assert february["again"] == {"90": 0, "180": 0, "365": None}
    assert march["again"] == {"90": None, "180": None, "365": None}
    assert cohorts(activity(LOG, date(2025, 1, 31)), 2)[1]["again"]["365"] == 0
    late = [
        ("a", date(2024, 1, 5), 1),
        ("a", date(2024, 4, 4), 1),
        ("b", date(2024, 1, 5), 1),
        ("b", date(2024, 4, 5), 1),
    ]
    assert cohorts(activity(late, date(2025, 1, 31)), 2)[0]["again"] == {"90": 1, "180": 2, "365": 2}


def test_lifetime_spend_by_hand() -> None:
    # Month 0: (35 + 3) / 3 customers. Month 1: January's cohort alone has lived through it: 1 / 2.
    steps = lifetime_spend(activity(LOG, AS_OF), 2)
    assert [(s["months"], s["customers"]) for s in steps] == [(1, 3), (2, 2)]
    assert steps[0]["spend"] == pytest.approx(38 / 3, abs=1e-6)
    assert steps[1]["spend"] == pytest.approx(38 / 3 + 0.5, abs=1e-6)


def test_a_month_that_ends_on_as_of_counts() -> None:
    assert cohorts(activity(LOG, date(2024, 3, 31)), 2)[0]["complete"] == 3


def test_weeks_end_with_as_of_and_add_up() -> None:
    weeks = weekly(activity(LOG, AS_OF))
    assert weeks[-1]["until"] == "2024-03-15"
    assert [w["days"] for w in weeks[1:]] == [7] * (len(weeks) - 1)
    assert sum(w["purchases"] for w in weeks) == 6
    assert sum(w["first"] for w in weeks) == 3
    # 2 March lies in the week that ends on 8 March.
    assert [w["until"] for w in weeks if w["repeat"]] == ["2024-01-26", "2024-02-16", "2024-03-08"]


def test_expected_purchases_are_differences_of_the_cumulated_ones() -> None:
    weeks = weekly(activity(LOG, AS_OF), lambda days: np.asarray(days) * 0.5)
    assert [w["expected"] for w in weeks[1:]] == [3.5] * (len(weeks) - 1)


@pytest.mark.parametrize(("years", "months"), [(2, 1), (5, 3), (10, 6), (20, 12), (90, 60)])
def test_long_logs_get_longer_steps(years: int, months: int) -> None:
    log = [("a", date(1900, 1, 1), 1), ("a", date(1900 + years, 1, 1), 1)]
    found = activity(log, date(1900 + years, 1, 1))
    assert found.months == months
    assert len(found.starts) <= MAX_PERIODS
    assert len(weekly(found)) <= MAX_WEEKS
    assert int(found.purchases.sum()) == 2


purchases = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.dates(date(2020, 1, 1), date(2023, 12, 31)), st.integers(0, 10**17)),
    min_size=1,
    max_size=60,
    unique_by=lambda p: (p[0], p[1]),
)


@given(purchases, st.integers(1, 8))
def test_agrees_with_a_slow_loop_in_slices_of_any_size(log: list[Purchase], slice_rows: int) -> None:
    as_of = max(day for _, day, _ in log) + timedelta(days=3)
    first: dict[str, date] = {}
    for customer, day, _ in sorted(log):
        first.setdefault(customer, day)
    active: dict[tuple[int, int], set[str]] = defaultdict(set)
    paid: dict[tuple[int, int], int] = defaultdict(int)
    found_in = pytest.MonkeyPatch()
    found_in.setattr(module, "SLICE", slice_rows)
    found = activity(log, as_of)
    found_in.undo()

    def period(day: date) -> int:
        return max(i for i, start in enumerate(found.starts) if start <= day)

    for customer, day, amount in log:
        cell = (period(first[customer]), period(day))
        active[cell].add(customer)
        paid[cell] += amount
    n = len(found.starts)
    for i in range(n):
        for j in range(n):
            assert found.active[i, j] == len(active[i, j])
            assert found.revenue[i, j] == paid[i, j]
