"""Customers from checked records, on the workers: duplicates, returns, purchases, histories; a customer at once."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines import polars as one_machine
from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.engines.on_spark.check import RECORD
from clvcli.ingest import returns
from clvcli.ingest.quality import REJECTS_SCHEMA
from clvcli.purchases import Purchases

CUSTOMER, NOTHING, DAY, COUNT = "customer", "nothing", "day", "settled"
CHUNK = 300_000


def settled_schema(needs: tuple[str, ...]) -> dict[str, Any]:
    """`kind`: customer (the columns of engines/base.py, statistics of `needs`, `lines`: used records, `spent`: their
    sum, `days` and `amounts`: its purchases), nothing (customer_id, lines, spent of one without a purchase), day
    (first_day: the day, purchases, lines), settled (counts of a task in `note`), and the notes of check.py as they
    are."""
    return {
        "kind": pl.String,
        **CUSTOMER_COLUMNS,
        **dict.fromkeys(needs, pl.Float64),
        "lines": pl.Int64,
        "spent": pl.Int64,
        "days": pl.List(pl.Date),
        "amounts": pl.List(pl.Int64),
        "note": pl.String,
    }


@dataclass(frozen=True)
class Settle:
    """Rows of CHECKED, sorted by key within a task -> settled_schema. `as_of`: None when no record is later."""

    returns: str
    duplicates: str
    as_of: date | None
    needs: tuple[str, ...]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        counts: Counter[str] = Counter()
        days: list[pl.DataFrame] = []
        waiting: list[pl.DataFrame] = []
        for frame in frames:
            noted = frame.filter(pl.col("kind") != RECORD)
            if noted.height:
                yield self._filled(noted.select("kind", "note"))
            waiting.append(frame.filter(pl.col("kind") == RECORD))
            if sum(part.height for part in waiting) >= CHUNK:
                whole = pl.concat(waiting)
                last = whole["key"] == whole["key"][-1]
                waiting = [whole.filter(last)]
                if not last.all():
                    yield self._customers(whole.filter(~last), counts, days)
        if waiting:
            yield self._customers(pl.concat(waiting), counts, days)
        if days:
            yield self._filled(_per_day(pl.concat(days)).with_columns(kind=pl.lit(DAY)))
        yield self._filled(pl.DataFrame({"kind": [COUNT], "note": [json.dumps(dict(counts))]}))

    def _customers(self, records: pl.DataFrame, counts: "Counter[str]", days: list[pl.DataFrame]) -> pl.DataFrame:
        """The customers of these records; adds to the counts, and to the purchases and records of each day."""
        again = ~records.select(pl.struct("customer", "hash1", "hash2").is_first_distinct().alias("f")).to_series()
        if self.duplicates == "drop":
            counts["duplicate"] += int(again.sum())
            records = records.filter(~again)
        else:
            counts["identical"] += int(again.sum())
            counts["identical_value"] += int(records["amount"].filter(again).sum() or 0)
        if self.as_of is not None:
            late = records["day"] > self.as_of
            counts["after_as_of"] += int(late.sum())
            records = records.filter(~late)
        nobody = records["customer"].is_null()
        counts["no_customer_id"] += int(nobody.sum())
        records = records.filter(~nobody)
        told = records.select("customer", "day", "stamp", "amount", "order", tie=pl.lit(None, pl.String))
        settled = returns.settle(told, self.returns)
        counts.update(dict(settled.fate.drop_nulls().value_counts(name="n").iter_rows()))
        used = records.filter(settled.fate.is_null())
        counts.update(
            used=used.height,
            zeros=int((used["amount"] == 0).sum()),
            rounded=int(used["rounded"].sum()),
            size=int(used["amount"].cast(pl.Float64).abs().sum()),
            dropped=settled.dropped,
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
        made = made.join(listed, on="customer_id", how="left").with_columns(kind=pl.lit(CUSTOMER))
        nothing = totals.join(made, on="customer_id", how="anti").with_columns(kind=pl.lit(NOTHING))
        return pl.concat([self._filled(made), self._filled(nothing)])

    def _filled(self, frame: pl.DataFrame) -> pl.DataFrame:
        schema = settled_schema(self.needs)
        missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
        return frame.with_columns(missing).select(list(schema))


def _per_day(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("first_day").agg(pl.col("purchases").sum(), pl.col("lines").sum())


def rejects_of(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Notes of rejects -> REJECTS_SCHEMA."""
    for frame in frames:
        yield frame["note"].str.json_decode(pl.Struct(REJECTS_SCHEMA)).struct.unnest()
