"""The fate of every record, in the order of the contract: rejected, where, duplicate, after_as_of, no_customer_id,
returns, used."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from clvcli.log.quality import REJECTS_SCHEMA

SHOWN = 200
"""Characters of a bad value that the rejects keep."""


def reject_reasons(records: pl.DataFrame, run_day: date, as_of_given: bool) -> pl.Series:
    """The first thing that is wrong with each record, null when nothing is. `records`: day, date_reason,
    amount_reason."""
    tomorrow = run_day + timedelta(days=1)
    future = pl.when((pl.col("day") > tomorrow) & (not as_of_given)).then(pl.lit("future_date"))
    return records.select(pl.coalesce("date_reason", future, "amount_reason").alias("reason")).to_series()


def after(fate: pl.Series, name: str, hit: pl.Series) -> pl.Series:
    """Gives `name` to the records that have no fate yet and are hit."""
    return pl.select(pl.when(fate.is_null() & hit.fill_null(False)).then(pl.lit(name)).otherwise(fate)).to_series()


def counts(reasons: pl.Series) -> dict[str, int]:
    """How often each reason stands, the most frequent first."""
    found = reasons.drop_nulls().value_counts(name="n").rename({reasons.name: "reason"})
    return dict(found.sort(["n", "reason"], descending=[True, False]).iter_rows())


def list_rejects(
    records: pl.DataFrame, reasons: pl.Series, texts: Mapping[str, tuple[pl.Series, pl.Series]]
) -> pl.DataFrame:
    """file, line, column, value, reason of each rejected record. `texts`: `date` and `amount` -> (column, raw
    value)."""
    about_date = reasons.str.ends_with("_date") | reasons.is_in(["other_date_format", "repeated_header"])
    column, value = ({role: pair[i] for role, pair in texts.items()} for i in (0, 1))
    listed = records.select("file", "line").with_columns(
        column=pl.select(pl.when(about_date).then(column["date"]).otherwise(column["amount"])).to_series(),
        value=pl.select(pl.when(about_date).then(value["date"]).otherwise(value["amount"])).to_series(),
        reason=reasons,
    )
    listed = listed.filter(pl.col("reason").is_not_null())
    return listed.with_columns(pl.col("value").str.slice(0, SHOWN)).cast(REJECTS_SCHEMA)  # type: ignore[arg-type]


def allowed_rejects(max_rejects: str, read: int) -> float:
    """`1%` of the records read, or a count."""
    if max_rejects.endswith("%"):
        return float(max_rejects.removesuffix("%")) / 100 * read
    return int(max_rejects)
