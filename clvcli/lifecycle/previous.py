"""`--previous`: which customers changed stage since an earlier scored table."""

from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError


@dataclass(frozen=True)
class Change:
    """What changed since an earlier table.

    `table` has previous_stage and stage_changed; `earlier` customer_id, stage and clv (null where it had none); `new`,
    `changed` and `left` are numbers of customers, those who left being in the earlier table alone.
    """

    table: pl.DataFrame
    earlier: pl.DataFrame
    new: int
    changed: int
    left: int


def with_previous(table: pl.DataFrame, earlier: pl.DataFrame, name: str = "--previous") -> Change:
    """Adds previous_stage and stage_changed: for a customer who is new, null and true. Keeps the order of the rows.

    `table`: customer_id and stage. `earlier`: the same columns of an earlier scored table. Two null stages are equal.
    Raises InputError when `earlier` lacks a column, or has a customer twice or without an id.
    """
    for column in ("customer_id", "stage"):
        if column not in earlier.columns:
            raise InputError(f"{name}: is no scored table: it has no column {column}", hint="clv score DATA writes one")
    old = earlier.select(pl.col("customer_id", "stage").cast(pl.String)).rename({"stage": "previous_stage"})
    if old["customer_id"].null_count() or old["customer_id"].is_duplicated().any():
        raise InputError(f"{name}: a customer_id is empty or stands twice", hint="give a table that clv score wrote")
    old = old.with_columns(_known=pl.lit(True))
    joined = table.drop("previous_stage", "stage_changed", strict=False)
    joined = joined.join(old, on="customer_id", how="left", maintain_order="left")
    joined = joined.with_columns(
        stage_changed=pl.col("_known").is_null() | pl.col("stage").ne_missing(pl.col("previous_stage"))
    )
    new = joined["_known"].null_count()
    changed = int(joined["stage_changed"].sum()) - new
    clv = pl.col("clv").cast(pl.Float64) if "clv" in earlier.columns else pl.lit(None, pl.Float64).alias("clv")
    left = old.join(table, on="customer_id", how="anti").height
    return Change(joined.drop("_known"), earlier.select("customer_id", "stage", clv), new, changed, left)
