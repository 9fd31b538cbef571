"""Predictions and likelihoods against 30 to 60 digit arithmetic by other formulas."""

import numpy as np
import pytest
from models.models_oracle import bg_nbd, discounted_2f1, expected_2f1, expected_panels, gamma_gamma, pmf

from clvcli.models import beta_geometric
from clvcli.models.base import History
from clvcli.models.registry import purchase_model, spend_model

RTOL = 1e-10


def expected(nu: float, A: float, a: float, b: float, t: float, delta: float = 0.0) -> float:
    return float(beta_geometric.expected_purchases(np.array([nu]), np.array([A]), a, np.array([b]), t, delta)[0])


def test_expected_on_a_wide_grid() -> None:
    """x to 3000, t to 5000, a from 1e-9, a + b below 1: the textbook form with 60 digits."""
    rng = np.random.default_rng(1)
    worst = 0.0
    for _ in range(300):
        x = rng.choice([0, 0, 1, 3, 30, 300, 3000])
        nu, A = x + 10 ** rng.uniform(-2, 2), 10 ** rng.uniform(-0.5, 3)
        a, b = 10 ** rng.uniform(-9, 0.99), x + 10 ** rng.uniform(-3, 2)
        t = 10 ** rng.uniform(-2, np.log10(5000))
        worst = max(worst, abs(expected(nu, A, a, b, t) / expected_2f1(nu, A, a, b, t) - 1))
    assert worst < RTOL


@pytest.mark.parametrize("a", [1e-9, 0.3, 1.0, 40.0])
@pytest.mark.parametrize(("x", "b"), [(0, 0.2), (2, 1e8), (3000, 1.0)])
def test_expected_where_the_textbook_form_fails(a: float, x: int, b: float) -> None:
    case = (0.4 + x, 30.0, a, b + x, 5000.0)
    assert expected(*case) == pytest.approx(expected_panels(*case), rel=RTOL)


@pytest.mark.parametrize("case", [(0.24, 5.0, 0.79, 2.4), (12.2, 43.0, 0.05, 14.0), (300.2, 90.0, 2.5, 301.0)])
@pytest.mark.parametrize(("t", "delta"), [(52.0, 0.002), (520.0, 0.05), (np.inf, 0.002), (np.inf, 0.05)])
def test_discounted(case: tuple[float, float, float, float], t: float, delta: float) -> None:
    assert expected(*case, t, delta) == pytest.approx(discounted_2f1(*case, t, delta), rel=1e-9)


def test_discounting_nothing_is_no_discount() -> None:
    case = (3.2, 20.0, 0.8, 5.0, 100.0)
    assert expected(*case, 1e-12) == pytest.approx(expected(*case), rel=1e-9)


@pytest.mark.parametrize("k", [0, 1, 2, 40, 80, 300])
@pytest.mark.parametrize(
    "case", [(0.24, 5.0, 0.79, 2.4, 39.0), (30.0, 35.0, 1.0, 32.0, 52.0), (5.0, 9.0, 1e-7, 1e6, 70.0)]
)
def test_counts(case: tuple[float, float, float, float, float], k: int) -> None:
    """The textbook bracket has no digits left at k = 80; here all but the last few stay."""
    nu, A, a, b, t = case
    got = beta_geometric.pmf(np.array([nu]), np.array([A]), a, np.array([b]), t, 300)[0, k]
    assert got == pytest.approx(pmf(nu, A, a, b, t, k), rel=1e-9)


def test_counts_agree_with_their_mean_and_with_no_purchase() -> None:
    x, T = np.array([0.0, 2.0, 7.0, 20.0]), np.array([10.0, 20.0, 30.0, 38.0])
    nu, A, b = 0.24 + x, 4.4 + T, 2.4 + x
    table = beta_geometric.pmf(nu, A, 0.8, b, 20.0, 2000)
    assert table.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-12)
    assert table @ np.arange(2001) == pytest.approx(beta_geometric.expected_purchases(nu, A, 0.8, b, 20.0), rel=1e-10)
    assert table[:, 0] == pytest.approx(beta_geometric.p_no_purchase(nu, A, 20.0), rel=1e-13)


@pytest.mark.parametrize(("name", "chances"), [("bg-nbd", 0), ("mbg-nbd", 1)])
@pytest.mark.parametrize(
    "theta",
    [(0.24, 4.4, 0.8, 2.4), (0.24, 4.4, 0.8, 1e8), (3e7, 1e8, 1.0, 2.0), (0.5, 6.0, 3e6, 1e8), (1.0, 5.0, 1e-8, 1e-3)],
)
def test_likelihood_on_the_ridges(name: str, chances: int, theta: tuple[float, float, float, float]) -> None:
    """Parameters up to 1e8, where ratios of gamma functions lose every digit."""
    x, t_x, T = np.array([0.0, 1, 5, 40]), np.array([0.0, 3, 20, 30]), np.array([30.0, 8, 38, 31])
    history = History(x, t_x, T, np.ones(4))
    params = dict(zip(("r", "alpha", "a", "b"), theta, strict=True))
    got = purchase_model(name).log_likelihood(params, history)
    want = [bg_nbd(*theta, int(row[0]), row[1], row[2], chances) for row in zip(x, t_x, T, strict=True)]
    assert got == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("theta", [(6.2, 3.7, 15.4), (0.01, 0.5, 3.0), (1e5, 4.0, 1e-3), (8.0, 1e5, 1e6)])
def test_spend_likelihood(theta: tuple[float, float, float]) -> None:
    n, mean = np.array([1.0, 2.0, 30.0]), np.array([12.0, 35.5, 40.25])
    model = spend_model("gamma-gamma")
    got = model.log_likelihood(dict(zip(("p", "q", "v"), theta, strict=True)), n, mean)
    want = [gamma_gamma(*theta, k, m) for k, m in zip(n, mean, strict=True)]
    assert got == pytest.approx(want, rel=1e-8)
