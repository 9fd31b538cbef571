"""A source as a frame of text columns with the line of every record: the exact path, used for every unclean file."""

from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError
from clvcli.log.content import Content, open_content
from clvcli.log.dialect import detect
from clvcli.log.encoding import decode
from clvcli.log.parquet import parquet_text
from clvcli.log.records import Broken, Records, split
from clvcli.log.sources import Source


@dataclass(frozen=True)
class Table:
    """`frame`: one String column a field, null where the field is empty; `lines`: Int64, where each record starts.

    For Parquet a record's line is its row number from 1. `broken` are records that fit no row. `facts` is what was
    found out about the file, for the manifest; `typed` are the columns that are numbers by type (Parquet).
    """

    name: str
    frame: pl.DataFrame
    lines: pl.Series
    broken: tuple[Broken, ...]
    facts: dict[str, object]
    typed: frozenset[str] = frozenset()


def read_text(content: Content, encoding: str | None, header: bool) -> Table:
    """Reads one source whole. Raises InputError when it is no table."""
    name = content.source.name
    facts: dict[str, object] = {"path": name, "format": content.format, "bytes": content.size}
    if content.compression:
        facts["compression"] = content.compression
    if content.format == "parquet":
        found = parquet_text(content)
        if found.left_out:
            facts["left_out"] = found.left_out
        numbers = pl.int_range(1, found.frame.height + 1, dtype=pl.Int64, eager=True)
        return Table(name, found.frame, numbers, (), facts, found.typed)
    text = decode(content.read(), name, encoding)
    dialect = detect(text.data, name, header)
    facts |= {"encoding": text.encoding, "line_ends": text.line_ends, **dialect.facts()}
    records = split(text.data, dialect)
    if records.footer:
        facts["footer_lines"] = records.footer
    if not records.rows and not records.broken:
        raise InputError(f"{name}: has a header but no records", hint="check the export that writes it")
    frame = parse(records, dialect.columns, name)
    return Table(name, frame, pl.Series("line", records.lines, dtype=pl.Int64), tuple(records.broken), facts)


def parse(records: Records, columns: tuple[str, ...], name: str) -> pl.DataFrame:
    """The records as String columns, null where a field is empty. Raises InputError when they are no table."""
    schema = dict.fromkeys(columns, pl.String)
    if not records.rows:
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_csv(
            b"\n".join(records.rows) + b"\n",
            has_header=False,
            new_columns=list(columns),
            infer_schema=False,
            separator=records.separator.decode(),
            extra_columns="raise",
            missing_columns="raise",
        )
    except pl.exceptions.PolarsError as problem:
        reason = str(problem).split("\n", 1)[0][:150]
        raise InputError(f"{name}: cannot be parsed ({reason})", hint="export it as plain CSV") from None
    if frame.height != len(records.rows) or frame.columns != list(columns):
        raise InputError(f"{name}: its records cannot be told apart", hint="export it as plain CSV with quoted fields")
    # A quoted empty field is as empty as one without quotes.
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def read_table(path: str, what: str) -> pl.DataFrame:
    """Any small CSV or Parquet file as text columns, empty fields null (--customers, --previous, --spend).

    Raises InputError, with `what` in its message, when a record does not fit the header: such a file is not half-read.
    """
    try:
        table = read_text(open_content(Source(path, path)), None, True)
    except InputError as problem:
        # Options that tell how to read a file are about DATA alone.
        advice = "write it as UTF-8 with a header" if "--" in (problem.hint or "") else problem.hint
        raise InputError(f"{what}: {problem.message}", hint=advice) from None
    if table.broken:
        first = table.broken[0]
        raise InputError(
            f"{what}: {path}, line {first.line}: {first.reason.replace('_', ' ')} ({len(table.broken)} such records)",
            hint="mend the file: every record needs as many fields as the header",
        )
    return table.frame
