"""When a product that customers buy again and again is due: last purchase of it plus the usual gap."""

from datetime import date, timedelta

import polars as pl

OWN_GAPS = 2
"""Gaps of the customer's own that are needed to go by them; else the product's."""
REPEATED = 5
"""Gaps that a product needs, over all customers, to be one that is bought again."""


def due_dates(items: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a customer and repeated product: customer_id, product, times (days on which it was bought), last_bought,
    usual_gap (days), basis (`own`: median of the customer's own gaps, with at least two; `product`: median of all
    customers' gaps, with at least five), due_date (the day
    after `as_of` at the earliest), overdue_days (by how much it was due before; negative: still to come).

    Left out: products that hardly anybody buys twice, and customers more than one further gap overdue, who have
    most likely stopped. Sorted by due date.
    """
    names = {name: items[name].unique().sort() for name in ("customer_id", "product")}
    key = [pl.col(name).rank("dense") - 1 for name in names]  # Numbers in the order of the names: cheaper keys.
    days = items.select(*key, "day").unique().sort(*names, "day")
    again = pl.all_horizontal(pl.col(*names) == pl.col(*names).shift(1))
    gaps = days.with_columns(gap=pl.when(again).then(pl.col("day").diff().dt.total_days()))
    bought = gaps.group_by(*names).agg(times=pl.len().cast(pl.Int64), last_bought=pl.col("day").max())
    repeated = gaps.drop_nulls("gap")  # Far fewer, and a median is dear.
    own = bought.join(repeated.group_by(*names).agg(own=pl.col("gap").median()), on=[*names], how="left")
    usual = (
        repeated.group_by("product").agg(usual=pl.col("gap").median(), gaps=pl.len()).filter(pl.col("gaps") >= REPEATED)
    )
    by_own = pl.col("times") > OWN_GAPS
    chosen = (
        own.join(usual, on="product", how="left")
        .with_columns(
            usual_gap=pl.when(by_own).then("own").otherwise("usual"),
            basis=pl.when(by_own).then(pl.lit("own")).otherwise(pl.lit("product")),
        )
        .drop_nulls("usual_gap")
    )
    step = pl.col("usual_gap").round().cast(pl.Int64).clip(1)
    dated = chosen.with_columns(due_date=pl.col("last_bought") + pl.duration(days=step))
    late = (pl.lit(as_of) - pl.col("due_date")).dt.total_days()
    return (
        dated.with_columns(overdue_days=late, due_date=pl.max_horizontal("due_date", pl.lit(as_of + timedelta(days=1))))
        .filter(pl.col("overdue_days") <= pl.col("usual_gap"))
        .sort("due_date", *names)
        .with_columns(pl.lit(texts).gather(pl.col(name)).alias(name) for name, texts in names.items())
        .select(*names, "times", "last_bought", "usual_gap", "basis", "due_date", "overdue_days")
    )
