"""DuckDB: `duckdb:///shop.duckdb`, or a file. Its types are kept."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from clvcli.core.addresses import path_of
from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened

if TYPE_CHECKING:
    import polars as pl

MAGIC = b"DUCK"


class Duckdb:
    """Opened for reading alone, and without access to other files."""

    suffixes = ()
    schemes = ("duckdb",)

    def is_it(self, content: Content) -> bool:
        return content.head(12)[8:] == MAGIC

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.databases import missing_driver, read_database

        try:
            import duckdb  # noqa: F401
            import pyarrow  # noqa: F401
        except ImportError as problem:
            raise missing_driver("duckdb", problem) from None
        if content.data is not None:
            raise InputError(
                marked("{place}: a database is read from a plain file", place=content.source.name),
                hint="unpack it first",
            )
        return read_database(file, content, options, "duckdb", lambda: _Session(content), _kind)


class _Session:
    quote = '"'

    def __init__(self, content: Content) -> None:
        import duckdb

        path = content.source.path
        path = path_of(path) if path.startswith("duckdb:") else path
        if not os.path.isfile(path):
            raise duckdb.IOException("no such file")
        self._connection = duckdb.connect(path, read_only=True, config={"enable_external_access": "false"})
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute("set lock_configuration = true")

    def names(self) -> list[str]:
        rows = self._connection.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        return [name if schema == "main" else f"{schema}.{name}" for schema, name in rows]

    def batches(self, statement: str) -> "Iterator[pl.DataFrame]":
        import polars as pl

        from clvcli.log.databases import check_names
        from clvcli.log.spool import ROWS

        relation = self._connection.sql(statement)
        check_names([] if relation is None else list(relation.columns))
        for batch in relation.to_arrow_reader(ROWS):
            found = pl.from_arrow(batch)
            assert isinstance(found, pl.DataFrame)
            yield found

    def close(self) -> None:
        self._connection.close()


def _kind(problem: Exception) -> str | None:
    import duckdb

    if isinstance(problem, duckdb.CatalogException):
        return "missing"
    if isinstance(problem, duckdb.ParserException | duckdb.BinderException | duckdb.InvalidInputException):
        return "usage"
    if isinstance(problem, duckdb.PermissionException):
        return "usage"
    return "gone" if isinstance(problem, duckdb.Error | OSError) else None


INPUT = Duckdb()
