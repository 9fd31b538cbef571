"""The ideal client of a group: what its good customers buy, what each other customer lacks, what that may be worth.

The good customers are the top fifth by value; their profile is what at least half of them buy. A customer's gap is the
profile less what the customer buys; the potential is the good customers' median value less the customer's own, at
least 0. It is a comparison, not a forecast: nothing says that a customer who buys the rest will become a good one.
"""

import math
from dataclasses import dataclass

import polars as pl

SEPARATOR = "; "
HALF = 0.5
"""Share of the good customers that makes a product part of the profile, unless the catalogue is too large for it."""
TYPICAL = 10
"""Products of a profile at most, unless --min-share says what counts."""
LEAST_SHARE, LEAST_HOLDERS = 0.05, 2
Z = 1.6448536269514722


@dataclass(frozen=True)
class Typical:
    """A product of a profile: the share of the good customers who buy it, the median of what they spent on it
    (currency), and how many times the share of the group's others that is, with its 90 % interval; null where none of
    the others buys it.
    """

    product: str
    share: float
    median_spent: float
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None


@dataclass(frozen=True)
class Profile:
    """What the good customers of one group buy, most common first. `best`: how many they are; `median_value` theirs
    (currency).
    """

    group: str | None
    customers: int
    best: int
    median_value: float
    products: tuple[Typical, ...]


def mark_best(customers: pl.DataFrame, top: float) -> pl.DataFrame:
    """Adds `best`: among the top share of the group by value, those who tie with the last of them too.

    `customers`: customer_id, group, value. A value of 0 or none makes nobody good.
    """
    count = (pl.len() * top - 1e-9).ceil().cast(pl.Int64).clip(1)
    bound = pl.col("value").sort(descending=True, nulls_last=True).get(count - 1, null_on_oob=True).over("group")
    good = (pl.col("value") >= bound) & (pl.col("value") > 0)
    return customers.with_columns(best=good.fill_null(False))


def profiles(customers: pl.DataFrame, owned: pl.DataFrame, min_share: float | None) -> list[Profile]:
    """One a group that has good customers, the largest first. `customers`: customer_id, group, value, best; `owned`:
    customer_id, product, spent (currency).

    `min_share` None: what half of the good ones buy, at most TYPICAL products; where nothing is as common, as in a
    large catalogue, the products of most of them, each of a twentieth and of two customers at least.
    """
    best = customers.filter("best")
    sizes = customers.group_by("group").agg(customers=pl.len(), best=pl.col("best").sum())
    medians = best.group_by("group").agg(median=pl.col("value").median())
    held = (
        best.select("customer_id", "group")
        .join(owned, on="customer_id")
        .group_by("group", "product")
        .agg(holders=pl.len(), spent=pl.col("spent").median())
    )
    rest = customers.filter(~pl.col("best")).select("customer_id", "group").join(owned, on="customer_id")
    held = held.join(
        rest.group_by("group", "product").agg(others=pl.len()), on=["group", "product"], how="left", nulls_equal=True
    ).with_columns(pl.col("others").fill_null(0))
    groups = sizes.join(medians, on="group", nulls_equal=True).sort(
        "customers", "group", descending=[True, False], nulls_last=True
    )
    found = []
    for group, total, count, median in groups.iter_rows():
        rows = (
            held.filter(pl.col("group").eq_missing(pl.lit(group, pl.String)))
            .with_columns(share=pl.col("holders") / count)
            .sort("share", "spent", "product", descending=[True, True, False])
        )
        chosen = _chosen(rows, min_share).select("product", "share", "spent", "holders", "others").iter_rows()
        products = tuple(Typical(p, s, spent, *_lift(a, count, c, total - count)) for p, s, spent, a, c in chosen)
        found.append(Profile(group, total, count, float(median), products))
    return found


def _chosen(rows: pl.DataFrame, min_share: float | None) -> pl.DataFrame:
    """The products of a profile, of all that the good customers buy, most common first."""
    if min_share is not None:
        return rows.filter(pl.col("share") >= min_share - 1e-12)
    common = rows.filter(pl.col("share") >= HALF - 1e-12)
    if common.is_empty():
        common = rows.filter((pl.col("share") >= LEAST_SHARE) & (pl.col("holders") >= LEAST_HOLDERS))
    return common.head(TYPICAL)


def _lift(a: int, n: int, c: int, m: int) -> tuple[float | None, float | None, float | None]:
    """(a / n) / (c / m) with its 90 % interval, by the delta method on its logarithm."""
    if c == 0:
        return None, None, None
    value = (a / n) / (c / m)
    wide = math.exp(Z * math.sqrt(max(0.0, 1 / a - 1 / n + 1 / c - 1 / m)))
    return round(value, 6), round(value / wide, 6), round(value * wide, 6)


def gaps(customers: pl.DataFrame, owned: pl.DataFrame, found: list[Profile]) -> pl.DataFrame:
    """One row a customer: customer_id, group, value, best, products (how many they buy), gap (how many of the profile
    they lack), missing (which, the most common first), potential.
    """
    wanted = pl.DataFrame(
        [(p.group, one.product, rank) for p in found for rank, one in enumerate(p.products)],
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
        )
        .select("customer_id", "group", "value", "best", "products", "gap", "missing", "potential")
    )
