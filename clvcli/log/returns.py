"""Returns: what a negative record takes back of what came before it (--returns net, reverse, keep).

(a) The lines of an order are added up first: a discount or a gift card belongs to its order. (b) What cancels exactly
is reversed: whole orders, then single lines. (c) net: what is left reduces the latest purchases on or before its day,
as far as they reach. (d) What finds nothing is a return without a purchase.
"""

from bisect import bisect_right
from dataclasses import dataclass

import polars as pl

NO_ORDER = pl.lit(1 << 63, pl.UInt64)
"""Beyond the places of orders."""


@dataclass(frozen=True)
class Settled:
    """`fate`: String for each record handed in: `reversed`, `return`, or null when it is used. `purchases`: customer,
    day, amount (Int64 >= 0), sorted. Worth in minor units: `reversed` of negative records that cancel a purchase
    exactly, `netted` of what reduced others, `unmatched` of what found nothing. `negative_days`: days whose sum is
    negative (--returns keep)."""

    fate: pl.Series
    purchases: pl.DataFrame
    reversed: int = 0
    netted: int = 0
    unmatched: int = 0
    negative_days: int = 0


def settle(records: pl.DataFrame, how: str) -> Settled:
    """`records`: customer, day, stamp, amount, and as UInt64 order (the place of its id among those of all; null
    without --order-id) and tie (a hash of the whole record: tells those of the same customer, time and amount apart,
    so that the order of rows does not matter)."""
    if how == "keep":
        return _keep(records)
    rows = _with_orders(records.with_row_index("row"))
    gone, worth = _cancelled(rows)
    left = rows.filter(~pl.col("row").is_in(gone.implode()))
    back = _to_net(left)
    days = per_day(_purchased(left))
    found = _netted(days, back) if how == "net" else _Netted(days, back["rows"].explode(), 0, _worth(back))
    fate = records.with_row_index("row").select(
        pl.when(pl.col("row").is_in(gone.implode())).then(pl.lit("reversed"))
        .when(pl.col("row").is_in(found.nowhere.implode())).then(pl.lit("return")).alias("fate")
    )  # fmt: skip
    return Settled(fate.to_series(), found.purchases, worth, found.netted, found.unmatched)


