"""The part of a likelihood of every model with purchases at random: x purchases in T at a rate ~ Gamma(r, alpha).

    sum over customers of  sum_{j<x} ln((r + j) / (alpha + T)) - r ln(1 + T / alpha)

with the gamma functions as sums over how many customers have x > j, so that nothing cancels when r and alpha are huge.
"""

import numpy as np

from clvcli.models.base import Array, History
from clvcli.models.fitting import BLOCK


def more_than(history: History) -> Array:
    """Customers with x > j, for j = 0 ... max x - 1 (at least one entry)."""
    counts = np.zeros(int(history.x.max(initial=0)) + 1)
    for start in range(0, history.x.size, BLOCK):
        rows = slice(start, start + BLOCK)
        counts += np.bincount(history.x[rows].astype(np.intp), weights=history.weight[rows], minlength=counts.size)
    beyond: Array = history.weight.sum() - np.cumsum(counts)
    return beyond[:-1] if beyond.size > 1 else beyond


def log_buying(r: float, alpha: float, x: Array, T: Array) -> Array:
    """The same per customer, not summed."""
    rises = np.concatenate([[0.0], np.cumsum(np.log1p(np.arange(int(x.max(initial=0)) + 1) / r))])
    return np.asarray(x * np.log(r / alpha) + rises[x.astype(np.intp)] - (r + x) * np.log1p(T / alpha))


def buying(r: float, alpha: float, x: Array, T: Array, weight: Array, beyond: Array) -> tuple[float, Array, Array]:
    """Weighted sum with gradient (2,) and Hessian (2, 2) in the logs of r and alpha."""
    j = np.arange(beyond.size)
    grown, share = np.log1p(T / alpha), T / (alpha + T)
    sum_x, sum_grown, sum_share = weight @ x, weight @ grown, weight @ share
    value = sum_x * np.log(r / alpha) + beyond @ np.log1p(j / r) - weight @ ((r + x) * grown)
    slope = np.array([beyond @ (r / (r + j)) - r * sum_grown, weight @ ((r + x) * share) - sum_x])
    bend = weight @ ((r + x) * share * (1 - share))
    rr = beyond @ (r * j / (r + j) ** 2) - r * sum_grown
    return float(value), slope, np.array([[rr, r * sum_share], [r * sum_share, -bend]])
