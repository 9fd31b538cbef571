"""What judges a forecast: proper scores of counts and of events, and how well a ranking finds the value.

Every function takes arrays of shape (n,), one entry a customer, and returns one number; lower is better for the errors
and scores, higher for Gini, top share and AUC. Ties in a forecast are shared evenly, so that row order does not matter.
"""

from collections.abc import Mapping

import numpy as np

from clvcli.models.base import Array, PurchaseModel
from clvcli.models.ufuncs import gammaln, xlogy

SURE = 1e-15
"""No probability is nearer to 0 or 1 than this: a wrong certainty costs much, not infinitely much."""


def poisson_deviance(actual: Array, expected: Array) -> float:
    """2 mean(y ln(y / mu) - (y - mu)): proper for the mean of a count. inf when mu = 0 and y > 0."""
    return float(2 * np.mean(xlogy(actual, actual) - xlogy(actual, expected) - (actual - expected)))


def log_score(log_probability: Array) -> float:
    """Minus the mean log of the probability that was given to what happened; see `log_probabilities`."""
    return -float(np.mean(log_probability))


def log_loss(event: Array, probability: Array) -> float:
    """Minus the mean log-likelihood of a yes or no (1 or 0)."""
    return -float(np.mean(log_events(event, probability)))


def log_events(event: Array, probability: Array) -> Array:
    """ln of the probability given to what happened, a yes or a no (1 or 0), shape (n,)."""
    p = np.clip(probability, SURE, 1 - SURE)
    return np.where(event > 0, np.log(p), np.log1p(-p))


def brier(event: Array, probability: Array) -> float:
    """Mean squared error of a probability."""
    return float(np.mean((event - probability) ** 2))


def bias(actual: Array, expected: Array) -> float | None:
    """Total forecast over total outcome, minus 1; None when nothing happened."""
    total = float(actual.sum())
    return float(expected.sum()) / total - 1 if total > 0 else None


def mae(actual: Array, expected: Array) -> float:
    """Mean absolute error. An all-zero forecast often has the least: it never decides."""
    return float(np.mean(np.abs(actual - expected)))


def rmse(actual: Array, expected: Array) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((actual - expected) ** 2)))


def gini(actual: Array, rank_by: Array) -> float | None:
    """Normalised Gini: 1 when `rank_by` sorts the customers as the outcome does, 0 when it says nothing."""
    most = _gini(actual, actual)
    return _gini(actual, rank_by) / most if most > 0 else None


def mid_ranks(values: Array) -> Array:
    """Ranks from 1, ties at the mean of theirs. (scipy.stats has it, and takes longer to import than a run lasts.)"""
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(sizes) - (sizes - 1) / 2)[place])


def _gini(actual: Array, rank_by: Array) -> float:
    n, total = actual.size, float(actual.sum())
    return float((2 * mid_ranks(rank_by) - n - 1) @ actual) / (n * total) if total > 0 else 0.0


def top_share(actual: Array, rank_by: Array, share: float = 0.2) -> float | None:
    """Share of the outcome that the best `share` of customers by `rank_by` bring; a tie at the edge counts in part."""
    total = float(actual.sum())
    if total <= 0:
        return None
    _, place, sizes = np.unique(-rank_by, return_inverse=True, return_counts=True)
    sums = np.bincount(place, weights=actual)
    people, value = np.append(0, np.cumsum(sizes)), np.append(0, np.cumsum(sums))
    return float(np.interp(share * actual.size, people, value)) / total


def auc(event: Array, rank_by: Array) -> float | None:
    """Chance that one who did ranks before one who did not; None when all or none did."""
    yes = float(event.sum())
    no = event.size - yes
    if yes == 0 or no == 0:
        return None
    return (float(mid_ranks(rank_by) @ event) - yes * (yes + 1) / 2) / (yes * no)


def poisson_log_probability(actual: Array, expected: Array) -> Array:
    """ln P(Y = y) of a Poisson count with that mean, shape (n,); at least ln 1e-15."""
    with np.errstate(divide="ignore"):
        log_p = xlogy(actual, expected) - expected - gammaln(actual + 1)
    return np.asarray(np.maximum(log_p, np.log(SURE)))


BUCKETS = (4, 16, 64, 256, 1024)
"""Counts are taken together up to these, so that the few large ones do not make every row long."""


def log_probabilities(
    model: PurchaseModel, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, actual: Array
) -> Array:
    """ln P(Y(t) = y) of the count that each customer made, shape (n,); at least ln 1e-15. t in weeks."""
    p_alive = model.p_alive(params, x, t_x, T)
    probability = np.zeros(actual.shape)
    low = -1
    for high in (*(b for b in BUCKETS if b < actual.max(initial=0)), int(actual.max(initial=0))):
        rows = np.flatnonzero((actual > low) & (actual <= high))
        if rows.size:
            given = model.pmf(params, x[rows], t_x[rows], T[rows], t, high)
            probability[rows] = given[np.arange(rows.size), actual[rows].astype(int)]
        low = high
    mixed = p_alive * probability + np.where(actual == 0, 1 - p_alive, 0.0)
    return np.asarray(np.log(np.clip(mixed, SURE, 1.0)))
