"""What every model answers at the ends: at birth, to nobody, for thresholds that nothing or everything crosses."""

import numpy as np
import pytest
from models.models_data import Cdnow

from clvcli.models.base import CONVERGED, Fit
from clvcli.models.beta_geometric import same_history
from clvcli.models.predictive import spend_quantiles
from clvcli.models.registry import names, purchase_model, spend_model
from clvcli.models.spend.gamma_gamma import frequency_correlation, independence

PARAMS = {
    "bg-nbd": {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4},
    "mbg-nbd": {"r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6},
    "pareto-nbd": {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7},
    "bg-cnbd": {"k": 2.0, "r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6},
    "mbg-cnbd": {"k": 2.0, "r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6},
}
NONE = np.zeros(0)


def test_every_model_is_here() -> None:
    assert sorted(PARAMS) == sorted(names())


@pytest.mark.parametrize("name", names())
def test_from_birth_on_a_customer_is_one_of_no_age(name: str) -> None:
    """E[X(t)] of a new customer: P(alive at once) times what one alive buys in the next t."""
    model, params, born = purchase_model(name), PARAMS[name], (np.zeros(1), np.zeros(1), np.zeros(1))
    times = np.array([0.5, 10.0, 200.0])
    alive = model.p_alive(params, *born)[0]
    wanted = [alive * model.expected_purchases(params, *born, float(t))[0] for t in times]
    assert model.expected_from_birth(params, times).tolist() == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("name", names())
def test_a_threshold_that_everybody_or_nobody_is_below(name: str) -> None:
    model, params, x, t_x = purchase_model(name), PARAMS[name], np.array([0.0, 3.0]), np.array([0.0, 20.0])
    for threshold, wait in ((0.0, np.inf), (-0.1, np.inf), (1.0, 0.0), (1.1, 0.0)):
        assert model.alert_wait(params, x, t_x, threshold).tolist() == [wait] * 2
    leaves = {**params, **({"a": 50.0} if "a" in params else {"s": 50.0, "beta": 0.01})}
    now = model.p_alive(leaves, x, t_x, t_x)
    if now[1] < 0.5:
        assert model.alert_wait(leaves, x, t_x, 0.5)[1] == 0.0


@pytest.mark.parametrize("discount", [0.0, 0.001])
@pytest.mark.parametrize("name", names())
def test_of_nobody_nothing_is_predicted(name: str, discount: float) -> None:
    model, params = purchase_model(name), PARAMS[name]
    assert model.expected_purchases(params, NONE, NONE, NONE, 52.0, discount).shape == (0,)
    assert model.p_no_purchase(params, NONE, NONE, NONE, 52.0).shape == (0,)
    assert model.pmf(params, NONE, NONE, NONE, 52.0, 3).shape == (0, 4)


def test_rows_of_one_history_stand_together() -> None:
    nu, b = np.array([1.0, 2.0, 1.0, 1.0, 2.0, 1.0]), np.array([5.0, 5.0, 6.0, 5.0, 5.0, 6.0])
    groups = sorted(sorted(rows.tolist()) for rows in same_history(nu, b))
    assert groups == [[0, 3], [1, 4], [2, 5]]
    assert same_history(NONE, NONE) == []


def test_the_number_of_stages_has_no_error(cdnow: Cdnow) -> None:
    model = purchase_model("mbg-cnbd")
    fit: Fit = model.fit(cdnow.needed(model.needs))
    assert fit.std_errors["k"] is None
    assert fit.covariance is not None
    matrix = np.array(fit.covariance)
    assert matrix.shape == (5, 5)
    assert (matrix[0] == 0).all()
    assert (matrix[:, 0] == 0).all()
    errors = [fit.std_errors[name] for name in list(fit.params)[1:]]
    wanted = [fit.params[name] * matrix[i, i] ** 0.5 for i, name in enumerate(fit.params) if i]
    assert errors == pytest.approx(wanted, rel=1e-9)


def test_spend_against_frequency() -> None:
    """Correlation with ln n, customers weighed; told beyond .2 and three errors."""
    params = {"p": 1e9, "q": 4.0, "v": 15.0}  # then psi(p n) = ln(p n)
    n, ones = np.array([1.0, 2.0, 4.0, 8.0]), np.ones(4)
    assert frequency_correlation(params, n, 10 * n**2, ones) == pytest.approx(1.0)
    assert frequency_correlation(params, n, 10 / n, ones) == pytest.approx(-1.0)
    assert frequency_correlation(params, ones, 10 * n, ones) == 0.0
    mean, weight = np.array([10.0, 12.0, 9.0, 20.0]), np.array([5.0, 1.0, 2.0, 3.0])
    counts, amounts = np.log(n), np.log(mean)
    covariance = np.cov(counts, amounts, aweights=weight, ddof=0)
    wanted = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert frequency_correlation(params, n, mean, weight) == pytest.approx(wanted, rel=1e-6)
    up, down = independence(params, n, 10 * n, 3 * ones), independence(params, n, 10 / n, 3 * ones)
    assert "more a purchase (correlation 1.00)" in up[0][1]
    assert "too high" in up[0][1]
    assert "less a purchase (correlation -1.00)" in down[0][1]
    assert "too low" in down[0][1]
    assert independence(params, n, 10 * n, ones * 8.9 / 4) == ()  # three errors: more than 1


@pytest.mark.parametrize("name", names())
def test_half_have_bought_at_the_median_wait(name: str) -> None:
    """inf where fewer than half ever buy again."""
    model, params = purchase_model(name), PARAMS[name]
    x, t_x, T = np.array([0.0, 1.0, 5.0, 30.0]), np.array([0.0, 10.0, 20.0, 50.0]), np.array([60.0, 30.0, 22.0, 52.0])
    waits = model.median_wait(params, x, t_x, T)
    told = 0
    for i, wait in enumerate(waits):
        row = (x[i : i + 1], t_x[i : i + 1], T[i : i + 1])
        if np.isfinite(wait):
            assert model.p_no_purchase(params, *row, float(wait))[0] == pytest.approx(0.5, abs=1e-6)
            told += 1
        else:
            assert model.p_no_purchase(params, *row, 1e7)[0] > 0.5
    assert told >= 2


def test_amounts_that_hardly_vary_count_as_their_expected_value() -> None:
    purchase = Fit("bg-nbd", PARAMS["bg-nbd"], {}, 0.0, CONVERGED)
    spend = Fit("gamma-gamma", {"p": 3000.0, "q": 2500.0, "v": 20.0}, {}, 0.0, CONVERGED)
    n, mean, x = np.array([0.0, 4.0]), np.array([0.0, 25.0]), np.array([6.0, 6.0])
    _, high = spend_quantiles(
        purchase, spend, x=x, t_x=x * 5, T=x * 5 + 1, p_alive=np.ones(2), n=n, mean=mean, t=52.0
    )  # fmt: skip
    times = high / spend_model("gamma-gamma").expected_value(spend.params, n, mean)
    assert times.tolist() == pytest.approx(np.round(times).tolist(), rel=1e-9)
    assert times.min() >= 1
