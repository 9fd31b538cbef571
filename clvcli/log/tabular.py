"""Small side files as a frame of text columns: --customers, --previous, --spend."""

import polars as pl

from clvcli.core.errors import InputError
from clvcli.log.content import Content, open_content
from clvcli.log.parquet import open_parquet
from clvcli.log.records import Broken
from clvcli.log.sources import Source
from clvcli.log.text import NotPlainError, open_text


def read_table(path: str, what: str) -> pl.DataFrame:
    """Any small CSV or Parquet file as text columns, empty fields null.

    Raises InputError, with `what` in its message, when a record does not fit the header: such a file is not half-read.
    """
    try:
        frame, broken = _records(path)
    except InputError as problem:
        # Options that tell how to read a file are about DATA alone.
        advice = "write it as UTF-8 with a header" if "--" in (problem.hint or "") else problem.hint
        raise InputError(f"{what}: {problem.message}", hint=advice) from None
    if broken:
        raise InputError(
            f"{what}: {path}, line {broken[0].line}: {broken[0].reason.replace('_', ' ')} ({len(broken)} such records)",
            hint="mend the file: every record needs as many fields as the header",
        )
    return frame


def _records(path: str) -> tuple[pl.DataFrame, list[Broken]]:
    content = open_content(Source(path, path))
    if content.format == "parquet":
        stored = open_parquet(0, content)
        return pl.concat([stored.read(block).frame for block in stored.blocks()]), []
    try:
        return _of_text(path, content, whole=False)
    except NotPlainError:
        return _of_text(path, content, whole=True)


def _of_text(path: str, content: Content, *, whole: bool) -> tuple[pl.DataFrame, list[Broken]]:
    table = open_text(0, content, None, True, whole=whole)
    parts = [table.read(block) for block in table.blocks()]
    broken = [one for part in parts for one in part.broken]
    if not any(part.frame.height for part in parts) and not broken:
        raise InputError(f"{path}: has a header but no records", hint="check the export that writes it")
    return pl.concat([part.frame for part in parts]), broken
