"""The simulated log as tables, week by week: the transaction log, and item lines with products."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from clvcli.commands.simulate.population import BESIDE, stream

LOG = pl.Schema({"customer_id": pl.String(), "date": pl.Date(), "amount": pl.Decimal(18, 2)})
PRODUCTS = ("espresso beans", "filter coffee", "decaf", "paper filters", "grinder", "milk frother",
            "green tea", "black tea", "teapot", "honey", "gift card", "mug")  # fmt: skip
# Three tastes; each row sums to 1. They make bought-together and gaps something to find.
TASTES = np.array(
    [
        [0.34, 0.16, 0.04, 0.14, 0.05, 0.07, 0.02, 0.02, 0.00, 0.03, 0.05, 0.08],
        [0.05, 0.30, 0.14, 0.24, 0.03, 0.02, 0.04, 0.04, 0.00, 0.04, 0.04, 0.06],
        [0.01, 0.02, 0.02, 0.01, 0.00, 0.01, 0.34, 0.28, 0.06, 0.14, 0.05, 0.06],
    ]
)


def days_to_dates(column: str, start: date) -> pl.Expr:
    """Days from the start of the log as dates."""
    return (pl.col(column) + (start - date(1970, 1, 1)).days).cast(pl.Int32).cast(pl.Date)


def money(cents: pl.Expr) -> pl.Expr:
    """Minor units as a number with two decimals."""
    return (cents.cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))


def log_of(weeks: Iterator[pl.DataFrame], ids: pl.Series, start: date) -> Iterator[pl.DataFrame]:
    """Weeks of dirt.SCHEMA as `customer_id, date, amount`, all text: what cannot be read is there as it was written."""
    for week in weeks:
        yield week.select(
            customer_id=ids.gather(week["customer"]),
            date=pl.coalesce("bad_date", days_to_dates("day", start).cast(pl.String)),
            amount=pl.coalesce("bad_amount", money(pl.col("cents")).cast(pl.String)),
        )


def lines_of(weeks: Iterator[pl.DataFrame], ids: pl.Series, start: date, seed: int) -> Iterator[pl.DataFrame]:
    """Weeks of clean lines as item lines. Every customer has one of three tastes; a line's quantity is 1 to 3."""
    random = stream(seed, BESIDE)
    taste = random.integers(0, len(TASTES), len(ids))
    edges = TASTES.cumsum(axis=1)
    for week in weeks:
        who = week["customer"].to_numpy()
        product = (random.random(len(who))[:, None] > edges[taste[who], :-1]).sum(axis=1)
        quantity = pl.Series("quantity", random.choice([1, 2, 3], len(who), p=[0.7, 0.2, 0.1]), dtype=pl.Int64)
        yield week.with_columns(
            quantity, product=pl.Series(PRODUCTS, dtype=pl.String).gather(pl.Series(product, dtype=pl.UInt32))
        ).select(
            customer_id=ids.gather(week["customer"]),
            order_id=pl.col("order") + 1,
            line_id=pl.int_range(1, pl.len() + 1).over("order"),
            date=days_to_dates("day", start),
            product="product",
            quantity="quantity",
            unit_price=money((pl.col("cents") / pl.col("quantity")).round().clip(1).cast(pl.Int64)),
        )


def typed(week: pl.DataFrame) -> pl.DataFrame:
    """A week of text as LOG's types; what cannot be read becomes null: Parquet holds no other dirt."""
    return week.with_columns(
        pl.col("date").str.to_date("%Y-%m-%d", strict=False), pl.col("amount").cast(pl.Decimal(18, 2), strict=False)
    )
