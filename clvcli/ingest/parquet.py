"""A Parquet file as text columns, so that the same log is read the same way from CSV and from Parquet."""

import polars as pl

from clvcli.errors import InputError
from clvcli.ingest.content import Content


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
        if dtype.time_zone is None:
            text = column.cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S%.6f")
        else:
            utc = column.cast(pl.Datetime("us", dtype.time_zone)).dt.convert_time_zone("UTC")
            text = utc.dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00:00")
        return text.alias(name)
    if isinstance(dtype, pl.Decimal):
        return _plain_decimal(column.cast(pl.String)).alias(name)
    text = column.cast(pl.String, strict=False)
    return pl.when(text != "").then(text).alias(name)


def _plain_decimal(text: pl.Expr) -> pl.Expr:
    """12.5000000 -> 12.5: zeros that the scale of the column adds are not said to be digits of the value."""
    short = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(text.str.contains(".", literal=True)).then(short).otherwise(text)
