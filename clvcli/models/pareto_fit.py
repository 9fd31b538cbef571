"""Likelihood of the Pareto/NBD without 2F1: Schmittlein, Morrison & Colombo (1987) as an integral over the last moment.

    lnL = sum_{j<x} ln((r + j) / (alpha + T)) - r ln(1 + T / alpha) - s ln(1 + T / beta) + ln(1 + I)
    I   = integral over tau in (t_x, T) of s / (beta + tau) ((alpha+T)/(alpha+tau))^(r+x) ((beta+T)/(beta+tau))^s

I is the odds that the customer has left. All terms are positive: nothing cancels, where differences of 2F1 lose all.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from clvcli.models.base import Array, History
from clvcli.models.buying import buying, log_buying, more_than
from clvcli.models.silence import ROWS, log_sum, moments

PARAMETERS = ("r", "alpha", "s", "beta")


def log_odds_gone(r: float, alpha: float, s: float, beta: float, x: Array, t_x: Array, T: Array) -> Array:
    """ln I, shape (n,)."""
    result = np.empty(x.shape)
    for start in range(0, x.size, ROWS):
        rows = slice(start, start + ROWS)
        result[rows] = log_sum(_integrand(r, alpha, s, beta, x[rows], t_x[rows], T[rows]).logs)
    return np.where(t_x < T, result, -np.inf)


def log_likelihood(r: float, alpha: float, s: float, beta: float, history: History) -> Array:
    """Per distinct history, not weighted, shape (n,)."""
    gone = log_odds_gone(r, alpha, s, beta, history.x, history.t_x, history.T)
    bought = log_buying(r, alpha, history.x, history.T)
    return np.asarray(bought - s * np.log1p(history.T / beta) + np.logaddexp(0.0, gone))


@dataclass(frozen=True)
class _Integrand:
    """At the nodes, (n, nodes): tau, T - tau, ln((alpha+T)/(alpha+tau)), that of beta, log of integrand x weight."""

    tau: Array
    rest: Array
    a: Array
    b: Array
    logs: Array


def _integrand(r: float, alpha: float, s: float, beta: float, x: Array, t_x: Array, T: Array) -> _Integrand:
    scale = 1 / ((r + x) / (alpha + t_x) + (s + 1) / (beta + t_x))
    ahead, log_weight = moments(scale, T - t_x)
    tau = t_x[:, None] + ahead
    rest = np.maximum(T[:, None] - tau, 0.0)
    a, b = np.log1p(rest / (alpha + tau)), np.log1p(rest / (beta + tau))
    logs = (r + x)[:, None] * a + s * b + np.log(s / (beta + tau)) + log_weight
    return _Integrand(tau, rest, a, b, logs)


@dataclass(frozen=True)
class Terms:
    """A history prepared for fitting."""

    history: History
    beyond: Array

    @classmethod
    def of(cls, history: History) -> "Terms":
        """Counts of x > j once."""
        return cls(history, more_than(history))

    def slopes(self, theta: Array) -> tuple[float, Array]:
        """Log-likelihood with gradient, at a quarter of the cost of `objective`."""
        return self._sum(theta, with_curve=False)[:2]

    def objective(self, theta: Array) -> tuple[float, Array, Array]:
        """Log-likelihood with gradient and Hessian in the logs of r, alpha, s, beta."""
        return self._sum(theta, with_curve=True)

    def _sum(self, theta: Array, *, with_curve: bool) -> tuple[float, Array, Array]:
        r, alpha, s, beta = np.exp(theta)
        h = self.history
        value_1, slope_1, curve_1 = buying(r, alpha, h.x, h.T, h.weight, self.beyond)
        value, slope, curve = _staying(s, beta, h)
        slope[:2] += slope_1
        curve[:2, :2] += curve_1
        for start in range(0, h.x.size, ROWS):
            rows = slice(start, start + ROWS)
            at = h.x[rows], h.t_x[rows], h.T[rows], h.weight[rows]
            part = _leaving(r, alpha, s, beta, *at, with_curve=with_curve)
            value, slope, curve = value + part[0], slope + part[1], curve + part[2]
        return value + value_1, slope, curve


def _staying(s: float, beta: float, h: History) -> tuple[float, Array, Array]:
    """- s ln(1 + T / beta), weighted, as a function of all four logs."""
    grown, share = h.weight @ np.log1p(h.T / beta), h.T / (beta + h.T)
    sum_share = h.weight @ share
    slope, curve = np.array([0.0, 0.0, -s * grown, s * sum_share]), np.zeros((4, 4))
    curve[2, 2], curve[2, 3], curve[3, 2] = -s * grown, s * sum_share, s * sum_share
    curve[3, 3] = -s * (h.weight @ (share * (1 - share)))
    return -s * float(grown), slope, curve


def _leaving(
    r: float, alpha: float, s: float, beta: float, x: Array, t_x: Array, T: Array, weight: Array, *, with_curve: bool
) -> tuple[float, Array, Array]:
    """ln(1 + I): moments of the slopes of the log integrand under the integrand give its derivatives."""
    at = _integrand(r, alpha, s, beta, x, t_x, T)
    tau, a, b, k, now = at.tau, at.a, at.b, (r + x)[:, None], T[:, None]
    top = at.logs.max(axis=1)
    share = np.exp(at.logs - top[:, None])
    total = share.sum(axis=1)
    share /= total[:, None]
    log_odds = np.where(t_x < T, top + np.log(total), -np.inf)
    a_alpha = -alpha * at.rest / ((alpha + now) * (alpha + tau))
    b_beta = -beta * at.rest / ((beta + now) * (beta + tau))
    slopes = [r * a, k * a_alpha, s * b + 1, s * b_beta - beta / (beta + tau)]
    gone = expit(log_odds)
    means = np.stack([np.einsum("ij,ij->i", share, slope) for slope in slopes])
    value, slope, curve = float(weight @ np.logaddexp(0.0, log_odds)), means @ (weight * gone), np.zeros((4, 4))
    if not with_curve:
        return value, slope, curve
    bent = beta * tau / (beta + tau) ** 2
    curves = {
        (0, 0): r * a,
        (0, 1): r * a_alpha,
        (1, 1): k * (alpha * now / (alpha + now) ** 2 - alpha * tau / (alpha + tau) ** 2),
        (2, 2): s * b,
        (2, 3): s * b_beta,
        (3, 3): s * (beta * now / (beta + now) ** 2 - bent) - bent,
    }
    for i in range(4):
        for j in range(i, 4):
            both = slopes[i] * slopes[j] + curves.get((i, j), 0.0)
            each = gone * np.einsum("ij,ij->i", share, both) - gone**2 * means[i] * means[j]
            curve[i, j] = curve[j, i] = weight @ each
    return value, slope, curve
