"""The parts of economics against slow twins and identities."""

import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.commands.economics import ltv
from clvcli.commands.economics.best import best_fifth, traits
from clvcli.commands.economics.churn import activity, churn_of, default_window, visits_of
from clvcli.commands.economics.concentration import gini, top_share
from clvcli.commands.economics.periods import Calendar, calendar_of

START = date(2023, 1, 1)
Bought = list[tuple[int, int]]
LOGS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 500)), min_size=1, max_size=60)


def purchases_of(bought: Bought) -> pl.DataFrame:
    rows = sorted({(f"c{who}", START + timedelta(days=day)) for who, day in bought})
    frame = pl.DataFrame(rows, schema={"customer_id": pl.String, "day": pl.Date}, orient="row")
    return frame.with_columns(amount=pl.lit(100, pl.Int64), profit=pl.lit(40.0))


@given(LOGS, st.integers(1, 5), st.sampled_from(["week", "month", "quarter", "year"]))
def test_activity_against_a_slow_twin(bought: Bought, window: int, unit: str) -> None:
    purchases = purchases_of(bought)
    as_of = START + timedelta(days=520)
    calendar = calendar_of(purchases["day"], as_of, unit)
    found = activity(visits_of(purchases, calendar), calendar, window)
    seen: dict[str, set[int]] = {}
    for who, day in purchases.select("customer_id", "day").iter_rows():
        number = next(i for i in range(calendar.count) if calendar.start(i) <= day <= calendar.end(i))
        seen.setdefault(who, set()).add(number)

    def is_active(periods: set[int], t: int) -> bool:
        return any(p in periods for p in range(t - window + 1, t + 1))

    before: set[str] = set()
    for row in found.iter_rows(named=True):
        t = row["period"]
        active = {who for who, periods in seen.items() if is_active(periods, t)}
        new = {who for who, periods in seen.items() if min(periods) == t}
        assert row["active"] == len(active)
        assert row["new"] == len(new)
        assert row["returned"] == len(active - before - new)
        assert row["churned"] == (len(before - active) if row["complete"] else None)
        assert row["buyers"] == sum(t in periods for periods in seen.values())
        before = active


@given(LOGS, st.integers(1, 4))
def test_churn_is_departures_over_those_at_risk(bought: Bought, window: int) -> None:
    purchases = purchases_of(bought)
    calendar = calendar_of(purchases["day"], START + timedelta(days=520), "month")
    periods = activity(visits_of(purchases, calendar), calendar, window)
    churn = churn_of(periods, calendar, window)
    rows = periods.to_dicts()
    left = sum(rows[t]["churned"] for t in range(window, calendar.over + 1))
    at_risk = sum(rows[t - 1]["active"] for t in range(window, calendar.over + 1))
    assert (churn.left, churn.at_risk) == (left, at_risk)
    assert churn.rate == (pytest.approx(left / at_risk) if left else None)
    assert (churn.rate is None) == bool(churn.reason)


def test_the_window_is_where_nine_of_ten_came_back() -> None:
    # Gaps in months: nine of 1, one of 4; nine of ten came back within 1.
    days = [("a", 31 * k) for k in range(10)] + [("b", 0), ("b", 121)]
    frame = pl.DataFrame(
        {"customer_id": [w for w, _ in days], "day": [START + timedelta(days=d) for _, d in days]}
    ).with_columns(amount=pl.lit(1, pl.Int64), profit=pl.lit(1.0))
    calendar = calendar_of(frame["day"], date(2023, 12, 31), "month")
    assert default_window(visits_of(frame, calendar), calendar) == 1


@pytest.mark.parametrize(
    ("as_of", "over"),
    [
        (date(2024, 3, 31), 2),  # the last day of March
        (date(2024, 3, 30), 1),
        (date(2024, 3, 20), 2),  # nothing ever happened after the 20th
        (date(2024, 3, 19), 1),
    ],
)
def test_when_a_month_is_over(as_of: date, over: int) -> None:
    days = pl.Series([date(2024, 1, 20), date(2024, 2, 3)])
    if as_of.day >= 30:
        days = pl.Series([date(2024, 1, 31), date(2024, 2, 3)])
    assert calendar_of(days, as_of, "month").over == over


def test_names_of_periods() -> None:
    assert Calendar("month", date(2024, 1, 1), 3, 1).name(2) == "2024-03"
    assert Calendar("quarter", date(2023, 10, 1), 3, 1).name(1) == "2024-Q1"
    assert Calendar("year", date(2023, 1, 1), 3, 1).name(1) == "2024"
    week = calendar_of(pl.Series([date(2024, 1, 3)]), date(2024, 1, 14), "week")
    assert (week.name(0), week.name(1), week.end(1), week.over) == ("2024-01-01", "2024-01-08", date(2024, 1, 14), 1)


