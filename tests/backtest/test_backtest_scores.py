"""The scoring rules against arithmetic by hand and scipy."""

import math

import numpy as np
import pytest
from scipy.stats import poisson, rankdata

from clvcli.models import scores
from clvcli.models.registry import names, purchase_model

PARAMS = {
    "bg-nbd": {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881},
    "mbg-nbd": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "pareto-nbd": {"r": 0.55315, "alpha": 10.57633, "s": 0.60625, "beta": 11.6715},
}


def test_gini_and_top_share_of_the_worked_example() -> None:
    """NUMERICS: values 80, 5, 5, 5, 5: best fifth 80 %, Gini .60."""
    values = np.array([80.0, 5, 5, 5, 5])
    assert scores.top_share(values, values) == pytest.approx(0.8)
    assert scores._gini(values, values) == pytest.approx(0.6)
    assert scores.gini(values, values) == pytest.approx(1.0)
    assert scores.gini(values, -values) == pytest.approx(-1.0)
    assert scores.gini(values, np.zeros(5)) == pytest.approx(0.0)


def test_ties_are_shared_so_that_row_order_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    actual, by = rng.poisson(2.0, 200).astype(float), rng.integers(0, 4, 200).astype(float)
    turned = rng.permutation(200)
    for rule in (scores.gini, scores.top_share):
        assert rule(actual, by) == pytest.approx(rule(actual[turned], by[turned]), rel=1e-12)
    assert scores.top_share(actual, np.zeros(200)) == pytest.approx(0.2)


def test_mid_ranks_are_those_of_scipy() -> None:
    values = np.array([3.0, 1.0, 3.0, 2.0, 3.0, 1.0])
    np.testing.assert_array_equal(scores.mid_ranks(values), rankdata(values))


def test_auc_counts_pairs() -> None:
    event, by = np.array([1.0, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.4, 0.4, 0.1])
    pairs = [(a, b) for a, e in zip(by, event, strict=True) if e for b, f in zip(by, event, strict=True) if not f]
    expected = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)
    assert scores.auc(event, by) == pytest.approx(expected)
    assert scores.auc(np.zeros(3), np.arange(3.0)) is None


def test_deviance_by_hand() -> None:
    actual, expected = np.array([0.0, 2.0]), np.array([0.5, 1.0])
    by_hand = 2 * ((0.5) + (2 * math.log(2) - 1)) / 2
    assert scores.poisson_deviance(actual, expected) == pytest.approx(by_hand)
    assert scores.poisson_deviance(actual, actual) == pytest.approx(0.0)
    assert scores.poisson_deviance(np.array([1.0]), np.array([0.0])) == math.inf


def test_scores_of_events_by_hand() -> None:
    event, p = np.array([1.0, 0.0]), np.array([0.8, 0.4])
    assert scores.log_loss(event, p) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert scores.brier(event, p) == pytest.approx((0.04 + 0.16) / 2)
    assert math.isfinite(scores.log_loss(np.array([1.0]), np.array([0.0])))


def test_a_total_of_nothing_has_no_bias() -> None:
    assert scores.bias(np.zeros(2), np.ones(2)) is None
    assert scores.bias(np.array([2.0, 2.0]), np.array([1.0, 2.0])) == pytest.approx(-0.25)


def test_poisson_log_probabilities_are_those_of_scipy() -> None:
    y, mu = np.arange(6.0), np.linspace(0.2, 3.0, 6)
    np.testing.assert_allclose(scores.poisson_log_probability(y, mu), poisson.logpmf(y, mu), rtol=1e-12)
    assert scores.poisson_log_probability(np.array([3.0]), np.array([0.0]))[0] == math.log(scores.SURE)


@pytest.mark.parametrize("name", [n for n in PARAMS if n in names()])
def test_log_probabilities_are_the_models_distribution(name: str) -> None:
    """Mixed with P(alive) by hand; counts on both sides of the buckets' edges."""
    model, params = purchase_model(name), PARAMS[name]
    y = np.array([0.0, 1, 4, 5, 16, 17, 70])
    x, t_x, T = np.full(7, 6.0), np.full(7, 30.0), np.full(7, 38.0)
    got = scores.log_probabilities(model, params, x, t_x, T, 39.0, y)
    alive = model.p_alive(params, x[:1], t_x[:1], T[:1])[0]
    given = model.pmf(params, x[:1], t_x[:1], T[:1], 39.0, 70)[0]
    expected = [math.log(max(alive * given[int(k)] + (1 - alive if k == 0 else 0.0), scores.SURE)) for k in y]
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_errors_by_hand() -> None:
    actual, expected = np.array([0.0, 2.0, 4.0]), np.array([1.0, 2.0, 0.0])
    assert scores.mae(actual, expected) == pytest.approx(5 / 3)
    assert scores.rmse(actual, expected) == pytest.approx(math.sqrt(17 / 3))
    assert scores.bias(actual, expected) == pytest.approx(-0.5)
    assert scores.bias(np.zeros(3), expected) is None
    assert scores.log_score(np.log([0.5, 0.25])) == pytest.approx(1.5 * math.log(2))
    assert scores.brier(np.array([1.0, 0.0]), np.array([0.8, 0.4])) == pytest.approx(0.1)


def test_auc_needs_one_of_each() -> None:
    by = np.array([0.2, 0.9])
    assert scores.auc(np.array([0.0, 1.0]), by) == 1.0
    assert scores.auc(np.array([1.0, 0.0]), by) == 0.0
    assert scores.auc(np.ones(2), by) is None
    assert scores.auc(np.zeros(2), by) is None
