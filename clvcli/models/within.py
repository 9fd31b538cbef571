"""Amounts of one customer given their mean: what single amounts tell of p that means do not.

The joint density of amounts z_1 .. z_n ~ Gamma(p, nu), nu ~ Gamma(q, v) is that of their mean (Gamma-Gamma) times

    ln L = ln G(p n) - n ln G(p) - p n ln n - (p - 1) d - (n - 1) ln m,     d = n ln m - sum ln z >= 0

which depends on p alone: the amounts as shares of their sum are Dirichlet (p, .. p). With s(x) = ln G(x) less
Stirling's (x - 1/2) ln x - x + ln(2 pi) / 2 nothing cancels:

    ln G(p n) - n ln G(p) - p n ln n = -ln(n) / 2 + (n - 1) / 2 ln(p / (2 pi)) + s(p n) - n s(p)
"""

from dataclasses import dataclass

import numpy as np

from clvcli.models.base import Array, Spending
from clvcli.models.ufuncs import gammaln, psi, trigamma

_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
_LARGE = 20.0
"""From here on five terms of the series have all digits."""


def stirling_rest(x: Array) -> Array:
    """ln G(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2) of x > 0, DLMF 5.11.1; of the shape of x."""
    small = np.minimum(x, _LARGE)
    direct = gammaln(small) - ((small - 0.5) * np.log(small) - small + 0.5 * np.log(2 * np.pi))
    inverse = 1 / x**2
    series = np.polyval(_SERIES[::-1], inverse) / x
    return np.where(x < _LARGE, direct, series)


def given_mean(p: float, n: Array, mean: Array, log_mean: Array) -> Array:
    """ln L of each customer, shape (n,). log_mean: mean of the logs of the n amounts."""
    logs = np.log(mean)
    return _shape(p, n) - (p - 1) * n * _above(n, logs, log_mean) - (n - 1) * logs


def _shape(p: float, n: Array) -> Array:
    """ln G(p n) - n ln G(p) - p n ln n."""
    rest = stirling_rest(p * n) - n * stirling_rest(np.array(p))
    return np.asarray(-np.log(n) / 2 + (n - 1) / 2 * np.log(p / (2 * np.pi)) + rest)


def _above(n: Array, logs: Array, log_mean: Array) -> Array:
    """d / n: by how much the log of the mean is above the mean of the logs. Below 0 by rounding alone."""
    return np.where(n > 1, np.maximum(logs - log_mean, 0.0), 0.0)


@dataclass(frozen=True)
class Within:
    """What the density needs of all customers: the distinct n >= 2 with the weight that have each, the sums of d and of
    (n - 1) ln m."""

    counts: Array
    weight: Array
    spread: float
    log_mean: float

    @classmethod
    def of(cls, spending: Spending) -> "Within":
        """Of rows with n >= 1 and mean > 0, whose `log_mean` is known."""
        assert spending.log_mean is not None
        n, weight, log_mean = spending.n, spending.weight, np.log(spending.mean)
        by_count = np.bincount(n.astype(np.intp), weights=weight).astype(np.float64)
        by_count[:2] = 0.0
        counts = np.flatnonzero(by_count)
        return cls(
            counts.astype(np.float64), by_count[counts], float(weight @ (n * _above(n, log_mean, spending.log_mean))),
            float(weight @ ((n - 1) * log_mean)),
        )  # fmt: skip

    @property
    def repeats(self) -> float:
        """Amounts beyond the first of each customer."""
        return float(self.weight @ (self.counts - 1))

    def value(self, p: float) -> float:
        """Log-likelihood."""
        return float(self.weight @ _shape(p, self.counts)) - (p - 1) * self.spread - self.log_mean

    def slope(self, p: float) -> float:
        """Its derivative by ln p."""
        k, w = self.counts, self.weight
        own = psi(p) - np.log(p)
        return p * (float((w * k) @ (psi(p * k) - np.log(p * k) - own)) - self.spread)

    def curve(self, p: float) -> float:
        """Its second derivative by ln p, less the slope."""
        k, w = self.counts, self.weight
        return p * p * float((w * k) @ (k * trigamma(p * k) - trigamma(p)))
