"""The groups of --by as the contract shows them, of a batch of customers."""

from collections.abc import Sequence

import polars as pl

POOLED = "pooled"


def name_groups(customers: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """`model_group` as the contract shows it: the group with fits of its own, else `pooled`."""
    if "model_group" not in customers.columns:
        return customers
    return customers.with_columns(
        model_group=pl.when(pl.col("purchases") == 0)
        .then(pl.lit(None, pl.String))
        .when(pl.col("model_group").is_in(list(own)))
        .then("model_group")
        .otherwise(pl.lit(POOLED))
    )
