"""What an engine does: only the work that rows force on it. Everything else runs once, on the driver, in the pipeline.

The internal frame of customers (`Customers`) has one row per customer, sorted by customer_id:

    customer_id        text     as in the log
    first_day          date     null for a lead
    last_day           date
    second_day         date     second purchase; null without one
    purchases          integer  days with a purchase; 0 for a lead
    total              integer  minor units, all purchases
    first_total        integer  minor units, the first day
    paid_days          integer  purchases with an amount > 0
    repeat_paid_days   integer  the same after the first day
    last3_total        integer  minor units of the last three purchases

and, where they were asked for, columns of attributes, `model_group`, `margin` and statistics that a model `needs`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
import polars as pl

from clvcli.log.purchases import Purchases
from clvcli.models.base import History, Spending

CUSTOMER_COLUMNS: dict[str, Any] = {
    "customer_id": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "second_day": pl.Date,
    "purchases": pl.Int64,
    "total": pl.Int64,
    "first_total": pl.Int64,
    "paid_days": pl.Int64,
    "repeat_paid_days": pl.Int64,
    "last3_total": pl.Int64,
}


class Engine(Protocol):
    """Turns purchases into customers, and customers into the collapsed tables that the fits need."""

    name: str

    def customers(self, purchases: Purchases, needs: Sequence[str] = ()) -> pl.DataFrame:
        """Purchases to customers. `needs` names statistics of purchase models."""

    def history(self, customers: pl.DataFrame, as_of: date, needs: Sequence[str] = ()) -> History:
        """Distinct weighted histories of the buyers, in weeks."""

    def spending(self, customers: pl.DataFrame, basis: str, decimals: int) -> Spending:
        """Distinct weighted (n, mean) of the buyers that the spend model sees."""


def history_of(counted: pl.DataFrame, needs: Sequence[str]) -> History:
    """Histories in weeks from counted ones: x, active and age in days, the statistics of `needs`, weight; sorted."""
    numbers = {c: counted[c].cast(pl.Float64).to_numpy() for c in counted.columns}
    extra = {need: numbers[need] for need in needs}
    return History(numbers["x"], numbers["active"] / 7, numbers["age"] / 7, numbers["weight"], extra)


def spending_of(counted: pl.DataFrame, decimals: int) -> Spending:
    """What the spend model sees from counted pairs: n, total in minor units, weight; sorted."""
    count = counted["n"].cast(pl.Float64).to_numpy()
    mean = counted["total"].cast(pl.Float64).to_numpy() / 10.0**decimals / np.maximum(count, 1)
    return Spending(count, mean, counted["weight"].cast(pl.Float64).to_numpy())
