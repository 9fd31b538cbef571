"""Customers from checked records, on the workers: duplicates, returns, purchases, histories; a customer at once."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines import local as one_machine
from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.engines.spark.batches import whole_keys, without_identical
from clvcli.engines.spark.check import RECORD
from clvcli.log import returns
from clvcli.log.first_amount import FIRST_AMOUNT, with_bands
from clvcli.log.purchases import Purchases
from clvcli.log.quality import REJECTS_SCHEMA
from clvcli.log.side_tables import attributes_of

CUSTOMER, NOTHING, DAY, ORDER, COUNT = "customer", "nothing", "day", "order", "settled"


def group_columns(by: str | None) -> dict[str, Any]:
    """What customers have beside the usual columns for --by: see calibration.py."""
    if by is None:
        return {}
    return {"model_group": pl.String, **({"_covariate": pl.Float64} if by == FIRST_AMOUNT else {})}


def settled_schema(needs: tuple[str, ...], by: str | None) -> dict[str, Any]:
    """`kind`: customer (the columns of engines/base.py, statistics of `needs`, group_columns, `lines`: used records,
    `spent`: their sum, `days` and `amounts`: its purchases), nothing (customer_id, lines, spent of one without a
    purchase), day (first_day: the day, purchases, lines), order (note: its id; customer_id, first_day, last_day of a
    customer who has it), settled (counts of a task in `note`), and the notes of check.py as they are."""
    return {
        "kind": pl.String,
        **CUSTOMER_COLUMNS,
        **dict.fromkeys(needs, pl.Float64),
        **group_columns(by),
        "lines": pl.Int64,
        "spent": pl.Int64,
        "days": pl.List(pl.Date),
        "amounts": pl.List(pl.Int64),
        "note": pl.String,
    }


@dataclass(frozen=True)
class Settle:
    """Rows of CHECKED, sorted by key within a task -> settled_schema. `as_of`: None when no record is later; `orders`:
    whether orders are told of; `by` as in group_columns."""

    returns: str
    duplicates: str
    as_of: date | None
    needs: tuple[str, ...]
    orders: bool
    by: str | None

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        counts: Counter[str] = Counter()
        days: list[pl.DataFrame] = []
        for rows in whole_keys(frames, "key"):
            noted = rows.filter(pl.col("kind") != RECORD)
            if noted.height:
                yield self._filled(noted.select("kind", "note"))
            records = rows.filter(pl.col("kind") == RECORD)
            if records.height:
                yield from self._customers(self._used(records, counts), counts, days)
        if days:
            yield self._filled(_per_day(pl.concat(days)).with_columns(kind=pl.lit(DAY)))
        yield self._filled(pl.DataFrame({"kind": [COUNT], "note": [json.dumps(dict(counts))]}))

    def _used(self, records: pl.DataFrame, counts: "Counter[str]") -> pl.DataFrame:
        """Those that no duplicate, no day after --as-of and no missing id takes out; returns are still among them."""
        records = without_identical(records, self.duplicates, counts)
        if self.as_of is not None:
            late = records["day"] > self.as_of
            counts["after_as_of"] += int(late.sum())
            records = records.filter(~late)
        nobody = records["customer"].is_null()
        counts["no_customer_id"] += int(nobody.sum())
        return records.filter(~nobody)

    def _customers(
        self, records: pl.DataFrame, counts: "Counter[str]", days: list[pl.DataFrame]
    ) -> Iterator[pl.DataFrame]:
        """The customers of these records; adds to the counts, and to the purchases and records of each day."""
        order = pl.col("order").rank("dense").cast(pl.UInt64)
        tie = pl.col("hash1").reinterpret(signed=False)
        told = records.select("customer", "day", "stamp", "amount", order=order, tie=tie)
        settled = returns.settle(told, self.returns)
        counts.update(dict(settled.fate.drop_nulls().value_counts(name="n").iter_rows()))
        used = records.filter(settled.fate.is_null())
        counts.update(
            used=used.height,
            zeros=int((used["amount"] == 0).sum()),
            rounded=int(used["rounded"].sum()),
            rounded_to_zero=int((used["rounded"] & (used["amount"] == 0)).sum()),
            size=int(used["amount"].cast(pl.Float64).abs().sum()),
            reversed_worth=settled.reversed,
            netted_worth=settled.netted,
            unmatched_worth=settled.unmatched,
            negative_days=settled.negative_days,
        )
        purchases = settled.purchases.rename({"customer": "customer_id"})
        per_day = pl.concat([
            purchases.select(first_day="day", purchases=pl.lit(1, pl.Int64), lines=pl.lit(0, pl.Int64)),
            used.select(first_day="day", purchases=pl.lit(0, pl.Int64), lines=pl.lit(1, pl.Int64)),
        ])  # fmt: skip
        days.append(_per_day(per_day))
        totals = used.group_by(customer_id="customer").agg(
            lines=pl.len().cast(pl.Int64), spent=pl.col("amount").cast(pl.Int64).sum()
        )
        listed = purchases.group_by("customer_id", maintain_order=True).agg(
            days="day", amounts=pl.col("amount").cast(pl.Int64)
        )
        made = one_machine.customers(Purchases.of(purchases), self.needs).join(totals, on="customer_id", how="left")
        bought = used if self.returns == "keep" else used.filter(pl.col("amount") >= 0)
        made = self._grouped(made.join(listed, on="customer_id", how="left"), bought)
        yield self._filled(made.with_columns(kind=pl.lit(CUSTOMER)))
        nothing = totals.join(made, on="customer_id", how="anti").with_columns(kind=pl.lit(NOTHING))
        yield self._filled(nothing)
        if self.orders:
            yield self._filled(_orders(used).with_columns(kind=pl.lit(ORDER)))

    def _grouped(self, customers: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
        """Customers with the columns that name their groups."""
        if self.by is None:
            return customers
        if self.by == FIRST_AMOUNT:
            return with_bands(customers)
        rows = used.select("customer", "day", pl.col("group").alias("kept 0"))
        return customers.join(attributes_of(rows, ("model_group",)), on="customer_id", how="left")

    def _filled(self, frame: pl.DataFrame) -> pl.DataFrame:
        schema = settled_schema(self.needs, self.by)
        missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
        return frame.with_columns(missing).select(list(schema))


def _orders(used: pl.DataFrame) -> pl.DataFrame:
    """note (the order), customer_id and the first and last day of both together."""
    known = used.drop_nulls("order").group_by(note="order", customer_id="customer")
    return known.agg(first_day=pl.col("day").min(), last_day=pl.col("day").max())


def _per_day(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("first_day").agg(pl.col("purchases").sum(), pl.col("lines").sum())


def rejects_of(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Notes of rejects -> REJECTS_SCHEMA."""
    for frame in frames:
        yield frame["note"].str.json_decode(pl.Struct(REJECTS_SCHEMA)).struct.unnest()
