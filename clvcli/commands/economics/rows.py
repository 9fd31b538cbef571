"""The table that -o writes: one row a group and period."""

import polars as pl

from clvcli.commands.economics.mrr import MOVES
from clvcli.commands.economics.source import Source
from clvcli.commands.economics.spend import Spend, spend_by_period


def period_rows(
    column: str | None, value: str | None, periods: pl.DataFrame, source: Source, spend: Spend | None, decimals: int
) -> pl.DataFrame:
    """by, group, period, starts, ends, complete, active, new, returned, churned, churn, purchases, revenue, profit,
    arpa, ampu, the moves of MRR where there are contracts, spend and cac where there is a spend file.

    Amounts in currency units. `churn` is null where nobody could be found gone yet, and in a period that is not over.
    """
    calendar, money = source.calendar, 10.0**decimals
    numbers = periods["period"].to_list()
    before = pl.col("active").shift(1)
    frame = periods.with_columns(
        by=pl.lit("all" if column is None else column),
        group=pl.lit("all" if column is None else value, pl.String),
        starts=pl.Series([calendar.start(i) for i in numbers], dtype=pl.Date),
        ends=pl.Series([calendar.end(i) for i in numbers], dtype=pl.Date),
        churn=pl.when((pl.col("period") >= source.window) & (before > 0)).then(pl.col("churned") / before),
        revenue=pl.col("revenue") / money,
        profit=pl.col("profit") / money,
        period=pl.Series([calendar.name(i) for i in numbers], dtype=pl.String),
    ).with_columns(
        arpa=pl.when(pl.col("active") > 0).then(pl.col("revenue") / pl.col("active")),
        ampu=pl.when(pl.col("active") > 0).then(pl.col("profit") / pl.col("active")),
    )
    columns = [
        "by", "group", "period", "starts", "ends", "complete", "active", "new", "returned", "churned", "churn",
        "purchases", "revenue", "profit", "arpa", "ampu",
    ]  # fmt: skip
    if source.contracts is not None:
        frame = frame.with_columns(pl.col(MOVES) / money)
        columns = [c for c in columns if c != "purchases"] + list(MOVES)
    if spend is not None:
        frame = _with_spend(frame, numbers, spend, column, value)
        columns += ["spend", "cac"]
    return frame.select(columns)


def _with_spend(
    frame: pl.DataFrame, numbers: list[int], spend: Spend, column: str | None, value: str | None
) -> pl.DataFrame:
    rows = spend.of(column, value)
    known = {} if rows is None else spend_by_period(rows)
    amounts = pl.Series([known.get(i) for i in numbers], dtype=pl.Float64)
    return frame.with_columns(spend=amounts).with_columns(
        cac=pl.when(pl.col("new") > 0).then(pl.col("spend") / pl.col("new"))
    )
