"""Quadrature against a Beta density that keeps its digits from a = 1e-9 to b = 1e8.

The rule is a trapezoid in s, where logit(p) = s - e^(s0 - s) + e^(s - s1): doubly exponential at both ends (so that
p^(a-1) at 0 and (1-p)^(b-1) at 1 do no harm) and the plain logit between. The integrands used here are analytic in
the strip |Im s| < pi/2, so a step of 0.2 is worth 12 digits and more; a
narrow peak (a and b large) takes a smaller step.
"""

from collections.abc import Callable
from math import exp, expm1, log, log1p, sqrt

import numpy as np

from clvcli.models.base import Array

STEP = 0.2
MARGIN = 2.5
TINY = 1e-290


def _drop(delta: float, a: float, b: float) -> float:
    """Log density of logit(p), p ~ Beta(a, b), at its mode + delta, minus the value at the mode. No cancellation."""
    if delta < 30.0:
        return a * delta - (a + b) * log1p(a / (a + b) * expm1(delta))
    return -b * delta - (a + b) * log1p(b / a * exp(-delta)) - (a + b) * log(a / (a + b))


def _drops(delta: Array, a: float, b: float) -> Array:
    """`_drop` of each value of an array."""
    with np.errstate(over="ignore", under="ignore"):
        near = a * delta - (a + b) * np.log1p(a / (a + b) * np.expm1(np.minimum(delta, 30.0)))
        far = -b * delta - (a + b) * (np.log1p(b / a * np.exp(-np.maximum(delta, 30.0))) + log(a / (a + b)))
    return np.where(delta < 30.0, near, far)


def beta_rule(a: float, b: float, knee: float, depth: float = 45.0, step: float = STEP) -> tuple[Array, Array, Array]:
    """Nodes p, their 1 - p and weights, all (m,), of the integral over (0, 1) of Beta(p; a, b) f(p) dp.

    The weights sum to 1. knee: f(p) is as good as linear for p below it (it may change on any scale above). depth: log
    of the relative size at which the tails are cut; an f that itself varies over many decades needs as much more.
    step: finer where f has narrow peaks, half their width in logit(p).
    """
    s0 = log(min(knee, 1 / (1 + b))) - MARGIN
    s1 = log1p(a) + MARGIN
    mode = log(a) - log(b)

    def logit(s: float) -> float:
        return s - exp(s0 - s) + exp(s - s1)

    step = min(step, 0.7 * sqrt(1 / a + 1 / b))
    low, high = s0 - 60.0, s1 + 60.0
    middle = _turn(lambda s: logit(s) < mode, low, high, step / 100)
    left = _turn(lambda s: _drop(logit(s) - mode, a, b) < -depth, low, middle, step)
    right = _turn(lambda s: _drop(logit(s) - mode, a, b) > -depth, middle, high, step)
    s = np.linspace(left, right, int((right - left) / step) + 3)
    near_0, near_1 = np.exp(s0 - s), np.exp(s - s1)
    y = s - near_0 + near_1
    weight = np.exp(_drops(y - mode, a, b)) * (1 + near_0 + near_1)
    p, q = np.exp(-np.logaddexp(0.0, -y)), np.exp(-np.logaddexp(0.0, y))
    return np.maximum(p, TINY), np.maximum(q, TINY), weight / weight.sum()


def _turn(before: Callable[[float], bool], low: float, high: float, tolerance: float) -> float:
    """The point of (low, high) where `before` turns from true to false."""
    while high - low > tolerance:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if before(middle):
            low = middle
        else:
            high = middle
    return high
