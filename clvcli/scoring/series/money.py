"""Sums of money: exact, of any size, the same in any order."""

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.models.base import Array
from clvcli.models.exact_sum import whole_sum, whole_sums

STEPS = 1e4
"""Sums of money run over whole ten-thousandths: a sum of floats depends on the order of the threads."""
Group = npt.NDArray[np.integer]


def in_steps(values: pl.Series) -> Array:
    """Ten-thousandths without a fraction; null is 0."""
    known = values.fill_null(0.0) if values.null_count() else values
    return np.rint(known.cast(pl.Float64).to_numpy() * STEPS)


def steps_of(values: pl.Series) -> int:
    """Exact sum of the values, in steps."""
    return whole_sum(in_steps(values))


def steps_by(values: pl.Series, group: Group, groups: int) -> list[int]:
    """Exact sums of the values by group 0, 1 ... groups - 1, in steps."""
    return whole_sums(in_steps(values), group, groups)


def money(steps: int) -> float:
    """Ten-thousandths as money."""
    return steps / STEPS
