"""The purchase rate moves with a covariate: derivatives, a second sum, simulated customers."""

import numpy as np
import pytest
from models.models_data import Cdnow, distinct, simulate, simulate_lives

from clvcli.models.base import Array, Fit, History
from clvcli.models.covariate import Tieable, Tied, tie
from clvcli.models.registry import names, purchase_model

GAMMA = 0.35
KNOWN = [name for name in names() if isinstance(purchase_model(name), Tieable)]


def test_who_takes_a_covariate() -> None:
    assert KNOWN == ["bg-nbd", "mbg-nbd", "pareto-nbd"]


def _cells(x: Array, t_x: Array, T: Array, z: Array) -> list[tuple[float, History]]:
    return [(float(v), distinct(x[z == v], t_x[z == v], T[z == v])) for v in np.unique(z)]


def _tied(name: str, cells: list[tuple[float, History]], pooled: Fit) -> Tied:
    model = purchase_model(name)
    assert isinstance(model, Tieable)
    return tie(model, pooled, cells)


def _simulated(name: str, n: int, seed: int, gamma: float = GAMMA) -> list[tuple[float, History]]:
    """Cells at z = 2.0 ... 4.0; alpha = 8 at z = 3."""
    rng = np.random.default_rng(seed)
    cells = []
    for z in (2.0, 2.5, 3.0, 3.5, 4.0):
        alpha = 8.0 * np.exp(-gamma * (z - 3))
        if name == "pareto-nbd":
            drawn = simulate_lives(rng, n // 5, 0.8, alpha, 0.6, 8.0, 52.0)
        else:
            drawn = simulate(rng, n // 5, 0.8, alpha, 0.8, 2.4, 52.0, chances=int(name == "mbg-nbd"))[:3]
        cells.append((z, distinct(*drawn)))
    return cells


def _together(cells: list[tuple[float, History]]) -> History:
    rows = [np.stack([h.x, h.t_x, h.T]) for _, h in cells]
    x, t_x, T = np.repeat(np.hstack(rows), np.concatenate([h.weight for _, h in cells]).astype(int), axis=1)
    return distinct(x, t_x, T)


@pytest.mark.parametrize("name", KNOWN)
def test_simulated_customers_give_gamma_back(name: str) -> None:
    """20,000 customers; within four standard errors, of which the delta method knows those of every cell's alpha."""
    cells = _simulated(name, 20_000, 11)
    tied = _tied(name, cells, purchase_model(name).fit(_together(cells)))
    assert tied.covariance is not None
    error = float(np.sqrt(tied.covariance[-1, -1]))
    assert 0.005 < error < 0.05
    assert tied.gamma == pytest.approx(GAMMA, abs=4 * error)
    for z, _ in cells:
        fit = tied.at(z)
        spread = fit.std_errors["alpha"]
        assert spread is not None
        assert fit.params["alpha"] == pytest.approx(8.0 * np.exp(-GAMMA * (z - 3)), abs=4 * spread)


@pytest.mark.parametrize("name", KNOWN)
def test_the_likelihood_is_the_sum_of_the_models(name: str) -> None:
    """Against the model's own likelihood, cell by cell; it is a maximum in gamma, above that of no covariate."""
    model, cells = purchase_model(name), _simulated(name, 3_000, 5)
    pooled = model.fit(_together(cells))
    tied = _tied(name, cells, pooled)

    def total(gamma: float) -> float:
        moved = Tied(tied.name, tied.parameters, np.append(tied.theta[:-1], gamma), 0.0, None, tied.centre)
        return sum(float(h.weight @ model.log_likelihood(moved.at(z).params, h)) for z, h in cells)

    assert total(tied.gamma) == pytest.approx(tied.log_likelihood, rel=1e-11)
    assert total(tied.gamma) > max(total(tied.gamma - 0.01), total(tied.gamma + 0.01))
    assert pooled.log_likelihood is not None
    assert tied.log_likelihood > pooled.log_likelihood + 10


def test_without_an_effect_it_is_the_pooled_model(cdnow: Cdnow) -> None:
    """A covariate by lot: gamma within four standard errors of 0, the likelihood above by what chance gives."""
    z = np.random.default_rng(3).integers(0, 4, cdnow.x.size).astype(np.float64)
    pooled = purchase_model("bg-nbd").fit(cdnow.history)
    tied = _tied("bg-nbd", _cells(cdnow.x, cdnow.t_x, cdnow.T, z), pooled)
    assert tied.covariance is not None
    assert abs(tied.gamma) < 4 * np.sqrt(tied.covariance[-1, -1])
    assert pooled.log_likelihood is not None
    assert 0 <= tied.log_likelihood - pooled.log_likelihood < 8


def test_its_unit_does_not_matter(cdnow: Cdnow) -> None:
    """z in other units, from another zero: gamma follows, forecasts do not change."""
    z: Array = np.minimum(cdnow.x, 3.0)
    pooled = purchase_model("bg-nbd").fit(cdnow.history)
    one, other = (_tied("bg-nbd", _cells(cdnow.x, cdnow.t_x, cdnow.T, c), pooled) for c in (z, 10 * z - 70))
    assert other.gamma == pytest.approx(one.gamma / 10, rel=1e-5)
    assert other.at(-60.0).params == pytest.approx(dict(one.at(1.0).params), rel=1e-5)


def test_a_flat_likelihood_is_marked() -> None:
    """Nobody leaves: a covariate still moves the rate, no error is claimed."""
    x, t_x, T, *_ = simulate(np.random.default_rng(2), 2_000, 1.0, 6.0, 1e-7, 3.0, 40.0)
    z = np.asarray(np.arange(x.size) % 2, dtype=np.float64)
    pooled = purchase_model("bg-nbd").fit(distinct(x, t_x, T))
    fit = _tied("bg-nbd", _cells(x, t_x, T, z), pooled).at(1.0)
    assert fit.usable
    assert fit.status == pooled.status == "at_bound"
    assert all(np.isfinite(v) and v > 0 for v in fit.params.values())
    assert set(fit.std_errors.values()) == {None}
