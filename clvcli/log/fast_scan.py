"""A source as a lazy frame that Polars may stream, when a look at its bytes allows that."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from clvcli.core.options import LogOptions
from clvcli.log.bytes_check import ByteCheck, check_bytes
from clvcli.log.content import Content
from clvcli.log.dialect import BLANKS, HEAD_BYTES, Dialect, detect
from clvcli.log.fast_text import Text
from clvcli.log.parquet import scan_parquet

EXTRA = "\x00extra"
"""A column that no record fills: it is null wherever a record has no more fields than the header."""


@dataclass(frozen=True)
class Scan:
    """`frame` has the columns of `schema` and EXTRA; `first`: the same of its first records. `text`: how to read it
    without a parser, where no quotes stand in it."""

    frame: pl.LazyFrame
    first: pl.LazyFrame
    schema: Mapping[str, pl.DataType]
    facts: dict[str, object]
    lines: pl.LazyFrame | None
    check: ByteCheck | None
    dialect: Dialect | None
    text: Text | None

    def holds(self, rows: int | None, open_ended: bool) -> bool:
        """Whether every record had as many fields as the header. `open_ended`: some records end in an empty field,
        which Polars also makes of a field that is missing. `rows`: the records of this file, None when not known."""
        if self.check is None or self.dialect is None or self.lines is None:
            return True
        if self.check.quotes:
            whole = rows is not None and self.check.newlines in (rows + self.dialect.skip, rows + self.dialect.skip - 1)
            return whole and not open_ended and self.check.quotes % 2 == 0
        if not open_ended:
            return True
        marks = pl.first().str.count_matches(self.dialect.separator, literal=True)
        counted = self.lines.slice(self.dialect.skip).select(marks.alias("n")).select(
            pl.col("n").min().alias("low"), pl.col("n").max().alias("high")
        )  # fmt: skip
        wanted = len(self.schema) - 1
        return counted.collect(engine="streaming").row(0) == (wanted, wanted)


def scan_of(content: Content, options: LogOptions) -> Scan | None:
    """None when the source needs the exact path from the start."""
    facts: dict[str, object] = {"path": content.source.name, "format": content.format, "bytes": content.size}
    if content.compression:
        facts["compression"] = content.compression
    if content.format == "parquet":
        frame = scan_parquet(content)
        schema = dict(frame.collect_schema())
        frame = frame.with_columns(pl.lit(None).alias(EXTRA))
        return Scan(frame, frame, schema, facts, None, None, None, None)
    head = content.head(HEAD_BYTES)
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return None
    check = check_bytes(content)
    if not check.plain:
        return None
    dialect = detect(head.replace(b"\r\n", b"\n"), content.source.name, options.header)
    if dialect.separator == BLANKS or dialect.spaced or dialect.quote == "'" or (check.quotes and not dialect.quote):
        return None
    if content.size <= HEAD_BYTES and not b"".join(head.split(b"\n")[dialect.skip :]).strip():
        return None
    facts |= {"encoding": "utf-8", "line_ends": check.line_ends, **dialect.facts()}
    origin = content.data if content.data is not None else content.source.path
    frame = _records(origin, dialect, quotes=check.quotes > 0)
    # Polars would read 150 MB for the first records. Within quotes a line may end anywhere.
    first = frame if check.quotes else _records(io.BytesIO(_whole_lines(head)), dialect, quotes=False)
    text = Text(content, dialect.columns, dialect.separator, dialect.skip, check.line_ends, check.newlines)
    lines = pl.scan_lines(origin, glob=False)
    columns = dict.fromkeys(dialect.columns, pl.String())
    return Scan(frame, first, columns, facts, lines, check, dialect, None if check.quotes else text)


def _whole_lines(head: bytes) -> bytes:
    return head[: head.rfind(b"\n") + 1] or head


def _records(origin: bytes | str | io.BytesIO, dialect: Dialect, *, quotes: bool) -> pl.LazyFrame:
    return pl.scan_csv(
        origin,
        glob=False,
        has_header=False,
        skip_lines=dialect.skip,
        schema={**dict.fromkeys(dialect.columns, pl.String()), EXTRA: pl.String()},
        separator=dialect.separator,
        quote_char='"' if quotes else None,
        extra_columns="ignore",
        missing_columns="insert",
    )
