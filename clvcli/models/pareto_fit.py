"""Likelihood of the Pareto/NBD without 2F1: Schmittlein, Morrison & Colombo (1987) as an integral over the last moment.

    lnL = sum_{j<x} ln((r + j) / (alpha + T)) - r ln(1 + T / alpha) - s ln(1 + T / beta) + ln(1 + I)
    I   = integral over tau in (t_x, T) of s / (beta + tau) ((alpha+T)/(alpha+tau))^(r+x) ((beta+T)/(beta+tau))^s

I is the odds that the customer has left. All terms are positive: nothing cancels, where differences of 2F1 lose all.
"""

from dataclasses import dataclass

import numpy as np

from clvcli.models.base import Array, History
from clvcli.models.buying import buying, log_buying, more_than
from clvcli.models.dropout_integral import ROWS, moments
from clvcli.models.ufuncs import expit

PARAMETERS = ("r", "alpha", "s", "beta")


def log_odds_gone(r: float, alpha: float, s: float, beta: float, x: Array, t_x: Array, T: Array) -> Array:
    """ln I, shape (n,)."""
    result = np.empty(x.shape)
    for start in range(0, x.size, ROWS):
        rows = slice(start, start + ROWS)
        result[rows] = _integrand(r, alpha, s, beta, x[rows], t_x[rows], T[rows]).log_odds
    return result


def log_likelihood(r: float, alpha: float, s: float, beta: float, history: History) -> Array:
    """Per distinct history, not weighted, shape (n,)."""
    gone = log_odds_gone(r, alpha, s, beta, history.x, history.t_x, history.T)
    bought = log_buying(r, alpha, history.x, history.T)
    return np.asarray(bought - s * np.log1p(history.T / beta) + np.logaddexp(0.0, gone))


@dataclass(frozen=True)
class _Integrand:
    """Four features of the moment tau at its nodes, (4, n, nodes), their shares of the integral (n, nodes), ln I (n,).

    Features: ln((alpha+T)/(alpha+tau)), (T-tau)/(alpha+tau), and the same of beta. The slopes and the curve of the log
    integrand in the logs of the parameters are linear in them and in their squares.
    """

    features: Array
    share: Array
    log_odds: Array


def _integrand(r: float, alpha: float, s: float, beta: float, x: Array, t_x: Array, T: Array) -> _Integrand:
    silent, k = T - t_x, r + x
    ahead, weight = moments(1 / (k / (alpha + t_x) + (s + 1) / (beta + t_x)), silent)
    rest = np.maximum(silent[:, None] - ahead, 0.0)
    features = np.empty((4, *rest.shape))
    for i, since in enumerate((alpha, beta)):
        np.divide(rest, (since + t_x)[:, None] + ahead, out=features[2 * i + 1])
        np.log1p(features[2 * i + 1], out=features[2 * i])
    # The integrand falls: its top is at the last purchase.
    top = k * np.log1p(silent / (alpha + t_x)) + (s + 1) * np.log1p(silent / (beta + t_x))
    share = weight * np.exp(k[:, None] * features[0] + (s + 1) * features[2] - top[:, None])
    total = share.sum(axis=1)
    share /= total[:, None]
    log_odds = np.where(silent > 0, top + np.log(total) + np.log(s / (beta + T)), -np.inf)
    return _Integrand(features, share, log_odds)


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
    """ln(1 + I): means and covariances of the features under the integrand give its derivatives."""
    at = _integrand(r, alpha, s, beta, x, t_x, T)
    k, p, q = r + x, alpha / (alpha + T), beta / (beta + T)
    factor = np.stack([np.full(x.shape, r), -k * p, np.full(x.shape, s), -(s + 1) * q])
    weighted = at.features * at.share
    means = weighted.sum(axis=2)
    slopes = factor * means
    slopes[2] += 1
    slopes[3] -= q
    gone = expit(at.log_odds)
    value, slope, curve = float(weight @ np.logaddexp(0.0, at.log_odds)), slopes @ (weight * gone), np.zeros((4, 4))
    if not with_curve:
        return value, slope, curve
    squares = np.einsum("inj,mnj->imn", weighted, at.features)
    each = factor * factor[:, None] * (squares - means * means[:, None])
    each[0, 0] += r * means[0]
    each[0, 1] -= r * p * means[1]
    each[1, 1] -= k * p * (T / (alpha + T) * means[1] - p * (means[1] + squares[1, 1]))
    each[2, 2] += s * means[2]
    each[2, 3] -= s * q * means[3]
    each[3, 3] -= (s + 1) * q * (T / (beta + T) * means[3] - q * (means[3] + squares[3, 3])) + q * T / (beta + T)
    each[1, 0], each[3, 2] = each[0, 1], each[2, 3]
    return value, slope, each @ (weight * gone) + (slopes * (weight * gone * (1 - gone))) @ slopes.T
