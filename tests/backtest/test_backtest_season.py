"""The months of the year: found where they are known, proven by the backtest, refused without two years."""

import json
import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from backtest.backtest_logs import MONTHS, cdnow_purchases, seasonal_purchases
from conftest import Clv

from clvcli.commands.backtest import metrics
from clvcli.commands.backtest.forecasts import Forecast, Setting, model_forecast, spend_fits
from clvcli.core.errors import Notice
from clvcli.engines import local as engine
from clvcli.log.purchases import Purchases
from clvcli.models.base import INSUFFICIENT, Fit
from clvcli.models.registry import purchase_model
from clvcli.scoring.rolling_origins import Fold, cases
from clvcli.scoring.run_models import season_terms
from clvcli.scoring.season import DayCounts, Season, helps, horizon_season, season_of


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """The CDNOW sample."""
    return cdnow_purchases()


@pytest.fixture(scope="session")
def seasonal() -> pl.DataFrame:
    """A shop with a strong December."""
    return seasonal_purchases()


EVEN = Season(tuple([1.0] * 12), 24)
KNOWN = Season(MONTHS, 36)


def _fitted(purchases: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame, Fit]:
    known = purchases.filter(pl.col("day") <= as_of)
    customers = engine.customers(Purchases.of(known))
    return known, customers, purchase_model("bg-nbd").fit(engine.history(customers, as_of))


def _horizon(
    known: pl.DataFrame, customers: pl.DataFrame, as_of: date, fit: Fit, days: float, asked: str = "off",
    rehearsed: Sequence[tuple[float, float]] = (),
) -> tuple[float | None, list[Notice]]:  # fmt: skip
    terms = season_terms(known, customers)
    return horizon_season(*terms, as_of, fit, days, asked=asked, rehearsed=lambda: rehearsed)


def test_the_factor_is_the_mean_over_the_days_of_the_horizon() -> None:
    assert KNOWN.factor(date(2024, 11, 30), 31) == pytest.approx(MONTHS[11])
    assert KNOWN.factor(date(2024, 11, 15), 30) == pytest.approx((15 * MONTHS[10] + 15 * MONTHS[11]) / 30)
    by_day = [MONTHS[(date(2024, 10, 9) + timedelta(days=d)).month - 1] for d in range(1, 201)]
    assert KNOWN.factor(date(2024, 10, 9), 200) == pytest.approx(sum(by_day) / 200)
    assert EVEN.factor(date(2024, 5, 5), 100) == 1.0
    assert KNOWN.factor(date(2024, 5, 5), math.inf) == 1.0


def test_known_months_are_found_again(seasonal: pl.DataFrame) -> None:
    """Index of the simulated shop within 7 % (each month rests on some 3,500 purchases and three years)."""
    season = season_of(*_with_day(seasonal, date(2023, 12, 30)))
    assert season is not None
    assert season.proven
    assert season.index == pytest.approx(MONTHS, rel=0.07)
    assert "December" in season.named()
    assert season.strong


def _with_day(purchases: pl.DataFrame, as_of: date) -> tuple[DayCounts, date, Fit]:
    known, customers, fit = _fitted(purchases, as_of)
    return DayCounts.of(known, customers), as_of, fit


def test_it_proves_itself_in_the_backtest(seasonal: pl.DataFrame) -> None:
    """Sixty days that end with December, and sixty in spring: with months the bias all but goes."""
    for origin in (date(2022, 10, 31), date(2023, 1, 31)):
        fold = Fold(origin, origin + timedelta(days=60))
        held = cases(engine, seasonal, fold, decimals=2)
        setting = Setting(2, "all")
        spend = spend_fits(engine, held, setting)
        plain, _ = _answer(model_forecast(engine, held, "bg-nbd", setting, spend))
        season = season_of(*_with_day(seasonal, origin))
        assert season is not None
        scaled, _ = _answer(model_forecast(engine, held, "bg-nbd", setting, spend, season.factor(origin, fold.days)))
        without, with_months = metrics.measure(plain, held), metrics.measure(scaled, held)
        assert with_months["deviance"] < without["deviance"] - 0.02
        assert with_months["log_score"] < without["log_score"] - 0.01
        assert abs(with_months["bias"]) < 0.1 < abs(without["bias"])
        assert (scaled.name, scaled.kind) == ("bg-nbd + month", "variant")


def _answer(answer: object) -> tuple[Forecast, object]:
    assert isinstance(answer, tuple)
    return answer


def test_less_than_two_years_change_nothing_and_say_so(seasonal: pl.DataFrame) -> None:
    as_of = date(2021, 6, 30)
    known, customers, fit = _fitted(seasonal, as_of)
    factor, notices = _horizon(known, customers, as_of, fit, 90.0, "month")
    assert factor is None
    assert [n.code for n in notices] == ["season_unknown"]


