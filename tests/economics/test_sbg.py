"""The shifted beta-geometric against the numbers of Fader & Hardie (2007), "How to Project Customer Retention"."""

import numpy as np
import pytest

from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT
from clvcli.models.contract.sbg import Renewals, expected_renewals, fit, log_likelihood, retention, survival

# Per cent still there after 0, 1, ..., 12 years, table 1 of the paper; cohorts of 1,000.
HIGH_END = [100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]


def seven_years(percent: list[float]) -> Renewals:
    there = np.array(percent[:8]) * 10
    stayed = np.zeros(8)
    stayed[7] = there[7]
    return Renewals(there[:-1] - there[1:], stayed)


@pytest.mark.parametrize(
    ("percent", "alpha", "beta", "likelihood"),
    [(HIGH_END, 0.668, 3.806, -1611.16), (REGULAR, 0.704, 1.182, -1680.27)],
)
def test_the_published_fits(percent: list[float], alpha: float, beta: float, likelihood: float) -> None:
    found = fit(seven_years(percent))
    assert found.status == CONVERGED
    # The paper prints three digits of the parameters and two of the likelihood.
    assert found.params["alpha"] == pytest.approx(alpha, abs=0.0006)
    assert found.params["beta"] == pytest.approx(beta, abs=0.0006)
    assert found.log_likelihood == pytest.approx(likelihood, abs=0.006)


@pytest.mark.parametrize("percent", [HIGH_END, REGULAR])
def test_five_more_years_are_projected_within_two_points(percent: list[float]) -> None:
    found = fit(seven_years(percent))
    projected = survival(found.params["alpha"], found.params["beta"], 12) * 100
    assert np.abs(projected[8:] - percent[8:]).max() < 2.0  # figure 3 of the paper: the curves lie on each other


def test_by_hand() -> None:
    # alpha 1, beta 1: S(t) = 1 / (t + 1), r(t) = t / (t + 1).
    assert survival(1, 1, 3) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert retention(1, 1, 3) == pytest.approx([1 / 2, 2 / 3, 3 / 4])
    # Two left at the first renewal (1/2 each), one is still there after two (1/3).
    seen = Renewals(np.array([2.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    assert log_likelihood(1, 1, seen) == pytest.approx(2 * np.log(1 / 2) + np.log(1 / 3))


def test_expected_payments_by_hand() -> None:
    assert expected_renewals(1, 1, 3) == pytest.approx(1 + 1 / 2 + 1 / 3)
    assert expected_renewals(1, 1, 2, discount=0.1) == pytest.approx(1 + 0.5 / 1.1)
    # After one renewal theta is Beta(1, 2): S(1) = 2/3.
    assert expected_renewals(1, 1, 2, tenure=1) == pytest.approx(1 + 2 / 3)
    assert expected_renewals(1, 1, None) is None  # 1 + 1/2 + 1/3 + ... has no sum
    # alpha 3, beta 1: E[1 / theta] = (3 + 1 - 1) / (3 - 1).
    assert expected_renewals(3, 1, None) == pytest.approx(1.5)
    assert expected_renewals(3, 1, 20_000) == pytest.approx(1.5, abs=1e-6)


def test_no_shape_to_learn() -> None:
    stayed = Renewals(np.array([0.0, 0.0]), np.array([0.0, 0.0, 9.0]))
    assert fit(stayed).status == INSUFFICIENT
    gone = Renewals(np.array([9.0, 0.0]), np.array([3.0, 0.0, 0.0]))
    assert fit(gone).status == INSUFFICIENT


def test_customers_who_are_all_alike() -> None:
    there = 10_000 * 0.8 ** np.arange(9)
    stayed = np.zeros(9)
    stayed[8] = there[8]
    found = fit(Renewals(there[:-1] - there[1:], stayed))
    assert found.status == AT_BOUND
    assert survival(found.params["alpha"], found.params["beta"], 8) == pytest.approx(0.8 ** np.arange(9), rel=1e-3)


def test_as_many_who_stay_as_leave_later_is_enough_to_learn_from() -> None:
    """Nobody has renewed only where all who left did so at once and nobody came through a renewal."""
    assert fit(Renewals(np.array([5.0, 3.0]), np.array([0.0, 1.0, 2.0]))).status != INSUFFICIENT
    assert fit(Renewals(np.array([5.0, 0.0]), np.array([4.0, 0.0, 0.0]))).status == INSUFFICIENT
    assert fit(Renewals(np.array([0.0, 0.0]), np.array([4.0, 5.0, 3.0]))).status == INSUFFICIENT
