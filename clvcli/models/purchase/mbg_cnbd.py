"""MBG/CNBD-k of Reutterer, Platzer & Schroeder (2021), Int. J. of Research in Marketing 38(3): customers with a rhythm.

As MBG/NBD, but gaps between purchases are Gamma(k, lambda): the larger k, the more regular. k = 1 ... 8 is chosen by
likelihood; k = 1 is the MBG/NBD. It needs the sum of the logs of each customer's gaps.
"""

from collections.abc import Mapping

import numpy as np
from scipy.special import betainc, expit

from clvcli.models import stages as ahead
from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, Array, Fit, History
from clvcli.models.fitting import Optimum, climb, maximise, optimum_at, polish, sample, standard_errors
from clvcli.models.messages import HARDLY_LEAVE, OPEN, too_little
from clvcli.models.stages_fit import Terms, log_likelihood, log_odds_gone, silence

SHAPE = ("r", "alpha", "a", "b")
MOST = 8
SAMPLE = 10_000
SAME = 5e-7
LOW, HIGH = np.log([1e-5, 1e-5, 1e-8, 1e-6]), np.log([1e7, 1e8, 1e8, 1e8])
"""Bounds of the logs of r, alpha / mean T, a, b."""
LONGEST = 1e7


class RegularMBG:
    """See the module. The parameter k is a whole number kept as a float."""

    name = "mbg-cnbd"
    parameters = ("k", *SHAPE)
    time_powers: Mapping[str, int] = {"alpha": 1}
    needs: tuple[str, ...] = ("log_gaps",)
    memoryless = False

    def fit(self, history: History) -> Fit:
        """Maximum likelihood for k = 1, 2, ... until it falls. The error of k is not given; the others are given k."""
        reason = too_little(history)
        if reason is not None:
            return Fit(self.name, {}, {}, None, INSUFFICIENT, reason)
        k, best = 1, _best(history, 1)
        while k < MOST:
            more = _best(history, k + 1)
            if more.value <= best.value:
                break
            k, best = k + 1, more
        params = {"k": float(k), **dict(zip(SHAPE, (float(v) for v in np.exp(best.theta)), strict=True))}
        errors = {"k": None, **dict(zip(SHAPE, standard_errors(best.theta, best.covariance), strict=True))}
        repeats = float(history.weight @ history.x)
        if best.covariance is None:
            message = HARDLY_LEAVE if best.theta[2] <= LOW[2] + 1e-6 else OPEN
            return Fit(self.name, params, errors, best.value, AT_BOUND, message, repeats=repeats)
        matrix = np.zeros((5, 5))
        matrix[1:, 1:] = best.covariance
        rows = tuple(tuple(float(v) for v in row) for row in matrix)
        return Fit(self.name, params, errors, best.value, CONVERGED, "", rows, repeats=repeats)

    def log_likelihood(self, params: Mapping[str, float], history: History) -> Array:
        """Per distinct history, not weighted, shape (n,)."""
        k, r, alpha, a, b = _values(params)
        return log_likelihood(r, alpha, a, b, k, history)

    def p_alive(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """P(alive at T), shape (n,)."""
        k, r, alpha, a, b = _values(params)
        return np.asarray(expit(-log_odds_gone(r, alpha, a, b, k, x, t_x, T)))

    def expected_purchases(
        self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, delta: float = 0.0
    ) -> Array:
        """Expected (discounted at delta per week) purchases in (T, T + t] given alive; t may be inf when delta > 0."""
        k, r, alpha, a, b = _values(params)
        _, passed = silence(r, alpha, k, x, t_x, T)
        known, index = _pairs(x, T)
        by_stage = ahead.expected_purchases(r + k * known[0], alpha + known[1], a, b + known[0] + 1, k, t, delta)
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
        by_stage = ahead.pmf(r + k * known[0], alpha + known[1], a, b + known[0] + 1, k, t, k_max)
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
            early = log_odds_gone(r, alpha, a, b, k, x, t_x, t_x + np.exp(middle)) < odds
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        wait = np.where(high >= np.log(LONGEST), np.inf, np.exp(high))
        return np.where(log_odds_gone(r, alpha, a, b, k, x, t_x, t_x) >= odds, 0.0, wait)

    def expected_from_birth(self, params: Mapping[str, float], t: Array) -> Array:
        """E[X(t)], shape of t."""
        k, r, alpha, a, b = _values(params)
        one = np.ones(1)
        ages = [ahead.expected_purchases(r * one, alpha * one, a, (b + 1) * one, k, s)[0, 0] for s in t]
        return b / (a + b) * np.array(ages)


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


def _best(history: History, k: int) -> Optimum:
    """Several starts (on a sample of many rows), then all rows; the limit of no dropout if it is as good."""
    age = float(history.weight @ history.T / history.weight.sum())
    rate = k * float(history.weight @ history.x) / float(history.weight @ history.T)
    low, high = LOW + np.log([1, age, 1, 1]), HIGH + np.log([1, age, 1, 1])
    shapes = [(0.4, 3.0, 0.8, 2.0), (2.0, 2.0, 0.3, 2.0), (20.0, 1.0, 0.01, 1.0)]
    starts = [np.log([r, min(r / (rate * faster), age * 1e6), a, b]) for r, faster, a, b in shapes]
    terms = Terms.of(history, k)
    if history.x.size > 2 * SAMPLE:
        rows = sample(history.x.size, SAMPLE)
        extra = {name: values[rows] for name, values in history.extra.items()}
        few = History(history.x[rows], history.t_x[rows], history.T[rows], history.weight[rows], extra)
        first = maximise(Terms.of(few, k).objective, starts, low, high)
        starts = [first.theta]
        if first.covariance is not None:
            curve = -np.linalg.inv(first.covariance) * (history.weight.sum() / few.weight.sum())
            top = polish(terms.slopes, first.theta, curve)
            if top is not None:
                return optimum_at(terms.objective, top, low, high)
    best = maximise(terms.objective, starts, low, high)
    if best.flat:
        fixed_low, fixed_high = low.copy(), high.copy()
        fixed_high[2], fixed_low[3], fixed_high[3] = low[2], 0.0, 0.0
        theta, value = climb(terms.objective, best.theta, fixed_low, fixed_high)
        if value > best.value - SAME:
            return Optimum(theta, value, None, (False, False, True, False))
    return best


MODEL = RegularMBG()
