"""The spend file: what acquisition cost, by period and by the columns of --by where it has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from clvcli.commands.economics.periods import Calendar
from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.names import plain
from clvcli.log.read import read_table

AMOUNTS = ("spend", "cost", "costs", "amount", "budget", "marketingspend", "adspend", "acquisitioncost")
DATES = ("date", "day", "month", "period", "week", "quarter", "year")


@dataclass(frozen=True)
class Spend:
    """`frame`: period (number, null without dates), amount (currency), and the --by columns that the file has."""

    frame: pl.DataFrame
    dated: bool
    columns: tuple[str, ...]

    def of(self, column: str | None, value: str | None) -> pl.DataFrame | None:
        """The rows of one group; None where the file does not split its spend by that column."""
        if column is None:
            return self.frame
        if column not in self.columns:
            return None
        return self.frame.filter(pl.col(column).eq_missing(pl.lit(value, pl.String)))


def read_spend(path: str, calendar: Calendar, by: Sequence[str]) -> Spend:
    """Reads --spend. Raises InputError for a file without an amount, or with values that are none."""
    table = read_table(path, "spend")
    names = {plain(column): column for column in reversed(table.columns)}
    amount = next((names[word] for word in AMOUNTS if word in names), None)
    if amount is None:
        raise InputError(
            marked("{place}: no amount among {columns}", place=path, columns=", ".join(table.columns)),
            hint="call the column spend",
        )
    values = table[amount].str.strip_chars().cast(pl.Float64, strict=False)
    bad = table.filter(~(values.is_finite() & (values >= 0)).fill_null(False))
    if bad.height:
        raise InputError(
            marked(
                "{place}: {count} values of {amount} are no amounts, first {bad}",
                place=path,
                count=bad.height,
                amount=amount,
                bad=repr(bad[amount][0]),
            ),
            hint="1234.50",
        )
    split = [column for column in by if column in table.columns]
    frame = table.with_columns(amount=values).select("amount", *split)
    when = next((names[word] for word in DATES if word in names), None)
    if when is None:
        return Spend(frame.with_columns(period=pl.lit(None, pl.Int64)), False, tuple(split))
    days = _days(table[when], path)
    return Spend(frame.with_columns(period=calendar.number(pl.lit(days))), True, tuple(split))


def spend_by_period(rows: pl.DataFrame) -> Mapping[int, float]:
    """Period -> spend."""
    sums = rows.drop_nulls("period").group_by("period").agg(pl.col("amount").sort().sum())
    return dict(sums.iter_rows())


def spend_and_new(rows: pl.DataFrame, periods: pl.DataFrame, *, dated: bool) -> tuple[float, int]:
    """The spend, and the customers who were new in the periods that it covers (all of them without dates)."""
    if not dated:
        return float(rows["amount"].sort().sum()), int(periods["new"].sum())
    known = rows.filter(pl.col("period").is_in(periods["period"].implode()))
    covered = periods.filter(pl.col("period").is_in(known["period"].implode()))
    return float(known["amount"].sort().sum()), int(covered["new"].sum())


def _days(text: pl.Series, path: str) -> pl.Series:
    clean = text.str.strip_chars()
    days = pl.select(
        pl.coalesce(
            clean.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
            (clean + "-01").str.to_date("%Y-%m-%d", strict=False),
            (clean + "-01-01").str.to_date("%Y-%m-%d", strict=False),
        )
    ).to_series()
    bad = text.filter(days.is_null())
    if bad.len():
        raise InputError(
            marked(
                "{place}: {count} dates cannot be read, first {first}", place=path, count=bad.len(), first=repr(bad[0])
            ),
            hint="2024-06-30, or 2024-06",
        )
    return days
