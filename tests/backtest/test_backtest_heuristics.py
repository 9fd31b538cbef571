"""The rules of thumb on a log small enough to do by hand, and that none of them sees the future."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from backtest.backtest_logs import cdnow_purchases

from clvcli.commands.backtest import metrics
from clvcli.commands.backtest.forecasts import Forecast
from clvcli.commands.backtest.heuristics import best_threshold, heuristics
from clvcli.engines import local as engine
from clvcli.scoring.rolling_origins import Fold, cases


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """The CDNOW sample."""
    return cdnow_purchases()


START = date(2024, 1, 1)
FOLD = Fold(START + timedelta(days=100), START + timedelta(days=120))


def _log(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    days = [(who, START + timedelta(days=d), amount) for who, d, amount in rows]
    return pl.DataFrame(days, schema=["customer_id", "day", "amount"], orient="row").sort("customer_id", "day")


ROWS = [
    *[("a", d, 1000) for d in (0, 20, 40, 60, 80, 95)],  # five repeats in 100 days, one in the last 20
    ("b", 50, 500),  # once
    ("c", 90, 700),  # once, in the last window
    *[("d", d, 300) for d in (10, 30, 82, 110)],  # one in the last window; buys in the holdout
]


@pytest.fixture
def found() -> dict[str, Forecast]:
    """All heuristics by name."""
    held = cases(engine, _log(ROWS), FOLD, decimals=2)
    return {f.name: f for f in heuristics(engine, _log(ROWS), held, 2)}


def test_the_same_rate(found: dict[str, Forecast]) -> None:
    """x / T times 20 days: 5/100, 0, 0, 2/90; spend at the own mean."""
    same = found["same rate"]
    assert same.expected == pytest.approx([1.0, 0.0, 0.0, 20 * 2 / 90])
    assert same.value["own"] == pytest.approx([10.0, 0.0, 0.0, 3.0 * 20 * 2 / 90])


def test_the_last_window(found: dict[str, Forecast]) -> None:
    """Purchases after day 80 up to day 100; a first purchase counts as any other."""
    assert found["last window"].expected.tolist() == [1.0, 0.0, 1.0, 1.0]
    assert found["last window"].value["own"].tolist() == [10.0, 0.0, 7.0, 3.0]


def test_a_zero_is_read_as_what_it_meant_in_the_window_before(found: dict[str, Forecast]) -> None:
    """Twenty days earlier the last window said 1 for a, 0 for b and d; of these d then bought once: 0.5 each."""
    assert found["last window"].floored == pytest.approx([1.0, 0.5, 1.0, 1.0])


def test_the_silence_rule_takes_the_best_threshold(found: dict[str, Forecast]) -> None:
    """Silent on the origin: a 5, b 50, c 10, d 18 days; only d comes back. Seven days (a alone counts as active) are
    right for b and c; nothing is right for more, so the shortest is taken."""
    rule = found["best silence rule"]
    assert rule.note == "gone after 7 silent days"
    assert rule.says is not None
    assert rule.says.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_the_threshold_is_the_most_often_right() -> None:
    silent = np.array([1.0, 8, 15, 22, 29, 60])
    bought = np.array([1.0, 1, 1, 0, 0, 0])
    assert best_threshold(silent, bought) == 21
    assert best_threshold(silent, np.zeros(6)) == 7


def test_nobody_buys_is_all_zero(found: dict[str, Forecast]) -> None:
    zero = found["nobody buys"]
    assert zero.kind == "zero"
    assert not zero.expected.any()


def test_no_heuristic_sees_the_future(cdnow: pl.DataFrame) -> None:
    """Whatever happens after the origin: only the hindsight threshold of the silence rule may move."""
    fold = Fold(date(1997, 9, 30), date(1998, 6, 30))
    silent_after = cdnow.filter(pl.col("day") <= fold.origin)
    for name in ("same rate", "last window"):
        both = [
            next(f for f in heuristics(engine, log, cases(engine, log, fold, decimals=2), 2) if f.name == name)
            for log in (cdnow, silent_after)
        ]
        np.testing.assert_array_equal(both[0].floored, both[1].floored)
        np.testing.assert_array_equal(both[0].p_purchase, both[1].p_purchase)


def test_a_first_window_has_nothing_before_it() -> None:
    """One day of log before the origin: no window to learn from, no silence rule, no error."""
    log = _log([("a", 99, 100), ("b", 100, 100), ("b", 104, 100)])
    held = cases(engine, log, FOLD, decimals=2)
    names = [f.name for f in heuristics(engine, log, held, 2)]
    assert names == ["same rate", "last window", "nobody buys"]
    for forecast in heuristics(engine, log, held, 2):
        assert np.isfinite(metrics.measure(forecast, held)["deviance"])


def test_tables_add_up(cdnow: pl.DataFrame) -> None:
    """Every breakdown holds all customers, expected and actual purchases; deciles rise."""
    held = cases(engine, cdnow, Fold(date(1997, 9, 30), date(1998, 6, 30)), decimals=2)
    same = heuristics(engine, cdnow, held, 2)[0]
    for key, make in (("decile", metrics.by_decile), ("frequency", metrics.by_frequency), ("age", metrics.by_age)):
        rows = metrics.pooled([make(same, held)] * 2, key)
        assert sum(r["customers"] for r in rows) == 2 * 2357
        assert sum(r["expected"] for r in rows) == pytest.approx(2 * same.expected.sum())
        assert sum(r["actual"] for r in rows) == 2 * 1882
    means = [r["expected"] / r["customers"] for r in metrics.by_decile(same, held)]
    assert means == sorted(means)


def test_dates_are_judged_only_where_the_holdout_is_long_enough() -> None:
    """Waits of 3, 10 and 14 days in 20: the last cannot be judged; 3 is hit by 9 (6 days off), 10 by nobody."""
    held = cases(engine, _log(ROWS), FOLD, decimals=2)
    waits = np.array([3.0, 10.0, 14.0, np.inf])
    came = np.array([9.0, np.inf, 14.0, 10.0])
    none = np.zeros(4)
    forecast = Forecast("m", "model", none, none + 1, none + 0.5, none, {}, next_wait=waits)
    row = metrics._dates(forecast, type(held)(held.fold, held.customers, held.later, held.spend, came))
    assert row == {"date_hits": 0.5, "dates_judged": 2}
