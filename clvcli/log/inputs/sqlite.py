"""SQLite: `sqlite:///shop.db`, or a file. Its columns have no types that hold, so that values are read as text."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from clvcli.core.addresses import path_of, scheme_of
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened

if TYPE_CHECKING:
    import polars as pl

MAGIC = b"SQLite format 3\0"


class Sqlite:
    """Through Python's own driver; the file is opened for reading alone."""

    suffixes = ()
    schemes = ("sqlite",)

    def is_it(self, content: Content) -> bool:
        return content.head(16) == MAGIC

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.databases import read_database

        return read_database(file, content, options, "sqlite", lambda: _Session(content), _kind)


class _Session:
    quote = '"'

    def __init__(self, content: Content) -> None:
        import sqlite3
        from urllib.parse import quote

        self._copy: bytes | None = content.data
        if self._copy is not None:
            self._connection = sqlite3.connect(":memory:", check_same_thread=False)
            self._connection.deserialize(self._copy)
            self._connection.execute("pragma query_only = on")
            return
        path = content.source.path
        path = path_of(path) if scheme_of(path) == "sqlite" and "://" in path else path
        if not os.path.isfile(path):
            raise sqlite3.OperationalError("no such file")
        self._connection = sqlite3.connect(f"file:{quote(os.path.abspath(path))}?mode=ro", uri=True, timeout=30)
        self._connection.execute("pragma query_only = on")

    def names(self) -> list[str]:
        found = self._connection.execute(
            "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
        )
        return [name for (name,) in found]

    def batches(self, statement: str) -> "Iterator[pl.DataFrame]":
        import polars as pl

        from clvcli.log.databases import check_names
        from clvcli.log.spool import ROWS

        cursor = self._connection.execute(statement)
        names = check_names([column[0] for column in cursor.description or []])
        while rows := cursor.fetchmany(ROWS):
            yield pl.DataFrame([_texts(n, list(v)) for n, v in zip(names, zip(*rows, strict=True), strict=True)])

    def close(self) -> None:
        self._connection.close()


def _texts(name: str, values: list[Any]) -> "pl.Series":
    """Values of any types as text; 17850.0 as 17850, whatever its neighbours are."""
    import polars as pl

    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str} or kinds <= {int} or kinds <= {float}:
        found = pl.Series(name, values, dtype=None if kinds else pl.String).cast(pl.String)
        return found.str.replace(r"\.0$", "") if kinds == {float} else found
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode() if value.isascii() else "0x" + value.hex()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return None if value is None else str(value)


def _kind(problem: Exception) -> str | None:
    import sqlite3

    if not isinstance(problem, sqlite3.Error | sqlite3.Warning):
        return None
    text = str(problem)
    if "no such table" in text:
        return "missing"
    told = ("syntax error", "readonly", "no such", "incomplete", "not authorized", "one statement", "unrecognized")
    return "usage" if any(word in text for word in told) and "no such file" not in text else "gone"


INPUT = Sqlite()
