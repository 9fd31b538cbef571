"""Differences of two arms: the worked example, an independent regression, Benjamini-Hochberg by hand."""

import numpy as np
import pytest
from scipy import stats

from clvcli.commands.compare.arms import adjusted, difference, false_discovery


def test_worked_example_of_135_and_10() -> None:
    """135 of 900 against 10 of 100: 15 % - 10 % = 5 points.

    Wald: sqrt(.15 x .85 / 900 + .10 x .90 / 100) = sqrt(.000141667 + .0009) = .0322749; x 1.96 = .0632576:
    -1.3 to +11.3 points. Detectable with 80 % power: (1.959964 + .841621) x .0322749 = 9.04 points.
    """
    outcome = np.repeat([1.0, 0.0, 1.0, 0.0], [135, 765, 10, 90])
    found = difference(outcome, np.repeat([True, False], [900, 100]))
    assert found.estimate == pytest.approx(0.05)
    assert round(100 * found.low, 1) == -1.3
    assert round(100 * found.high, 1) == 11.3
    assert found.p > 0.05
    assert found.detectable == pytest.approx(0.0904, abs=5e-5)


def test_amounts_are_compared_as_welch_does() -> None:
    one, zero = np.array([5.0, 9.0, 2.0, 8.0]), np.array([1.0, 3.0, 2.0])
    treated = np.repeat([True, False], [4, 3])
    found = difference(np.concatenate([one, zero]), treated)
    authority = stats.ttest_ind(one, zero, equal_var=False)
    low, high = authority.confidence_interval(0.95)
    assert (found.p, found.low, found.high) == pytest.approx((authority.pvalue, low, high))


def lin_by_one_regression(y: np.ndarray, z: np.ndarray, X: np.ndarray) -> tuple[float, float]:
    """Lin (2013) as printed: y on 1, z, centred X, z times centred X; the coefficient of z and its HC3 error."""
    centred = X - X.mean(axis=0)
    D = np.column_stack([np.ones(len(y)), z, centred, z[:, None] * centred])
    inverse = np.linalg.inv(D.T @ D)
    beta = inverse @ D.T @ y
    leverage = np.einsum("ij,jk,ik->i", D, inverse, D)
    weighted = D * ((y - D @ beta) / (1 - leverage))[:, None]
    return float(beta[1]), float(np.sqrt((inverse @ weighted.T @ weighted @ inverse)[1, 1]))


def test_two_regressions_equal_the_interacted_one() -> None:
    random = np.random.default_rng(3)
    X = random.normal(size=(300, 3))
    z = random.random(300) < 0.8
    y = X @ [1.0, -2.0, 0.5] + z * (1 + X[:, 0]) + random.normal(size=300)
    found = adjusted(y, z, X)
    assert found is not None
    assert (found.estimate, found.error) == pytest.approx(lin_by_one_regression(y, z * 1.0, X), rel=1e-9)


def test_adjustment_by_hand() -> None:
    """y = 2 x in control, 2 x + 3 in treatment, x-means 2 and 4: plain 7, adjusted 3 exactly, without error."""
    x = np.array([1.0, 2.0, 3.0, 3.0, 4.0, 5.0])
    treated = np.array([False] * 3 + [True] * 3)
    y = 2 * x + 3 * treated
    assert difference(y, treated).estimate == pytest.approx(7.0)
    found = adjusted(y, treated, x[:, None])
    assert found is not None
    assert found.estimate == pytest.approx(3.0)
    assert found.error == pytest.approx(0.0, abs=1e-9)


def test_constant_and_double_covariates_are_dropped() -> None:
    random = np.random.default_rng(4)
    x = random.normal(size=60)
    z = np.arange(60) % 3 > 0
    y = x + random.normal(size=60)
    lean, fat = adjusted(y, z, x[:, None]), adjusted(y, z, np.column_stack([x, np.ones(60), 2 * x]))
    assert lean is not None
    assert fat is not None
    assert (lean.estimate, lean.error) == pytest.approx((fat.estimate, fat.error))
    assert adjusted(y[:2], np.array([True, False]), x[:2, None]) is None


def test_false_discovery_by_hand() -> None:
    """p .01 .02 .03 .5: times 4/1, 4/2, 4/3, 4/4 = .04 .04 .04 .5, made monotone from the last."""
    assert false_discovery(np.array([0.5, 0.01, 0.03, 0.02])) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    random = np.random.default_rng(5).random(40)
    assert false_discovery(random) == pytest.approx(stats.false_discovery_control(random))
    assert false_discovery(np.empty(0)).size == 0
