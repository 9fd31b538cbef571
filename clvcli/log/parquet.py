"""A Parquet file as text columns, so that the same log is read the same way from CSV and from Parquet."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as date_type

import numpy as np
import polars as pl

from clvcli.core.errors import InputError
from clvcli.log.content import Content, unreachable
from clvcli.log.dates import ANY_ZONE
from clvcli.log.records import Records
from clvcli.log.text import Block

PLAIN = (pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Time, pl.Categorical, pl.Enum, pl.Null, pl.Binary)
LARGEST_DECIMAL = 38
EPOCH = date_type(1970, 1, 1).toordinal()
HEAD = 20_000
ROWS = 1 << 18
"""Rows of a block."""


@dataclass(frozen=True)
class ParquetTable:
    """One Parquet file. `left_out`: columns that have no plain text (nested ones, durations, decimals beyond 38
    digits), by name with their type. With `typed` records come as they are stored, else as text."""

    file: int
    content: Content
    schema: dict[str, pl.DataType]
    height: int
    left_out: dict[str, str]
    typed: bool = False

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.content.source.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns with a plain text."""
        return tuple(self.schema)

    @property
    def is_small(self) -> bool:
        """Whether the first block is all of it."""
        return self.height <= HEAD

    def facts(self) -> dict[str, object]:
        """What was found out about the file, for the manifest."""
        found: dict[str, object] = {"path": self.name, "format": "parquet", "bytes": self.content.size}
        if self.content.compression:
            found["compression"] = self.content.compression
        return {**found, "left_out": self.left_out} if self.left_out else found

    def head(self) -> pl.DataFrame:
        """The first records."""
        return self.read(Block(self.file, 0, min(self.height, HEAD), 1, None, None)).frame

    def blocks(self) -> Iterator[Block]:
        """Rows, some at a time."""
        for start in range(0, self.height, ROWS):
            yield Block(self.file, start, min(start + ROWS, self.height), start + 1, None, None)

    def read(self, block: Block) -> Records:
        """The records of a block; the line of each is its number from 1. Raises InputError for a damaged file.

        Dates are ISO as text, times have their offset, floats are in their shortest form, decimals in full.
        """
        wanted = [(_stored if self.typed else as_text)(name, kind) for name, kind in self.schema.items()]
        columns = [column for column in wanted if column is not None]
        with _told_well(self.content):
            rows = scan_parquet(self.content).slice(block.start, block.stop - block.start)
            frame = rows.select(columns).collect()
        return Records(frame, np.arange(block.start + 1, block.stop + 1, dtype=np.int64), ())


def open_parquet(file: int, content: Content) -> ParquetTable:
    """What a Parquet file holds. Raises InputError for one that is damaged, has no records, or a column twice."""
    with _told_well(content):
        scan = scan_parquet(content)
        schema = dict(scan.collect_schema())
        height = int(scan.select(pl.len()).collect().item())
    if not height:
        raise InputError(f"{content.source.name}: has columns but no records", hint="check the export that writes it")
    plain = {name: kind for name, kind in schema.items() if as_text(name, kind) is not None}
    return ParquetTable(file, content, plain, height, {n: str(k) for n, k in schema.items() if n not in plain})


def _stored(name: str, kind: pl.DataType) -> pl.Expr:
    """A column as it is stored; what is text in any way as text, null where it is empty."""
    if kind == pl.String:
        return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)
    if isinstance(kind, (pl.Categorical, pl.Enum, pl.Binary)):
        text = as_text(name, kind)
        assert text is not None
        return text
    return pl.col(name)


@contextlib.contextmanager
def _told_well(content: Content) -> Iterator[None]:
    """What Polars raises of a file, as an InputError."""
    # Polars takes zones like +05:30, which other programs write, only where it is told not to look them up.
    os.environ.setdefault(ANY_ZONE, "1")
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise _unreadable(content, problem) from None
    except BaseException as problem:  # Polars panics, with a class that is no Exception, on some damaged files.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(f"{content.source.name}: is a damaged Parquet file", hint="write it again") from None


def _unreadable(content: Content, problem: Exception) -> InputError:
    name, reason = content.source.name, str(problem).splitlines()[0][:120]
    if content.source.is_remote:
        return unreachable(name, problem)
    if isinstance(problem, pl.exceptions.DuplicateError):
        return InputError(f"{name}: a column stands twice ({reason})", hint="rename one of the two")
    return InputError(f"{name}: is a damaged Parquet file ({reason})", hint="write it again")


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
