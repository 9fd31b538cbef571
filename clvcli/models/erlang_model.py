"""BG/CNBD-k and MBG/CNBD-k of Reutterer, Platzer & Schroeder (2021), Int. J. of Research in Marketing 38(3), as one
purchase model with a switch: may a customer leave right after the first purchase?

As BG/NBD and MBG/NBD, but gaps between purchases are Gamma(k, lambda): the larger k, the more regular. k = 1 ... 8 is
chosen by likelihood; k = 1 is the model without the C. They need the sum of the logs of each customer's gaps.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from clvcli.models import erlang as ahead
from clvcli.models.base import INSUFFICIENT, Array, Fit, History
from clvcli.models.erlang_fit import Terms, log_likelihood, log_odds_gone, silence
from clvcli.models.fitting import Optimum, beside_limit, maximise, optimum_at, polish, sample
from clvcli.models.messages import outcome, too_little
from clvcli.models.ufuncs import betainc, expit

SHAPE = ("r", "alpha", "a", "b")
MOST = 8
SAMPLE = 10_000
LOW, HIGH = np.log([1e-5, 1e-5, 1e-8, 1e-6]), np.log([1e7, 1e8, 1e8, 1e8])
"""Bounds of the logs of r, alpha / mean T, a, b."""
LONGEST = 1e7


class BetaGeometricCNBD:
    """See the module. The parameter k is a whole number kept as a float."""

    parameters = ("k", *SHAPE)
    time_powers: Mapping[str, int] = {"alpha": 1}
    needs: tuple[str, ...] = ("log_gaps",)
    memoryless = False

    def __init__(self, name: str, chances: int) -> None:
        self.name = name
        self.chances = chances

    def fit(self, history: History) -> Fit:
        """Maximum likelihood for k = 1, 2, ... until it falls. The error of k is not given; the others are given k."""
        reason = too_little(history)
        if reason is not None:
            return Fit(self.name, {}, {}, None, INSUFFICIENT, reason)
        k, (best, gain) = 1, _best(history, 1, self.chances)
        while k < MOST:
            more, more_gain = _best(history, k + 1, self.chances)
            if more.value <= best.value:
                break
            k, best, gain = k + 1, more, more_gain
        fit = outcome(self.name, SHAPE, best, gain, history)
        matrix = None if fit.covariance is None else ((0.0,) * 5, *((0.0, *row) for row in fit.covariance))
        params, errors = {"k": float(k), **fit.params}, {"k": None, **fit.std_errors}
        return replace(fit, params=params, std_errors=errors, covariance=matrix)

    def log_likelihood(self, params: Mapping[str, float], history: History) -> Array:
        """Per distinct history, not weighted, shape (n,)."""
        k, r, alpha, a, b = _values(params)
        return log_likelihood(r, alpha, a, b, k, self.chances, history)

    def p_alive(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """P(alive at T), shape (n,)."""
        k, r, alpha, a, b = _values(params)
        return np.asarray(expit(-log_odds_gone(r, alpha, a, b, k, self.chances, x, t_x, T)))

    def expected_purchases(
        self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, delta: float = 0.0
    ) -> Array:
        """Expected (discounted at delta per week) purchases in (T, T + t] given alive; t may be inf when delta > 0."""
        k, r, alpha, a, b = _values(params)
        _, passed = silence(r, alpha, k, x, t_x, T)
        known, index = _pairs(x, T)
        by_stage = ahead.expected_purchases(
            r + k * known[0], alpha + known[1], a, b + known[0] + self.chances, k, t, delta
        )
        return np.asarray(np.einsum("ij,ij->i", passed, by_stage[index]))

    def p_no_purchase(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float) -> Array:
        """P(no purchase in (T, T + t] | alive)."""
        return self._none(params, x, t_x, T, np.full(x.shape, t))

    def _none(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: Array) -> Array:
        k, r, alpha, *_ = _values(params)
        _, passed = silence(r, alpha, k, x, t_x, T)
        R, still = r + k * x, (alpha + T) / (alpha + T + t)
        none = [passed[:, j] * betainc(R + j, k - j, still) for j in range(k)]
        return np.asarray(np.sum(none, axis=0))

    def median_wait(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """Median weeks to the next purchase if alive, by bisection in its log; inf where it is over 10 million."""
        low, high = np.full(x.shape, np.log(1e-6)), np.full(x.shape, np.log(LONGEST))
        ever = self._none(params, x, t_x, T, np.exp(high)) < 0.5
        for _ in range(28):
            middle = (low + high) / 2
            early = self._none(params, x, t_x, T, np.exp(middle)) > 0.5
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        return np.where(ever, np.exp(high), np.inf)

    def pmf(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, k_max: int) -> Array:
        """P(Y(t) = n | alive) for n = 0 ... k_max, shape (rows, k_max + 1)."""
        k, r, alpha, a, b = _values(params)
        _, passed = silence(r, alpha, k, x, t_x, T)
        known, index = _pairs(x, T)
        by_stage = ahead.pmf(r + k * known[0], alpha + known[1], a, b + known[0] + self.chances, k, t, k_max)
        result = np.zeros((x.size, k_max + 1))
        for j in range(k):
            result += passed[:, j, None] * by_stage[index, j]
        return result

    def alert_wait(self, params: Mapping[str, float], x: Array, t_x: Array, threshold: float) -> Array:
        """Weeks of silence after which P(alive) = threshold, by bisection; 0 when lower at once, inf when never."""
        if not 0 < threshold < 1:
            return np.full(x.shape, np.inf if threshold <= 0 else 0.0)
        k, r, alpha, a, b = _values(params)
        odds = float(np.log1p(-threshold) - np.log(threshold))
        low, high = np.full(x.shape, np.log(1e-6)), np.full(x.shape, np.log(LONGEST))
        for _ in range(44):
            middle = (low + high) / 2
            early = log_odds_gone(r, alpha, a, b, k, self.chances, x, t_x, t_x + np.exp(middle)) < odds
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        wait = np.where(high >= np.log(LONGEST), np.inf, np.exp(high))
        return np.where(log_odds_gone(r, alpha, a, b, k, self.chances, x, t_x, t_x) >= odds, 0.0, wait)

    def expected_from_birth(self, params: Mapping[str, float], t: Array) -> Array:
        """E[X(t)], shape of t."""
        k, r, alpha, a, b = _values(params)
        one = np.ones(1)
        later = (b + self.chances) * one
        ages = [ahead.expected_purchases(r * one, alpha * one, a, later, k, s)[0, 0] for s in t]
        return (b / (a + b)) ** self.chances * np.array(ages)


def _values(params: Mapping[str, float]) -> tuple[int, float, float, float, float]:
    return round(params["k"]), params["r"], params["alpha"], params["a"], params["b"]


def _pairs(x: Array, T: Array) -> tuple[Array, "np.ndarray[tuple[int], np.dtype[np.intp]]"]:
    """Distinct (x, T) as rows of shape (2, m), and for each input the distinct one."""
    order = np.lexsort((T, x))
    new = np.ones(order.size, dtype=bool)
    new[1:] = (np.diff(x[order]) != 0) | (np.diff(T[order]) != 0)
    index = np.empty(order.size, dtype=np.intp)
    index[order] = np.cumsum(new) - 1
    return np.stack([x[order][new], T[order][new]]), index


def _best(history: History, k: int, chances: int) -> tuple[Optimum, float]:
    """Several starts (on a sample of many rows), then all rows; the limit of no dropout beside it."""
    age = float(history.weight @ history.T / history.weight.sum())
    rate = k * float(history.weight @ history.x) / float(history.weight @ history.T)
    low, high = LOW + np.log([1, age, 1, 1]), HIGH + np.log([1, age, 1, 1])
    shapes = [(0.4, 3.0, 0.8, 2.0), (2.0, 2.0, 0.3, 2.0), (20.0, 1.0, 0.01, 1.0)]
    starts = [np.log([r, min(r / (rate * faster), age * 1e6), a, b]) for r, faster, a, b in shapes]
    terms = Terms.of(history, k, chances)
    best = None
    if history.x.size > 2 * SAMPLE:
        first, top = _sampled(terms, starts, low, high)
        starts = [first.theta]
        best = None if top is None else optimum_at(terms.objective, top, low, high)
    best = best or maximise(terms.objective, starts, low, high)
    return beside_limit(terms.objective, best, low, high, 2, {2: float(low[2]), 3: 0.0})


def _sampled(terms: Terms, starts: list[Array], low: Array, high: Array) -> tuple[Optimum, Array | None]:
    """The optimum of a sample of the rows, and from there that of all by its Hessian; None where that does not do."""
    h = terms.history
    rows = sample(h.x.size, SAMPLE)
    extra = {name: values[rows] for name, values in h.extra.items()}
    few = History(h.x[rows], h.t_x[rows], h.T[rows], h.weight[rows], extra)
    first = maximise(Terms.of(few, terms.k, terms.chances).objective, starts, low, high)
    if first.covariance is None:
        return first, None
    curve = -np.linalg.inv(first.covariance) * (h.weight.sum() / few.weight.sum())
    return first, polish(terms.slopes, first.theta, curve)
