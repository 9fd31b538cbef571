"""Typed columns as text and as they are stored, so that the same log is read the same way from every source."""

import contextlib
from datetime import date as date_type

import polars as pl

PLAIN = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Categorical, pl.Enum, pl.Null, pl.Binary)
LARGEST_DECIMAL = 38
EPOCH = date_type(1970, 1, 1).toordinal()


def as_stored(name: str, kind: pl.DataType) -> pl.Expr:
    """A column as it is stored; what is text in any way as text, null where it is empty."""
    if kind == pl.String:
        return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
    if isinstance(kind, (pl.Categorical, pl.Enum, pl.Binary)):
        text = as_text(name, kind)
        assert text is not None
        return text
    return pl.col(name)


def as_text(name: str, dtype: pl.DataType) -> pl.Expr | None:
    """The column as String, empty text null; None for types that have no plain text."""
    column = pl.col(name)
    if not _is_plain(dtype):
        return None
    if isinstance(dtype, pl.Datetime):
        safe = in_calendar(column, dtype)
        if dtype.time_zone is None:
            text = safe.cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S%.6f")
        else:
            utc = safe.cast(pl.Datetime("us", dtype.time_zone)).dt.convert_time_zone("UTC")
            text = utc.dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00:00")
        return _or_number(text, column).alias(name)
    if isinstance(dtype, pl.Date):
        return _or_number(in_calendar(column, dtype).cast(pl.String), column).alias(name)
    if isinstance(dtype, pl.Binary):
        return column.map_elements(_from_bytes, return_dtype=pl.String).alias(name)
    if isinstance(dtype, pl.Decimal):
        return _plain_decimal(column.cast(pl.String)).alias(name)
    text = column.cast(pl.String, strict=False)
    return pl.when(text != "").then(text).alias(name)


def _is_plain(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.Decimal):
        return dtype.precision <= LARGEST_DECIMAL
    return dtype.is_numeric() or isinstance(dtype, PLAIN)


def _from_bytes(value: bytes) -> str | None:
    """Bytes that are UTF-8 as that text, others in hexadecimal: a lossy decoding would make two ids one."""
    with contextlib.suppress(UnicodeDecodeError):
        text = value.decode("utf-8")
        if text.isprintable():
            return text or None
    return "0x" + value.hex()


def in_calendar(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Null for days outside the years 1 to 9999: Polars panics when it has to write those."""
    units = {"ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}
    a_day = 86_400 * units[dtype.time_unit] if isinstance(dtype, pl.Datetime) else 1
    first, last = (a_day * (day.toordinal() - EPOCH) for day in (date_type.min, date_type.max))
    return pl.when(column.to_physical().cast(pl.Int128).is_between(first, last - a_day)).then(column)


def _or_number(text: pl.Expr, column: pl.Expr) -> pl.Expr:
    """A time that is no day of the calendar is shown as the number that it is stored as, and rejected later."""
    stored = pl.concat_str(pl.lit("stored as "), column.to_physical().cast(pl.String))
    return pl.coalesce(text, pl.when(column.is_not_null()).then(stored))


def _plain_decimal(text: pl.Expr) -> pl.Expr:
    """12.5000000 -> 12.5: zeros that the scale of the column adds are not said to be digits of the value."""
    short = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(text.str.contains(".", literal=True)).then(short).otherwise(text)
