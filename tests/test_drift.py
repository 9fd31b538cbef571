"""The warnings of --use-model: rare when nothing changed, there when buying or spending clearly changed."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from conftest import Clv
from models.models_data import distinct, simulate

from clvcli.models.base import INSUFFICIENT, Array, Fit, History, Spending
from clvcli.models.registry import purchase_model, spend_model
from clvcli.models.thinned import SAMPLE, thinned, thinned_spending
from clvcli.scoring.drift import purchase_loss, spend_loss

PURCHASE = {"r": 0.7, "alpha": 7.0, "a": 0.8, "b": 2.5}
SPEND = {"p": 6.0, "q": 4.0, "v": 18.0}
DRAWN = "customer,date,amount\n"


def histories(random: np.random.Generator, customers: int, weeks: float, **other: float) -> History:
    return distinct(*drawn(random, customers, weeks, **other))


def drawn(random: np.random.Generator, customers: int, weeks: float, **other: float) -> tuple[Array, Array, Array]:
    """(x, t_x, T) of customers."""
    p = {**PURCHASE, **other}
    return simulate(random, customers, p["r"], p["alpha"], p["a"], p["b"], weeks)[:3]


def spending(random: np.random.Generator, customers: int, **other: float) -> Spending:
    p, q, v = {**SPEND, **other}.values()
    n = random.geometric(0.3, customers).astype(float)
    return Spending(n, random.gamma(p * n, 1 / random.gamma(q, 1 / v, customers)) / n, np.ones(customers))


def purchase_alarm(seed: int, fitted_on: int, customers: int, **other: float) -> bool:
    random = np.random.default_rng(seed)
    fit = purchase_model("bg-nbd").fit(histories(random, fitted_on, 78.0))
    loss = purchase_loss(fit, histories(random, customers, 91.0, **other))
    return loss is not None and loss.clear(fitted_on)


def spend_alarm(seed: int, fitted_on: int, customers: int, **other: float) -> bool:
    random = np.random.default_rng(seed)
    fit = spend_model("gamma-gamma").fit(spending(random, fitted_on))
    loss = spend_loss(fit, spending(random, customers, **other))
    return loss is not None and loss.clear(fitted_on)


@pytest.mark.parametrize(("fitted_on", "customers"), [(300, 300), (300, 2000), (2000, 2000), (2000, 300)])
def test_no_alarm_where_nothing_changed(fitted_on: int, customers: int) -> None:
    assert not any(purchase_alarm(seed, fitted_on, customers) for seed in range(8))
    assert not any(spend_alarm(seed, fitted_on, customers) for seed in range(8))


@pytest.mark.parametrize("other", [{"alpha": 3.5}, {"alpha": 14.0}, {"a": 1.6}, {"r": 1.4}], ids=str)
def test_an_alarm_where_buying_changed(other: dict[str, float]) -> None:
    assert all(purchase_alarm(seed, 2000, 2000, **other) for seed in range(4))


@pytest.mark.parametrize("other", [{"v": 24.0}, {"v": 12.0}, {"q": 3.0}], ids=str)
def test_an_alarm_where_spend_changed(other: dict[str, float]) -> None:
    assert all(spend_alarm(seed, 2000, 2000, **other) for seed in range(4))


def test_a_model_of_few_customers_is_allowed_more() -> None:
    """The file says how many it was fitted on: without that the same loss is an alarm sooner."""
    random = np.random.default_rng(11)
    fit = purchase_model("bg-nbd").fit(histories(random, 80, 78.0))
    loss = purchase_loss(fit, histories(random, 4000, 78.0))
    assert loss is not None
    assert loss.clear(None)
    assert not loss.clear(80)


def test_every_kth_customer_stands_for_all_of_them() -> None:
    random = np.random.default_rng(5)
    whole = distinct(*(np.repeat(v, 6) for v in drawn(random, 9000, 60.0)))
    part = thinned(whole)
    assert SAMPLE * 0.8 < part.weight.sum() <= SAMPLE
    for column in ("x", "t_x", "T"):
        mean = float(whole.weight @ getattr(whole, column) / whole.weight.sum())
        assert part.weight @ getattr(part, column) / part.weight.sum() == pytest.approx(mean, rel=0.01)
    few = histories(random, 500, 60.0)
    assert np.array_equal(thinned(few).weight, few.weight)
    many = spending(random, 2 * SAMPLE)
    assert thinned_spending(many).weight.sum() == SAMPLE


def test_what_cannot_be_held_against_anything_is_no_alarm() -> None:
    none = Fit("bg-nbd", {}, {}, None, INSUFFICIENT)
    random = np.random.default_rng(5)
    assert purchase_loss(none, histories(random, 300, 78.0)) is None
    assert spend_loss(Fit("gamma-gamma", {}, {}, None, INSUFFICIENT), spending(random, 300)) is None
    fit = purchase_model("bg-nbd").fit(histories(random, 300, 78.0))
    empty = np.empty(0)
    assert purchase_loss(fit, History(empty, empty, empty, empty)) is None
    spends = spend_model("gamma-gamma").fit(spending(random, 300))
    assert spend_loss(spends, Spending(np.ones(9), np.full(9, 5.0), np.ones(9))) is None


def test_the_command_warns_of_a_changed_log_and_not_of_its_like(clv: Clv, tmp_path: Path) -> None:
    for name, more in {
        "then": ["--seed", "1"],
        "like": ["--seed", "2"],
        "slow": ["--seed", "3", "--params", "alpha=16"],
        "dear": ["--seed", "4", "--spend-params", "v=27"],
    }.items():
        assert clv("simulate", "--customers", "2000", "--dirt", "0", "-o", f"{name}.csv", "-q", *more).code == 0
    assert clv("fit", "then.csv", "-o", "m.json", "-q").code == 0
    assert json.loads((tmp_path / "m.json").read_text())["customers"] == 2000
    told = {
        name: clv("score", f"{name}.csv", "--use-model", "m.json", COLUMNS="1000") for name in ("like", "slow", "dear")
    }
    assert all(done.code == 0 for done in told.values())
    assert "model_" not in told["like"].err
    assert "the saved bg-nbd no longer fits this log: it expects" in told["slow"].err
    assert "the saved gamma-gamma" not in told["slow"].err
    assert "the saved gamma-gamma no longer fits this log: people spend otherwise" in told["dear"].err
    assert clv("score", "slow.csv", "--use-model", "m.json", "--strict", "-q").code == 3


def test_groups_with_models_of_their_own_are_held_against_their_own_customers(clv: Clv, tmp_path: Path) -> None:
    for name, seed, alpha in (("web", "1", "7"), ("shop", "2", "7"), ("shop_slow", "3", "16")):
        options = ("--customers", "1500", "--dirt", "0", "--seed", seed, "--params", f"alpha={alpha}")
        assert clv("simulate", "-o", f"{name}.csv", "-q", *options).code == 0
    for name, shop in (("then", "shop"), ("now", "shop_slow")):
        lines = []
        for channel, source in (("web", "web"), ("shop", shop)):
            _, *rows = (tmp_path / f"{source}.csv").read_text().splitlines()
            lines += [f"{channel}-{row},{channel}" for row in rows]
        (tmp_path / f"{name}.csv").write_text("customer,date,amount,channel\n" + "\n".join(lines) + "\n")
    assert clv("fit", "then.csv", "--by", "channel", "-o", "m.json", "-q").code == 0
    groups = json.loads((tmp_path / "m.json").read_text())["groups"]
    assert {g["group"]: g["customers"] for g in groups} == {"web": 1500, "shop": 1500}
    done = clv("score", "now.csv", "--by", "channel", "--use-model", "m.json", COLUMNS="1000")
    assert done.code == 0
    assert "the saved bg-nbd of shop no longer fits" in done.err
    assert "of web" not in done.err


LOG = DRAWN + "".join(f"c{i % 50},{2022 + i % 3}-{1 + i % 12:02}-{1 + i % 27:02},{5 + i % 9}\n" for i in range(600))


@pytest.mark.parametrize(
    ("saved", "arguments", "words"),
    [
        ("2024-12-27", [], ""),
        (None, [], ""),
        ("2025-06-30", [], "later than the log's"),
        ("2023-06-30", [], "days before the log's"),
        ("2021-06-30", [], "before the log's first day"),
        ("2024-12-27", ["--as-of", "2024-06-30"], "later than the log's"),
    ],
)
def test_a_model_of_another_time_is_named(
    clv: Clv, tmp_path: Path, saved: str | None, arguments: list[str], words: str
) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    assert clv("fit", "log.csv", "-o", "m.json", "-q").code == 0
    model = json.loads((tmp_path / "m.json").read_text())
    assert date.fromisoformat(model["as_of"]) == date(2024, 12, 27)
    (tmp_path / "m.json").write_text(json.dumps({**model, "as_of": saved}))
    done = clv("score", "log.csv", "--use-model", "m.json", *arguments, COLUMNS="1000")
    assert done.code == 0
    assert ("model_period" in done.err) == bool(words)
    assert words in done.err


def test_a_model_of_some_customers_is_held_against_such(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG + "late1,2024-02-03,5\nlate1,2024-03-05,5\nlate2,2024-03-03,6\n")
    done = clv("fit", "log.csv", "--acquired-from", "2024-02-01", "-o", "m.json", "-q")
    assert done.code == 0, done.err
    model = json.loads((tmp_path / "m.json").read_text())
    assert model["acquired_from"] == "2024-02-01"
    assert model["customers"] == 2
    assert clv("score", "log.csv", "--use-model", "m.json", "-q").code == 0
