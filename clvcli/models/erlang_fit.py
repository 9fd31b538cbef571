"""Likelihood of BG/CNBD-k and MBG/CNBD-k for a given k: Reutterer, Platzer & Schroeder (2021), IJRM 38(3).

`chances` c is 0 (BG) or 1 (MBG: a customer may leave after the first purchase too), as in `beta_geometric_fit`. Gaps
are Gamma(k, lambda), so with R = r + k x, z = (T - t_x) / (alpha + T), L = ln((alpha + T) / (alpha + t_x)):

    lnL = (k-1) sum ln gap - x ln G(k) + [k x stages in t_x: `buying`] - sum_{j<x+c} ln(1 + a / (b + j))
          + ln(S + a / (b + x + c - 1))                 the last term only where x + c > 0
    S   = e^(-R L) sum_{j<k} (R)_j / j! z^j             P(no purchase since t_x | alive)
"""

from dataclasses import dataclass

import numpy as np

from clvcli.models.base import Array, History
from clvcli.models.buying import buying, log_buying, more_than
from clvcli.models.ufuncs import expit, gammaln


def silence(r: float, alpha: float, k: int, x: Array, t_x: Array, T: Array) -> tuple[Array, Array]:
    """(ln S, weights of the number of stages passed since t_x given alive, shape (n, k))."""
    R, z = r + k * x, (T - t_x) / (alpha + T)
    terms = [np.ones_like(x)]
    for j in range(1, k):
        terms.append(terms[-1] * (R + j - 1) / j * z)
    total = np.sum(terms, axis=0)
    log_s = np.log(total) - R * np.log1p((T - t_x) / (alpha + t_x))
    return log_s, np.stack(terms, axis=1) / total[:, None]


def log_odds_gone(
    r: float, alpha: float, a: float, b: float, k: int, chances: int, x: Array, t_x: Array, T: Array
) -> Array:
    """Log-odds that a customer has left, shape (n,); -inf where there was no chance to leave."""
    log_s, _ = silence(r, alpha, k, x, t_x, T)
    return _gone(a, b, x + chances, log_s)


def _gone(a: float, b: float, passed: Array, log_s: Array) -> Array:
    """Log-odds of having left at the last of so many chances."""
    odds = np.log(a) - np.log(b + np.maximum(passed - 1, 0)) - log_s
    return np.asarray(np.where(passed > 0, odds, -np.inf))


def log_likelihood(r: float, alpha: float, a: float, b: float, k: int, chances: int, history: History) -> Array:
    """Per distinct history, not weighted, shape (n,); `extra["log_gaps"]`: sum of ln gap over a customer's gaps."""
    x, t_x, T = history.x, history.t_x, history.T
    stays = np.concatenate([[0.0], np.cumsum(np.log1p(a / (b + np.arange(int(x.max(initial=0)) + 1))))])
    log_s, _ = silence(r, alpha, k, x, t_x, T)
    gone = _gone(a, b, x + chances, log_s)
    gaps = (k - 1) * history.extra["log_gaps"] - x * gammaln(k)
    bought = gaps + log_buying(r, alpha, k * x, t_x)
    return np.asarray(bought - stays[x.astype(np.intp) + chances] + log_s + np.logaddexp(0.0, gone))


@dataclass(frozen=True)
class Terms:
    """A history prepared for fitting with a given k."""

    history: History
    k: int
    chances: int
    beyond: Array
    stayed: Array
    constant: float

    @classmethod
    def of(cls, history: History, k: int, chances: int) -> "Terms":
        """Counts of k x > j, of x + chances > j, and what does not depend on the parameters."""
        scaled = History(k * history.x, history.t_x, history.T, history.weight)
        beyond = more_than(history)
        stayed = np.concatenate([[history.weight.sum()], beyond]) if chances else beyond
        constant = history.weight @ ((k - 1) * history.extra["log_gaps"] - history.x * gammaln(k))
        return cls(history, k, chances, more_than(scaled), stayed, float(constant))

    def slopes(self, theta: Array) -> tuple[float, Array]:
        """Log-likelihood with gradient in the logs of r, alpha, a, b."""
        r, alpha, a, b = np.exp(theta)
        h, k = self.history, self.k
        x, w, R = h.x, h.weight, r + k * h.x
        value, slope, _ = buying(r, alpha, k * x, h.t_x, w, self.beyond)
        z, lapse = (h.T - h.t_x) / (alpha + h.T), np.log1p((h.T - h.t_x) / (alpha + h.t_x))
        term, total, by_R, by_z, rises = np.ones_like(x), np.ones_like(x), np.zeros_like(x), np.zeros_like(x), 0.0 * x
        for j in range(1, k):
            term = term * (R + j - 1) / j * z
            rises = rises + 1 / (R + j - 1)
            total, by_R, by_z = total + term, by_R + term * rises, by_z + j * term
        log_s = np.log(total) - R * lapse
        gone = _gone(a, b, x + self.chances, log_s)
        left, stay = expit(gone), expit(-gone)
        s_r = r * (by_R / total - lapse)
        s_alpha = R * alpha * z / (alpha + h.t_x) - by_z / total * alpha / (alpha + h.T)
        c = b + np.arange(self.stayed.size)
        value += self.constant - float(self.stayed @ np.log1p(a / c)) + float(w @ (log_s + np.logaddexp(0.0, gone)))
        by_a = float(w @ left) - float(self.stayed @ (a / (a + c)))
        last = np.maximum(x + self.chances - 1, 0)
        by_b = float(self.stayed @ (a * b / (c * (a + c)))) - float((w * left) @ (b / (b + last)))
        return value, np.array([slope[0] + (w * stay) @ s_r, slope[1] + (w * stay) @ s_alpha, by_a, by_b])

    def objective(self, theta: Array) -> tuple[float, Array, Array]:
        """With the Hessian, from central differences of the gradient."""
        value, slope = self.slopes(theta)
        curve = np.empty((4, 4))
        for i, unit in enumerate(np.eye(4) * 1e-5):
            curve[i] = (self.slopes(theta + unit)[1] - self.slopes(theta - unit)[1]) / 2e-5
        return value, slope, (curve + curve.T) / 2
