"""The ideal client of a group: what its good customers buy, what each other customer lacks, what that may be worth.

The good customers are the top fifth by value; their profile is what at least half of them buy. A customer's gap is the
profile less what the customer buys; the potential is the good customers' median value less the customer's own, at
least 0. It is a comparison, not a forecast: nothing says that a customer who buys the rest will become a good one.
"""

from dataclasses import dataclass

import polars as pl

SEPARATOR = "; "
SUGGESTIONS = 3


@dataclass(frozen=True)
class Profile:
    """What the good customers of one group buy: `products` with the share of them who do and the median of what they
    spent on it (currency), most common first. `best`: how many they are; `median_value` theirs (currency)."""

    group: str | None
    customers: int
    best: int
    median_value: float
    products: tuple[tuple[str, float, float], ...]


def mark_best(customers: pl.DataFrame, top: float) -> pl.DataFrame:
    """Adds `best`: among the top share of the group by value, those who tie with the last of them too.

    `customers`: customer_id, group, value. A value of 0 or none makes nobody good.
    """
    count = (pl.len() * top - 1e-9).ceil().cast(pl.Int64).clip(1)
    bound = pl.col("value").sort(descending=True, nulls_last=True).get(count - 1, null_on_oob=True).over("group")
    good = (pl.col("value") >= bound) & (pl.col("value") > 0)
    return customers.with_columns(best=good.fill_null(False))


def profiles(customers: pl.DataFrame, owned: pl.DataFrame, min_share: float) -> list[Profile]:
    """One a group that has good customers, the largest first. `customers`: customer_id, group, value, best; `owned`:
    customer_id, product, spent (currency)."""
    best = customers.filter("best")
    sizes = customers.group_by("group").agg(customers=pl.len(), best=pl.col("best").sum())
    medians = best.group_by("group").agg(median=pl.col("value").median())
    held = (
        best.select("customer_id", "group")
        .join(owned, on="customer_id")
        .group_by("group", "product")
        .agg(holders=pl.len(), spent=pl.col("spent").median())
    )
    groups = sizes.join(medians, on="group", nulls_equal=True).sort(
        "customers", "group", descending=[True, False], nulls_last=True
    )
    found = []
    for group, total, count, median in groups.iter_rows():
        rows = (
            held.filter(pl.col("group").eq_missing(pl.lit(group, pl.String)))
            .with_columns(share=pl.col("holders") / count)
            .filter(pl.col("share") >= min_share - 1e-12)
            .sort("share", "spent", "product", descending=[True, True, False])
        )
        products = tuple(rows.select("product", "share", "spent").iter_rows())
        found.append(Profile(group, total, count, float(median), products))
    return found


def gaps(customers: pl.DataFrame, owned: pl.DataFrame, found: list[Profile]) -> pl.DataFrame:
    """One row a customer, the highest potential first: customer_id, group, value, best, products (how many they buy),
    gap (how many of the profile they lack), missing (which, the best suggestion first), potential, suggestion_1 to 3.
    """
    wanted = pl.DataFrame(
        [(p.group, product, rank) for p in found for rank, (product, _, _) in enumerate(p.products)],
        schema={"group": pl.String, "product": pl.String, "rank": pl.Int64},
        orient="row",
    )
    lacking = (
        customers.select("customer_id", "group")
        .join(wanted, on="group", nulls_equal=True)
        .join(owned.select("customer_id", "product"), on=["customer_id", "product"], how="anti")
        .sort("customer_id", "rank")
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("product"))
    )
    medians = pl.DataFrame(
        [(p.group, p.median_value) for p in found], schema={"group": pl.String, "median": pl.Float64}, orient="row"
    )
    counted = owned.group_by("customer_id").agg(products=pl.len().cast(pl.Int64))
    product = pl.col("product")
    return (
        customers.join(lacking, on="customer_id", how="left")
        .join(medians, on="group", how="left", nulls_equal=True)
        .join(counted, on="customer_id", how="left")
        .with_columns(
            pl.col("products").fill_null(0),
            gap=product.list.len().fill_null(0).cast(pl.Int64),
            missing=product.list.join(SEPARATOR),
            potential=(pl.col("median") - pl.col("value").fill_null(0.0)).clip(0.0).round(6),
            **{f"suggestion_{i + 1}": product.list.get(i, null_on_oob=True) for i in range(SUGGESTIONS)},
        )
        .select(
            "customer_id", "group", "value", "best", "products", "gap", "missing", "potential",
            *(f"suggestion_{i + 1}" for i in range(SUGGESTIONS)),
        )
        .sort("potential", "customer_id", descending=[True, False], nulls_last=True)
    )  # fmt: skip
