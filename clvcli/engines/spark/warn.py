"""What customers on a cluster show beside each other: the notices of clvcli/log/, from counts and a few examples.

Every notice about ids and about dominant customers is that of the default engine; nothing here grows with customers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from clvcli.core.errors import Notice
from clvcli.engines.series import Part
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.reduce import reduced
from clvcli.log import anomalies
from clvcli.log import id_anomalies as ids

KEYED: dict[str, Any] = {"kind": pl.String, "key": pl.String}
ANY = ("foreign", "lowered", "raised", "zeros")


def about_totals(totals: Any) -> list[Notice]:
    """As suspicious_ids and about_customers. `totals`: a Spark frame, kept, with customer (distinct), lines, amount."""
    seen = reduced(totals, ColumnsSeen())
    if seen is None:
        return []
    single = [_flagged(seen["flagged"][code]).notice(code) for code in ids.MESSAGES if code in seen["flagged"]]
    kinds = ids.kinds_of(seen["foreign"], seen["lowered"] and seen["raised"], seen["zeros"])
    extremes = {column: anomalies.Extreme(**told) for column, told in seen["extremes"].items()}
    return single + _variants(totals.select("customer"), kinds) + anomalies.about_extremes(seen["customers"], extremes)


def about_amounts(purchases: Any, count: int, decimals: int) -> list[Notice]:
    """As anomalies.about_amounts, of an even sample that the hash of customer and day draws; of all days up to twice
    SAMPLE of them. `purchases`: a Spark frame with customer_id and the lists days and amounts; `count`: of all."""
    nth = anomalies.every_nth(count)
    each = purchases.selectExpr("customer_id", "explode(arrays_zip(days, amounts)) as bought")
    some = each.where(f"pmod(xxhash64(customer_id, bought.days), {nth}) = 0") if nth > 1 else each
    return anomalies.about_sample(
        collected(some.selectExpr("bought.days as day", "bought.amounts as amount")), decimals
    )


def about_orders(orders: Any) -> list[Notice]:
    """As anomalies.about_orders. `orders`: a Spark frame, for each order (`note`) and customer_id the first_day and
    the last_day of both together. One shuffle of the orders."""
    from pyspark.sql.functions import expr

    several = {"customers": "min(customer_id) <> max(customer_id)", "days": "min(first_day) <> max(last_day)"}
    found = orders.groupBy("note").agg(*[expr(of).alias(column) for column, of in several.items()])
    told = collected(found.selectExpr(*[
        text for c in several for text in (f"count_if({c}) as n_{c}", f"min(case when {c} then note end) as first_{c}")
    ]))  # fmt: skip
    return anomalies.order_notices({c: (told[f"n_{c}"][0], told[f"first_{c}"][0]) for c in several})


class Told:
    """A series that tells its sums as they are."""

    def finish(self, total: Part) -> Part:
        """The part itself."""
        return total


@dataclass(frozen=True)
class ColumnsSeen(Told):
    """Totals of customers -> what is flagged among them, which kinds of characters their ids have, the extremes."""

    def of(self, totals: pl.DataFrame) -> Part:
        """The part of customers with their totals."""
        odd, name = ids.suspicious(totals), totals["customer"]
        return {
            "customers": totals.height,
            "flagged": {code: asdict(found) for code, found in ids.flagged(totals, odd).items()},
            "foreign": ids.has_foreign(odd),
            "lowered": bool((name.str.to_lowercase() != name).any()),
            "raised": bool((name.str.to_uppercase() != name).any()),
            "zeros": ids.has_zeros(totals),
            "extremes": {column: asdict(anomalies.Extreme.of(totals, column)) for column in anomalies.EXTREME},
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        codes = {code for part in found for code in part["flagged"]}
        return {
            "customers": sum(part["customers"] for part in found),
            "flagged": {c: _together([part["flagged"][c] for part in found if c in part["flagged"]]) for c in codes},
            **{name: any(part[name] for part in found) for name in ANY},
            "extremes": {c: _most([part["extremes"][c] for part in found]) for c in anomalies.EXTREME},
        }


def _together(parts: list[Part]) -> Part:
    first = sorted((tuple(one) for part in parts for one in part["first"]), key=lambda one: (-one[1], one[0]))
    return {**{n: sum(part[n] for part in parts) for n in ("customers", "lines")}, "first": first[: ids.SHOWN]}


def _flagged(told: Part) -> ids.Flagged:
    return ids.Flagged(told["customers"], told["lines"], tuple((name, lines) for name, lines in told["first"]))


def _most(parts: list[Part]) -> Part:
    return {**min(parts, key=lambda p: (-p["most"], p["name"])), "whole": sum(part["whole"] for part in parts)}


def _variants(names: Any, kinds: tuple[str, ...]) -> list[Notice]:
    found = shared_keys(names, kinds) if kinds else {}
    if not found:
        return []
    alike = reduced(names, Alike({kind: key for kind, (_, key) in found.items()})) or {}
    return [ids.variants_notice(kind, found[kind][0], alike[kind]) for kind in kinds if kind in found]


def shared_keys(names: Any, kinds: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """For each kind of which there are variants: how many ids share a key, and the first such key. One shuffle."""
    shared = mapped(names, Keyed(kinds), KEYED).groupBy("kind", "key").count().where("count > 1")
    found = collected(shared.groupBy("kind").agg({"count": "sum", "key": "min"}))
    return {kind: (n, key) for kind, n, key in found.select("kind", "sum(count)", "min(key)").iter_rows()}


@dataclass(frozen=True)
class Keyed:
    """customer -> KEYED, a row for each kind of variant that the id can have."""

    kinds: tuple[str, ...]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            for kind in self.kinds:
                yield ids.with_keys(frame, kind).select(pl.lit(kind).alias("kind"), "key")


@dataclass(frozen=True)
class Alike(Told):
    """customer -> the first two of each kind that have its key."""

    keys: Mapping[str, str]

    def of(self, frame: pl.DataFrame) -> Part:
        """Two customers of each kind of id."""
        return {
            kind: ids.with_keys(frame, kind).filter(pl.col("key") == key)["customer"].sort().head(2).to_list()
            for kind, key in self.keys.items()
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        return {kind: sorted(name for part in found for name in part[kind])[:2] for kind in self.keys}
