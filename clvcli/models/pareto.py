"""What a living customer will do, when purchases come at a rate ~ Gamma(nu, A) and life ends at a rate ~ Gamma(s, B).

nu, A, B: shape (n,); s: one number; time in weeks. The survivor function of the time left is (B / (B + u))^s.
"""

import numpy as np

from clvcli.models.base import Array
from clvcli.models.discount import discount_rule
from clvcli.models.dropout_integral import ROWS, moments
from clvcli.models.special import beta_rule

NEVER = 1e7
"""Weeks: a wait as long as this is never."""


def expected_purchases(nu: Array, A: Array, s: float, B: Array, t: float, delta: float = 0.0) -> Array:
    """Integral over (0, t) of e^(-delta u) nu / A (B / (B + u))^s du; closed form without discounting."""
    if t <= 0 or nu.size == 0:
        return np.zeros(nu.shape)
    if delta == 0:
        lived = np.log1p(t / B)
        power = (s - 1) * lived
        # (1 - e^-power) / power, 1 at power = 0: no singularity at s = 1.
        ratio = np.where(np.abs(power) < 1e-8, 1 - power / 2, -np.expm1(-power) / np.where(power == 0, 1.0, power))
        return np.asarray(nu / A * B * lived * ratio)
    times, weight = discount_rule(t, delta, float(B.min()) / (1 + s))
    rows = [np.exp(-s * np.log1p(times / B[i : i + ROWS, None])) @ weight for i in range(0, nu.size, ROWS)]
    return np.asarray(nu / A * np.concatenate(rows))


def p_purchase(nu: Array, A: Array, s: float, B: Array, t: Array) -> Array:
    """P(a purchase before t and before the end of life): integral of the density of the first purchase, alive."""
    result = np.empty(nu.shape)
    for start in range(0, nu.size, ROWS):
        rows = slice(start, start + ROWS)
        n, a, b = nu[rows, None], A[rows, None], B[rows, None]
        u, weight = moments(1 / ((nu[rows] + 1) / A[rows] + s / B[rows]), t[rows])
        stays = np.exp(-n * np.log1p(u / a) - s * np.log1p(u / b))
        result[rows] = (weight * n / (a + u) * stays).sum(axis=1)
    return np.where(t > 0, result, 0.0)


def median_wait(nu: Array, A: Array, s: float, B: Array) -> Array:
    """Time by which half of such customers have bought, by bisection in its log; inf where fewer than half ever do."""
    low, high = np.full(nu.shape, np.log(1e-6)), np.full(nu.shape, np.log(NEVER))
    ever = p_purchase(nu, A, s, B, np.exp(high)) > 0.5
    for _ in range(36):
        middle = (low + high) / 2
        late = p_purchase(nu, A, s, B, np.exp(middle)) < 0.5
        low, high = np.where(late, middle, low), np.where(late, high, middle)
    return np.where(ever, np.exp(high), np.inf)


def pmf(nu: Array, A: Array, s: float, B: Array, t: float, k_max: int) -> Array:
    """P(Y(t) = k | alive), shape (n, k_max + 1): a negative binomial at t, or at the end of life before."""
    if t <= 0:
        return np.asarray(np.arange(k_max + 1) == 0, dtype=np.float64) * np.ones((nu.size, 1))
    finest = float(np.sqrt(1 / (1 + k_max) + 1 / nu.max(initial=1.0)))
    shortest = float(min(np.min(A, initial=t), np.min(B, initial=t))) / t
    share, _, weight = beta_rule(1.0, 1.0, min(1.0, shortest / (1 + float(nu.max(initial=1.0)))), step=0.5 * finest)
    times = np.append(share * t, t)
    result = np.empty((nu.size, k_max + 1))
    size = max(1, (1 << 19) // times.size)
    for start in range(0, nu.size, size):
        rows = slice(start, start + size)
        n, a, b = nu[rows, None], A[rows, None], B[rows, None]
        died = np.log(s * weight * t / (b + times[:-1])) - s * np.log1p(times[:-1] / b)
        logs = np.concatenate([died, -s * np.log1p(t / b)], axis=1) - n * np.log1p(times / a)
        result[rows] = _count_up(logs, -np.log1p(a / times), n, k_max)
    return result


def _count_up(logs: Array, log_ratio: Array, nu: Array, k_max: int) -> Array:
    """Sums over the moments of w (nu)_k / k! ratio^k, k = 0 ... k_max, from the logs of w; in logs where w is tiny."""
    result = np.empty((nu.size, k_max + 1))
    plain = bool(logs.min() > -600)
    now, ratio = (np.exp(logs), np.exp(log_ratio)) if plain else (logs, log_ratio)
    for k in range(k_max + 1):
        result[:, k] = (now if plain else np.exp(now)).sum(axis=1)
        factor = (nu + k) / (1 + k)
        now = now * ratio * factor if plain else now + (ratio + np.log(factor))
    return result
