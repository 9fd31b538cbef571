"""Beta-discrete-Weibull of Fader, Hardie, Liu, Davin & Steenburgh (2018): the shifted beta-geometric with time.

A customer comes through t renewals with probability (1 - theta)^(t^c); theta is Beta(alpha, beta) among customers. With
c above 1 each becomes likelier to leave the longer the contract, with c below 1 less likely; c = 1 is the shifted
beta-geometric. Time is counted in renewals. Imports numpy and scipy alone.
"""

import numpy as np
from scipy.special import betaln

from clvcli.models.base import CONVERGED, INSUFFICIENT, Array, Fit
from clvcli.models.contract.sbg import LIMITS, Renewals, natural, search

NAME = "bdw"
LOG_C = (-3.0, 2.0)
"""Bounds of ln c."""
FEWEST = 4
"""Renewals that must have been seen: a curve of three numbers goes through three points whatever they are."""


def log_survival(alpha: float, beta: float, c: float, n: int) -> Array:
    """ln S(0), ..., ln S(n), shape (n + 1,): S(t) = B(alpha, beta + t^c) / B(alpha, beta)."""
    t = np.arange(n + 1, dtype=np.float64)
    return np.asarray(betaln(alpha, beta + t**c) - betaln(alpha, beta), dtype=np.float64)


def log_likelihood(alpha: float, beta: float, c: float, seen: Renewals) -> float:
    """Sum over those who left of ln (S(t - 1) - S(t)), and over those still there of ln S(t)."""
    log_s = log_survival(alpha, beta, c, len(seen.left))
    gone = seen.left > 0
    with np.errstate(divide="ignore"):
        log_p = log_s[:-1] + np.log(-np.expm1(np.diff(log_s)))
    return float(seen.left[gone] @ log_p[gone] + seen.stayed @ log_s)


def fit(seen: Renewals, start: Fit) -> Fit:
    """Maximum likelihood from the shifted beta-geometric `start` on. `insufficient_data` where that has no parameters,
    or fewer than FEWEST renewals were seen."""
    if not start.params or len(seen.left) < FEWEST:
        return Fit(NAME, {}, {}, None, INSUFFICIENT, "too few renewals were seen to tell how leaving moves with time")

    def cost(theta: Array) -> float:
        inside = all(low <= value <= high for value, (low, high) in zip(theta, [*LIMITS, LOG_C], strict=True))
        if not inside:
            return np.inf
        found = log_likelihood(*natural(theta), float(np.exp(theta[2])), seen)
        return -found if np.isfinite(found) else np.inf

    alpha, beta = start.params["alpha"], start.params["beta"]
    mean, size = np.log(alpha / beta), np.log(alpha + beta)
    starts = [np.array([mean, min(size, most), shape]) for most, shape in ((14.0, 0.0), (1.0, 0.4), (3.0, -0.4))]
    rough = min((search(cost, one, 1e-2) for one in starts), key=cost)
    theta = search(cost, rough, 1e-7)
    alpha, beta = natural(theta)
    errors: dict[str, float | None] = {"alpha": None, "beta": None, "c": None}
    params = {"alpha": alpha, "beta": beta, "c": float(np.exp(theta[2]))}
    return Fit(NAME, params, errors, -cost(theta), CONVERGED)
