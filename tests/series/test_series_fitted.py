"""What the series say of the fits: against the models themselves and scipy's distributions."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import stats

from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, Fit
from clvcli.models.registry import names, purchase_model
from clvcli.scoring.series.fitted import alive_grid, dropout, expected_repeats, purchase_rates

BG = Fit("bg-nbd", {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}, {}, -9582.429, CONVERGED)
PARETO = Fit("pareto-nbd", {"r": 0.553, "alpha": 10.58, "s": 0.606, "beta": 11.67}, {}, -9594.976, CONVERGED)
NONE = Fit("bg-nbd", {}, {}, None, INSUFFICIENT, "too little")


def test_alive_grid_is_the_model_itself() -> None:
    grid = alive_grid(BG, 270, 12)
    assert grid is not None
    row, column = grid["purchases"].index(3), 6
    silent = grid["silent_days"][column]
    age = np.array([270 / 7])
    want = purchase_model("bg-nbd").p_alive(BG.params, np.array([2.0]), age - silent / 7, age)[0]
    assert grid["p_alive"][row][column] == pytest.approx(want, abs=5e-5)  # four digits are kept
    assert grid["p_alive"][0] == [1.0] * len(grid["silent_days"])  # NUMERICS: BG/NBD says 1 for one-time buyers


def test_alive_falls_with_silence() -> None:
    grid = alive_grid(BG, 400, 100)
    assert grid is not None
    assert all(row == sorted(row, reverse=True) for row in grid["p_alive"])


def test_rates_are_the_gamma_distribution() -> None:
    bins = purchase_rates(BG)
    gamma = stats.gamma(BG.params["r"], scale=365.25 / 7 / BG.params["alpha"])
    for row in bins[:-1]:
        assert row["share"] == pytest.approx(gamma.cdf(row["to"]) - gamma.cdf(row["from"]), rel=1e-5)
    assert sum(row["share"] or 0 for row in bins) == pytest.approx(1, abs=1e-5)


def test_dropout_is_beta_after_a_purchase_and_gamma_over_time() -> None:
    after = dropout(BG)
    assert after is not None
    beta = stats.beta(BG.params["a"], BG.params["b"])
    assert after["per"] == "purchase"
    assert after["bins"][1]["share"] == pytest.approx(beta.cdf(0.1) - beta.cdf(0.05), rel=1e-5)
    within = dropout(PARETO)
    assert within is not None
    rate = stats.gamma(PARETO.params["s"], scale=1 / PARETO.params["beta"])
    half = rate.cdf(-np.log(0.5) / (365.25 / 7))
    assert within["per"] == "year"
    assert sum(b["share"] for b in within["bins"] if b["to"] <= 0.5) == pytest.approx(half, rel=1e-5)


def test_expected_repeats_sum_the_models_curve() -> None:
    births = pl.DataFrame(
        {"group": ["pooled"] * 2, "first_day": [date(1997, 1, 1), date(1997, 1, 15)], "customers": [3, 2]}
    )
    expected = expected_repeats({None: BG}, births, date(1997, 1, 1))
    assert expected is not None
    found = expected(np.array([0, 7, 100, 300]))
    curve = purchase_model("bg-nbd").expected_from_birth

    def by_hand(day: int) -> float:
        ages = [(3, day), (2, day - 14)]
        return sum(n * float(curve(BG.params, np.array([age / 7]))[0]) for n, age in ages if age > 0)

    assert found == pytest.approx([0.0, by_hand(7), by_hand(100), by_hand(300)], rel=1e-3)  # linear between weeks


def test_groups_use_their_own_fit() -> None:
    other = Fit("bg-nbd", {**BG.params, "alpha": 9.0}, {}, -1.0, AT_BOUND)
    births = pl.DataFrame({"group": ["x"], "first_day": [date(1997, 1, 1)], "customers": [1]})
    own = expected_repeats({None: BG, "x": other}, births, date(1997, 1, 1))
    pooled = expected_repeats({None: BG}, births, date(1997, 1, 1))
    assert own is not None
    assert pooled is not None
    assert own(np.array([200]))[0] < pooled(np.array([200]))[0]


def test_a_fit_that_predicts_nothing_has_no_series() -> None:
    assert alive_grid(NONE, 300, 9) is None
    assert purchase_rates(NONE) == []
    assert dropout(NONE) is None
    assert expected_repeats({None: NONE}, pl.DataFrame(), date(1997, 1, 1)) is None


@pytest.mark.parametrize("name", names())
def test_every_purchase_model_is_told_of(name: str) -> None:
    model = purchase_model(name)
    values = {"r": 0.5, "alpha": 8.0, "a": 0.8, "b": 2.4, "s": 0.6, "beta": 11.0, "k": 2.0}
    fit = Fit(name, {p: values[p] for p in model.parameters}, {}, -1.0, CONVERGED)
    assert alive_grid(fit, 300, 9) is not None
    assert purchase_rates(fit)
    assert dropout(fit) is not None
