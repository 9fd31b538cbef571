"""Customers as a purchase model sees them: (x, t_x, T) of each, in weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.models.base import Array, PurchaseModel
from clvcli.models.distinct import distinct
from clvcli.models.scores import log_probabilities

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

    def distinct(self, *more: Array) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """One row of each distinct history (and of `more`, whole numbers), and the place of each customer's among
        them: what models say of a history is worked out once."""
        days = [np.rint(column * WEEK).astype(np.int64) for column in (self.t_x, self.T)]
        return distinct([self.x.astype(np.int64), *days, *(column.astype(np.int64) for column in more)])


def histories(customers: pl.DataFrame, as_of: date) -> Histories:
    """The histories of buyers (see engines/base.py) on the day `as_of`, in their order."""
    frame = customers.select(
        x=pl.col("purchases").cast(pl.Float64) - 1,
        t_x=(pl.col("last_day") - pl.col("first_day")).dt.total_days() / WEEK,
        T=(pl.lit(as_of) - pl.col("first_day")).dt.total_days() / WEEK,
    )
    return Histories(*(frame[name].to_numpy() for name in ("x", "t_x", "T")))


def count_log_probabilities(
    model: PurchaseModel, params: Mapping[str, float], past: Histories, weeks: float, later: Array
) -> Array:
    """ln P of the count that each customer made within so many weeks (see models/scores.py), shape (customers,)."""
    rows, of = past.distinct(later)
    few = past.take(rows)
    return log_probabilities(model, params, few.x, few.t_x, few.T, weeks, later[rows])[of]
