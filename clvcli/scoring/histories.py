"""Customers as a purchase model sees them: (x, t_x, T) of each, in weeks."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.models.base import Array

WEEK = 7.0


@dataclass(frozen=True)
class Histories:
    """Arrays of shape (customers,): purchases after the first; weeks to the last purchase; weeks to as_of."""

    x: Array
    t_x: Array
    T: Array

    def take(self, rows: npt.NDArray[np.intp]) -> "Histories":
        """Those of some of the customers."""
        return Histories(self.x[rows], self.t_x[rows], self.T[rows])


def histories(customers: pl.DataFrame, as_of: date) -> Histories:
    """The histories of buyers (see engines/base.py) on the day `as_of`, in their order."""
    frame = customers.select(
        x=pl.col("purchases").cast(pl.Float64) - 1,
        t_x=(pl.col("last_day") - pl.col("first_day")).dt.total_days() / WEEK,
        T=(pl.lit(as_of) - pl.col("first_day")).dt.total_days() / WEEK,
    )
    return Histories(*(frame[name].to_numpy() for name in ("x", "t_x", "T")))
