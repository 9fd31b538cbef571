"""A table of a database as an output: `sqlite:///shop.db#scored`, `postgresql://host/shop#marketing.scored`.

It is there whole or not at all: one transaction. What was there before stays as it is when anything fails.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import Any, Protocol

import polars as pl

from clvcli.core.addresses import check_password, masked, path_of, scheme_of, table_of, without_secrets
from clvcli.core.errors import InputError, OutputError, UsageError
from clvcli.core.language import marked
from clvcli.output.formats.base import with_texts

IF_EXISTS = ("fail", "replace", "append")
SQLITE_TYPES = {"Boolean": "integer", "Float64": "real", "Float32": "real"}
HINT = marked("--if-exists replace or append, or another table")


class Session(Protocol):
    """An open connection in a transaction."""

    def columns(self, table: str) -> list[str] | None:
        """Of a table that is there; None where there is none."""

    def put(self, frame: pl.DataFrame, table: str, *, create: bool, drop: bool) -> None:
        """Writes every row within the transaction."""

    def read(self, table: str) -> pl.DataFrame: ...

    def commit(self) -> None: ...

    def close(self) -> None:
        """Rolls back what was not committed."""


def check_address(address: str) -> None:
    """Raises UsageError for an address that names no table, or that nothing is written to."""
    check_password(address)
    if scheme_of(address) not in SESSIONS:
        shown = ", ".join(sorted(SESSIONS))
        raise UsageError(
            marked("{place}: nothing is written to such a database", place=masked(address)),
            marked("{shown}; or -f parquet", shown=shown),
        )
    if not table_of(address):
        raise UsageError(marked("{place}: names no table", place=masked(address)), f"-o '{masked(address)}#scored'")


def check_target(address: str, if_exists: str) -> None:
    """Raises OutputError where the table cannot be written: before the work, so that none of it is lost."""
    with _session(address) as session:
        if if_exists == "fail" and session.columns(table_of(address)) is not None:
            raise OutputError(marked("{place}: the table already exists", place=masked(address)), HINT)


def write_table(frame: pl.DataFrame, address: str, if_exists: str) -> None:
    """Writes the rows in one transaction. Raises OutputError; then the database is as it was."""
    frame, table = with_texts(frame), table_of(address)
    with _session(address) as session:
        there = session.columns(table)
        if there is not None and if_exists == "fail":
            raise OutputError(marked("{place}: the table already exists", place=masked(address)), HINT)
        if there is not None and if_exists == "append" and there != frame.columns:
            other = next((n for n in frame.columns if n not in there), None) or there[0]
            raise OutputError(
                marked("{place}: its columns are not those of this run ({other})", place=masked(address), other=other),
                HINT,
            )
        create = there is None or if_exists == "replace"
        session.put(frame, table, create=create, drop=there is not None and create)
        session.commit()


def read_table(address: str) -> pl.DataFrame:
    """Every row of the table that an address names. Raises InputError."""
    try:
        check_address(address)
        with _session(address) as session:
            if session.columns(table_of(address)) is None:
                raise InputError(
                    marked("{place}: no such table", place=masked(address)), "name a table that clv score wrote"
                )
            return session.read(table_of(address))
    except OutputError as problem:
        raise InputError(problem.message.replace("cannot be written", "cannot be read"), problem.hint) from None


@contextlib.contextmanager
def _session(address: str) -> Iterator[Session]:
    """What a driver raises becomes an OutputError."""
    check_password(address)
    try:
        session = SESSIONS[scheme_of(address)](address)
        try:
            yield session
        finally:
            with contextlib.suppress(Exception):
                session.close()
    except (OutputError, InputError):
        raise
    except ImportError as problem:
        raise OutputError(
            marked("this database needs a driver ({problem})", problem=problem), "pip install 'clvcli[databases]'"
        ) from None
    except Exception as problem:
        if not _is_of_a_driver(problem):
            raise
        reason = without_secrets(str(problem), address)[:300]
        raise OutputError(
            marked("{place}: cannot be written: {reason}", place=masked(address), reason=reason), "clv help databases"
        ) from None


def _is_of_a_driver(problem: Exception) -> bool:
    names = {kind.__module__.split(".")[0] for kind in type(problem).__mro__}
    return bool(names & {"sqlite3", "_duckdb", "duckdb", "adbc_driver_manager"}) or isinstance(problem, OSError)


def quoted(table: str) -> str:
    """`schema.table` as SQL needs it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


