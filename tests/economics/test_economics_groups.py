"""Groups with their own behaviour: two channels whose baskets and costs are equal and whose customers are not."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from clvcli.commands.economics.source import in_bands
from clvcli.models.base import History, Spending
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.credibility import LEAST_PULL, Part, between_over_within, credible_fits, pull_of
from clvcli.scoring.terms import Fits

LOYAL = {"r": 1.6, "alpha": 6.0, "a": 0.4, "b": 6.0}
PASSING = {"r": 0.45, "alpha": 18.0, "a": 1.0, "b": 1.5}
MEAN = 60.0
WEEKS, DAYS = 104, 728


def _purchases(params: dict[str, float], customers: int, seed: int) -> list[tuple[int, int, float]]:
    """(customer, day, amount) of BG/NBD customers who come evenly over two years; amounts around MEAN."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(customers):
        day, rate = rng.uniform(0, DAYS), rng.gamma(params["r"], 1 / params["alpha"]) / 7
        leaves, own = rng.beta(params["a"], params["b"]), MEAN * rng.gamma(20, 1 / 20)
        rows.append((i, int(day), own))
        while (day := day + rng.exponential(1 / rate)) < DAYS:
            rows.append((i, int(day), own))
            if rng.random() < leaves:
                break
    return rows


def _worth(params: dict[str, float], weeks: float = 365 / 7) -> float:
    """Revenue of a new customer within the horizon, first purchase included, as the log was drawn."""
    return MEAN * (1 + float(purchase_model("bg-nbd").expected_from_birth(params, np.array([weeks]))[0]))


@pytest.fixture(scope="module")
def two_channels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,500 loyal customers of `search`, 1,500 passing ones of `social`, 20 of `radio` who are like those of social."""
    path = tmp_path_factory.mktemp("two") / "log.csv"
    lines = ["customer_id,date,amount,channel"]
    for name, params, n in (("search", LOYAL, 1500), ("social", PASSING, 1500), ("radio", PASSING, 20)):
        for who, day, amount in _purchases(params, n, len(name)):
            lines.append(f"{name}{who:04},{date(2022, 1, 1) + timedelta(days=day)},{amount:.2f},{name}")
    path.write_text("\n".join(lines) + "\n")
    return path


def _groups(clv: Any, log: Path, tmp_path: Path, *more: str) -> dict[str, Any]:
    """LTV 13.3 times the cost of a new customer of search, and as costly ones of social."""
    each = _worth(LOYAL) / 13.3
    spend = tmp_path / "spend.csv"
    spend.write_text(f"channel,spend\nsearch,{each * 1500:.2f}\nsocial,{each * 1500:.2f}\nradio,{each * 20:.2f}\n")
    done = clv("economics", log, "--by", "channel", "--spend", spend, "--json", "-q", *more)
    assert done.code == 0, done.err
    return {g["group"]: g for g in json.loads(done.out)["groups"]}


def test_two_channels_of_equal_baskets_and_costs_are_told_apart(clv: Any, two_channels: Path, tmp_path: Path) -> None:
    """The truth is 13.3:1 and 2.2:1; the pooled purchase model would print about the same for both."""
    truth = 13.3 * _worth(PASSING) / _worth(LOYAL)
    assert truth == pytest.approx(2.2, abs=0.01)
    groups = _groups(clv, two_channels, tmp_path)
    search, social = (groups[name]["cac"]["by_way"]["model"] for name in ("search", "social"))
    assert search["ratio"] == pytest.approx(13.3, rel=0.1)
    assert social["ratio"] == pytest.approx(truth, rel=0.1)
    assert search["ratio_low"] < 13.3 < search["ratio_high"]
    assert social["ratio_low"] < truth < social["ratio_high"]
    assert (search["reaches_target"], social["reaches_target"]) == (True, False)
    assert groups["search"]["ltv"]["model"]["own"] > 0.9


def test_a_group_of_twenty_has_the_pooled_model(clv: Any, two_channels: Path, tmp_path: Path) -> None:
    radio = _groups(clv, two_channels, tmp_path)["radio"]["ltv"]["model"]
    assert radio["own"] == 0.0
    assert radio["new_low"] is None


def test_nobody_comes_new_into_a_stage(clv: Any, two_channels: Path) -> None:
    """Stages are what customers did: their value is that still to come, champions' above all."""
    done = clv("economics", two_channels, "--by", "stage", "--json", "-q")
    groups = {g["group"]: g for g in json.loads(done.out)["groups"]}
    assert groups["champions"]["ltv"]["model"]["new"] is None
    assert groups["champions"]["trust"]["way"] == "existing"
    assert groups["champions"]["trust"]["clv"] > 2 * groups["at risk"]["trust"]["clv"]


def test_it_says_so_where_three_to_one_cannot_be_told(clv: Any, two_channels: Path, tmp_path: Path) -> None:
    """Costs such that social lies at 3:1."""
    each = _worth(PASSING) / 3
    spend = tmp_path / "spend.csv"
    spend.write_text(f"channel,spend\nsearch,{each * 1500:.2f}\nsocial,{each * 1500:.2f}\n")
    done = clv("economics", two_channels, "--by", "channel", "--spend", spend)
    assert done.code == 0, done.err
    assert "LTV:CAC cannot be told from 3:1: social (" in " ".join(done.page.split())


def test_credibility_by_hand() -> None:
    """Buhlmann: two groups of two, values 0, 2 and 10, 12: within 2, between 50 - 2 / 2 = 49."""
    one, two = (np.array([0.0, 2.0]), np.ones(2)), (np.array([10.0, 12.0]), np.ones(2))
    assert between_over_within([one, two]) == pytest.approx(49 / 2)
    assert between_over_within([one, one]) < 0
    assert pull_of(1 / 400) == pytest.approx(400)
    assert pull_of(10.0) == LEAST_PULL
    assert pull_of(-0.1) == np.inf


def test_groups_that_differ_by_chance_share_one_model() -> None:
    """Every other customer: no group differs, and both get the pooled fits themselves."""
    rng = np.random.default_rng(4)
    n = 1000
    T = rng.uniform(20, 100, n)
    x = rng.poisson(rng.gamma(1.0, 1 / 10, n) * T).astype(float)
    t_x = np.where(x > 0, T * rng.beta(np.maximum(x, 1), 1), 0.0)
    mean = rng.gamma(5, 10, n)

    def part(rows: slice) -> Part:
        ones = np.ones(T[rows].size)
        return Part(History(x[rows], t_x[rows], T[rows], ones), Spending(x[rows] + 1, mean[rows], ones))

    everybody = part(slice(None))
    model = purchase_model("bg-nbd")
    pooled = Fits(model.fit(everybody.history), spend_model("gamma-gamma").fit(everybody.spending))
    halves = {name: part(slice(start, None, 2)) for name, start in (("even", 0), ("odd", 1))}
    found = credible_fits(pooled, everybody, halves)
    assert set(found.fits) == {"even", "odd"}
    assert max(own for own, _ in found.own.values()) < 0.75


def test_numbers_are_put_in_five_bands() -> None:
    ages = pl.Series("age", [str(20 + i) for i in range(50)])
    banded = in_bands(ages)
    assert banded.n_unique() == 5
    assert banded[0] == "up to 30"
    assert banded[-1] == "over 59"
    few = pl.Series("children", ["0", "1", "2"] * 10)
    assert in_bands(few).equals(few)
    words = pl.Series("channel", [f"c{i}" for i in range(50)])
    assert in_bands(words).equals(words)
