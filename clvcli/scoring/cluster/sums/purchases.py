"""What the purchases on a cluster add up to, and those of a few customers for the driver.

A customer's purchases are two lists in its row, `days` and `amounts`, in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.reduce import Part, reduced
from clvcli.scoring.series.activity import Activity, activity_of, periods_of

COUNTS = ("purchases", "births", "active", "revenue")
PLACED: dict[str, Any] = {"customer_id": pl.String, "part": pl.String, "row": pl.Int64}


def purchases_of(customers: pl.DataFrame) -> pl.DataFrame:
    """customer_id, day, amount of customers with their lists."""
    return customers.select("customer_id", day="days", amount="amounts").explode("day", "amount")


def purchases_by(session: Any, customers: Any, ids: pl.DataFrame | None) -> pl.DataFrame:
    """The purchases of the customers in `ids` (customer_id), of all without it, on the driver: customer_id, day,
    amount, sorted. `customers`: a Spark frame with their lists."""
    some = customers
    if ids is not None:
        some = customers.join(session.createDataFrame(ids.to_arrow()), "customer_id", "left_semi")
    return purchases_of(collected(some).sort("customer_id"))


def activity_on_cluster(customers: Any, first: date, as_of: date) -> tuple[Activity, int]:
    """What happened in the log, and the most purchases of a customer. `first`: day of the first purchase of all."""
    step = _Counted(first, as_of)
    found = reduced(customers.select("customer_id", "first_day", "purchases", "days", "amounts"), step, step.merge)
    assert found is not None
    _, starts, months = periods_of(first, as_of)
    bought, births, active, revenue = (np.array(found[name], dtype=np.int64) for name in COUNTS)
    square = (len(starts), len(starts))
    told = Activity(first, as_of, bought, births, starts, months, active.reshape(square), revenue.reshape(square))
    return told, found["most"]


@dataclass(frozen=True)
class _Counted:
    """Customers with their purchases -> the counts of Activity."""

    first: date
    as_of: date

    def __call__(self, customers: pl.DataFrame) -> Part:
        found = activity_of(purchases_of(customers), customers, self.as_of, self.first)
        return {"most": customers["purchases"].max(), **{n: getattr(found, n).ravel().tolist() for n in COUNTS}}

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        counts = {name: np.sum([part[name] for part in found], axis=0).tolist() for name in COUNTS}
        return {"most": max(part["most"] for part in found), **counts}


@dataclass(frozen=True)
class Every:
    """Rows with their part and their place in it -> the ids of every k-th row of all. `before`: rows of the parts
    before each."""

    k: int
    before: dict[str, int]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            at = pl.col("part").replace_strict(self.before, return_dtype=pl.Int64) + pl.col("row")
            yield frame.filter(at % self.k == 0).select("customer_id")


def every_kth(placed: Any, k: int) -> Any:
    """customer_id of every k-th row. `placed`: a Spark frame of PLACED, whose order is that of the parts by name and of
    the rows in them, from 0."""
    sizes = collected(placed.groupBy("part").count()).sort("part")
    before = dict(zip(sizes["part"], (sizes["count"].cum_sum() - sizes["count"]).to_list(), strict=True))
    return mapped(placed, Every(k, before), {"customer_id": pl.String})
