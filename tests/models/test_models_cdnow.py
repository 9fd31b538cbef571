"""Published values on the CDNOW sample. Sources: CLVTools tests (7 digits), the papers and notes (3 to 5 digits)."""

from collections.abc import Mapping

import numpy as np
import pytest
from models.models_data import Cdnow, load_cdnow

from clvcli.models.base import CONVERGED, Fit
from clvcli.models.registry import purchase_model, spend_model

BTYD = {"r": 0.2425967, "alpha": 4.413659, "a": 0.7929869, "b": 2.426164}
"""BTYD's own rounding."""
BG = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}
"""CLVTools; its optimiser stops 1e-5 short of the maximum."""


def near(got: Mapping[str, float], want: Mapping[str, float], rtol: float) -> None:
    assert {k: got[k] for k in want} == pytest.approx(dict(want), rel=rtol)


@pytest.fixture(scope="module")
def bg(cdnow: Cdnow) -> Fit:
    return purchase_model("bg-nbd").fit(cdnow.history)


def test_sample(cdnow: Cdnow) -> None:
    assert len(cdnow.ids) == 2357
    assert (cdnow.x > 0).sum() == 946


def test_bg_nbd(bg: Fit) -> None:
    assert bg.status == CONVERGED
    near(bg.params, BG, 2e-5)
    assert bg.log_likelihood == pytest.approx(-9582.429, abs=5e-4)
    near(bg.params, {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, 2e-3)  # FHL (2005), table 2


def test_bg_nbd_negative_controls() -> None:
    """Slips that the likelihood must show: a record counted as a purchase; T one day too long."""
    model = purchase_model("bg-nbd")
    assert model.fit(load_cdnow(collapse=False).history).log_likelihood == pytest.approx(-9743.89, abs=0.006)
    assert model.fit(load_cdnow(extra_days=1).history).log_likelihood == pytest.approx(-9589.89, abs=0.006)


def test_mbg_nbd(cdnow: Cdnow) -> None:
    fit = purchase_model("mbg-nbd").fit(cdnow.history)
    near(fit.params, {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, 1e-3)
    assert fit.log_likelihood == pytest.approx(-9582.136, abs=1e-3)


def test_pareto_nbd(cdnow: Cdnow) -> None:
    """CLVTools; its optimiser stops 3e-4 short of the maximum on this flat top."""
    fit = purchase_model("pareto-nbd").fit(cdnow.history)
    near(fit.params, {"r": 0.55315, "alpha": 10.57633, "s": 0.60625, "beta": 11.6715}, 4e-4)
    errors = {name: error for name, error in fit.std_errors.items() if error is not None}
    near(errors, {"r": 0.0476, "alpha": 0.8427, "s": 0.1873, "beta": 6.2105}, 6e-4)
    assert fit.log_likelihood == pytest.approx(-9594.976, abs=5e-4)


def test_pareto_nbd_trap() -> None:
    """A busy customer, where differences of hypergeometric functions have no digits left."""
    params = {"r": 0.55, "alpha": 10.58, "s": 0.61, "beta": 11.67}
    at = np.array([132.0]), np.array([200.0]), np.array([200.0])
    model = purchase_model("pareto-nbd")
    expected = model.p_alive(params, *at) * model.expected_purchases(params, *at, 10.0)
    assert expected[0] == pytest.approx(6.206051788963242, rel=1e-13)


def test_gamma_gamma_repeat(cdnow: Cdnow) -> None:
    spending = cdnow.spending("repeat")
    fit = spend_model("gamma-gamma").fit(spending)
    assert spending.weight.sum() == 946
    near(fit.params, {"p": 6.24957, "q": 3.74422, "v": 15.44351}, 2e-6)
    assert fit.log_likelihood == pytest.approx(-4055.9177, abs=1e-4)


def test_gamma_gamma_all(cdnow: Cdnow) -> None:
    spending = cdnow.spending("all")
    fit = spend_model("gamma-gamma").fit(spending)
    assert spending.weight.sum() == 2349
    near(fit.params, {"p": 9.8813, "q": 3.3988, "v": 7.9286}, 2e-5)
    assert fit.log_likelihood == pytest.approx(-9898.451, abs=1e-3)


def test_gamma_gamma_values(cdnow: Cdnow) -> None:
    model = spend_model("gamma-gamma")
    fit = model.fit(cdnow.spending("repeat"))
    value = model.expected_value(fit.params, np.array([2.0, 0.0]), np.array([22.345, 0.0]))
    assert value == pytest.approx([24.65, 35.17], abs=6e-3)


def test_btyd_walkthrough() -> None:
    model = purchase_model("bg-nbd")
    born = model.expected_from_birth(BTYD, np.array([52.0, 78.0]))
    assert born == pytest.approx([1.444004, 1.85794], rel=3e-6)
    x = np.array([10.0, 15.0, 20.0, 25.0])
    t_x, T = np.full(4, 20.0), np.full(4, 39.0)
    expected = model.p_alive(BTYD, x, t_x, T) * model.expected_purchases(BTYD, x, t_x, T, 52.0)
    assert expected == pytest.approx([0.3474606, 0.04283391, 0.004158973, 0.0003583685], rel=3e-7)


def test_customer_with_26_repeats(cdnow: Cdnow, bg: Fit) -> None:
    """Customer 1516 of the sample's numbering: x 26, t_x 30.857, T 31."""
    model = purchase_model("bg-nbd")
    row = int(np.flatnonzero((cdnow.x == 26) & (cdnow.T == 31))[0])
    at = cdnow.x[[row]], cdnow.t_x[[row]], cdnow.T[[row]]
    assert at[1][0] == pytest.approx(30.857, abs=1e-3)
    alive = model.p_alive(bg.params, *at)
    assert alive[0] == pytest.approx(0.96885, abs=5e-6)
    assert (alive * model.expected_purchases(bg.params, *at, 52.0))[0] == pytest.approx(25.757, abs=1e-3)
    assert (alive * model.expected_purchases(bg.params, *at, 39.0))[0] == pytest.approx(20.749, abs=1e-3)


def test_customer_0001(bg: Fit) -> None:
    model = purchase_model("bg-nbd")
    at = np.array([2.0]), np.array([30.43]), np.array([38.86])
    expected = model.p_alive(bg.params, *at) * model.expected_purchases(bg.params, *at, 39.0)
    assert expected[0] == pytest.approx(1.226, abs=6e-4)


def test_four_rides(bg: Fit, cdnow: Cdnow) -> None:
    """The worked example: purchases of 10, 12, 8, 15 within ten days, then twenty days of silence."""
    model, spend = purchase_model("bg-nbd"), spend_model("gamma-gamma")
    at = np.array([3.0]), np.array([10 / 7]), np.array([30 / 7])
    month = 30 / 7
    alive = model.p_alive(bg.params, *at)
    expected = alive * model.expected_purchases(bg.params, *at, month)
    value = spend.expected_value(spend.fit(cdnow.spending("repeat")).params, at[0], np.array([35 / 3]))
    assert alive[0] == pytest.approx(0.6055, abs=5e-5)
    assert expected[0] == pytest.approx(0.8604, abs=5e-5)
    assert (alive * (1 - model.p_no_purchase(bg.params, *at, month)))[0] == pytest.approx(0.4403, abs=5e-5)
    assert value[0] == pytest.approx(14.67, abs=5e-3)
    assert (0.3 * value * expected)[0] == pytest.approx(3.786, abs=1e-3)
    wait_days = 7 * model.alert_wait(bg.params, at[0], at[1], 0.5)[0]
    assert np.floor(wait_days) + 1 == 29  # 2026-06-10 plus 29 days is 07-09


def test_poisson_limit() -> None:
    model = purchase_model("bg-nbd")
    params = {"r": 2e6, "alpha": 1e6, "a": 1e-9, "b": 1.0}
    at = np.array([0.0]), np.array([0.0]), np.array([0.0])
    assert model.pmf(params, *at, 1.0, 3)[0, 3] == pytest.approx(0.1804, abs=5e-5)
    assert 1 - model.p_no_purchase(params, *at, 1.0)[0] == pytest.approx(0.8647, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "mae", "rmse", "correlation", "total"),
    [("bg-nbd", 0.786, 1.608, 0.626, -0.121), ("pareto-nbd", 0.755, 1.603, 0.630, -0.115)],
)
def test_holdout(
    cdnow: Cdnow, cdnow_all: Cdnow, name: str, mae: float, rmse: float, correlation: float, total: float
) -> None:
    """39 weeks to 1998-06-30, per customer."""
    model = purchase_model(name)
    params = model.fit(cdnow.history).params
    made = np.array([sum(d > cdnow.as_of for d in cdnow_all.days[cdnow_all.row(i)]) for i in cdnow.ids], dtype=float)
    at = cdnow.x, cdnow.t_x, cdnow.T
    forecast = model.p_alive(params, *at) * model.expected_purchases(params, *at, 39.0)
    error = forecast - made
    assert np.abs(error).mean() == pytest.approx(mae, abs=1e-3)
    assert np.sqrt((error**2).mean()) == pytest.approx(rmse, abs=1e-3)
    assert np.corrcoef(forecast, made)[0, 1] == pytest.approx(correlation, abs=1e-3)
    assert forecast.sum() / made.sum() - 1 == pytest.approx(total, abs=1e-3)
