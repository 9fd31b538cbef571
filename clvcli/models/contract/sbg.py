"""Shifted beta-geometric of Fader & Hardie (2007): customers under contract decide at each renewal whether to leave.

A customer leaves at a renewal with probability theta, the same at each; theta is Beta(alpha, beta) among customers. The
survivors are the loyal ones, so that retention rises with tenure although nobody becomes more loyal.
Time is counted in renewals. Imports numpy and scipy alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, Array, Fit

NAME = "sbg"
LIMITS = [(-16.0, 16.0), (-8.0, 14.0)]
"""Bounds of the logit of the mean and of ln(alpha + beta)."""
NO_BETTER = 0.01
"""Log-likelihood by which the fit must beat that of customers who are all alike (a geometric)."""
LONGEST = 100_000
"""Renewals after which a sum that has not ended is cut; what is left there is below any cent."""


@dataclass(frozen=True)
class Renewals:
    """`left[t - 1]`: customers who left at renewal t; `stayed[t]`: customers still there who came through t renewals.

    Shapes (n,) and (n + 1,), float64.
    """

    left: Array
    stayed: Array


def survival(alpha: float, beta: float, n: int) -> Array:
    """S(0), ..., S(n): the share still there after t renewals. Shape (n + 1,); eq. 6 of the paper, as a sum of logs."""
    return np.exp(log_survival(alpha, beta, n))


def log_survival(alpha: float, beta: float, n: int) -> Array:
    """ln S(0), ..., ln S(n). Shape (n + 1,)."""
    j = np.arange(n, dtype=np.float64)
    return np.concatenate(([0.0], np.cumsum(np.log((beta + j) / (alpha + beta + j)))))


def retention(alpha: float, beta: float, n: int) -> Array:
    """r(1), ..., r(n): the share of those still there who renew at renewal t. Shape (n,); eq. 8."""
    t = np.arange(1, n + 1, dtype=np.float64)
    return (beta + t - 1) / (alpha + beta + t - 1)


def log_likelihood(alpha: float, beta: float, seen: Renewals) -> float:
    """Sum over those who left of ln P(T = t), eq. 5, and over those still there of ln S(t)."""
    n = len(seen.left)
    t = np.arange(1, n + 1, dtype=np.float64)
    log_s = log_survival(alpha, beta, n)
    log_p = log_s[:-1] + np.log(alpha / (alpha + beta + t - 1))
    return float(seen.left @ log_p + seen.stayed @ log_s)


def fit(seen: Renewals) -> Fit:
    """Maximum likelihood in (logit of the mean, log of alpha + beta).

    `insufficient_data` when nobody left or nobody renewed: one share of a curve tells no shape. `at_bound` when
    customers who are all alike explain the data as well; the fit then is that of such customers.
    """
    left, decided = float(seen.left.sum()), float(seen.left.sum() + seen.stayed[1:].sum())
    if left == 0:
        return Fit(NAME, {}, {}, None, INSUFFICIENT, "nobody has left yet: retention has no shape to learn")
    if decided == seen.left[:1].sum():
        return Fit(NAME, {}, {}, None, INSUFFICIENT, "nobody has renewed yet: retention has no shape to learn")

    def cost(theta: Array) -> float:
        inside = all(low <= value <= high for value, (low, high) in zip(theta, LIMITS, strict=True))
        return -log_likelihood(*natural(theta), seen) if inside else np.inf

    renewals = float(seen.left @ np.arange(1, len(seen.left) + 1) + seen.stayed @ np.arange(len(seen.stayed)))
    hazard = min(left / renewals, 1 - 1e-6)
    alike = left * np.log(hazard) + (renewals - left) * np.log1p(-hazard)
    logit = float(np.log(hazard / (1 - hazard)))
    theta = min((search(cost, np.array([logit, size])) for size in (0.0, 1.5, 4.0)), key=cost)
    bound = -cost(theta) < alike + NO_BETTER
    alpha, beta = natural(np.array([logit, LIMITS[1][1]]) if bound else theta)
    value = log_likelihood(alpha, beta, seen)
    message = "customers differ too little to tell: everybody leaves at the same rate" if bound else ""
    errors: dict[str, float | None] = {"alpha": None, "beta": None}
    return Fit(NAME, {"alpha": alpha, "beta": beta}, errors, value, AT_BOUND if bound else CONVERGED, message)


def search(cost: Callable[[Array], float], start: Array, within: float = 1e-9) -> Array:
    """Where the cost is least, near `start`, `within` so much of it."""
    found = minimize(cost, start, method="Nelder-Mead", options={"xatol": within, "fatol": 1e-11, "maxiter": 2000})
    return np.asarray(found.x, dtype=np.float64)


def expected_renewals(alpha: float, beta: float, n: int | None, discount: float = 0.0, tenure: int = 0) -> float | None:
    """Expected payments from now on, the first one due now: sum over t < n of S(tenure + t) / S(tenure) / (1 + d)^t.

    `discount` is per renewal; n None: without end, and then None where there is no sum (no discount, alpha <= 1).
    The customer has come through `tenure` renewals. Eq. of the discounted expected (residual) lifetime, Fader & Hardie.
    """
    later = beta + tenure
    if n is None and discount == 0:
        return (alpha + later - 1) / (alpha - 1) if alpha > 1 else None
    count = LONGEST if n is None else n
    weights = (1.0 + discount) ** -np.arange(count, dtype=np.float64)
    return float(survival(alpha, later, count - 1) @ weights) if count else 0.0


def natural(theta: Array) -> tuple[float, float]:
    """alpha and beta of (logit of the mean, ln(alpha + beta))."""
    size = float(np.exp(theta[1]))
    return size / (1 + float(np.exp(-theta[0]))), size / (1 + float(np.exp(theta[0])))
