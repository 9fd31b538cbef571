"""What is bought together: support, confidence and lift of pairs of products in one basket (an order, or a day)."""

import math

import polars as pl

from clvcli.commands.crosssell.affinity import lift
from clvcli.core.errors import UsageError
from clvcli.core.language import marked

LEAST_BASKETS = 5
"""Baskets with both of a pair that a group needs: below, a lift is luck."""
MOST_PAIRS = 50_000_000
"""Pairs of products within baskets that are counted at most: beyond, memory would go first."""


def baskets_of(items: pl.DataFrame) -> pl.DataFrame:
    """basket (number), product; each product once. A basket is a customer's order, or day where there is no order."""
    keys = pl.struct(
        "customer_id", pl.coalesce(pl.lit("o") + pl.col("order"), pl.lit("d") + pl.col("day").cast(pl.String))
    )
    return items.select(basket=keys.rank("dense"), product="product").unique().sort("basket", "product")


def together_by(items: pl.DataFrame, customers: pl.DataFrame, min_support: float) -> pl.DataFrame:
    """`together` of the baskets of each group, with its name as first column, by group; pairs of fewer than
    LEAST_BASKETS are left out. `customers`: customer_id, group.
    """
    within = items.join(customers.select("customer_id", "group"), on="customer_id")
    found = []
    for (group,), part in sorted(within.partition_by("group", as_dict=True).items(), key=lambda item: str(item[0][0])):
        pairs = together(part.drop("group"), min_support).filter(pl.col("baskets") >= LEAST_BASKETS)
        found.append(pairs.select(pl.lit(group, pl.String).alias("group"), pl.all()))
    return pl.concat(found) if found else together(items.clear(), min_support).with_columns(group=pl.lit(""))


def together(items: pl.DataFrame, min_support: float) -> pl.DataFrame:
    """One row a direction of a pair, the highest lift first: product, goes_with, baskets (with both), support,
    confidence (share of the baskets with `product` that hold `goes_with` too), lift (confidence over the share of all
    baskets that hold `goes_with`; above 1 is more often than by chance), lift_low, lift_high (its 90 % interval).

    Pairs in less than `min_support` of the baskets are left out. Raises UsageError when too many would be counted.
    """
    baskets = baskets_of(items)
    total = baskets["basket"].n_unique()
    least = max(1, math.ceil(min_support * total - 1e-9))
    counts = baskets.group_by("product").agg(n=pl.len().cast(pl.Int64)).filter(pl.col("n") >= least)
    common = baskets.join(counts.select("product"), on="product", how="semi")
    sizes = common.group_by("basket").agg(n=pl.len().cast(pl.Int64))["n"]
    pairs = int((sizes * (sizes - 1) // 2).sum())
    if pairs > MOST_PAIRS:
        raise UsageError(
            marked(
                "--min-support {min_support}: {pairs} pairs within baskets are too many to count",
                min_support=f"{min_support:g}",
                pairs=f"{pairs:,}",
            ),
            hint=f"--min-support {min(1.0, min_support * 2):g}",
        )
    both = (
        common.join(common, on="basket", suffix="_b")
        .filter(pl.col("product") < pl.col("product_b"))
        .group_by("product", "product_b")
        .agg(baskets=pl.len().cast(pl.Int64))
        .filter(pl.col("baskets") >= least)
    )
    there = both.rename({"product_b": "goes_with"})
    back = both.rename({"product": "goes_with", "product_b": "product"}).select(there.columns)
    found = (
        pl.concat([there, back])
        .join(counts, on="product")
        .join(counts.rename({"product": "goes_with", "n": "n_with"}), on="goes_with")
        .with_columns(support=pl.col("baskets") / total, confidence=pl.col("baskets") / pl.col("n"))
        .with_columns(lift=pl.col("confidence") / (pl.col("n_with") / total))
    )
    pair, first, second = (found[name].cast(pl.Float64).to_numpy() for name in ("baskets", "n", "n_with"))
    _, low, high = lift(pair, first, second, float(total))
    return (
        found.with_columns(lift_low=pl.Series(low).round(6), lift_high=pl.Series(high).round(6))
        .select("product", "goes_with", "baskets", "support", "confidence", "lift", "lift_low", "lift_high")
        .sort("lift", "baskets", "product", "goes_with", descending=[True, True, False, False])
    )
