"""Expressions of the fast path: day, minor units and id of a record, and whether anything about them is not clean."""

from dataclasses import dataclass

import polars as pl

from clvcli.log.amounts import normalise
from clvcli.log.dates import read_dates
from clvcli.log.parquet import in_calendar

FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y%m%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M",
)
SURE = 1
"""The tail of lines that are equal where day and amount are."""
LONGEST, LONGEST_ZERO = 16, len("0.000")
"""Bytes of an amount text. Up to fifteen digits tell numbers of their length apart in float64."""


@dataclass(frozen=True)
class Day:
    """`expr` is null for what is no date of this format; `format` is how messages call it, `form` how Polars does."""

    expr: pl.Expr
    format: str
    sure: str
    form: str = ""


@dataclass(frozen=True)
class Units:
    """`expr`: Int64 minor units; `clean`: Boolean, null or false where the exact path has to look."""

    expr: pl.Expr
    clean: pl.Expr


def id_text(name: str, dtype: pl.DataType) -> pl.Expr | None:
    """The id as the exact path writes it."""
    if isinstance(dtype, pl.String):
        return pl.col(name)
    if dtype.is_integer() or isinstance(dtype, (pl.Categorical, pl.Enum)):
        return pl.col(name).cast(pl.String)
    return None


def day_of(head: pl.Series, tz: str | None) -> Day | None:
    """How to read the dates, when the first records prove it and one format reads them all as the exact path does."""
    column = pl.col(head.name)
    if head.dtype == pl.Date:
        return Day(in_calendar(column, head.dtype), "ISO (year-month-day)", "proved by its shape")
    if isinstance(head.dtype, pl.Datetime):
        column = in_calendar(column, head.dtype)
        if head.dtype.time_zone is None:
            return Day(column.dt.date(), "ISO (year-month-day)", "proved by its shape")
        local = column.dt.convert_time_zone(tz or "UTC")
        return Day(local.dt.date(), "ISO (year-month-day)", "proved by its shape")
    if head.dtype != pl.String or head.null_count():
        return None
    exact = read_dates(head, head.name, None, tz)
    if exact.notices or exact.frame["day"].null_count():
        return None
    for form in FORMATS:
        expression = column.str.to_datetime(form, strict=False, time_unit="us").dt.date()
        if "%H" not in form:
            expression = column.str.to_date(form, strict=False)
        if head.to_frame().select(expression).to_series().equals(exact.frame["day"], check_names=False):
            sure = "proved by its shape" if form.startswith("%Y") else "proved by the data"
            return Day(expression, exact.format, sure, form)
    return None


def units_of(head: pl.Series, decimals: int) -> Units | None:
    """How to read the amounts: plain decimals of at most `decimals` digits, nothing negative."""
    column = pl.col(head.name)
    factor = 10**decimals
    if head.dtype.is_integer():
        return Units((column.cast(pl.Int128) * factor).cast(pl.Int64, strict=False), column >= 0)
    if isinstance(head.dtype, pl.Decimal):
        raw, scale = column.to_physical().cast(pl.Int128), head.dtype.scale
        if scale <= decimals:
            return Units((raw * 10 ** (decimals - scale)).cast(pl.Int64, strict=False), raw >= 0)
        step = 10 ** (scale - decimals)
        return Units((raw // step).cast(pl.Int64, strict=False), (raw >= 0) & (raw % step == 0))
    if head.dtype == pl.String:
        return _units_of_text(head, column, factor) if normalise(head, head.name, decimals, None).mark == "." else None
    return _units_of_number(column.cast(pl.Float64), factor) if head.dtype == pl.Float64 else None


def _units_of_text(head: pl.Series, column: pl.Expr, factor: int) -> Units:
    units = _units_of_number(column.cast(pl.Float64, strict=False), factor)
    length = column.str.len_bytes()
    # A longer text that reads as 0 may be a tiny number: 1e-400.
    clean = units.clean & (length <= LONGEST) & ((units.expr != 0) | (length <= LONGEST_ZERO))
    if not bool(head.str.contains(".", literal=True).any()):
        # The first records do not prove that a dot is the decimal mark: a later one needs the exact path.
        clean = clean & ~column.str.contains(".", literal=True)
    return Units(units.expr, clean)


def _units_of_number(number: pl.Expr, factor: int) -> Units:
    """Whole units are exact when the nearest float64 to units / factor is the number itself."""
    whole = (number * factor).round()
    # Polars multiplies by the reciprocal of a constant: the divisor must not look like one.
    # -0.0 is not below 0, but its reciprocal is: lines that differ in it are not identical.
    return Units(whole.cast(pl.Int64, strict=False), (whole / (whole * 0 + factor) == number) & (1 / number > 0))


def tail_of(day: pl.Series, form: str, amount: pl.Series, decimals: int) -> pl.Expr:
    """16 + digits before the dot for a line whose date and amount are written in one way only, as 2024-01-05 and 12.50:
    two such lines with equal values are equal as texts. Another number, or 0, where that is not known.

    An amount with all its decimals behind a dot that is as long as its digits has no sign, exponent or leading zero.
    """
    if amount.dtype != pl.String and (day.dtype == pl.Date or day.dtype == pl.Datetime("us")):
        return _tail_of_types(day, amount)
    if day.dtype != pl.String or amount.dtype != pl.String or form != "%Y-%m-%d" or not decimals:
        return pl.lit(0)
    date, text = pl.col(day.name), pl.col(amount.name)
    plain_date = (date.str.len_bytes() == len("2024-01-05")) & ~date.str.starts_with("+")
    plain = plain_date & (text.str.slice(-(decimals + 1), 1) == ".")
    return pl.when(plain).then(text.str.len_bytes() - (decimals + 1) + 16).otherwise(0).cast(pl.Int64)


def _tail_of_types(day: pl.Series, amount: pl.Series) -> pl.Expr:
    """SURE for a line of which day and minor units tell all: a zero may be -0.0, and a time of day is lost."""
    sure = pl.col(amount.name) > 0
    if day.dtype != pl.Date:
        sure = sure & (pl.col(day.name).dt.truncate("1d") == pl.col(day.name))
    return pl.when(sure).then(SURE).otherwise(0)
