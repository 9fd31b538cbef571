"""A retention curve by whichever model fits, and what is left of a contract that has come through some renewals.

Time is counted in renewals. Imports numpy and scipy alone.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from clvcli.models.base import Array, Fit
from clvcli.models.contract import bdw, sbg
from clvcli.models.contract.sbg import Renewals

LOW, HIGH = 0.05, 0.95


def fitted(seen: Renewals) -> Fit:
    """The shifted beta-geometric, or the beta-discrete-Weibull where it is better by AIC."""
    return _fitted(tuple(seen.left), tuple(seen.stayed))


@lru_cache(maxsize=64)
def _fitted(left: tuple[float, ...], stayed: tuple[float, ...]) -> Fit:
    """The same customers are asked for as a whole, as a group and as those of a renewal length."""
    seen = Renewals(np.array(left), np.array(stayed))
    plain = sbg.fit(seen)
    if plain.log_likelihood is None:
        return plain
    shaped = bdw.fit(seen, plain)
    better = shaped.log_likelihood is not None and shaped.log_likelihood > plain.log_likelihood + 1
    return shaped if better else plain


def near(fit: Fit, seen: Renewals) -> Fit:
    """The same model fitted to other customers, from these parameters on."""
    start = [math.log(fit.params["alpha"] / fit.params["beta"]), math.log(fit.params["alpha"] + fit.params["beta"])]
    start += [math.log(fit.params["c"])] if "c" in fit.params else []
    limits = [*sbg.LIMITS, bdw.LOG_C]

    def moved(theta: Array) -> Fit:
        alpha, beta = sbg.natural(theta)
        shape = {"c": math.exp(theta[2])} if "c" in fit.params else {}
        return replace(fit, params={"alpha": alpha, "beta": beta, **shape})

    def cost(theta: Array) -> float:
        inside = all(low <= value <= high for value, (low, high) in zip(theta, limits, strict=False))
        found = log_likelihood(moved(theta), seen) if inside else -np.inf
        return -found if np.isfinite(found) else np.inf

    return moved(sbg.search(cost, np.array(start), 1e-3))


def log_survival(fit: Fit, n: int) -> Array:
    """ln S(0), ..., ln S(n) of a fit with parameters. Shape (n + 1,)."""
    alpha, beta = fit.params["alpha"], fit.params["beta"]
    if fit.name == bdw.NAME:
        return bdw.log_survival(alpha, beta, fit.params["c"], n)
    return sbg.log_survival(alpha, beta, n)


def survival(fit: Fit, n: int) -> Array:
    """S(0), ..., S(n) of a fit with parameters. Shape (n + 1,)."""
    return np.exp(log_survival(fit, n))


def log_likelihood(fit: Fit, seen: Renewals) -> float:
    """Of other customers under a fit with parameters."""
    alpha, beta = fit.params["alpha"], fit.params["beta"]
    if fit.name == bdw.NAME:
        return bdw.log_likelihood(alpha, beta, fit.params["c"], seen)
    return sbg.log_likelihood(alpha, beta, seen)


def expected_payments(fit: Fit, n: int | None, discount: float = 0.0) -> float | None:
    """Of a new contract, the first one due now: see sbg.expected_renewals. n None: without end, and then None where
    there is no sum or nobody knows of one."""
    if fit.name != bdw.NAME:
        return sbg.expected_renewals(fit.params["alpha"], fit.params["beta"], n, discount)
    if n is None and discount == 0:
        return None
    count = sbg.LONGEST if n is None else n
    weights = (1.0 + discount) ** -np.arange(count, dtype=np.float64)
    return float(survival(fit, count - 1) @ weights) if count else 0.0


@dataclass(frozen=True)
class Residual:
    """What is left of one contract, in payments of 1.

    `churn`: chance to leave at the next renewal; `renewals`: expected ones to come; `value`: expected payments to come,
    discounted; `variance`: of them; `low`, `high`: their 5 % and 95 % quantiles; `moved`: d value / d ln retention.
    """

    churn: float
    renewals: float
    value: float
    variance: float
    low: float
    high: float
    moved: float


def residual(log_s: Array, passed: int, due: npt.NDArray[np.int64], weights: Array, most: int) -> Residual:
    """Of a contract that has come through `passed` renewals.

    `log_s`: ln S(0), ..., ln S(passed + most + 1) at least. `due[j]`: the renewals that stand before payment j, in
    rising order from 0 to `most`; `weights[j]`: its discount; both of shape (payments,). `most`: renewals within the
    horizon. Given theta, a chance to renew that is higher by the factor 1 + e raises S(t) by (1 + e)^t, so that `moved`
    is the sum of renewals x weight x S.
    """
    ahead = np.exp(log_s[passed : passed + most + 2] - log_s[passed])
    there = ahead[due]
    paid = np.concatenate(([0.0], np.cumsum(weights)))[np.searchsorted(due, np.arange(most + 1), side="right")]
    leaves = np.append(-np.diff(ahead[: most + 1]), ahead[most])  # after 0, 1, ..., most renewals
    value = float(there @ weights)
    low, high = (paid[min(most, int(np.searchsorted(np.cumsum(leaves), q)))] for q in (LOW, HIGH))
    return Residual(
        churn=float(1 - ahead[1]),
        renewals=float(ahead[1 : most + 1].sum()),
        value=value,
        variance=max(0.0, float(leaves @ paid**2) - value**2),
        low=float(low),
        high=float(high),
        moved=float((due * there) @ weights),
    )
