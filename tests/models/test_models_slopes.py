"""What the fits climb by: value, slope and curvature of every likelihood, against differences of the one before."""

from collections.abc import Callable

import numpy as np
import pytest
from models.models_data import Cdnow

from clvcli.models import beta_geometric_fit, erlang_fit, pareto_fit
from clvcli.models.base import Array, History
from clvcli.models.spend import gamma_gamma

Objective = Callable[[Array], tuple[float, Array, Array]]
THETAS = [(0.24, 4.4, 0.8, 2.4), (3.0, 9.0, 0.05, 40.0), (40.0, 60.0, 2.5, 0.3), (0.6, 30.0, 30.0, 90.0)]
"""r, alpha and the two of dropout: as on CDNOW, hardly any dropout, all alike, dropout soon."""


def some(history: History) -> History:
    """A few rows, the ends among them: nothing after the first purchase, a purchase on the last day."""
    rows = np.r_[0 : history.x.size : 60, history.x.size - 1]
    extra = {name: values[rows] for name, values in history.extra.items()}
    return History(history.x[rows], history.t_x[rows], history.T[rows], history.weight[rows], extra)


def objective_of(model: str, cdnow: Cdnow) -> tuple[Objective, Callable[[Array], float]]:
    """The objective in the logs of the parameters, and the log-likelihood by the formula for single customers."""
    history = some(cdnow.needed(("log_gaps",)))
    w = history.weight

    def of(theta: Array) -> Array:
        r, alpha, a, b = (float(value) for value in np.exp(theta))
        if model == "pareto":
            return pareto_fit.log_likelihood(r, alpha, a, b, history)
        if "stages" in model:
            return erlang_fit.log_likelihood(r, alpha, a, b, int(model[-1]), int("m" in model), history)
        return beta_geometric_fit.log_likelihood(r, alpha, a, b, int(model[-1]), history)

    terms: Objective
    if model == "pareto":
        terms = pareto_fit.Terms.of(history).objective
    elif "stages" in model:
        terms = erlang_fit.Terms.of(history, int(model[-1]), int("m" in model)).objective
    else:
        terms = beta_geometric_fit.Terms.of(history, int(model[-1])).objective
    return terms, lambda theta: float(w @ of(theta))


def check(objective: Objective, theta: Array, tolerance: float) -> None:
    """Slope by differences of the value, curvature by differences of the slope."""
    _, slope, curve = objective(theta)
    steps = np.eye(theta.size) * 1e-4
    by_value = [(objective(theta + h)[0] - objective(theta - h)[0]) / 2e-4 for h in steps]
    by_slope = np.array([(objective(theta + h)[1] - objective(theta - h)[1]) / 2e-4 for h in steps])
    assert slope.tolist() == pytest.approx(by_value, rel=tolerance, abs=tolerance * np.abs(slope).max())
    assert np.abs(curve - by_slope).max() <= tolerance * np.abs(curve).max()


@pytest.mark.parametrize("values", THETAS)
@pytest.mark.parametrize("model", ["bg0", "bg1", "pareto", "stages1", "stages3", "m stages1", "m stages2", "m stages4"])
def test_purchase_models(model: str, values: tuple[float, ...], cdnow: Cdnow) -> None:
    objective, likelihood = objective_of(model, cdnow)
    theta = np.log(values)
    assert objective(theta)[0] == pytest.approx(likelihood(theta), rel=1e-11)
    check(objective, theta, 1e-5)


@pytest.mark.parametrize("values", [(6.25, 3.74, 15.4), (0.7, 12.0, 300.0), (80.0, 1.5, 0.4)])
@pytest.mark.parametrize("basis", ["all", "amounts", "repeat"])
def test_spend(basis: str, values: tuple[float, float, float], cdnow: Cdnow) -> None:
    spending = cdnow.spending(basis)
    terms = gamma_gamma.Terms.of(spending)
    theta = np.log(values)
    params = dict(zip(("p", "q", "v"), values, strict=True))
    each = gamma_gamma.GammaGamma().log_likelihood(params, spending.n, spending.mean, spending.log_mean)
    assert terms.objective(theta)[0] == pytest.approx(float(spending.weight @ each), rel=1e-11)
    check(terms.objective, theta, 1e-5)
