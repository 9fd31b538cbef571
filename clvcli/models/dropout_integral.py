"""Integrals over the unknown moment at which a customer left, for models with dropout at any time (Pareto/NBD).

The moment tau lies between the last purchase and now; the integrand falls from there on the scale
l = 1 / ((r + x) / (alpha + t_x) + (s + 1) / (beta + t_x)), first exponentially, then like a power: in
u = ln(1 + (tau - t_x) / l) it is smooth, and two panels of Gauss-Legendre give ten digits.
"""

import numpy as np
from scipy.special import roots_legendre

from clvcli.models.base import Array

ROWS = 1 << 7
"""At a time: their arrays fit the processor's cache, and stay below the size that is mapped and unmapped each time."""
BREAK = 3.0
_NODES, _WEIGHTS = roots_legendre(24)
_HALF = (_NODES + 1) / 2


def moments(scale: Array, length: Array) -> tuple[Array, Array]:
    """Nodes and weights, both (n, 48), of integrals over (0, length) of a function that falls on `scale`."""
    end = np.log1p(np.maximum(length, 1e-12) / scale)[:, None]
    turn = np.minimum(end, BREAK)
    u = np.concatenate([turn * _HALF, turn + (end - turn) * _HALF], axis=1)
    width = np.concatenate([turn * (_WEIGHTS / 2), (end - turn) * (_WEIGHTS / 2)], axis=1)
    ahead = scale[:, None] * np.expm1(u)
    return ahead, width * (scale[:, None] + ahead)
