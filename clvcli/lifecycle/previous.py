"""`--previous`: which customers changed stage since an earlier scored table."""

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked

ADDED = ("previous_stage", "_previous_clv", "_known", "stage_changed")


def with_previous(table: pl.DataFrame, earlier: pl.DataFrame, name: str = "--previous") -> pl.DataFrame:
    """Adds previous_stage, _previous_clv, _known (null for a customer who is new) and stage_changed (then true). Keeps
    the order of the rows.

    `table`: customer_id and stage. `earlier`: the same columns of an earlier scored table and, where it has one, clv.
    Two null stages are equal. Raises InputError when `earlier` lacks a column, or has a customer twice or without an
    id.
    """
    old = _old(earlier, name).with_columns(_known=pl.lit(True))
    if old["customer_id"].null_count() or old["customer_id"].is_duplicated().any():
        raise InputError(
            marked("{place}: a customer_id is empty or appears twice", place=name),
            hint="give a table that clv score wrote",
        )
    joined = table.drop(ADDED, strict=False).join(old, on="customer_id", how="left", maintain_order="left")
    changed = pl.col("_known").is_null() | pl.col("stage").ne_missing(pl.col("previous_stage"))
    return joined.with_columns(stage_changed=changed)


def gone_since(table: pl.DataFrame, earlier: pl.DataFrame) -> dict[str | None, int]:
    """Count customers that only the earlier table has, by their stage there."""
    left = _old(earlier, "--previous").join(table, on="customer_id", how="anti")
    return dict(left.group_by("previous_stage").agg(customers=pl.len()).iter_rows())


def _old(earlier: pl.DataFrame, name: str) -> pl.DataFrame:
    for column in ("customer_id", "stage"):
        if column not in earlier.columns:
            raise InputError(
                marked("{place}: is no scored table: it has no column {column}", place=name, column=column),
                hint="clv score DATA writes one",
            )
    clv = pl.col("clv").cast(pl.Float64) if "clv" in earlier.columns else pl.lit(None, pl.Float64)
    return earlier.select(
        pl.col("customer_id").cast(pl.String),
        pl.col("stage").cast(pl.String).alias("previous_stage"),
        clv.alias("_previous_clv"),
    )
