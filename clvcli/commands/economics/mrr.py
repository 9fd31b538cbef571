"""Monthly recurring revenue at the end of each period, and what moved it."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.commands.economics.periods import Calendar

MOVES = ("new_mrr", "returned_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr")


@dataclass(frozen=True)
class MrrChurn:
    """`at_risk`: MRR at the start of the periods that are over, summed, in currency. `gross`: the share of it lost to
    departures and downgrades, per period; `net`: the same less upgrades. None with no MRR to lose."""

    at_risk: float
    gross: float | None
    net: float | None


def snapshots(spells: pl.DataFrame, calendar: Calendar, as_of: date) -> pl.DataFrame:
    """customer_id, period, revenue (MRR in minor units, Float64): who paid how much on the last day of each period.

    In the last period that day is as_of. Contracts that begin and end between two such days are not seen.
    """
    last = calendar.count - 1
    until = calendar.number(pl.col("end") + timedelta(days=1)) - 1
    ranged = spells.filter(pl.col("start") <= as_of).with_columns(
        period=pl.int_ranges(
            calendar.number(pl.col("start")), pl.when(pl.col("end").is_null()).then(last).otherwise(until) + 1
        )
    )
    exploded = ranged.explode("period").drop_nulls("period")
    return (
        exploded.group_by("customer_id", "period")
        .agg(revenue=pl.col("monthly").sort().sum())
        .sort("customer_id", "period")
    )


def mrr_periods(paid: pl.DataFrame, calendar: Calendar, margin: pl.DataFrame | None = None) -> pl.DataFrame:
    """The periods as churn.activity has them (revenue is the MRR), with the MOVES in minor units.

    MRR = MRR before + new + returned + expansion - contraction - churned. `margin`: customer_id, margin.
    """
    same = pl.col("customer_id") == pl.col("customer_id").shift(1)
    joined = paid if margin is None else paid.join(margin, on="customer_id", how="left", maintain_order="left")
    rate = pl.lit(1.0) if margin is None else pl.col("margin")
    seen = joined.with_columns(
        profit=pl.col("revenue") * rate,
        first=(~same).fill_null(True),
        follows=(same & (pl.col("period") == pl.col("period").shift(1) + 1)).fill_null(False),
        change=pl.col("revenue") - pl.col("revenue").shift(1),
        stays=(
            (pl.col("customer_id") == pl.col("customer_id").shift(-1))
            & (pl.col("period").shift(-1) == pl.col("period") + 1)
        ).fill_null(False),
    )
    back = ~pl.col("first") & ~pl.col("follows")
    arrivals = seen.group_by("period").agg(
        active=pl.len().cast(pl.Int64),
        revenue=pl.col("revenue").sort().sum(),
        profit=pl.col("profit").sort().sum(),
        new=pl.col("first").sum().cast(pl.Int64),
        returned=back.sum().cast(pl.Int64),
        new_mrr=pl.col("revenue").filter(pl.col("first")).sort().sum(),
        returned_mrr=pl.col("revenue").filter(back).sort().sum(),
        expansion_mrr=pl.col("change").filter(pl.col("follows") & (pl.col("change") > 0)).sort().sum(),
        contraction_mrr=pl.col("change").abs().filter(pl.col("follows") & (pl.col("change") < 0)).sort().sum(),
    )
    gone = (
        seen.filter(~pl.col("stays"))
        .group_by(period=pl.col("period") + 1)
        .agg(churned=pl.len().cast(pl.Int64), churned_mrr=pl.col("revenue").sort().sum())
    )
    frame = pl.DataFrame({"period": range(calendar.count)}, schema={"period": pl.Int64}).join(
        arrivals, on="period", how="left"
    ).join(gone, on="period", how="left").sort("period").with_columns(pl.exclude("period").fill_null(0))  # fmt: skip
    over = pl.col("period") <= calendar.over
    return frame.with_columns(
        complete=over,
        churned=pl.when(over).then("churned"),
        churned_mrr=pl.when(over).then("churned_mrr"),
        buyers=pl.col("active"),
        purchases=pl.lit(0, pl.Int64),
    )


def mrr_churn(periods: pl.DataFrame, calendar: Calendar, decimals: int) -> MrrChurn:
    """Over the periods that are over, from the second on."""
    measured = periods.filter((pl.col("period") >= 1) & (pl.col("period") <= calendar.over))
    base = periods.filter(pl.col("period") < calendar.over)
    at_risk = float(base["revenue"].sum())
    if at_risk <= 0:
        return MrrChurn(0.0, None, None)
    lost = float(measured["churned_mrr"].sum()) + float(measured["contraction_mrr"].sum())
    return MrrChurn(at_risk / 10**decimals, lost / at_risk, (lost - float(measured["expansion_mrr"].sum())) / at_risk)
