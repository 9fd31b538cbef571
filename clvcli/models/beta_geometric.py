"""What a living customer will do, when lambda ~ Gamma(nu, A) and the dropout p ~ Beta(a, b) are independent.

Shared by every model with dropout at purchases: the posterior of a customer who is alive has this form.
nu, A, b: shape (n,); a: one number; time in weeks. See FHL (2005) and the quadrature of `special`.
"""

import numpy as np

from clvcli.models.base import Array
from clvcli.models.discount import discount_rule
from clvcli.models.special import beta_rule
from clvcli.models.ufuncs import betainc

CHUNK = 1 << 18


def expected_purchases(nu: Array, A: Array, a: float, b: Array, t: float, delta: float = 0.0) -> Array:
    """Integral over (0, t) of e^(-delta s) rate(s) ds given alive, shape (n,). Relative error below 1e-10.

    t may be inf when delta > 0. Rows that share (nu, b) share their nodes, so pass distinct rows.
    """
    result = np.zeros(nu.shape)
    if t <= 0:
        return result
    for rows in same_history(nu, b):
        k, shape_b = float(nu[rows[0]]), float(b[rows[0]])
        if delta == 0:
            result[rows] = _plain(k, A[rows], a, shape_b, t)
        else:
            result[rows] = _discounted(k, A[rows], a, shape_b, t, delta)
    return result


def same_history(nu: Array, b: Array) -> list[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Indices of the rows of each distinct (nu, b)."""
    if nu.size == 0:
        return []
    order = np.lexsort((b, nu))
    new = np.flatnonzero((np.diff(nu[order]) != 0) | (np.diff(b[order]) != 0)) + 1
    return np.split(order, new)


def _plain(nu: float, A: Array, a: float, b: float, t: float) -> Array:
    """E[Y(t)] = integral of Beta(p) (1 - (A / (A + p t))^nu) / p dp."""
    p, _, weight = dropout_rule(nu, a, b, t / A.min())
    result = np.empty(A.shape)
    for part in slices(A.size, p.size):
        result[part] = -np.expm1(-nu * np.log1p(np.outer(t / A[part], p))) @ (weight / p)
    return result


def _discounted(nu: float, A: Array, a: float, b: float, t: float, delta: float) -> Array:
    """Two integrals: over p within `_rates`, and over time."""
    s, weight_s = discount_rule(t, delta, float(A.min()) / (1 + nu))
    p, _, weight_p = dropout_rule(nu, a, b, s.max() / A.min())
    result = np.empty(A.shape)
    for part in slices(A.size, p.size * s.size):
        result[part] = _rates(nu, A[part], s, p, weight_p) @ weight_s
    return result


def _rates(nu: float, A: Array, s: Array, p: Array, weight: Array) -> Array:
    """Purchase rate s weeks ahead, shape (n, s): integral of Beta(p) nu A^nu / (A + p s)^(nu + 1) dp."""
    grown = np.log1p((s / A[:, None])[:, :, None] * p)
    rate: Array = nu / A[:, None] * (np.exp(-(nu + 1) * grown) @ weight)
    return rate


def dropout_rule(nu: float, a: float, b: float, reach: float) -> tuple[Array, Array, Array]:
    """The rule for functions of p that bend where p * reach * nu is about 1 (reach: time ahead / A)."""
    return beta_rule(a, b, min(1.0, 1 / (reach * (1 + nu))), 45.0 + float(np.log1p(nu * reach)))


def slices(rows: int, width: int) -> list[slice]:
    """Slices of rows, so that rows x width stays within memory."""
    step = max(1, CHUNK // width)
    return [slice(i, i + step) for i in range(0, rows, step)]


def p_no_purchase(nu: Array, A: Array, t: float) -> Array:
    """P(Y(t) = 0 | alive) = (A / (A + t))^nu."""
    return np.asarray(np.exp(-nu * np.log1p(t / A)))


def median_wait(nu: Array, A: Array) -> Array:
    """Median time to the next purchase of a living customer, A (2^(1/nu) - 1); inf where it overflows."""
    with np.errstate(over="ignore"):
        return np.asarray(A * np.expm1(np.log(2) / nu), dtype=np.float64)


def pmf(nu: Array, A: Array, a: float, b: Array, t: float, k_max: int) -> Array:
    """P(Y(t) = k | alive), shape (n, k_max + 1): FHL (2005) for P(X(t) = k) with the posterior, not cancelling.

    With g_k = B(a, b + k) / B(a, b): P(k) = g_k (nb_k + [k > 0] a / (b + k - 1) P(N >= k)), where N counts purchases
    of one who never leaves, a negative binomial; its tail is summed upwards from the incomplete beta function at k_max.
    """
    if t <= 0:
        return np.asarray(np.arange(k_max + 1) == 0, dtype=np.float64) * np.ones((nu.size, 1))
    result = np.empty((nu.size, k_max + 1))
    for rows in slices(nu.size, k_max + 1):
        result[rows] = _pmf(nu[rows, None], A[rows, None], a, b[rows, None], t, k_max)
    return result


def _pmf(nu: Array, A: Array, a: float, b: Array, t: float, k_max: int) -> Array:
    j = np.arange(k_max)
    steps = np.log((nu + j) / (1 + j)) - np.log1p(A / t)
    count = np.exp(-nu * np.log1p(t / A) + _cumulate(steps))
    tail = betainc(k_max + 1, nu, t / (A + t)) + np.cumsum(count[:, ::-1], axis=1)[:, ::-1]
    stay = np.exp(-_cumulate(np.log1p(a / (b + j))))
    left = np.zeros_like(count)
    left[:, 1:] = a / (b + j) * tail[:, 1:]
    return np.asarray(stay * (count + left))


def _cumulate(steps: Array) -> Array:
    """Sums of the first 0, 1, ... columns."""
    result: Array = np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))
    return result
