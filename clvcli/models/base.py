"""What every model is made of: the histories it sees, the fit it returns, the protocols it keeps.

Time inside `models/` is in weeks, amounts are in currency units. Imports numpy alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
UNIT_WEEKS = {"day": 1 / 7, "week": 1.0, "month": 30.4375 / 7, "year": 365.25 / 7}
CONVERGED, AT_BOUND, INSUFFICIENT = "converged", "at_bound", "insufficient_data"


@dataclass(frozen=True)
class History:
    """Distinct purchase histories with weights, sorted by (x, t_x, T): equal logs give equal arrays in any row order.

    x: purchases after the first; t_x: weeks from first to last purchase; T: weeks from first purchase to as_of;
    weight: customers that share the history. `extra` holds further statistics that a model `needs`, by name.
    All of shape (n,), float64.
    """

    x: Array
    t_x: Array
    T: Array
    weight: Array
    extra: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Spending:
    """Distinct (n, mean) with weights, sorted. n: purchases > 0 that the spend model sees; mean: theirs; log_mean: the
    mean of the logs of these amounts, None where they are not known. All of shape (n,). `by_means`: whether the model
    is to go by the means, and by single amounts only where means leave it open."""

    n: Array
    mean: Array
    weight: Array
    log_mean: Array | None = None
    by_means: bool = False

    def take(self, rows: Any) -> "Spending":
        """Some of the rows: a mask, a slice or places."""
        log_mean = None if self.log_mean is None else self.log_mean[rows]
        return Spending(self.n[rows], self.mean[rows], self.weight[rows], log_mean, self.by_means)


@dataclass(frozen=True)
class Fit:
    """A model with its parameters (time in weeks), standard errors and status.

    status: `converged`; `at_bound` (the likelihood is flat: a limit model is used, it predicts all the same);
    `insufficient_data` (params empty, predicts nothing). `message` says in plain words what the status means.
    `covariance` is that of the logs of the parameters, row-major, in the order of `params`.
    """

    name: str
    params: Mapping[str, float]
    std_errors: Mapping[str, float | None]
    log_likelihood: float | None
    status: str
    message: str = ""
    covariance: tuple[tuple[float, ...], ...] | None = None
    notices: tuple[tuple[str, str], ...] = ()
    repeats: float | None = None
    """Sum of x over the customers of a purchase fit: the log-likelihood shifts by it in another unit of time."""

    @property
    def usable(self) -> bool:
        """Whether the fit can predict."""
        return self.status != INSUFFICIENT


class PurchaseModel(Protocol):
    """A model of when customers buy. A file of `models/purchase/` defines `MODEL`, an instance; its name is the file's.

    Every array argument has shape (n,); every result has shape (n,) unless said otherwise. `t` is in weeks after as_of.
    All predictions but `p_alive` are *given alive*: multiply by `p_alive`. Nothing here checks its arguments.
    """

    name: str
    parameters: tuple[str, ...]
    time_powers: Mapping[str, int]
    """Power of time in each parameter that has one: {"alpha": 1}."""
    needs: tuple[str, ...]
    """Names of statistics beyond (x, t_x, T) that `History.extra` must hold."""
    memoryless: bool
    """Whether predictions given alive depend on (x, T) alone, not on t_x."""

    def fit(self, history: History) -> Fit: ...
    def log_likelihood(self, params: Mapping[str, float], history: History) -> Array: ...
    def p_alive(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array: ...
    def expected_purchases(
        self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, delta: float = 0.0
    ) -> Array:
        """Integral over (0, t) of e^(-delta s) rate(s) ds given alive; t may be inf when delta > 0."""

    def p_no_purchase(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float) -> Array: ...
    def median_wait(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array) -> Array:
        """Weeks until the next purchase, median, if alive; inf when never."""

    def pmf(self, params: Mapping[str, float], x: Array, t_x: Array, T: Array, t: float, k_max: int) -> Array:
        """P(Y(t) = k | alive), shape (n, k_max + 1)."""

    def alert_wait(self, params: Mapping[str, float], x: Array, t_x: Array, threshold: float) -> Array:
        """Weeks after the last purchase at which, in silence, P(alive) falls to `threshold`; inf when never."""

    def expected_from_birth(self, params: Mapping[str, float], t: Array) -> Array:
        """Expected purchases after the first of a new customer within t weeks, E[X(t)]."""


class SpendModel(Protocol):
    """A model of how much customers spend. A file of `models/spend/` defines `MODEL`."""

    name: str
    parameters: tuple[str, ...]

    def fit(self, spending: Spending) -> Fit: ...
    def log_likelihood(
        self, params: Mapping[str, float], n: Array, mean: Array, log_mean: Array | None = None
    ) -> Array:
        """Per customer with n >= 1 and mean > 0; of the mean, or with `log_mean` of all amounts together."""

    def expected_value(self, params: Mapping[str, float], n: Array, mean: Array) -> Array:
        """E[M | n, mean]; n = 0 gives the population mean. Finite for every usable fit."""