def test_lifetime_value_by_hand() -> None:
    assert ltv.by_churn(50, 0.25) == 200
    assert ltv.by_churn(50, None) is None
    assert ltv.by_churn(50, 0.0) is None
    # 50 + 37.5 + 28.125
    assert ltv.by_churn_within(50, 0.25, 3) == pytest.approx(115.625)
    assert ltv.by_churn_within(50, None, 3) == 150
    assert ltv.by_sales(50, 4, 3) == 600
    assert ltv.churn_after(0.25, "+5pp") == pytest.approx(0.20)
    assert ltv.churn_after(0.25, "-5pp") == pytest.approx(0.30)
    assert ltv.churn_after(0.25, "85%") == pytest.approx(0.15)
    assert ltv.churn_after(0.05, "+5pp") is None
    assert ltv.churn_after(0.05, "+9pp") is None


def test_cost_of_acquisition_by_hand() -> None:
    found = ltv.cac(5000, 100, 150, 50 / 12)
    assert (found.cac, found.ratio, found.reaches_target, found.allowable) == (50, 3, True, 50)
    assert found.payback_months == pytest.approx(12)
    below = ltv.cac(5000, 100, 149, None)
    assert (below.reaches_target, below.payback_months) == (False, None)
    nobody = ltv.cac(5000, 0, 150, 1)
    assert nobody.cac is None
    assert nobody.reason


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40))
def test_gini_is_half_the_mean_difference(values: list[int]) -> None:
    x = np.array(values, dtype=np.float64)
    if x.sum() == 0:
        assert gini(x) is None
        return
    twin = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    assert gini(x) == pytest.approx(twin, abs=1e-12)
    share = top_share(x)
    assert share is not None
    assert 0.2 - 1e-12 <= share <= 1 + 1e-12


def test_a_customer_who_straddles_the_fifth_counts_in_part() -> None:
    # A fifth of 7 is 1.4 customers: 40 and 0.4 of 20.
    assert top_share(np.array([40.0, 20, 10, 10, 10, 5, 5])) == pytest.approx(48 / 100)


def test_what_marks_the_best() -> None:
    # 100 customers, the best 20: 15 of the 30 from the web, 5 of the 70 from the shop.
    channel = ["web"] * 15 + ["shop"] * 5 + ["web"] * 15 + ["shop"] * 65
    frame = pl.DataFrame(
        {"value": [*([10.0] * 20), *([1.0] * 80)], "channel": channel, "id": [str(i) for i in range(100)]}
    )
    best = best_fifth(frame["value"])
    assert best.sum() == 20
    found = traits(frame, ["channel", "id"], best)
    assert [t.attribute for t in found] == ["channel", "channel"]  # an id marks nobody
    web = found[0]
    assert (web.value, web.best, web.customers) == ("web", 15, 30)
    assert web.index == pytest.approx((15 / 20) / (30 / 100))
    # The hypergeometric tail: 15 or more of 20 drawn from 100 with 30.
    tail = sum(math.comb(30, k) * math.comb(70, 20 - k) for k in range(15, 21)) / math.comb(100, 20)
    assert web.p_value == pytest.approx(tail)
    assert web.telling


def test_no_mark_is_seen_in_noise() -> None:
    random = np.random.default_rng(1)
    frame = pl.DataFrame({f"a{i}": random.integers(0, 4, 500).astype(str) for i in range(25)})
    found = traits(frame, frame.columns, pl.Series(random.random(500) < 0.2))
    assert sum(t.telling for t in found) <= 2


@pytest.mark.slow
def test_the_forecast_adds_up_to_the_model(clv: Any, cdnow_csv: Path, tmp_path: Path) -> None:
    """CDNOW: the months of the forecast sum to expected purchases x their expected value, customer by customer."""
    done = clv("economics", cdnow_csv, "--as-of", "1997-09-30", "--new-per-month", "100", "--json", "-q")
    assert done.code == 0, done.err
    content = json.loads(done.out)
    assert clv("score", cdnow_csv, "--as-of", "1997-09-30", "-o", "s.csv", "-q").code == 0
    scored = pl.read_csv(tmp_path / "s.csv")
    expected = float((scored["expected_purchases"] * scored["expected_purchase_value"]).sum())
    assert sum(m["existing"] for m in content["forecast"]) == pytest.approx(expected, rel=1e-6)
    found = content["groups"][0]
    assert found["customers"] == 2357
    assert found["ltv"]["model"]["existing"] == pytest.approx(scored["clv"].sum() / scored.height, rel=1e-9)
    # E[X(52.14 weeks)] of the published BG/NBD is 1.4464: 1.444004 at 52 weeks (NUMERICS), a little more here.
    assert found["ltv"]["model"]["new_purchases"] == pytest.approx(1 + 1.4464, abs=0.002)
    first = content["forecast"][0]
    assert first["new"] > 100 * 30  # the first purchases alone: 100 a month at a mean of about 33
    assert found["trust"]["way"] == "model"