class Sqlite:
    """Through Python's own driver; dates are ISO texts, booleans 0 and 1."""

    def __init__(self, address: str) -> None:
        import sqlite3

        path = path_of(address)
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise OutputError(
                marked("{place}: the folder {folder} does not exist", place=masked(address), folder=folder),
                f"mkdir -p {folder}",
            )
        self._new = None if os.path.exists(path) else path
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._connection.execute("begin immediate")

    def columns(self, table: str) -> list[str] | None:
        rows = self._connection.execute(f"pragma table_info({quoted(table)})").fetchall()
        return [row[1] for row in rows] or None

    def put(self, frame: pl.DataFrame, table: str, *, create: bool, drop: bool) -> None:
        if drop:
            self._connection.execute(f"drop table {quoted(table)}")
        if create:
            kinds = [_sqlite_type(kind) for kind in frame.dtypes]
            columns = ", ".join(f"{quoted_name(n)} {k}" for n, k in zip(frame.columns, kinds, strict=True))
            self._connection.execute(f"create table {quoted(table)} ({columns})")
        plain = frame.with_columns(pl.selectors.temporal().cast(pl.String), pl.selectors.boolean().cast(pl.Int64))
        marks = ", ".join("?" * frame.width)
        self._connection.executemany(f"insert into {quoted(table)} values ({marks})", plain.iter_rows())

    def read(self, table: str) -> pl.DataFrame:
        cursor = self._connection.execute(f"select * from {quoted(table)}")
        names = [column[0] for column in cursor.description]
        columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
        return pl.DataFrame([pl.Series(n, list(v), strict=False) for n, v in zip(names, columns, strict=True)])

    def commit(self) -> None:
        self._connection.execute("commit")
        self._new = None

    def close(self) -> None:
        self._connection.close()
        if self._new is not None and os.path.exists(self._new) and not os.path.getsize(self._new):
            os.unlink(self._new)


def quoted_name(name: str) -> str:
    """A name that may hold a point."""
    return '"' + name.replace('"', '""') + '"'


def _sqlite_type(kind: pl.DataType) -> str:
    return "integer" if kind.is_integer() else SQLITE_TYPES.get(str(kind), "text")


class Duckdb:
    """Types are kept."""

    def __init__(self, address: str) -> None:
        import duckdb

        path = path_of(address)
        self._new = None if os.path.exists(path) else path
        self._connection = duckdb.connect(path)
        self._connection.execute("begin")

    def columns(self, table: str) -> list[str] | None:
        schema, _, name = ("." + table).rpartition(".")
        rows = self._connection.execute(
            "select column_name from information_schema.columns where table_schema = ? and table_name = ? "
            "order by ordinal_position", [schema.strip(".") or "main", name]
        ).fetchall()  # fmt: skip
        return [name for (name,) in rows] or None

    def put(self, frame: pl.DataFrame, table: str, *, create: bool, drop: bool) -> None:
        if drop:
            self._connection.execute(f"drop table {quoted(table)}")
        self._connection.register("clv_rows", frame.to_arrow())
        verb = f"create table {quoted(table)} as" if create else f"insert into {quoted(table)}"
        self._connection.execute(f"{verb} select * from clv_rows")

    def read(self, table: str) -> pl.DataFrame:
        found = pl.from_arrow(self._connection.sql(f"select * from {quoted(table)}").to_arrow_table())
        assert isinstance(found, pl.DataFrame)
        return found

    def commit(self) -> None:
        self._connection.execute("commit")
        self._new = None

    def close(self) -> None:
        self._connection.close()
        if self._new is not None and os.path.exists(self._new):
            os.unlink(self._new)


class Postgresql:
    """Through ADBC, which sends the rows as COPY does."""

    def __init__(self, address: str) -> None:
        import adbc_driver_postgresql.dbapi

        self._connection: Any = adbc_driver_postgresql.dbapi.connect(address.split("#", maxsplit=1)[0])

    def columns(self, table: str) -> list[str] | None:
        schema, _, name = ("." + table).rpartition(".")
        with self._connection.cursor() as cursor:
            cursor.execute(
                "select column_name::text from information_schema.columns where table_schema = $1 and table_name = $2 "
                "order by ordinal_position", (schema.strip(".") or "public", name)
            )  # fmt: skip
            return [found for (found,) in cursor.fetchall()] or None

    def put(self, frame: pl.DataFrame, table: str, *, create: bool, drop: bool) -> None:
        schema, _, name = ("." + table).rpartition(".")
        with self._connection.cursor() as cursor:
            if drop:
                cursor.execute(f"drop table {quoted(table)}")
            cursor.adbc_ingest(
                name, frame.to_arrow(), mode="create" if create else "append",
                db_schema_name=schema.strip(".") or None,
            )  # fmt: skip

    def read(self, table: str) -> pl.DataFrame:
        with self._connection.cursor() as cursor:
            cursor.execute(f"select * from {quoted(table)}")
            found = pl.from_arrow(cursor.fetch_arrow_table())
        assert isinstance(found, pl.DataFrame)
        return found

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        self._connection.rollback()
        self._connection.close()


SESSIONS: dict[str, Any] = {"sqlite": Sqlite, "duckdb": Duckdb, "postgresql": Postgresql, "postgres": Postgresql}
