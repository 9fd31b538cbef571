"""The total and its interval: what it covers, what it says it leaves out."""

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from backtest.backtest_logs import cdnow_purchases, seasonal_purchases

from clvcli.engines import local as engine
from clvcli.log.purchases import Purchases
from clvcli.scoring.calibration import calibrate
from clvcli.scoring.describe import predict
from clvcli.scoring.lesson import learn, one_time_notices, told
from clvcli.scoring.portfolio import portfolio
from clvcli.scoring.terms import Scorer


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """The CDNOW sample."""
    return cdnow_purchases()


@pytest.fixture(scope="session")
def seasonal() -> pl.DataFrame:
    """A shop with a strong December."""
    return seasonal_purchases()


def _portfolio(purchases: pl.DataFrame, as_of: date, days: float) -> tuple[dict[str, object], float, float]:
    """The portfolio at a day of the log, and the purchases and spend that came within the horizon."""
    known = purchases.filter(pl.col("day") <= as_of)
    customers = engine.customers(Purchases.of(known))
    fits = calibrate(engine, customers, as_of=as_of, model="bg-nbd", basis="all", decimals=2).pooled
    scorer = Scorer(
        as_of=as_of, horizon_days=days, time_unit="week", decimals=2, margin=1.0, discount_rate=0.0, alert=0.5,
        basis="all", pooled=fits, interval=False,
    )  # fmt: skip
    found = portfolio(engine, Purchases.of(known), predict(customers, scorer), scorer)
    assert found is not None
    came = purchases.filter(
        pl.col("day") > as_of, pl.col("day") <= as_of + timedelta(days=int(days)),
        pl.col("customer_id").is_in(customers["customer_id"].implode()),
    )  # fmt: skip
    return found, float(came.height), float(came["amount"].sum()) / 100


def _covers(found: dict[str, object], key: str, actual: float) -> bool:
    interval = found[key]
    assert isinstance(interval, dict)
    assert interval["low"] < interval["expected"] < interval["high"]
    return bool(interval["low"] <= actual <= interval["high"])


def test_it_covers_the_total_of_cdnow(cdnow: pl.DataFrame) -> None:
    """NUMERICS: parameters alone missed it by 12 standard deviations."""
    found, purchases, spend = _portfolio(cdnow, date(1997, 9, 30), 273)
    assert _covers(found, "expected_purchases", purchases)
    assert _covers(found, "clv", spend)
    interval = found["expected_purchases"]
    assert isinstance(interval, dict)
    assert interval["high"] / interval["low"] < 3  # an interval that holds everything says nothing
    assert found["excludes"] == ["season"]


def test_a_log_too_short_for_origins_has_no_interval_and_says_why(cdnow: pl.DataFrame) -> None:
    found, _, _ = _portfolio(cdnow, date(1997, 1, 20), 90)
    assert found["label"] == "no interval: the log is too short to rehearse the forecast on its own past"
    assert found["origins"] == []
    for key in ("clv", "expected_purchases"):
        interval = found[key]
        assert isinstance(interval, dict)
        assert interval["total"] == interval["expected"] > 0
        assert interval["low"] is interval["high"] is None


def test_what_rehearsals_teach_by_hand() -> None:
    """Errors .1, .2, .3: mean .2, variance .01, of the mean .01 / 3: share .04 / (.04 + .00333) = .923."""
    lesson = learn([0.1, 0.2, 0.3], [0.0] * 3, independent=3, usual=0.1)
    assert lesson.shift == pytest.approx(0.2 * 0.04 / (0.04 + 0.01 / 3))
    assert lesson.spread == pytest.approx(0.1)  # pooled with three errors of .1
    assert told("spend", lesson, [0.1, 0.2, 0.3]) == (
        "forecasts of spend ran 18% low at 3 earlier days of this log: the total is raised by 20%"
    )


def test_errors_in_both_directions_teach_little() -> None:
    lesson = learn([0.3, -0.3, 0.03], [0.0] * 3, independent=3, usual=0.1)
    assert abs(lesson.shift) < 0.001
    assert told("spend", lesson, [0.3, -0.3, 0.03]) == ""
    alike = learn([0.2] * 3, [0.0] * 3, independent=3, usual=0.1)
    assert alike.shift == pytest.approx(0.2)


def test_what_comes_from_looking_at_some_customers_is_no_spread() -> None:
    whole = learn([0.1, 0.2, 0.3], [0.0] * 3, independent=3, usual=0.1)
    part = learn([0.1, 0.2, 0.3], [0.01] * 3, independent=3, usual=0.1)
    assert part.spread < whole.spread
    assert part.shift > whole.shift


def test_an_infinite_horizon_has_no_interval(cdnow: pl.DataFrame) -> None:
    customers = engine.customers(Purchases.of(cdnow))
    as_of = date(1998, 6, 30)
    fits = calibrate(engine, customers, as_of=as_of, model="bg-nbd", basis="all", decimals=2).pooled
    scorer = Scorer(
        as_of=as_of, horizon_days=math.inf, time_unit="week", decimals=2, margin=1.0, discount_rate=0.1, alert=0.5,
        basis="all", pooled=fits,
    )  # fmt: skip
    assert portfolio(engine, Purchases.of(cdnow), customers, scorer) is None


def test_two_years_know_the_season(seasonal: pl.DataFrame) -> None:
    found, purchases, _ = _portfolio(seasonal, date(2022, 12, 31), 364)
    assert found["excludes"] == []
    assert _covers(found, "expected_purchases", purchases)


@pytest.mark.slow
def test_coverage_over_cuts_of_cdnow(cdnow: pl.DataFrame) -> None:
    """A nominal 90 % interval holds at least 80 % of totals over cuts and horizons, and is no wider than a factor 4."""
    held, widths = [], []
    for month in range(5, 13):
        for days in (60, 120, 182):
            found, purchases, _ = _portfolio(cdnow, date(1997, month, 1), days)
            held.append(_covers(found, "expected_purchases", purchases))
            interval = found["expected_purchases"]
            assert isinstance(interval, dict)
            widths.append(interval["high"] / interval["low"])
    assert np.mean(held) >= 0.8
    assert np.median(widths) < 4


@pytest.mark.parametrize(
    ("expected", "bought", "side"),
    [(225.0, 59.0, "too high"), (59.0, 225.0, "too low"), (110.0, 100.0, None), (5.0, 1.0, None)],
)
def test_the_level_of_one_time_buyers_is_held_against_the_past(
    expected: float, bought: float, side: str | None
) -> None:
    """A quarter off and more than chance: 225 expected and 59 bought of 1,000; 5 and 1 may be chance."""
    found = one_time_notices("bg-nbd", expected, bought, 1000, 3)
    assert [n.code for n in found] == ([] if side is None else ["one_time_level"])
    if side:
        said = f"{expected / 1000:.1%} to buy again, {bought / 1000:.1%} did: their p_purchase is {side}"
        assert said in found[0].message
