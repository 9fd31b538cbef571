"""What customers cost against what they bring, where `--customers` has a column acquisition_cost."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from clvcli.scoring.series.value import total

COST = "acquisition_cost"


def economics_of(table: pl.DataFrame, margin: float | None) -> dict[str, Any] | None:
    """Means over the customers whose cost is known: cost, margin so far, margin ahead, and their ratio.

    `margin`: the rate of the run, None where every customer has one in the column `margin`.
    """
    return economics_from(cost_sums(table, margin)) if COST in table.columns else None


def cost_sums(table: pl.DataFrame, margin: float | None) -> dict[str, Any]:
    """Counts and sums of a table, or of a part of one, with costs: those of the parts add up."""
    rate = pl.col("margin").cast(pl.Float64) if margin is None else pl.lit(margin)
    known = (
        table.filter(pl.col("purchases") > 0)
        .select(
            pl.col(COST).cast(pl.Float64, strict=False).alias("cost"),
            (pl.col("total_spend") * rate).alias("so_far"),
            "clv",
        )
        .filter(pl.col("cost").is_finite() & (pl.col("cost") >= 0))
    )
    return known.select(
        total("cost"), total("so_far"), total("clv"), customers=pl.len(), valued=pl.col("clv").count()
    ).to_dicts()[0]


def economics_from(sums: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the sums over all customers say."""
    n = sums["customers"]
    if not n:
        return None
    ahead = sums["clv"] / n if sums["valued"] == n else None
    cost, so_far = sums["cost"] / n, sums["so_far"] / n
    ratio = (so_far + ahead) / cost if ahead is not None and cost > 0 else None
    means = {"cost": cost, "margin_so_far": so_far, "margin_ahead": ahead, "ratio": ratio}
    return {"customers": n, **{name: None if v is None else round(v, 6) for name, v in means.items()}}
