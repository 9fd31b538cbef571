"""Gradient boosting as a challenger of the models: what it may see, what it can learn, what is said of it."""

import json
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl
import pytest
from conftest import Clv
from scipy.stats import nbinom

from clvcli.commands.backtest import challenger
from clvcli.engines import local as engine
from clvcli.models.scores import gini, log_score, poisson_log_probability
from clvcli.scoring.rolling_origins import Fold, cases

FIRST = date(2023, 1, 2)
ORIGIN = date(2023, 12, 31)
AT = Fold(ORIGIN, ORIGIN + timedelta(days=90))


def told_by_the_amount(customers: int) -> pl.DataFrame:
    """Who last spent 20 buys again within days, who spent 10 never does: recency and frequency do not tell them."""
    rng = np.random.default_rng(7)
    rows = []
    for who in range(customers):
        day, more = FIRST + timedelta(days=int(rng.integers(0, 400))), int(rng.integers(0, 8))
        for n in range(more + 1):
            rows.append((f"C{who:05}", day, 2000 if n < more else 1000))
            day += timedelta(days=int(rng.integers(20, 60)))
    frame = pl.DataFrame(rows, schema=["customer_id", "day", "amount"], orient="row")
    return frame.filter(pl.col("day") <= AT.end).sort("customer_id", "day")


def written(log: pl.DataFrame, path: Path) -> None:
    log.select("customer_id", date="day", amount=pl.col("amount") / 100).write_csv(path)


@pytest.fixture(scope="module")
def log() -> pl.DataFrame:
    return told_by_the_amount(1_500)


def test_it_learns_what_recency_and_frequency_do_not_tell(log: pl.DataFrame) -> None:
    held = cases(engine, log, AT, decimals=2)
    (found,) = challenger.challenger(engine, log, held, 2)
    alike = poisson_log_probability(held.later, np.full(held.later.shape, held.later.mean()))
    assert log_score(found.log_p) < 0.6 * log_score(alike)
    assert (gini(held.spend, found.value["own"]) or 0) > 0.8
    assert found.expected.sum() == pytest.approx(held.later.sum(), rel=0.15)
    assert np.all((found.p_purchase > 0) & (found.p_purchase < 1))


def test_nothing_after_the_origin_is_looked_at(log: pl.DataFrame) -> None:
    rich = log.with_columns(amount=pl.when(pl.col("day") > ORIGIN).then(99_900).otherwise("amount").cast(pl.Int64))
    first, second = (
        challenger.challenger(engine, one, cases(engine, one, AT, decimals=2), 2)[0] for one in (log, rich)
    )
    assert first.expected.tolist() == second.expected.tolist()
    assert first.value["own"].tolist() == second.value["own"].tolist()


def test_the_counts_above_zero_are_a_negative_binomial() -> None:
    counts, mean, size = np.arange(1.0, 400.0), np.full(399, 3.5), 1.7
    ours = np.exp(challenger._above_zero(counts, mean, size))
    theirs = nbinom.pmf(counts, size, size / (size + 3.5))
    assert ours.sum() == pytest.approx(1.0, abs=1e-12)
    assert ours == pytest.approx(theirs / (1 - nbinom.pmf(0, size, size / (size + 3.5))), rel=1e-9)


@pytest.mark.parametrize("size", [0.3, 2.0, 20.0])
def test_the_dispersion_that_was_drawn_is_found(size: float) -> None:
    rng = np.random.default_rng(3)
    mean = rng.uniform(2, 6, 40_000)
    drawn = rng.negative_binomial(size, size / (size + mean)).astype(float)
    some = drawn > 0
    assert challenger._dispersion(drawn[some], mean[some]) == pytest.approx(size, rel=0.15)


def test_too_little_to_learn_from_is_said(clv: Clv, tmp_path: Path) -> None:
    written(told_by_the_amount(120), tmp_path / "log.csv")
    done = clv("backtest", "log.csv", "--folds", "1", "--challenger", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert "boosting" not in {row["name"] for row in found["methods"]}
    assert found["challenger"] is None
    assert "challenger_untaught" in {w["code"] for w in found["warnings"]}


@pytest.mark.slow
def test_it_stands_among_the_methods_and_is_told_of(clv: Clv, log: pl.DataFrame, tmp_path: Path) -> None:
    written(log, tmp_path / "log.csv")
    done = [
        clv("backtest", "log.csv", "--holdout", "90d", "--folds", "1", "--model", "bg-nbd", "--challenger", "--json")
        for _ in range(2)
    ]
    assert [one.code for one in done] == [0, 0], done[0].err
    first, second = (json.loads(one.out) for one in done)
    row = next(row for row in first["methods"] if row["name"] == "boosting")
    assert row["kind"] == "challenger"
    assert first["challenger"]["log_score"]["challenger"] == row["log_score"]
    assert first["challenger"]["gini"]["challenger"] == pytest.approx(row["value"]["own"]["gini"])
    assert first["verdict"]["text"][-1].startswith("Gradient boosting counts better than bg-nbd")
    assert "boosting" not in first["verdict"]["winners"].values()
    first.pop("run"), second.pop("run")
    assert first == second
    shown = clv(
        "backtest", "log.csv", "--holdout", "90d", "--folds", "1", "--model", "bg-nbd", "--challenger"
    ).out.decode()
    assert shown.index("boosting") < shown.index("same rate")


def test_without_the_library_the_command_to_install_it_is_named(clv: Clv, cdnow_csv: Path) -> None:
    with mock.patch("importlib.util.find_spec", return_value=None):
        done = clv("backtest", cdnow_csv, "--challenger")
    assert done.code == 2
    assert "pip install 'clvcli[ml]'" in done.err
