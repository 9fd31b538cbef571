"""Likelihood and fit of BG/NBD and MBG/NBD, which differ in one number: MBG may drop out after the first purchase too.

`chances` c is 0 (BG/NBD) or 1 (MBG/NBD): a customer had x + c chances to drop out and stayed at x + c of them if alive.
In the stable form of FHL (2005), per customer, with L = ln((alpha + T) / (alpha + t_x)):

    lnL = sum_{j<x} ln((r + j) / (alpha + T)) - r ln(1 + T / alpha) - sum_{j<x+c} ln(1 + a / (b + j)) + ln(1 + e^d)
    d   = ln a - ln(b + x + c - 1) + (r + x) L         for x + c > 0: the log-odds of having left
"""

from dataclasses import dataclass

import numpy as np

from clvcli.models.base import Array, History
from clvcli.models.buying import buying, log_buying, more_than
from clvcli.models.fitting import in_blocks

PARAMETERS = ("r", "alpha", "a", "b")


def log_odds_gone(r: float, alpha: float, a: float, b: float, chances: int, x: Array, t_x: Array, T: Array) -> Array:
    """Log-odds that a customer has left, d of the module's formula; -inf where there was no chance to leave."""
    left = np.maximum(x + chances - 1, 0)
    d = np.log(a) - np.log(b + left) + (r + x) * np.log1p((T - t_x) / (alpha + t_x))
    return np.where(x + chances > 0, d, -np.inf)


def log_likelihood(r: float, alpha: float, a: float, b: float, chances: int, history: History) -> Array:
    """Per distinct history, not weighted, shape (n,)."""
    x, T = history.x, history.T
    stays = np.concatenate([[0.0], np.cumsum(np.log1p(a / (b + np.arange(int(x.max(initial=0)) + 1))))])
    gone = log_odds_gone(r, alpha, a, b, chances, x, history.t_x, T)
    bought = log_buying(r, alpha, x, T)
    return np.asarray(bought - stays[x.astype(np.intp) + chances] + np.logaddexp(0.0, gone))


@dataclass(frozen=True)
class Terms:
    """A history prepared for fitting: rows, and how many customers have x > j for j = 0, 1, ..."""

    x: Array
    t_x: Array
    T: Array
    weight: Array
    chances: int
    beyond: Array
    stayed: Array

    @classmethod
    def of(cls, history: History, chances: int) -> "Terms":
        """Counts of x > j (`beyond`) and of x + chances > j (`stayed`)."""
        beyond, total = more_than(history), history.weight.sum()
        stayed = np.concatenate([[total], beyond]) if chances else beyond
        return cls(history.x, history.t_x, history.T, history.weight, chances, beyond, stayed)

    def objective(self, theta: Array) -> tuple[float, Array, Array]:
        """Log-likelihood with gradient and Hessian in the logs of r, alpha, a, b."""
        r, alpha, a, b = np.exp(theta)

        def of_rows(rows: slice) -> tuple[float, Array, Array]:
            beyond = self.beyond if rows.start == 0 else self.beyond[:0]
            bought = buying(r, alpha, self.x[rows], self.T[rows], self.weight[rows], beyond)
            value, slope, curve = self._leaving(r, alpha, a, b, rows)
            slope[:2] += bought[1]
            curve[:2, :2] += bought[2]
            return value + bought[0], slope, curve

        value, slope, curve = in_blocks(self.x.size, of_rows)
        staying = self._staying(a, b)
        slope[2:] += staying[1]
        curve[2:, 2:] += staying[2]
        return value + staying[0], slope, curve

    def _staying(self, a: float, b: float) -> tuple[float, Array, Array]:
        s, c = self.stayed, b + np.arange(self.stayed.size)
        both = a * b / (c * (a + c))
        value = -(s @ np.log1p(a / c))
        slope = np.array([-(s @ (a / (a + c))), s @ both])
        aa, ab = -(s @ (a * c / (a + c) ** 2)), s @ (a * b / (a + c) ** 2)
        bb = s @ (both * (1 - b / c - b / (a + c)))
        return float(value), slope, np.array([[aa, ab], [ab, bb]])

    def _leaving(self, r: float, alpha: float, a: float, b: float, rows: slice) -> tuple[float, Array, Array]:
        x, w, t_x, T = self.x[rows], self.weight[rows], self.t_x[rows], self.T[rows]
        left = np.maximum(x + self.chances - 1, 0)
        silent = np.log1p((T - t_x) / (alpha + t_x))
        d = np.where(x + self.chances > 0, np.log(a) - np.log(b + left) + (r + x) * silent, -np.inf)
        # expit(d) and ln(1 + e^d) from one exponential that numpy vectorises: three times as fast as both.
        small = np.exp(-np.abs(d))
        gone = np.where(d > 0, 1.0, small) / (1.0 + small)
        share, share_x = T / (alpha + T), t_x / (alpha + t_x)
        by_alpha = -(alpha * (T - t_x)) / ((alpha + T) * (alpha + t_x))
        slopes = np.stack([r * silent, (r + x) * by_alpha, np.ones_like(x), -b / (b + left)])
        first = w * gone
        curve = (slopes * (first * (1 - gone))) @ slopes.T
        curve[0, 0] += first @ slopes[0]
        curve[0, 1] += r * (first @ by_alpha)
        curve[1, 0] = curve[0, 1]
        curve[1, 1] += first @ ((r + x) * (share * (1 - share) - share_x * (1 - share_x)))
        curve[3, 3] -= first @ (b * left / (b + left) ** 2)
        return float(w @ (np.maximum(d, 0.0) + np.log1p(small))), slopes @ first, curve
