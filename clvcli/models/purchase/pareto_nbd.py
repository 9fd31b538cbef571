"""Pareto/NBD of Schmittlein, Morrison & Colombo (1987), Management Science 33(1): customers may leave at any time.

Purchases at random at a rate ~ Gamma(r, alpha); the end of life comes at a rate ~ Gamma(s, beta).
"""

from collections.abc import Mapping

import numpy as np

from clvcli.models import pareto as ahead
from clvcli.models.base import INSUFFICIENT, Array, Fit, History
from clvcli.models.fitting import Objective, Optimum, beside_limit, maximise, optimum_at, polish, sample
from clvcli.models.messages import outcome, too_little
from clvcli.models.pareto_fit import PARAMETERS, Terms, log_likelihood, log_odds_gone
from clvcli.models.ufuncs import expit

SAMPLE = 5_000
LOW, HIGH = np.log([1e-5, 1e-5, 1e-8, 1e-4]), np.log([1e7, 1e8, 1e6, 1e7])
"""Bounds of the logs of r, alpha / mean T, s, beta / mean T."""


class ParetoNBD:
    """See the module."""

    name = "pareto-nbd"
    parameters = PARAMETERS
    time_powers: Mapping[str, int] = {"alpha": 1, "beta": 1}
    needs: tuple[str, ...] = ()
    memoryless = True
    moved: Mapping[str, Mapping[str, float]] = {"purchase": {"alpha": -1.0}, "dropout": {"beta": -1.0}}

    def fit(self, history: History) -> Fit:
        """Maximum likelihood. insufficient_data as `messages.too_little` says; never raises, never NaN."""
        reason = too_little(history)
        if reason is not None:
            return Fit(self.name, {}, {}, None, INSUFFICIENT, reason)
        return outcome(self.name, PARAMETERS, *_best(history), history)

    def objective(self, history: History) -> Objective:
        """Log-likelihood with gradient and Hessian in the logs of the parameters."""
        return Terms.of(history).objective

    def log_likelihood(self, params: Mapping[str, float], history: History) -> Array:
        """Per distinct history, not weighted, shape (n,)."""
        return log_likelihood(*_values(params), history)

    def p_alive(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """P(alive at T), shape (n,)."""
        return np.asarray(expit(-log_odds_gone(*_values(params), x, t_x, T)))

    def expected_purchases(
        self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, delta: float = 0.0
    ) -> Array:
        """Expected (discounted at delta per week) purchases in (T, T + t] given alive; t may be inf when delta > 0."""
        r, alpha, s, beta = _values(params)
        return ahead.expected_purchases(r + x, alpha + T, s, beta + T, t, delta)

    def p_no_purchase(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float) -> Array:
        """P(no purchase in (T, T + t] | alive at T)."""
        r, alpha, s, beta = _values(params)
        return 1 - ahead.p_purchase(r + x, alpha + T, s, beta + T, np.full(x.shape, t))

    def median_wait(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """Weeks by which half of the living with this history have bought; inf where fewer than half ever will."""
        r, alpha, s, beta = _values(params)
        return ahead.median_wait(r + x, alpha + T, s, beta + T)

    def pmf(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, k_max: int) -> Array:
        """P(Y(t) = k | alive) for k = 0 ... k_max, shape (n, k_max + 1)."""
        r, alpha, s, beta = _values(params)
        return ahead.pmf(r + x, alpha + T, s, beta + T, t, k_max)

    def alert_wait(self, params: Mapping[str, float], x: Array, t_x: Array, threshold: float) -> Array:
        """Weeks of silence after which P(alive) = threshold, by Newton in the log of the wait; inf when never."""
        if not 0 < threshold < 1:
            return np.full(x.shape, np.inf if threshold <= 0 else 0.0)
        keys, index = np.unique(np.stack([x, t_x]), axis=1, return_inverse=True)
        wait = _wait(*_values(params), keys[0], keys[1], float(np.log1p(-threshold) - np.log(threshold)))
        result: Array = np.where(wait > ahead.NEVER, np.inf, wait)[index]
        return result

    def expected_from_birth(self, params: Mapping[str, float], t: Array) -> Array:
        """E[X(t)], shape of t."""
        zero = np.zeros(1)
        return np.array([self.expected_purchases(params, zero, zero, zero, s)[0] for s in t])


def _values(params: Mapping[str, float]) -> tuple[float, float, float, float]:
    return params["r"], params["alpha"], params["s"], params["beta"]


def _best(history: History) -> tuple[Optimum, float]:
    """Several starts (on a sample of many rows), then all rows; the limit of no dropout beside it."""
    age = float(history.weight @ history.T / history.weight.sum())
    rate = float(history.weight @ history.x) / float(history.weight @ history.T)
    scale = np.log([1.0, age, 1.0, age])
    low, high = LOW + scale, HIGH + scale
    shapes = [(0.5, 3.0, 0.6, 0.5), (2.0, 1.5, 0.1, 1.0), (20.0, 2.0, 3.0, 3.0)]
    starts = [np.log([r, min(r / (rate * faster), age * 1e6), s, age * b]) for r, faster, s, b in shapes]
    terms = Terms.of(history)
    objective = terms.objective
    best = None
    if history.x.size > 2 * SAMPLE:
        first, top = _sampled(terms, starts, low, high)
        starts = [first.theta]
        best = None if top is None else optimum_at(objective, top, low, high)
    best = best or maximise(objective, starts, low, high)
    return beside_limit(objective, best, low, high, 2, {2: float(low[2]), 3: float(np.log(age))})


def _sampled(terms: Terms, starts: list[Array], low: Array, high: Array) -> tuple[Optimum, Array | None]:
    """The optimum of a sample of the rows, and from there that of all by its Hessian; None where that does not do."""
    history = terms.history
    rows = sample(history.x.size, SAMPLE)
    few = History(history.x[rows], history.t_x[rows], history.T[rows], history.weight[rows])
    first = maximise(Terms.of(few).objective, starts, low, high)
    if first.covariance is None:
        return first, None
    curve = -np.linalg.inv(first.covariance) * (history.weight.sum() / few.weight.sum())
    return first, polish(terms.slopes, first.theta, curve)


def _wait(r: float, alpha: float, s: float, beta: float, x: Array, t_x: Array, odds: float) -> Array:
    """Where ln I reaches the log-odds: Newton in ln(wait) within a bracket, halved where Newton leaves it."""
    low, high = np.full(x.shape, np.log(1e-6)), np.full(x.shape, np.log(10 * ahead.NEVER))
    at = np.log((alpha + t_x) / (1 + x) + 1e-6)
    for _ in range(40):
        at = np.where((at > low) & (at < high), at, (low + high) / 2)
        T = t_x + np.exp(at)
        gone = log_odds_gone(r, alpha, s, beta, x, t_x, T)
        low, high = np.where(gone < odds, at, low), np.where(gone < odds, high, at)
        slope = s / (beta + T) * np.exp(-np.minimum(gone, 700)) + (r + x) / (alpha + T) + s / (beta + T)
        step = (odds - gone) / (slope * np.exp(at))
        at = at + step
        if np.abs(step).max(initial=0.0) < 1e-10:
            break
    result: Array = np.exp(np.clip(at, low, high))
    return result


MODEL = ParetoNBD()
