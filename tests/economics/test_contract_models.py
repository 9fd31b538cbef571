"""Retention with time (beta-discrete-Weibull) and what is left of a contract, against other ways to compute them."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad

from clvcli.models.base import INSUFFICIENT, Array, Fit
from clvcli.models.contract import bdw, curves, sbg
from clvcli.models.contract.sbg import Renewals

# Per cent still there after 0, 1, ..., 12 years, table 1 of Fader & Hardie (2007); cohorts of 1,000.
HIGH_END = [100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]


def renewals(percent: list[float], years: int) -> Renewals:
    there = np.array(percent[: years + 1]) * 10
    stayed = np.zeros(years + 1)
    stayed[years] = there[years]
    return Renewals(there[:-1] - there[1:], stayed)


def of_sbg(alpha: float, beta: float) -> Fit:
    return Fit("sbg", {"alpha": alpha, "beta": beta}, {}, None, "converged")


def test_with_c_of_one_it_is_the_shifted_beta_geometric() -> None:
    assert np.exp(bdw.log_survival(0.7, 1.2, 1.0, 30)) == pytest.approx(sbg.survival(0.7, 1.2, 30), rel=1e-12)
    seen = renewals(REGULAR, 7)
    assert bdw.log_likelihood(0.7, 1.2, 1.0, seen) == pytest.approx(sbg.log_likelihood(0.7, 1.2, seen), rel=1e-12)


@pytest.mark.parametrize(("alpha", "beta", "c"), [(0.26, 1.72, 1.58), (1.3, 7.8, 0.6), (4.0, 6.0, 1.2)])
def test_survival_is_the_mean_over_theta(alpha: float, beta: float, c: float) -> None:
    """Integrated numerically over u = theta^alpha, which has no pole at 0."""
    for t in (1, 2, 5):
        power = t**c + beta - 1
        mean, _ = quad(lambda u, p=power: (1 - u ** (1 / alpha)) ** p / alpha, 0, 1, epsabs=1e-12, epsrel=1e-10)
        found = float(np.exp(bdw.log_survival(alpha, beta, c, t)[t]))
        assert found == pytest.approx(mean / float(mpmath.beta(alpha, beta)), rel=1e-8)


def test_four_years_of_the_paper_are_projected_to_twelve() -> None:
    """Eight years ahead of four: leaving moves with time in the High End, and the shifted beta-geometric misses it."""
    for percent, worse in ((HIGH_END, 5.0), (REGULAR, 1.0)):
        seen = renewals(percent, 4)
        plain = sbg.fit(seen)
        shaped = bdw.fit(seen, plain)
        assert shaped.params["c"] > 1
        errors = [np.abs(curves.survival(f, 12)[5:] * 100 - percent[5:]).mean() for f in (plain, shaped)]
        assert errors[0] > worse
        assert errors[1] < 0.8
    assert curves.fitted(renewals(HIGH_END, 4)).name == "bdw"
    assert curves.fitted(renewals(REGULAR, 7)).name == "sbg"  # 0.7 in log-likelihood is not worth a parameter


def test_the_fit_is_the_maximum() -> None:
    """No step of any parameter is better."""
    seen = renewals(HIGH_END, 7)
    found = bdw.fit(seen, sbg.fit(seen))
    at = [found.params[name] for name in ("alpha", "beta", "c")]
    assert found.log_likelihood is not None
    assert bdw.log_likelihood(at[0], at[1], at[2], seen) == pytest.approx(found.log_likelihood, rel=1e-12)
    for i in range(3):
        for factor in (0.99, 1.01):
            a, b, c = (value * (factor if i == j else 1) for j, value in enumerate(at))
            assert bdw.log_likelihood(a, b, c, seen) < found.log_likelihood


def test_simulated_customers_give_their_parameters_back() -> None:
    random = np.random.default_rng(7)
    theta = random.beta(0.8, 3.0, 60_000)
    draw = np.log(random.uniform(size=theta.size)) / np.log1p(-theta)
    life = np.maximum(1, np.ceil(draw ** (1 / 1.4))).astype(int)  # the renewal at which they leave
    left = np.bincount(life[life <= 12], minlength=13)[1:].astype(float)
    stayed = np.zeros(13)
    stayed[12] = (life > 12).sum()
    found = curves.fitted(Renewals(left, stayed))
    assert found.name == "bdw"
    assert curves.survival(found, 12)[1:] == pytest.approx(1 - np.cumsum(left) / theta.size, abs=0.003)
    assert found.params["c"] == pytest.approx(1.4, abs=0.1)


def test_too_few_renewals_for_three_numbers() -> None:
    seen = renewals(REGULAR, 3)
    assert bdw.fit(seen, sbg.fit(seen)).status == INSUFFICIENT
    assert curves.fitted(seen).name == "sbg"


def residual(fit: Fit, passed: int, discount: float, most: int) -> curves.Residual:
    """One payment at each renewal, the first of which is now."""
    due = np.arange(1, most + 1)
    weights = np.asarray((1.0 + discount) ** -(due - 1.0), dtype=np.float64)
    return curves.residual(curves.log_survival(fit, passed + most + 1), passed, due, weights, most)


@pytest.mark.parametrize("passed", [0, 1, 7])
@pytest.mark.parametrize(("alpha", "beta"), [(0.668, 3.806), (0.704, 1.182)])
def test_discounted_residual_lifetime_in_closed_form(alpha: float, beta: float, passed: int) -> None:
    """Fader & Hardie (2010), right before a renewal: b / (a + b) 2F1(1, b + 1; a + b + 1; 1 / (1 + d)), with b counting
    the renewals made."""
    b = beta + passed
    closed = b / (alpha + b) * mpmath.hyp2f1(1, b + 1, alpha + b + 1, 1 / mpmath.mpf("1.1"))
    assert residual(of_sbg(alpha, beta), passed, 0.1, 400).value == pytest.approx(float(closed), rel=1e-9)


def test_another_program_prints_the_same() -> None:
    """The package shifted_beta_geometric says 7.530 of the High End after seven renewals at 10 %."""
    found = sbg.fit(renewals(HIGH_END, 7))
    assert residual(found, 7, 0.1, 400).value == pytest.approx(7.530, abs=0.005)


def test_elasticity_of_customers_who_are_all_alike() -> None:
    """r + r^2 / (1 + d) + ... = r (1 + d) / (1 + d - r): its elasticity is (1 + d) / (1 + d - r)."""
    r, d = 0.8, 0.1
    found = residual(of_sbg(0.2e9, 0.8e9), 0, d, 400)
    assert found.value == pytest.approx(r * (1 + d) / (1 + d - r), rel=1e-6)
    assert found.moved / found.value == pytest.approx((1 + d) / (1 + d - r), rel=1e-6)


def test_elasticity_is_that_of_customers_who_renew_more() -> None:
    """Customers drawn, each with a chance to renew that is higher by a thousandth. Tolerance: 400,000 draws."""
    alpha, beta, most = 2.0, 6.0, 8
    theta = np.random.default_rng(3).beta(alpha, beta, 400_000)
    k = np.arange(1, most + 1)

    def value(step: float) -> float:
        return float((((1 - theta) * (1 + step))[:, None] ** k).sum(axis=1).mean())

    found = residual(of_sbg(alpha, beta), 0, 0.0, most)
    assert found.moved / found.value == pytest.approx((value(0.001) / value(-0.001) - 1) / 0.002, rel=0.01)


def drawn(alpha: float, beta: float, passed: int, most: int, weights: Array) -> Array:
    """Payments of customers who came through `passed` renewals. Shape (200000,)."""
    random = np.random.default_rng(11)
    theta = random.beta(alpha, beta + passed, 200_000)
    more = np.minimum(random.geometric(theta) - 1, most)
    return np.concatenate(([0.0], np.cumsum(weights)))[more]


def test_interval_and_variance_are_those_of_simulated_contracts() -> None:
    """Tolerance: four standard errors of 200,000 draws are below one per cent."""
    passed, most = 2, 10
    weights = 1.1 ** -np.arange(float(most))
    paid = drawn(0.9, 2.0, passed, most, weights)
    found = residual(of_sbg(0.9, 2.0), passed, 0.1, most)
    assert found.value == pytest.approx(paid.mean(), rel=0.01)
    assert found.variance == pytest.approx(paid.var(), rel=0.01)
    assert (found.low, found.high) == pytest.approx(np.quantile(paid, (0.05, 0.95), method="inverted_cdf"))
    assert found.churn == pytest.approx((paid == 0).mean(), abs=0.005)


def test_a_payment_before_the_next_renewal_is_certain() -> None:
    """Paid monthly, renewed by the quarter: two payments of this quarter, three of the next."""
    due, log_s = np.array([0, 0, 1, 1, 1]), np.log(np.array([1.0, 0.5, 0.2]))
    found = curves.residual(log_s, 0, due, np.ones(5), 1)
    assert found.value == pytest.approx(2 + 3 * 0.5)
    assert (found.low, found.high) == (2.0, 5.0)
    assert found.renewals == pytest.approx(0.5)
    assert found.variance == pytest.approx(9 * 0.25)
