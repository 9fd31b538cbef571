"""A Parquet file as text columns, so that the same log is read the same way from CSV and from Parquet."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as date_type

import polars as pl

from clvcli.core.errors import InputError
from clvcli.log.content import Content, unreachable

PLAIN = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Categorical, pl.Enum, pl.Null, pl.Binary)
LARGEST_DECIMAL = 38
EPOCH = date_type(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class ParquetText:
    """`frame`: String columns; `typed`: those that are numbers by type; `left_out`: columns that have no plain text
    (nested ones, durations, decimals beyond 38 digits), by name with their type."""

    frame: pl.DataFrame
    typed: frozenset[str]
    left_out: dict[str, str]


def parquet_text(content: Content) -> ParquetText:
    """Every column as text: dates as ISO, times with their offset, floats in their shortest form, decimals in full.

    Raises InputError for a file that is damaged, has no records, or a column twice.
    """
    name = content.source.name
    try:
        with _any_zone():
            scan = scan_parquet(content)
            schema = scan.collect_schema()
            texts = {column: as_text(column, dtype) for column, dtype in schema.items()}
            frame = scan.select(text for text in texts.values() if text is not None).collect()
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise _unreadable(content, problem) from None
    except BaseException as problem:  # Polars panics, with a class that is no Exception, on some damaged files.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(f"{name}: is a damaged Parquet file", hint="write it again") from None
    if not frame.height:
        raise InputError(f"{name}: has columns but no records", hint="check the export that writes it")
    numbers = frozenset(c for c, dtype in schema.items() if dtype.is_numeric() and texts[c] is not None)
    return ParquetText(frame, numbers, {c: str(schema[c]) for c, text in texts.items() if text is None})


def _unreadable(content: Content, problem: Exception) -> InputError:
    name, reason = content.source.name, str(problem).splitlines()[0][:120]
    if content.source.is_remote:
        return unreachable(name, problem)
    if isinstance(problem, pl.exceptions.DuplicateError):
        return InputError(f"{name}: a column stands twice ({reason})", hint="rename one of the two")
    return InputError(f"{name}: is a damaged Parquet file ({reason})", hint="write it again")


@contextlib.contextmanager
def _any_zone() -> Iterator[None]:
    """Polars takes zones like +05:30, which other programs write, only where it is told not to look them up."""
    flag = "POLARS_IGNORE_TIMEZONE_PARSE_ERROR"
    before = os.environ.get(flag)
    os.environ[flag] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[flag]
        else:
            os.environ[flag] = before


def scan_parquet(content: Content) -> pl.LazyFrame:
    """Lazily, from memory or from the path (never a glob)."""
    return pl.scan_parquet(content.data if content.data is not None else content.source.path, glob=False)


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