def per_day(records: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and day, sorted."""
    return records.group_by("customer", "day").agg(pl.col("amount").sum()).sort("customer", "day")


def _keep(records: pl.DataFrame) -> Settled:
    days = per_day(records)
    fate = pl.repeat(None, records.height, dtype=pl.String, eager=True)
    return Settled(fate, days.filter(pl.col("amount") >= 0), negative_days=int((days["amount"] < 0).sum()))


def _worth(back: pl.DataFrame) -> int:
    return -int(back["amount"].sum())


def _with_orders(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds of the order of each record its sum (`whole`), whether it has amounts of both signs (`mixed`), and its first
    time (`begun`); a record without one is an order of its own."""
    known = pl.col("order").is_not_null()
    rows = rows.with_columns(unit=pl.when(known).then("order").otherwise(pl.col("row") + NO_ORDER))
    key = ["customer", "unit"]
    amount = pl.col("amount")
    return rows.with_columns(
        whole=amount.sum().over(key), begun=pl.col("stamp").min().over(key),
        mixed=(amount < 0).any().over(key) & (amount > 0).any().over(key),
    )  # fmt: skip


def _cancelled(rows: pl.DataFrame) -> tuple[pl.Series, int]:
    """The records that cancel each other, and the worth of the negative ones."""
    own = rows.filter(pl.col("mixed") & (pl.col("whole") == 0))["row"]
    others = rows.filter(~pl.col("row").is_in(own.implode()))
    orders = others.group_by("customer", "unit").agg(
        amount=pl.col("whole").first(), stamp=pl.col("begun").first(), row="row",
        tie=pl.when(pl.col("order").is_not_null()).then("order").otherwise("tie").first(),
    )  # fmt: skip
    paired = _pair(orders)["row"].explode()
    gone = pl.concat([own, paired]) if paired.len() else own
    lines = others.filter(~pl.col("row").is_in(gone.implode()) & ~pl.col("mixed"))
    if lines["order"].null_count() < lines.height:  # else every order is one line, and was looked at
        gone = pl.concat([gone, _pair(lines)["row"]])
    negative = rows.filter(pl.col("row").is_in(gone.implode()) & (pl.col("amount") < 0))
    return gone, _worth(negative)


def _pair(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that cancel each other: within a customer and an absolute amount like brackets that open and close."""
    group = ["customer", "size"]
    sized = rows.with_columns(size=pl.col("amount").abs(), back=pl.col("amount") < 0).filter(pl.col("amount") != 0)
    both = sized.group_by(group).agg(pl.col("back").any().alias("any"), pl.col("back").all().alias("all"))
    both = both.filter(pl.col("any") & ~pl.col("all")).select(group)
    sized = sized.join(both, on=group, how="semi").sort(*group, "stamp", "back", "tie", nulls_last=True)
    numbers = sized.select(pl.struct(group).rank("dense").alias("g"), "back")
    taken = [False] * sized.height
    waiting: list[int] = []
    last = -1
    for i, (g, back) in enumerate(numbers.iter_rows()):
        if g != last:
            waiting, last = [], g
        if not back:
            waiting.append(i)
        elif waiting:
            taken[i] = taken[waiting.pop()] = True
    return sized.filter(pl.Series(taken, dtype=pl.Boolean))


def _to_net(left: pl.DataFrame) -> pl.DataFrame:
    """What is to be taken off: customer, day, amount (negative) and `rows` of each negative record, and of each order
    that its own lines bring below zero; the earliest first."""
    single = left.filter(~pl.col("mixed") & (pl.col("amount") < 0)).select(
        "customer", "day", "stamp", "tie", "amount", rows=pl.concat_list("row")
    )
    orders = (
        left.filter(pl.col("mixed") & (pl.col("whole") < 0))
        .group_by("customer", "unit")
        .agg(pl.col("day").min(), stamp=pl.col("begun").first(), tie=pl.col("tie").min(),
             amount=pl.col("whole").first(), rows="row")
        .select(single.columns)
    )  # fmt: skip
    return pl.concat([single, orders]).sort("customer", "stamp", "amount", "tie", nulls_last=True)


def _purchased(left: pl.DataFrame) -> pl.DataFrame:
    """customer, day, amount of what was bought: records as they are; an order with a discount on its first day."""
    plain = left.filter(~pl.col("mixed") & (pl.col("amount") >= 0)).select("customer", "day", "amount")
    orders = (
        left.filter(pl.col("mixed") & (pl.col("whole") > 0))
        .group_by("customer", "unit")
        .agg(pl.col("day").filter(pl.col("amount") > 0).min(), amount=pl.col("whole").first())
        .select(plain.columns)
    )
    return pl.concat([plain, orders])


@dataclass(frozen=True)
class _Netted:
    purchases: pl.DataFrame
    nowhere: pl.Series
    netted: int
    unmatched: int


def _netted(days: pl.DataFrame, back: pl.DataFrame) -> _Netted:
    """Takes what is given back off the latest days on or before it, as far as they reach."""
    touched = days.with_row_index("place").join(back.select("customer").unique(), on="customer", how="semi")
    by_customer: dict[object, tuple[list[object], list[int]]] = {}
    for customer, day, place in touched.select("customer", "day", "place").iter_rows():
        found = by_customer.setdefault(customer, ([], []))
        found[0].append(day)
        found[1].append(place)
    left = dict(touched.select("place", "amount").iter_rows())
    nowhere: list[int] = []
    netted = unmatched = 0
    for customer, day, amount, rows in back.select("customer", "day", "amount", "rows").iter_rows():
        owed = -amount
        dates, places = by_customer.get(customer, ([], []))
        for i in range(bisect_right(dates, day) - 1, -1, -1):
            taken = min(owed, left[places[i]])
            left[places[i]] -= taken
            owed -= taken
            if not owed:
                break
        netted, unmatched = netted - amount - owed, unmatched + owed
        if owed == -amount:
            nowhere += rows
    changed = pl.DataFrame({"place": list(left), "left": list(left.values())}, {"place": pl.UInt32, "left": pl.Int64})
    after = days.with_row_index("place").join(changed, on="place", how="left", maintain_order="left")
    kept = after.filter((pl.col("left").is_null()) | (pl.col("left") > 0) | (pl.col("amount") == 0))
    purchases = kept.select("customer", "day", amount=pl.coalesce("left", "amount"))
    return _Netted(purchases, pl.Series(nowhere, dtype=pl.UInt32), netted, unmatched)
