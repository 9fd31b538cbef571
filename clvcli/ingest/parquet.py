"""A Parquet file as text columns, so that the same log is read the same way from CSV and from Parquet."""

from datetime import date as date_type

import polars as pl

from clvcli.errors import InputError
from clvcli.ingest.content import Content, unreachable

EPOCH = date_type(1970, 1, 1).toordinal()


def parquet_text(content: Content) -> tuple[pl.DataFrame, frozenset[str]]:
    """Every column as text: dates as ISO, times with their offset, floats in their shortest form, decimals in full.

    Nested columns and other types without a plain text are left out. Raises InputError for a damaged file.
    The second value names the columns that are numbers by type.
    """
    frame = read_parquet(content)
    expressions = [as_text(name, dtype) for name, dtype in frame.schema.items()]
    numbers = frozenset(name for name, dtype in frame.schema.items() if dtype.is_numeric())
    return frame.select([e for e in expressions if e is not None]), numbers


def read_parquet(content: Content) -> pl.DataFrame:
    """The frame as it is typed in the file."""
    name = content.source.name
    try:
        frame = scan_parquet(content).collect()
    except (pl.exceptions.PolarsError, OSError) as problem:
        if content.source.is_remote:
            raise unreachable(name, problem) from None
        raise InputError(
            f"{name}: is a damaged Parquet file ({str(problem).splitlines()[0][:120]})", hint="write it again"
        ) from None
    except BaseException as problem:  # Polars panics, with a class that is no Exception, on some damaged files.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(f"{name}: is a damaged Parquet file", hint="write it again") from None
    if not frame.height:
        raise InputError(f"{name}: has columns but no records", hint="check the export that writes it")
    return frame


def scan_parquet(content: Content) -> pl.LazyFrame:
    """Lazily, from memory or from the path (never a glob)."""
    return pl.scan_parquet(content.data if content.data is not None else content.source.path, glob=False)


def as_text(name: str, dtype: pl.DataType) -> pl.Expr | None:
    """The column as String, empty text null; None for types that have no plain text."""
    column = pl.col(name)
    if isinstance(dtype, (pl.List, pl.Array, pl.Struct, pl.Object, pl.Duration)):
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


def _from_bytes(value: bytes) -> str | None:
    """Bytes that are UTF-8 as that text, others in hexadecimal: a lossy decoding would make two ids one."""
    try:
        return value.decode("utf-8") or None
    except UnicodeDecodeError:
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
