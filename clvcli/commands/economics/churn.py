"""Who is active, new, gone and back in each period, and the rate at which customers leave.

A customer is active in a period who bought in it or in the `window` - 1 periods before. Churn of a period: customers
active in the last period and not in this one / customers active in the last period.
"""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from clvcli.commands.economics.periods import Calendar

WINDOW_SHARE = 0.9


@dataclass(frozen=True)
class Churn:
    """`left` of `at_risk` customer-periods; `rate` is their quotient, null with a reason where it says nothing.

    Measured over the periods first .. last (numbers); these customers were active in first - 1 .. last - 1.
    `at_most`: with 95 % confidence the rate is lower than this, where nobody left (3 / at_risk).
    """

    window: int
    at_risk: int
    left: int
    first: int
    last: int
    rate: float | None
    reason: str | None
    at_most: float | None = None


def visits_of(purchases: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """customer_id, period, purchases, revenue and profit (minor units), sorted: one row a customer and period.

    `purchases`: customer_id, day, amount, profit; sorted by customer and day.
    """
    return (
        purchases.with_columns(period=calendar.number(pl.col("day")))
        .group_by("customer_id", "period", maintain_order=True)
        .agg(purchases=pl.len().cast(pl.Int64), revenue=pl.col("amount").sum(), profit=pl.col("profit").sum())
    )


def default_window(visits: pl.DataFrame, calendar: Calendar) -> int:
    """The fewest periods within which 9 of 10 customers who bought again did so; at most half of the log."""
    gaps = (
        visits.select(
            gap=pl.when(pl.col("customer_id") == pl.col("customer_id").shift(1)).then(pl.col("period").diff())
        )
        .drop_nulls()
        .to_series()
        .sort()
    )
    if gaps.is_empty():
        return 1
    window = int(gaps[math.ceil(WINDOW_SHARE * gaps.len()) - 1])
    return max(1, min(window, (calendar.over + 1) // 2))


def activity(visits: pl.DataFrame, calendar: Calendar, window: int) -> pl.DataFrame:
    """One row a period: period (number), complete, active, new, returned, churned, buyers, purchases, revenue, profit.

    active = active before + new + returned - churned, in every period. `churned` is null in a period that is not over:
    who has not bought may still do so.
    """
    n = calendar.count
    same_as_next = pl.col("customer_id") == pl.col("customer_id").shift(-1)
    moves = visits.select(
        "period",
        following=pl.when(same_as_next).then(pl.col("period").shift(-1)),
        first=(pl.col("customer_id") != pl.col("customer_id").shift(1)).fill_null(True),
    ).with_columns(lapsed=(pl.col("following") > pl.col("period") + window).fill_null(True))
    lapses = moves.filter("lapsed")
    churned = _count(lapses["period"] + window, n)
    new = _count(moves.filter("first")["period"], n)
    returned = _count(lapses["following"].drop_nulls(), n)
    sums = (
        visits.group_by("period")
        .agg(buyers=pl.len(), purchases=pl.col("purchases").sum(), revenue=pl.col("revenue").sum(),
             profit=pl.col("profit").sort().sum())
    )  # fmt: skip
    frame = pl.DataFrame({"period": np.arange(n), "new": new, "returned": returned, "churned": churned})
    frame = frame.with_columns(
        active=(pl.col("new") + pl.col("returned") - pl.col("churned")).cum_sum(),
        complete=pl.col("period") <= calendar.over,
    )
    filled = frame.join(sums, on="period", how="left", maintain_order="left").with_columns(
        pl.col("buyers", "purchases", "revenue", "profit").fill_null(0),
        churned=pl.when("complete").then("churned"),
    )
    return filled.select(
        "period", "complete", "active", "new", "returned", "churned", "buyers", "purchases", "revenue", "profit"
    )


def churn_of(periods: pl.DataFrame, calendar: Calendar, window: int) -> Churn:
    """The churn of the whole log, from the first period in which somebody could be found gone to the last one over."""
    measured = periods.filter((pl.col("period") >= window) & (pl.col("period") <= calendar.over))
    base = periods.filter((pl.col("period") >= window - 1) & (pl.col("period") < calendar.over))
    at_risk, left = int(base["active"].sum()), int(measured["churned"].sum())
    unit = calendar.unit
    if at_risk == 0:
        reason = (
            f"no {unit} is over in which a customer of an earlier one could be missed; "
            f"--as-of DATE says up to when the log is complete"
        )
        return Churn(window, 0, 0, window, calendar.over, None, reason)
    if left == 0:
        most = min(1.0, 3 / at_risk)
        reason = f"nobody left in {at_risk:,} customer-{unit}{'s' * (at_risk > 1)}"
        reason += f": churn is below {most:.2%} a {unit} (95 %), no more is known" if most < 1 else ", too few to tell"
        return Churn(window, at_risk, 0, window, calendar.over, None, reason, most)
    return Churn(window, at_risk, left, window, calendar.over, left / at_risk, None)


def _count(periods: pl.Series, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    inside = periods.filter((periods >= 0) & (periods < n)).to_numpy()
    return np.bincount(inside, minlength=n).astype(np.int64)
