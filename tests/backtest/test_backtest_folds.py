"""Rolling origins: where they stand, and that nothing of the holdout reaches the past."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from backtest.backtest_logs import cdnow_purchases
from hypothesis import given
from hypothesis import strategies as st

from clvcli.commands.backtest.job import at_most
from clvcli.core.horizon import Span
from clvcli.core.options import BacktestOptions
from clvcli.engines import local as engine
from clvcli.log.read import read_log
from clvcli.scoring.rolling_origins import Fold, cases, plan_folds, sampled

FIRST, LAST = date(1997, 1, 1), date(1998, 6, 30)


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """The CDNOW sample."""
    return cdnow_purchases()


def test_the_cut_of_the_literature() -> None:
    """39 weeks before the end of CDNOW is 1997-09-30; a second such holdout has no room."""
    assert plan_folds(FIRST, LAST, holdout=Span(39, "w")) == (Fold(date(1997, 9, 30), LAST),)
    assert plan_folds(FIRST, LAST, holdout=Span(9, "m"))[0].origin == date(1997, 9, 30)


def test_by_default_three_holdouts_follow_one_another() -> None:
    folds = plan_folds(FIRST, LAST)
    assert [f.days for f in folds] == [133] * 3
    assert folds[0].end == LAST
    assert all(later.origin == earlier.end for later, earlier in itertools.pairwise(folds))
    assert (folds[-1].origin - FIRST).days >= 133


def test_typed_folds_may_overlap() -> None:
    folds = plan_folds(FIRST, LAST, holdout=Span(39, "w"), folds=3)
    assert [f.days for f in folds] == [273] * 3
    assert len({f.origin for f in folds}) == 3
    assert folds[-1].origin > FIRST


def test_the_holdout_is_at_most_the_horizon() -> None:
    assert plan_folds(FIRST, LAST, horizon=30)[0].days == 30
    assert plan_folds(FIRST, LAST, horizon=float("inf"))[0].days == 133


@pytest.mark.parametrize("holdout", [Span(2, "y"), Span(545, "d"), Span(9999, "y"), None])
def test_no_room_no_folds(holdout: Span | None) -> None:
    last = LAST if holdout else FIRST + timedelta(days=20)
    assert plan_folds(FIRST, last, holdout=holdout) == ()


@given(st.integers(1, 4000), st.integers(1, 400), st.one_of(st.none(), st.integers(1, 24)))
def test_folds_stay_inside_the_log(length: int, days: int, folds: int | None) -> None:
    last = FIRST + timedelta(days=length)
    planned = plan_folds(FIRST, last, holdout=Span(days, "d"), folds=folds)
    assert bool(planned) == (days < length)
    assert all(FIRST < fold.origin < fold.end <= last for fold in planned)
    assert len({fold.origin for fold in planned}) == len(planned)


def _log() -> pl.DataFrame:
    rows = [("a", 1, 100), ("a", 10, 250), ("a", 20, 300), ("b", 10, 50), ("c", 11, 70)]
    return pl.DataFrame(
        [(who, FIRST + timedelta(days=d), amount) for who, d, amount in rows],
        schema=["customer_id", "day", "amount"], orient="row",
    )  # fmt: skip


def test_a_purchase_on_the_origin_is_past_the_next_day_is_future() -> None:
    held = cases(engine, _log(), Fold(FIRST + timedelta(days=10), FIRST + timedelta(days=20)), decimals=2)
    assert held.customers["customer_id"].to_list() == ["a", "b"]
    assert held.customers["purchases"].to_list() == [2, 1]
    assert held.later.tolist() == [1.0, 0.0]
    assert held.spend.tolist() == [3.0, 0.0]
    assert held.next_wait.tolist() == [10.0, float("inf")]
    assert held.bought.tolist() == [1.0, 0.0]


def test_what_comes_after_the_holdout_does_not_count() -> None:
    held = cases(engine, _log(), Fold(FIRST + timedelta(days=10), FIRST + timedelta(days=19)), decimals=2)
    assert held.later.sum() == 0


def test_a_sample_takes_whole_customers_and_does_not_depend_on_order(cdnow: pl.DataFrame) -> None:
    few = sampled(cdnow, 500)
    ids = few["customer_id"].unique()
    assert 400 <= ids.len() <= 500
    assert few.equals(cdnow.filter(pl.col("customer_id").is_in(ids.implode())))
    assert sampled(cdnow, 10_000).equals(cdnow)


def test_a_log_of_very_many_customers_is_judged_by_every_kth(cdnow_csv: Path) -> None:
    """2,357 customers, at most 1,000 of them: every third."""
    log = read_log(BacktestOptions(data=(str(cdnow_csv),)), date(2026, 1, 1))
    few = at_most(log, 1000)
    assert few.bought.ids.to_list() == log.bought.ids.gather_every(3).to_list()
    assert few.quality.notices[-1].code == "backtest_sample"
    assert "one in 3 of them, 786 in all" in few.quality.notices[-1].message
    assert at_most(log, 2357) is log
