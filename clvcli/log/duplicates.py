"""Lines that stand in the log more than once, and order lines whose pair of ids does."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Identical:
    """`extra`: lines beyond the first of each set of identical ones; `value`: minor units of those lines."""

    extra: int
    value: int


@dataclass(frozen=True)
class RepeatedPairs:
    """`repeated`: a Boolean for each record; `differing` of them have another customer, day or amount than the record
    that is kept, `value` is what those are worth (minor units)."""

    repeated: pl.Series
    differing: int
    value: int


def find_repeated_pairs(order: pl.Series, line: pl.Series, rank: pl.DataFrame) -> RepeatedPairs:
    """The records whose (order id, line id) stands in another record of the same sign that is kept: a refund under the
    ids of its purchase is no repetition of it. `rank`: day, stamp, customer, amount.

    The one kept is the smallest by the columns of `rank`, so that the order of rows does not matter. Records without
    either id are never dropped.
    """
    frame = rank.with_columns(order_=order, line_=line).with_row_index("row_")
    known = frame.drop_nulls(["order_", "line_"]).with_columns(back_=pl.col("amount") < 0)
    key = ["order_", "line_", "back_"]
    pairs = known.filter(pl.struct(key).is_duplicated())
    kept = pairs.sort(*rank.columns, nulls_last=True).unique(key, keep="first", maintain_order=True)
    dropped = pairs.join(kept.select("row_"), on="row_", how="anti")
    same = ["order_", "line_", "customer", "day", "amount"]
    differing = dropped.join(kept.select(same), on=same, how="anti", nulls_equal=True)
    repeated = frame.select(pl.col("row_").is_in(dropped["row_"].implode())).to_series()
    return RepeatedPairs(repeated, differing.height, int(differing["amount"].sum() or 0))
