"""Nodes in time for integrals against e^(-delta s), over a finite or an infinite horizon."""

import numpy as np

from clvcli.models.base import Array
from clvcli.models.special import STEP, beta_rule


def discount_rule(t: float, delta: float, scale: float, step: float = STEP) -> tuple[Array, Array]:
    """Times s and weights, shape (m,), of the integral over (0, t) of e^(-delta s) f(s) ds; t may be inf.

    delta > 0. scale: the shortest time over which f changes by much; f may go on changing at any longer one.
    """
    share = -np.expm1(-delta * t)  # 1 for t = inf
    v, rest, weight = beta_rule(1.0, 1.0, min(1.0, scale * delta / share), step=step)
    gone = v * share  # 1 - e^(-delta s)
    s = np.where(gone < 0.5, -np.log1p(-np.minimum(gone, 0.5)), -np.log(rest + v * np.exp(-delta * t))) / delta
    return s, weight * share / delta
