"""Returns: a negative record takes back what an earlier one brought (--returns reverse, net, keep)."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Settled:
    """`fate`: String for each record handed in: `reversed`, `return`, or null when it is used. `purchases`:
    customer, day, amount (Int64 >= 0). `dropped`: minor units that nothing could be netted against, of records that
    count as used. `negative_days`: days whose sum is negative (--returns keep)."""

    fate: pl.Series
    purchases: pl.DataFrame
    dropped: int = 0
    negative_days: int = 0


def settle(records: pl.DataFrame, how: str) -> Settled:
    """`records`: customer, day, stamp, amount, order (null without --order-id), tie (text that tells records of the
    same customer, time and amount apart, so that the order of rows does not matter)."""
    return {"reverse": _reverse, "net": _net, "keep": _keep}[how](records)


def per_day(records: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and day, sorted."""
    return records.group_by("customer", "day").agg(pl.col("amount").sum()).sort("customer", "day")


def _keep(records: pl.DataFrame) -> Settled:
    days = per_day(records)
    fate = pl.repeat(None, records.height, dtype=pl.String, eager=True)
    return Settled(fate, days.filter(pl.col("amount") >= 0), 0, int((days["amount"] < 0).sum()))


def _reverse(records: pl.DataFrame) -> Settled:
    """Newest first: each negative record takes the newest positive one of the same amount at or before it."""
    rows = records.with_row_index("row")
    gone: pl.Series | None = None
    if records["order"].null_count() < records.height:
        orders = (
            rows.filter(pl.col("order").is_not_null())
            .group_by("customer", "order")
            .agg(pl.col("amount").sum(), pl.col("stamp").min(), pl.col("row"))
            .with_columns(tie=pl.col("order"))
        )
        paired = _pair(orders)
        if paired.height:
            gone = paired["row"].explode()
    if gone is not None:
        rows = rows.filter(~pl.col("row").is_in(gone.implode()))
    single = _pair(rows)["row"]
    both = pl.concat([gone, single]) if gone is not None else single
    fate = (
        records.with_row_index("row")
        .select(
            pl.when(pl.col("row").is_in(both.implode()))
            .then(pl.lit("reversed"))
            .when(pl.col("amount") < 0)
            .then(pl.lit("return"))
            .alias("fate")
        )
        .to_series()
    )
    return Settled(fate, per_day(records.filter(fate.is_null())))


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


def _net(records: pl.DataFrame) -> Settled:
    """Negative records reduce the latest purchase on or before their day, to 0 at the least."""
    days = per_day(records.filter(pl.col("amount") >= 0))
    back = records.with_row_index("row").filter(pl.col("amount") < 0).sort("day", maintain_order=True)
    landed = back.select("row", "customer", "day", (-pl.col("amount")).alias("back")).join_asof(
        days.select("customer", "day", pl.col("day").alias("on")).sort("day"),
        on="day",
        by="customer",
        check_sortedness=False,
    )
    nowhere = landed.filter(pl.col("on").is_null())["row"]
    taken = landed.drop_nulls("on").group_by("customer", pl.col("on").alias("day")).agg(pl.col("back").sum())
    reduced = days.join(taken, on=["customer", "day"], how="left").with_columns(pl.col("back").fill_null(0))
    dropped = int(reduced.select((pl.col("back") - pl.col("amount")).clip(0).sum()).item() or 0)
    purchases = reduced.select("customer", "day", (pl.col("amount") - pl.col("back")).clip(0)).sort("customer", "day")
    fate = records.with_row_index("row").select(
        pl.when(pl.col("row").is_in(nowhere.implode())).then(pl.lit("return")).alias("fate")
    )
    return Settled(fate.to_series(), purchases, dropped)
