"""Cohorts by the period of the first purchase: how many still buy, and what they bring, by age."""

import polars as pl

from clvcli.commands.economics.periods import Calendar


def cohorts(visits: pl.DataFrame, calendar: Calendar, decimals: int) -> pl.DataFrame:
    """One row a cohort and age: cohort, age (numbers of periods), complete, customers, buyers, retention, revenue,
    cumulative_revenue_per_customer. Ages up to as_of; age 0 has retention 1. `retention`: buyers / customers.
    """
    born = visits.with_columns(cohort=pl.col("period").min().over("customer_id"))
    sizes = born.group_by("cohort").agg(customers=pl.col("customer_id").n_unique().cast(pl.Int64))
    cells = born.group_by("cohort", age=pl.col("period") - pl.col("cohort")).agg(
        buyers=pl.len().cast(pl.Int64), revenue=pl.col("revenue").sum()
    )
    ages = sizes.with_columns(age=pl.int_ranges(0, calendar.count - pl.col("cohort"))).explode("age")
    grid = ages.join(cells, on=["cohort", "age"], how="left").with_columns(
        pl.col("buyers", "revenue").fill_null(0)
    ).sort("cohort", "age")  # fmt: skip
    money = 10.0**decimals
    return grid.select(
        "cohort",
        "age",
        "customers",
        "buyers",
        complete=pl.col("cohort") + pl.col("age") <= calendar.over,
        retention=pl.col("buyers") / pl.col("customers"),
        revenue=pl.col("revenue") / money,
        cumulative_revenue_per_customer=pl.col("revenue").cum_sum().over("cohort") / money / pl.col("customers"),
    )
