"""The purchases on a cluster, and those of a few customers for the driver.

A customer's purchases are two lists in its row, `days` and `amounts`, in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.series import Part
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.session import failures
from clvcli.log.purchases import Purchases

PARTITION = "format_string('%012d', spark_partition_id())"
ROW = "monotonically_increasing_id() & 8589934591"
"""The place in its partition: Spark puts the partition's number above 33 bits."""


def purchases_of(customers: pl.DataFrame) -> pl.DataFrame:
    """customer_id, day, amount of customers with their lists."""
    return customers.select("customer_id", day="days", amount="amounts").explode("day", "amount")


@dataclass(frozen=True)
class OfLists:
    """A series of buyers and their purchases, of customers with their lists."""

    series: Any

    def of(self, batch: pl.DataFrame) -> Part:
        """The part of a batch of customers with their purchases."""
        return self.series.of(batch, purchases_of(batch))

    def merge(self, parts: Iterable[Part]) -> Part:
        """Merge the parts of the series."""
        return self.series.merge(parts)

    def finish(self, total: Part) -> Any:
        """The result of the series."""
        return self.series.finish(total)


def few_purchases(session: Any, customers: Any, most: int) -> Purchases:
    """The purchases of every k-th customer by id, k so that at most so many remain. `customers`: a Spark frame with
    their lists. One sort of the ids, where there are more."""
    with failures("choosing customers"):
        n, some = customers.count(), customers
        if n > most:
            ordered = customers.select("customer_id").orderBy("customer_id").persist()
            placed = ordered.selectExpr("customer_id", f"{PARTITION} as part", f"{ROW} as row")
            ids = collected(every_kth(placed, -(-n // most)))
            ordered.unpersist()
            some = customers.join(session.createDataFrame(ids.to_arrow()), "customer_id", "left_semi")
        found = collected(some.select("customer_id", "days", "amounts"))
    return Purchases.of(purchases_of(found.sort("customer_id")))


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
    """customer_id of every k-th row. `placed`: a Spark frame of customer_id, part and row, whose order is that of the
    parts by name and of the rows in them, from 0."""
    sizes = collected(placed.groupBy("part").count()).sort("part")
    before = dict(zip(sizes["part"], (sizes["count"].cum_sum() - sizes["count"]).to_list(), strict=True))
    return mapped(placed, Every(k, before), {"customer_id": pl.String})
