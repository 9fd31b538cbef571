"""--model auto: out of time, by the log score, with a margin."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from backtest.backtest_logs import cdnow_purchases

from clvcli.core.options import FitOptions
from clvcli.engines import local as engine
from clvcli.log.purchases import Purchases
from clvcli.models.base import Array
from clvcli.models.registry import names, purchase_model
from clvcli.scoring.choose import DEFAULT, TRIFLE, Choice, Held, choose, compared, decide, settle

Folds = list[tuple[pl.Series, Array]]


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """The CDNOW sample."""
    return cdnow_purchases()


def _folds(*gains: Array) -> tuple[Folds, Folds]:
    """Log-probabilities of two models whose differences are `gains`, a fold each."""
    rng = np.random.default_rng(3)
    base = [-1 - rng.random(g.size) for g in gains]
    ids = [pl.Series([f"c{i}" for i in range(g.size)]) for g in gains]
    ours = list(zip(ids, base, strict=True))
    return ours, [(i, b + g) for (i, b), g in zip(ours, gains, strict=True)]


def test_the_mean_and_the_clustered_standard_error_by_hand() -> None:
    """Two folds with the same three customers: errors add up within a customer before they are squared."""
    first, second = np.array([0.3, 0.0, -0.3]), np.array([0.3, 0.0, -0.3])
    ours, theirs = _folds(first, second)
    rival = compared("other", ours, theirs)
    assert rival.gain == pytest.approx(0.0, abs=1e-12)
    assert rival.error == pytest.approx(np.sqrt(0.6**2 + 0.6**2) / 6)


def test_folds_that_disagree_widen_the_error() -> None:
    rng = np.random.default_rng(5)
    gains = [rng.normal(mean, 0.1, 2000) for mean in (0.2, -0.1, 0.05)]
    rival = compared("other", *_folds(*gains))
    means = [g.mean() for g in gains]
    assert rival.error == pytest.approx(np.std(means, ddof=1) / np.sqrt(3), rel=1e-9)


def _held(folds: Folds, buying: float = 0.0) -> list[Held]:
    """The same with the log-probability of buying at all, `buying` for everybody."""
    return [Held(ids, log_p, np.full(log_p.size, buying)) for ids, log_p in folds]


def _noise(size: int = 400) -> Array:
    noise = np.random.default_rng(8).normal(0, 1, size)
    return np.asarray((noise - noise.mean()) / noise.std())


@pytest.mark.parametrize(
    ("shift", "folds", "winner"), [(0.3, 3, "other"), (0.2, 3, DEFAULT), (1.9, 1, DEFAULT), (2.1, 1, "other")]
)
def test_within_the_margin_the_default_stays(shift: float, folds: int, winner: str) -> None:
    """`shift` in standard errors: a quarter is enough; one holdout asks for two."""
    # The same customers in each fold: the clustered error is that of one fold.
    gains = [_noise() + shift / 20 for _ in range(folds)]
    ours, theirs = _folds(*gains)
    choice = decide({DEFAULT: _held(ours), "other": _held(theirs, 0.1)}, 91)
    assert choice.rivals[0].gain / choice.rivals[0].error == pytest.approx(shift, rel=1e-6)
    assert choice.name == winner
    assert winner in choice.text()


@pytest.mark.parametrize(("gain", "winner"), [(TRIFLE * 1.1, "other"), (TRIFLE * 0.9, DEFAULT)])
def test_a_trifle_is_a_tie(gain: float, winner: str) -> None:
    ours, theirs = _folds(*[np.full(500, gain)] * 3)
    assert decide({DEFAULT: _held(ours), "other": _held(theirs, 0.1)}, 91).name == winner


def test_a_noisy_leader_does_not_hide_a_rival_that_wins() -> None:
    """The leader gains more and is worse at who buys; the second is better at both."""
    ours, noisy = _folds(*[_noise() + 0.08] * 3)
    _, steady = _folds(*[_noise() / 100 + 0.05] * 3)
    choice = decide({DEFAULT: _held(ours), "noisy": _held(noisy, -0.1), "steady": _held(steady, 0.1)}, 91)
    assert [rival.name for rival in choice.rivals] == ["noisy", "steady"]
    assert choice.name == "steady"
    assert "steady beats bg-nbd by 0.0500" in choice.text()


def test_a_rival_that_is_worse_at_who_buys_does_not_win() -> None:
    ours, theirs = _folds(*[np.full(500, 0.5)] * 3)
    choice = decide({DEFAULT: _held(ours), "other": _held(theirs, -0.1)}, 91)
    assert choice.name == DEFAULT
    assert "but not at who buys at all" in choice.text()


def test_a_model_that_fails_in_a_fold_cannot_win() -> None:
    ours, theirs = _folds(np.full(50, 1.0), np.full(50, 1.0))
    assert decide({DEFAULT: _held(ours), "other": _held(theirs[:1])}, 91) == Choice(DEFAULT, (), 2, 91, 50)


@pytest.mark.parametrize(("customers", "winner"), [(29, DEFAULT), (30, "other")])
def test_a_handful_of_customers_cannot_choose(customers: int, winner: str) -> None:
    ours, theirs = _folds(*[np.full(customers, 1.0)] * 2)
    choice = decide({DEFAULT: _held(ours), "other": _held(theirs, 0.1)}, 91)
    assert choice.name == winner
    assert ("29 customers are too few to choose by" in choice.text()) == (winner == DEFAULT)


def test_cdnow_keeps_the_default(cdnow: pl.DataFrame) -> None:
    """MBG/NBD fits the past better (NUMERICS: by 31 units on the full log) and forecasts no better."""
    choice = choose(engine, cdnow, date(1998, 6, 30), horizon_days=365, since=None)
    assert choice.name == DEFAULT
    assert (choice.folds, choice.days) == (3, 133)
    assert {r.name for r in choice.rivals} == set(names()) - {DEFAULT}


def test_a_log_too_short_keeps_the_default(cdnow: pl.DataFrame) -> None:
    few = cdnow.filter(pl.col("day") <= date(1997, 1, 10))
    choice = choose(engine, few, date(1997, 1, 10), horizon_days=365, since=None)
    assert (choice.name, choice.folds) == (DEFAULT, 0)
    assert "too short" in choice.text()


def test_a_model_that_was_named_is_kept(cdnow: pl.DataFrame) -> None:
    options = FitOptions(data=("x",), model="mbg-nbd")
    assert settle(options, engine, Purchases.of(cdnow), date(1998, 6, 30)) == (options, None)


def test_auto_finds_the_model_that_made_the_log() -> None:
    """4,000 customers of whom half leave after the first purchase: only MBG/NBD knows such customers."""
    rng = np.random.default_rng(11)
    rows = []
    for i in range(4000):
        day, left = float(rng.integers(0, 300)), rng.random() < 0.5
        rate = rng.gamma(3.0, 1 / 90)
        while day < 800:
            rows.append((f"c{i:05}", int(day)))
            if left or rng.random() < 0.05:
                break
            day += rng.exponential(1 / rate)
    log = _purchases(rows)
    choice = choose(engine, log, log["day"].max(), horizon_days=365, since=None)  # type: ignore[arg-type]
    assert choice.name != DEFAULT
    assert "beats bg-nbd by" in choice.text()
    best = next(r for r in choice.rivals if r.name == "mbg-nbd")
    assert best.gain > best.error
    assert purchase_model(choice.name)


@pytest.mark.slow
def test_auto_finds_a_rhythm() -> None:
    """Gaps that are Gamma with shape 4: who bought last week does not buy today."""
    rng = np.random.default_rng(12)
    rows = []
    for i in range(1500):
        day, rate = float(rng.integers(0, 200)), rng.gamma(4.0, 1 / 120)
        while day < 700:
            rows.append((f"c{i:05}", int(day)))
            if rng.random() < 0.03:
                break
            day += rng.gamma(4.0, 1 / (4 * rate))
    choice = choose(engine, _purchases(rows), date(2020, 1, 1) + timedelta(days=699), horizon_days=365, since=None)
    assert choice.name == "mbg-cnbd"
    assert choice.rivals[0].gain > 0.02


def _purchases(rows: list[tuple[str, int]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["customer_id", "offset"], orient="row").unique()
    day = (pl.lit(date(2020, 1, 1)) + pl.duration(days=pl.col("offset"))).cast(pl.Date)
    return frame.select("customer_id", day.alias("day"), amount=100).sort("customer_id", "day")
