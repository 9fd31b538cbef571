"""Databases that connectorx knows: `mysql://...`, `mssql://...`, `oracle://...`, ..."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from clvcli.core.addresses import scheme_of
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened

if TYPE_CHECKING:
    import polars as pl

BACKTICKS = ("mysql", "mariadb", "clickhouse", "bigquery")
MYSQL = ("mysql", "mariadb")
READ_ONLY = ["set session transaction read only", "set session time_zone = '+00:00'"]
"""What a session of MySQL begins with. Others have no session that could be made read only."""
TOLD = re.compile(r"(?:timed out waiting for connection: )?\w+Error \{ (?:ERROR (\d+) \((\w+)\): )?(.*) \}", re.DOTALL)
"""An error as connectorx wraps it: its number and SQLSTATE, what the server said."""
MISSING, USAGE = ("42S02",), ("42S22", "25006", "21000", "42000")
NOT_ALLOWED = ("1044", "1142", "1143", "1227")
"""Numbers of 42000 that are no fault of the statement."""


class Connectorx:
    """A statement is run only where its grammar says that it reads."""

    suffixes = ()
    schemes = ("mysql", "mariadb", "mssql", "oracle", "trino", "clickhouse", "bigquery")

    def is_it(self, content: Content) -> bool:  # noqa: ARG002  # only an address is one
        return False

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.databases import missing_driver, read_database

        try:
            import connectorx  # noqa: F401
            import pyarrow  # noqa: F401
        except ImportError as problem:
            raise missing_driver("connectorx", problem) from None
        return read_database(file, content, options, scheme_of(content.source.path),
                             lambda: _Session(content.source.path), _kind)  # fmt: skip


class _Session:
    def __init__(self, address: str) -> None:
        self._scheme = scheme_of(address)
        self._address = address.split("#", maxsplit=1)[0].replace("mariadb://", "mysql://", 1)
        self._own = unquote(urlsplit(self._address).path.lstrip("/"))
        self.quote = "`" if self._scheme in BACKTICKS else '"'

    def names(self) -> list[str]:
        rows = list(self._rows(
            "select table_schema as s, table_name as t from information_schema.tables "
            "where table_schema not in ('mysql', 'sys', 'performance_schema', 'information_schema') order by 1, 2"
        ))  # fmt: skip
        own = self._own if self._scheme in MYSQL else None
        return [t if s == own else f"{s}.{t}" for frame in rows for s, t in frame.iter_rows()]

    def batches(self, statement: str) -> "Iterator[pl.DataFrame]":
        check_reads(statement, "mysql" if self._scheme == "mariadb" else self._scheme)
        return self._rows(statement)

    def _rows(self, statement: str) -> "Iterator[pl.DataFrame]":
        import connectorx
        import polars as pl

        from clvcli.log.spool import ROWS

        first = READ_ONLY if self._scheme in MYSQL else None
        with _unwrapped():
            for batch in connectorx.read_sql(
                self._address, statement, return_type="arrow_stream", batch_size=ROWS, pre_execution_query=first
            ):
                found = pl.from_arrow(batch)
                assert isinstance(found, pl.DataFrame)
                yield found

    def close(self) -> None:
        """Nothing is held open."""


def check_reads(statement: str, scheme: str) -> None:
    """Raises UsageError for what may write."""
    import sqlglot
    from sqlglot import exp

    dialect = {"mssql": "tsql"}.get(scheme, scheme)
    try:
        found = sqlglot.parse(statement, dialect=dialect)
    except sqlglot.errors.SqlglotError as problem:
        reason = str(problem).splitlines()[0][:120]
        raise UsageError(
            marked("--query: cannot be shown to read alone ({reason})", reason=reason), hint="a plain select"
        ) from None
    writes = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Drop, exp.Alter)
    if len(found) != 1 or not isinstance(found[0], exp.Query) or any(
        isinstance(node, writes) and not isinstance(node, exp.Query) for node in found[0].walk()
    ):  # fmt: skip
        raise UsageError("--query: only one statement that reads is run", hint="--query 'select ...'")


class _ServerError(RuntimeError):
    """What a server said, and its SQLSTATE."""

    def __init__(self, text: str, number: str, state: str) -> None:
        super().__init__(text)
        self.number, self.state = number, state


@contextmanager
def _unwrapped() -> Iterator[None]:
    """A failure between two batches is a panic of connectorx, which is no Exception."""
    try:
        yield
    except BaseException as problem:
        if not isinstance(problem, RuntimeError) and type(problem).__name__ != "PanicException":
            raise
        text = str(problem).strip()
        found = TOLD.search(text)
        told = (found[3], found[1] or "", found[2] or "") if found else (text.splitlines()[0], "", "")
        raise _ServerError(*told) from None


def _kind(problem: Exception) -> str | None:
    state = problem.state if isinstance(problem, _ServerError) and problem.number not in NOT_ALLOWED else ""
    if state in MISSING:
        return "missing"
    if state in USAGE:
        return "usage"
    return "gone" if isinstance(problem, _ServerError | OSError) else None


INPUT = Connectorx()