def test_a_short_horizon_on_a_seasonal_log_warns_until_it_is_scaled(seasonal: pl.DataFrame) -> None:
    as_of = date(2023, 10, 31)
    known, customers, fit = _fitted(seasonal, as_of)
    factor, notices = _horizon(known, customers, as_of, fit, 60.0)
    assert factor is None
    assert [n.code for n in notices] == ["horizon_in_season"]
    assert "--seasonality month" in notices[0].message
    factor, notices = _horizon(known, customers, as_of, fit, 60.0, "month")
    assert factor is not None
    assert factor > 1.4
    assert notices == []
    assert _horizon(known, customers, as_of, fit, 365.0) == (None, [])


def test_auto_uses_months_that_would_have_helped(seasonal: pl.DataFrame) -> None:
    as_of = date(2023, 10, 31)
    known, customers, fit = _fitted(seasonal, as_of)
    proven = [(0.4, 0.35), (-0.3, -0.25), (0.1, 0.05)]
    factor, notices = _horizon(known, customers, as_of, fit, 60.0, "auto", proven)
    assert (factor, notices) == _horizon(known, customers, as_of, fit, 60.0, "month")
    unproven = [(0.4, -0.05), (-0.3, 0.02), (0.1, 0.05)]
    factor, notices = _horizon(known, customers, as_of, fit, 60.0, "auto", unproven)
    assert (factor, [n.code for n in notices]) == (None, ["horizon_in_season"])
    assert _horizon(known, customers, as_of, fit, 365.0, "auto", proven) == (None, [])


@pytest.mark.parametrize(
    ("rehearsed", "wanted"),
    [
        ([], False),
        ([(0.5, 0.5), (-0.5, -0.5)], False),  # two prove nothing
        ([(0.5, 0.5), (-0.5, -0.5), (0.0, 0.0)], True),
        ([(0.7, 0.5), (-0.3, -0.5), (0.2, 0.0)], True),  # what all have in common is no season
        ([(0.5, 0.05), (-0.5, -0.05), (0.0, 0.0)], False),  # too little
        ([(0.2, 0.0)] * 3, False),
        ([(0.2, 0.1)] * 3, False),
    ],
)
def test_what_counts_as_help(rehearsed: list[tuple[float, float]], wanted: bool) -> None:
    assert helps(rehearsed) is wanted


def test_a_horizon_longer_than_the_log_warns(cdnow: pl.DataFrame) -> None:
    as_of = date(1997, 9, 30)
    known, customers, fit = _fitted(cdnow, as_of)
    assert [n.code for n in _horizon(known, customers, as_of, fit, 365.0)[1]] == ["horizon_beyond_log"]
    assert _horizon(known, customers, as_of, fit, 200.0) == (None, [])
    assert _horizon(known, customers, as_of, fit, math.inf) == (None, [])


def test_without_a_model_there_is_no_season(cdnow: pl.DataFrame) -> None:
    none = Fit("bg-nbd", {}, {}, None, INSUFFICIENT)
    known, customers, _ = _fitted(cdnow, date(1998, 6, 30))
    assert season_of(DayCounts.of(known, customers), date(1998, 6, 30), none) is None
    assert _horizon(known, customers.clear(), date(1998, 6, 30), none, 90.0, "month") == (None, [])


@pytest.mark.slow
def test_score_scales_a_finite_horizon_by_its_months(seasonal: pl.DataFrame, clv: Clv, tmp_path: Path) -> None:
    """Sixty days from the end of October: all expectations times one factor, and the backtest shows both rows."""
    log = seasonal.filter(pl.col("day") <= date(2023, 10, 31)).rename({"day": "date"})
    log.with_columns(pl.col("amount") / 100).write_csv(tmp_path / "shop.csv")
    tables = []
    for name, how in (("plain", "off"), ("scaled", "month"), ("best", "auto")):
        done = clv("score", "shop.csv", "--horizon", "60d", "-o", f"{name}.csv", "--seasonality", how)
        assert done.code == 0, done.err
        assert ("for the months ahead" in " ".join(done.err.split())) == (name != "plain")
        tables.append(pl.read_csv(tmp_path / f"{name}.csv"))
        assert ("horizon_in_season" in done.err) == (name == "plain")
    ratio = tables[1]["expected_purchases"] / tables[0]["expected_purchases"]
    assert ratio.min() == pytest.approx(ratio.max(), rel=1e-6)
    assert ratio.mean() == pytest.approx((30 * MONTHS[10] + 30 * MONTHS[11]) / 60, rel=0.1)
    assert (tables[1]["clv"] / tables[0]["clv"]).max() == pytest.approx(ratio.max(), rel=1e-6)
    assert (tables[1]["p_purchase"] >= tables[0]["p_purchase"]).all()
    assert tables[2].equals(tables[1])  # three years, in which the months would have helped
    judged = clv("backtest", "shop.csv", "--holdout", "60d", "--seasonality", "month", "--model", "bg-nbd", "--json")
    names = [row["name"] for row in json.loads(judged.out)["methods"]]
    assert names[:2] == ["bg-nbd", "bg-nbd + month"]
    short = clv("backtest", "shop.csv", "--holdout", "2y", "--seasonality", "month", "--model", "bg-nbd")
    assert "season_unknown" in short.err
