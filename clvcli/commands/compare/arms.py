"""Two arms of a trial: differences of means, adjusted and not, and what many of them together may claim.

Functions of arrays. Sources: Lin (2013), Annals of Applied Statistics 7(1), for the adjustment; MacKinnon & White
(1985) for HC3; Benjamini & Hochberg (1995) for the correction.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEVEL = 0.95
POWER = 0.8
MIN_ARM = 10
"""Fewer customers than this in an arm are no basis for an estimate."""
NORMAL = float(stats.norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True)
class Difference:
    """Treated minus control: the estimate, its standard error, the 95 % interval and the two-sided p-value."""

    estimate: float
    error: float
    low: float
    high: float
    p: float

    @property
    def detectable(self) -> float:
        """The smallest true effect that a trial with this error would find with 80 % power at the 5 % level."""
        return float(NORMAL + stats.norm.ppf(POWER)) * self.error


def difference(outcome: Array, treated: Flags) -> Difference:
    """The plain difference of means. Wald for a 0/1 outcome (variance p (1 - p) / n of each arm), Welch otherwise."""
    one, zero = outcome[treated], outcome[~treated]
    effect = float(one.mean() - zero.mean())
    if set(np.unique(outcome)) <= {0.0, 1.0}:
        return stated(effect, float(np.sqrt(one.var() / one.size + zero.var() / zero.size)), np.inf)
    parts = np.array([one.var(ddof=1) / one.size, zero.var(ddof=1) / zero.size])
    return stated(effect, float(np.sqrt(parts.sum())), _welch(parts, np.array([one.size - 1, zero.size - 1])))


def adjusted(outcome: Array, treated: Flags, covariates: Array) -> Difference | None:
    """The difference of two regressions, one an arm, at the mean covariates of everybody: Lin's estimator.

    It equals the coefficient of treatment in a regression with centred covariates and all their interactions with
    treatment. `covariates`: (n, k), without a constant; columns that an arm cannot tell apart are dropped. HC3 errors
    (with 200 control customers and skewed spend HC2 covers 1 % less), t with the Welch-Satterthwaite degrees of freedom
    of the two arms. None when an arm is too small for its regression.
    """
    X = _usable(covariates - covariates.mean(axis=0), treated)
    with_treatment, without = _intercept(outcome[treated], X[treated]), _intercept(outcome[~treated], X[~treated])
    if with_treatment is None or without is None:
        return None
    (one, var_one, free_one), (zero, var_zero, free_zero) = with_treatment, without
    parts = np.array([var_one, var_zero])
    degrees = _welch(parts, np.array([free_one, free_zero]))
    return stated(one - zero, float(np.sqrt(parts.sum())), degrees)


def _usable(X: Array, treated: Flags) -> Array:
    """Columns, scaled, that no earlier ones (or the constant) explain, in both arms."""
    scale = X.std(axis=0)
    X = X[:, scale > 0] / scale[scale > 0]
    kept = np.ones(X.shape[1], dtype=bool)
    for chosen in (treated, ~treated):
        kept &= independent(X[chosen])
    result: Array = X[:, kept]
    return result


def independent(X: Array) -> Flags:
    """Which columns are more than 1e-6 away from the span of the constant and the columns before them."""
    design = np.column_stack([np.ones(len(X)), X])
    if len(design) <= design.shape[1]:
        return np.zeros(X.shape[1], dtype=bool)
    left_over = np.abs(np.diag(np.linalg.qr(design, mode="r")))[1:]
    lengths = np.sqrt((X**2).sum(axis=0))
    found: Flags = left_over > 1e-6 * np.maximum(lengths, 1e-300)
    return found


def _intercept(y: Array, X: Array) -> tuple[float, float, float] | None:
    """Least squares of y on a constant and X: the constant, its HC3 variance, residual degrees of freedom."""
    design = np.column_stack([np.ones(y.size), X])
    free = y.size - design.shape[1]
    if free < 1:
        return None
    q, r = np.linalg.qr(design)
    beta = np.linalg.solve(r, q.T @ y)
    leverage = np.minimum((q**2).sum(axis=1), 1 - 1e-9)
    scaled = (y - design @ beta) / (1 - leverage)
    row = np.linalg.solve(r, q.T)[0]  # the constant as a weighted sum of y
    return float(beta[0]), float(((row * scaled) ** 2).sum()), float(free)


def _welch(parts: Array, free: Array) -> float:
    """Satterthwaite's degrees of freedom of a sum of two variances."""
    total = float(parts.sum())
    return float(total**2 / (parts**2 / np.maximum(free, 1)).sum()) if total > 0 else np.inf


def stated(effect: float, error: float, degrees: float) -> Difference:
    wide = NORMAL if np.isinf(degrees) else float(stats.t.ppf((1 + LEVEL) / 2, degrees))
    if error <= 0:
        return Difference(effect, 0.0, effect, effect, 1.0 if effect == 0 else 0.0)
    tail = stats.norm.sf(abs(effect) / error) if np.isinf(degrees) else stats.t.sf(abs(effect) / error, degrees)
    return Difference(effect, error, effect - wide * error, effect + wide * error, float(2 * tail))


def false_discovery(p: Array) -> Array:
    """Benjamini and Hochberg's adjusted p-values: claim those <= 0.05, and at most 5 % of claims are false."""
    if p.size == 0:
        return p
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    result = np.empty_like(p)
    result[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return result
