"""BG/NBD and MBG/NBD as one purchase model with a switch: may a customer leave right after the first purchase?"""

from collections.abc import Mapping

import numpy as np

from clvcli.models import beta_geometric as ahead
from clvcli.models.base import INSUFFICIENT, Array, Fit, History
from clvcli.models.beta_geometric_fit import PARAMETERS, Terms, log_likelihood, log_odds_gone
from clvcli.models.fitting import Objective, Optimum, beside_limit, maximise, sample
from clvcli.models.messages import outcome, too_little
from clvcli.models.ufuncs import expit

SAMPLE = 10_000
LOW, HIGH = np.log([1e-5, 1e-5, 1e-8, 1e-6]), np.log([1e7, 1e8, 1e8, 1e8])
"""Bounds of the logs of r, alpha / mean T, a, b."""


class BetaGeometricNBD:
    """Purchases at random at a rate lambda ~ Gamma(r, alpha); after each, the customer leaves with p ~ Beta(a, b)."""

    parameters = PARAMETERS
    time_powers: Mapping[str, int] = {"alpha": 1}
    needs: tuple[str, ...] = ()
    memoryless = True
    moved: Mapping[str, Mapping[str, float]] = {"purchase": {"alpha": -1.0}, "dropout": {"a": 1.0, "b": 1.0}}

    def __init__(self, name: str, chances: int) -> None:
        self.name = name
        self.chances = chances

    def fit(self, history: History) -> Fit:
        """Maximum likelihood. insufficient_data as `messages.too_little` says; never raises, never NaN."""
        reason = too_little(history)
        if reason is not None:
            return Fit(self.name, {}, {}, None, INSUFFICIENT, reason)
        return outcome(self.name, PARAMETERS, *self._best(history), history)

    def _best(self, history: History) -> tuple[Optimum, float]:
        """Several starts (on a sample of many rows), then all rows; the limit of no dropout beside it."""
        terms = Terms.of(history, self.chances)
        age = float(history.weight @ history.T / history.weight.sum())
        scale = np.log([1.0, age, 1.0, 1.0])
        low, high = LOW + scale, HIGH + scale
        starts = _starts(history, age)
        if history.x.size > 2 * SAMPLE:
            part = sample(history.x.size, SAMPLE)
            few = History(history.x[part], history.t_x[part], history.T[part], history.weight[part])
            starts = [maximise(Terms.of(few, self.chances).objective, starts, low, high).theta]
        best = maximise(terms.objective, starts, low, high)
        return beside_limit(terms.objective, best, low, high, 2, {2: float(low[2]), 3: 0.0})

    def objective(self, history: History) -> Objective:
        """Log-likelihood with gradient and Hessian in the logs of the parameters."""
        return Terms.of(history, self.chances).objective

    def log_likelihood(self, params: Mapping[str, float], history: History) -> Array:
        """Per distinct history, not weighted, shape (n,)."""
        return log_likelihood(*_values(params), self.chances, history)

    def p_alive(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """P(alive at T), shape (n,). BG/NBD says 1 for everybody who bought once."""
        return np.asarray(expit(-log_odds_gone(*_values(params), self.chances, x, t_x, T)))

    def expected_purchases(
        self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, delta: float = 0.0
    ) -> Array:
        """Expected (discounted at delta per week) purchases in (T, T + t] given alive; t may be inf when delta > 0."""
        r, alpha, a, b = _values(params)
        return ahead.expected_purchases(r + x, alpha + T, a, b + x + self.chances, t, delta)

    def p_no_purchase(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float) -> Array:
        """P(no purchase in (T, T + t] | alive)."""
        return ahead.p_no_purchase(params["r"] + x, params["alpha"] + T, t)

    def median_wait(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """Median weeks to the next purchase if alive."""
        return ahead.median_wait(params["r"] + x, params["alpha"] + T)

    def pmf(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, k_max: int) -> Array:
        """P(Y(t) = k | alive) for k = 0 ... k_max, shape (n, k_max + 1)."""
        r, alpha, a, b = _values(params)
        return ahead.pmf(r + x, alpha + T, a, b + x + self.chances, t, k_max)

    def alert_wait(self, params: Mapping[str, float], x: Array, t_x: Array, threshold: float) -> Array:
        """Weeks of silence after which P(alive) = threshold, by its log-odds; 0 when lower at once, inf when never."""
        if not 0 < threshold < 1:
            return np.full(x.shape, np.inf if threshold <= 0 else 0.0)
        r, alpha, a, b = _values(params)
        at_once = log_odds_gone(r, alpha, a, b, self.chances, x, t_x, t_x)
        room = np.log1p(-threshold) - np.log(threshold) - at_once
        with np.errstate(over="ignore"):
            return np.asarray((alpha + t_x) * np.expm1(np.maximum(room, 0.0) / (r + x)))

    def expected_from_birth(self, params: Mapping[str, float], t: Array) -> Array:
        """E[X(t)], shape of t."""
        r, alpha, a, b = _values(params)
        stays = (b / (a + b)) ** self.chances
        one, shape_b = np.array([r]), np.array([b + self.chances])
        return np.array([stays * ahead.expected_purchases(one, np.array([alpha]), a, shape_b, s)[0] for s in t])


def _values(params: Mapping[str, float]) -> tuple[float, float, float, float]:
    return params["r"], params["alpha"], params["a"], params["b"]


def _starts(history: History, age: float) -> list[Array]:
    """Sparse and busy, hardly leaving and leaving soon; logs. The rate of all customers sets alpha."""
    rate = float(history.weight @ history.x) / float(history.weight @ history.T)
    shapes = [(0.25, 3.0, 0.8, 2.5), (1.0, 2.0, 0.5, 2.0), (20.0, 1.0, 0.01, 1.0), (5.0, 2.0, 2.0, 10.0)]
    return [np.log([r, min(r / (rate * faster), age * 1e6), a, b]) for r, faster, a, b in shapes]
