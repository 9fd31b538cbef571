"""What a living customer with a rhythm will do: gaps between purchases are k stages long, each passed at rate lambda.

Given that j of the k stages have passed since the last purchase, lambda ~ Gamma(nu_j, A) with nu_j = R + j, and the
dropout p ~ Beta(a, b) is independent. Stages passed in t are negative binomial, and with j + N of them come
floor((j + N) / k) purchases. Everything here has one column per j = 0 ... k - 1 and depends on (R, A, b) alone; a
customer's own mixture of j comes from the silence since the last purchase. k = 1 is the beta-geometric model.
"""

import numpy as np

from clvcli.models.base import Array
from clvcli.models.beta_geometric import dropout_rule, same_history, slices
from clvcli.models.discount import discount_rule
from clvcli.models.ufuncs import betainc

LEAST = 1e-5
"""1 - p is not taken smaller: the roots of unity cancel there, and the integrand no longer changes."""


def expected_purchases(R: Array, A: Array, a: float, b: Array, k: int, t: float, delta: float = 0.0) -> Array:
    """Expected (discounted) purchases in the next t, given j, shape (n, k); discounting by parts in time."""
    result = np.zeros((R.size, k))
    if t <= 0:
        return result
    for rows in same_history(R, b):
        nu, shape_b = float(R[rows[0]]), float(b[rows[0]])
        if delta == 0:
            result[rows] = _plain(nu, A[rows], a, shape_b, k, t)
            continue
        times, weight = discount_rule(t, delta, float(A[rows].min()) / (1 + nu), step=0.4)
        for s, w in zip(times, weight, strict=True):
            result[rows] += w * delta * _plain(nu, A[rows], a, shape_b, k, float(s))
        if np.isfinite(t):
            result[rows] += np.exp(-delta * t) * _plain(nu, A[rows], a, shape_b, k, t)
    return result


def _plain(R: float, A: Array, a: float, b: float, k: int, t: float) -> Array:
    """E_j = integral of Beta(p) (1 - E[q^floor((j + N) / k)]) / p dp, q = 1 - p, by the k-th roots of unity.

    q^floor(i / k) is a sum over the roots w of c_w (rho w)^i, rho = q^(1/k), and E[(rho w)^N] is known. c_w / p does
    not cancel for w != 1; for w = 1 the logarithm of c is a series where p is small.
    """
    p, q, weight = dropout_rule(R + k, a, b, t / float(A.min()))
    q = np.maximum(q, LEAST)
    p = np.minimum(p, 1 - LEAST)
    y = np.where(p < 0.5, -np.log1p(-p), -np.log(q))
    result = np.empty((A.size, k))
    for rows in slices(A.size, 4 * p.size):
        ahead = t / A[rows, None]
        grown = np.log1p(ahead * -np.expm1(-y / k))
        for j in range(k):
            value = -np.expm1(_log_c(y) - _log_c(y / k) - j / k * y - (R + j) * grown) / p
            for turn in range(1, k // 2 + 1):
                root = np.exp(-y / k + 2j * np.pi * turn / k)
                factor = (1 if 2 * turn == k else 2) * root**j / (k * q * (1 - 1 / root))
                value += (factor * np.exp(-(R + j) * np.log(1 + ahead * (1 - root)))).real
            result[rows, j] = np.maximum(value @ weight, 0.0)
    return result


def _log_c(y: Array) -> Array:
    """ln((e^y - 1) / y)."""
    near = y / 2 + y**2 / 24 - y**4 / 2880
    return np.where(y < 0.05, near, np.log(np.expm1(y) / y))


def pmf(R: Array, A: Array, a: float, b: Array, k: int, t: float, k_max: int) -> Array:
    """P(Y(t) = n | alive, j) for n = 0 ... k_max, shape (rows, k, k_max + 1)."""
    result = np.zeros((R.size, k, k_max + 1))
    result[:, :, 0] = 1.0
    if t <= 0:
        return result
    n = np.arange(k_max)
    for rows in slices(R.size, 4 * k * (k_max + 2)):
        stay = np.exp(-np.cumsum(np.log1p(a / (b[rows, None] + n)), axis=1))
        stay = np.concatenate([np.ones((stay.shape[0], 1)), stay], axis=1)
        leave = a / (b[rows, None] + n)
        for j in range(k):
            count, tail = _renewals(R[rows, None] + j, A[rows, None], k, j, t, k_max)
            count[:, 1:] += leave * tail[:, 1:]
            result[rows, j] = stay * count
    return result


def _renewals(nu: Array, A: Array, k: int, j: int, t: float, n_max: int) -> tuple[Array, Array]:
    """P(M = n) and P(M >= n), each (rows, n_max + 1), of M = floor((j + N) / k) with N negative binomial."""
    most = k * (n_max + 1) - j
    i = np.arange(most - 1)
    steps = np.log((nu + i) / (1 + i)) - np.log1p(A / t)
    logs = np.concatenate([np.zeros_like(nu), np.cumsum(steps, axis=1)], axis=1) - nu * np.log1p(t / A)
    first = np.maximum(np.arange(n_max + 1) * k - j, 0)
    count = np.add.reduceat(np.exp(logs), first, axis=1)
    beyond = betainc(most, nu, t / (A + t))
    return count, beyond + np.cumsum(count[:, ::-1], axis=1)[:, ::-1]
