"""Pareto/NBD against 2F1 with 80 digits, quadrature with 30, and simulated customers."""

import numpy as np
import pytest
from models.models_oracle import pareto_ahead, pareto_nbd

from clvcli.models.base import History
from clvcli.models.registry import purchase_model

MODEL = purchase_model("pareto-nbd")
CDNOW = {"r": 0.5533, "alpha": 10.578, "s": 0.6062, "beta": 11.669}


@pytest.mark.parametrize(
    "theta",
    [
        (0.55, 10.6, 0.61, 11.7),
        (0.55, 11.7, 0.61, 10.6),
        (5.0, 2.0, 0.02, 400.0),
        (30.0, 60.0, 12.0, 1.5),
        (0.1, 1, 1, 1),
    ],
)
def test_likelihood_and_p_alive(theta: tuple[float, float, float, float]) -> None:
    x, t_x, T = np.array([0.0, 1, 4, 40, 132]), np.array([0.0, 3, 20, 30, 150]), np.array([30.0, 8, 38, 31, 200])
    params = dict(zip(MODEL.parameters, theta, strict=True))
    got = MODEL.log_likelihood(params, History(x, t_x, T, np.ones(5)))
    want = [pareto_nbd(*theta, int(row[0]), row[1], row[2]) for row in zip(x, t_x, T, strict=True)]
    assert got == pytest.approx([w[0] for w in want], rel=1e-9)
    assert MODEL.p_alive(params, x, t_x, T) == pytest.approx([w[1] for w in want], rel=1e-8)


@pytest.mark.parametrize("s", [0.05, 1.0, 3.0])
@pytest.mark.parametrize(("x", "T"), [(0.0, 2.0), (3.0, 30.0), (60.0, 90.0)])
@pytest.mark.parametrize("k", [0, 1, 5, 40])
def test_what_the_living_do(s: float, x: float, T: float, k: int) -> None:
    params = {**CDNOW, "s": s}
    at = np.array([x]), np.array([T]), np.array([T])
    probability, mean = pareto_ahead(CDNOW["r"] + x, CDNOW["alpha"] + T, s, CDNOW["beta"] + T, 52.0, k)
    assert MODEL.pmf(params, *at, 52.0, 40)[0, k] == pytest.approx(probability, rel=1e-8)
    assert MODEL.expected_purchases(params, *at, 52.0)[0] == pytest.approx(mean, rel=1e-10)
    if k == 0:
        assert MODEL.p_no_purchase(params, *at, 52.0)[0] == pytest.approx(probability, rel=1e-9)


@pytest.mark.parametrize("delta", [0.002, 0.05])
def test_discounting_is_the_integral_of_the_rate(delta: float) -> None:
    at = np.array([0.0, 20.0]), np.array([0.0, 38.0]), np.array([39.0, 39.0])
    weeks = np.linspace(0, 520, 520 * 10 + 1)
    total = np.array([MODEL.expected_purchases(CDNOW, *at, float(w)) for w in weeks])
    middle = (weeks[1:] + weeks[:-1]) / 2
    want = np.exp(-delta * middle) @ np.diff(total, axis=0)  # midpoint rule: relative error (delta / 10)^2 / 24
    assert MODEL.expected_purchases(CDNOW, *at, 520.0, delta) == pytest.approx(want, rel=1e-5)


def test_the_median_wait_may_be_never() -> None:
    """Somebody with a high risk of leaving: fewer than half of such customers ever return."""
    wait = MODEL.median_wait({"r": 0.2, "alpha": 20.0, "s": 5.0, "beta": 5.0}, np.zeros(1), np.zeros(1), np.ones(1))
    assert np.isinf(wait[0])


def test_simulated_customers() -> None:
    """The share alive and what the living buy, by history; within five standard errors."""
    rng = np.random.default_rng(4)
    n, T, t = 400_000, 30.0, 20.0
    rate, life = rng.gamma(0.8, 1 / 8.0, n), rng.exponential(1 / rng.gamma(0.7, 1 / 12.0, n))
    x = rng.poisson(rate * np.minimum(life, T))
    made = rng.poisson(rate * np.clip(life - T, 0, t))
    params = {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 12.0}
    none = x == 0
    zero, age = np.zeros(1), np.full(1, T)
    alive = MODEL.p_alive(params, zero, zero, age)[0]
    assert (life[none] > T).mean() == pytest.approx(alive, abs=5 * 0.5 / np.sqrt(none.sum()))
    living = made[none & (life > T)]
    expected = MODEL.expected_purchases(params, zero, zero, age, t)[0]
    assert living.mean() == pytest.approx(expected, abs=5 * living.std() / np.sqrt(living.size))
    counts = MODEL.pmf(params, zero, zero, age, t, 3)[0]
    for k in range(4):
        assert (living == k).mean() == pytest.approx(counts[k], abs=5 * 0.5 / np.sqrt(living.size))
