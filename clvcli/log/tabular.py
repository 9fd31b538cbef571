"""Small side files as a frame of text columns: --customers, --previous, --spend."""

from typing import NamedTuple

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.content import Content, open_content
from clvcli.log.reading import texts_of
from clvcli.log.records import Broken
from clvcli.log.sources import source_of
from clvcli.log.tables import Tables, open_tables
from clvcli.log.text import NotPlainError


class Rows(NamedTuple):
    """The text columns of a table, the line on which each record starts, what is no record of it, facts of the
    file."""

    frame: pl.DataFrame
    lines: list[int]
    broken: list[Broken]
    facts: dict[str, object]


def read_table(path: str, what: str) -> pl.DataFrame:
    """Any small table (see log/inputs) as text columns, empty fields null.

    Raises InputError, with `what` in its message, when a record does not fit the header: such a file is not half-read.
    """
    try:
        read = read_lines([open_content(source_of(path))], LogOptions(data=(path,)))
    except InputError as problem:
        # Options that tell how to read a file are about DATA alone.
        advice = marked("write it as UTF-8 with a header") if "--" in (problem.hint or "") else problem.hint
        raise InputError(marked("{place}: {text}", place=what, text=problem.message), hint=advice) from None
    if read.broken:
        first = read.broken[0]
        raise InputError(
            marked(
                "{place}: {path}, line {line}: {reason} ({broken} such records)",
                place=what,
                path=path,
                line=first.line,
                reason=first.reason.replace("_", " "),
                broken=len(read.broken),
            ),
            hint="mend the file: every record needs as many fields as the header",
        )
    return read.frame


def read_lines(contents: list[Content], options: LogOptions) -> Rows:
    """The rows of a table, as text."""
    try:
        return _of(open_tables(contents, options, whole=False)[0])
    except NotPlainError:
        return _of(open_tables(contents, options, whole=True)[0])


def _of(tables: Tables) -> Rows:
    parts = [tables.read(block) for table in tables.tables for block in table.blocks()]
    broken = [one for part in parts for one in part.broken]
    if not any(part.frame.height for part in parts) and not broken:
        raise InputError(
            marked("{place}: has a header but no records", place=tables.name), hint="check the export that writes it"
        )
    lines = [int(line) for part in parts for line in part.lines]
    frame = texts_of(pl.concat([part.frame for part in parts]), tables.columns)
    return Rows(frame, lines, broken, tables.tables[0].facts())
