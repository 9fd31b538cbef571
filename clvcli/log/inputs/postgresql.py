"""PostgreSQL: `postgresql://user@host/shop`, through ADBC. Numbers and dates keep their type.

The password is best left to PGPASSWORD or ~/.pgpass, which the driver reads itself.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from clvcli.core.addresses import scheme_of
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened

if TYPE_CHECKING:
    import polars as pl

KEPT = frozenset((
    "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bpchar", "name", "bool", "date", "timestamp",
    "timestamptz",
))  # fmt: skip
"""Types that arrive as they are; any other as its text, money as a number."""
HEADER_OF_TYPMOD = 4
SYNTAX, READ_ONLY, MISSING = "42601", "25006", ("42P01", "3F000")


class Postgresql:
    """In a session that is read only."""

    suffixes = ()
    schemes = ("postgresql", "postgres", "redshift")

    def is_it(self, content: Content) -> bool:  # noqa: ARG002  # only an address is one
        return False

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.databases import missing_driver, read_database

        try:
            import adbc_driver_postgresql.dbapi  # noqa: F401
        except ImportError as problem:
            raise missing_driver("adbc-driver-postgresql", problem) from None
        return read_database(file, content, options, "postgresql", lambda: _Session(content.source.path), kind_of)


def connect(address: str) -> Any:
    """A connection of the driver."""
    import adbc_driver_postgresql.dbapi

    rest = address.split("://", 1)[1].split("#", maxsplit=1)[0]
    scheme = "postgresql" if scheme_of(address) == "redshift" else scheme_of(address)
    return adbc_driver_postgresql.dbapi.connect(f"{scheme}://{rest}")


class _Session:
    quote = '"'

    def __init__(self, address: str) -> None:
        self._connection = connect(address)
        with self._connection.cursor() as cursor:
            cursor.execute("set session characteristics as transaction read only")
            cursor.execute("set session timezone = 'UTC'")
        self._connection.commit()

    def names(self) -> list[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(
                "select table_schema::text, table_name::text from information_schema.tables "
                "where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2"
            )
            rows = cursor.fetchall()
        return [name if schema == "public" else f"{schema}.{name}" for schema, name in rows]

    def batches(self, statement: str) -> "Iterator[pl.DataFrame]":
        import polars as pl

        from clvcli.log.databases import check_names, quoted

        with self._connection.cursor() as cursor:
            fields = list(cursor.adbc_execute_schema(statement))
            names = check_names([field.name for field in fields])
            types = [_meta(field, "type") for field in fields]
            columns = [_column(quoted(n.replace(".", "\0"), '"').replace("\0", "."), kind)
                       for n, kind in zip(names, types, strict=True)]  # fmt: skip
            cursor.execute(f"select {', '.join(columns)} from (\n{statement}\n) as q")
            scales = {n: _scale(field) for n, field in zip(names, fields, strict=True)}
            decimals = [pl.col(n).cast(pl.Decimal(38, s), strict=False) for n, s in scales.items() if s is not None]
            for batch in cursor.fetch_record_batch():
                found = pl.from_arrow(batch)
                assert isinstance(found, pl.DataFrame)
                yield found.with_columns(decimals)

    def close(self) -> None:
        self._connection.close()


def _meta(field: Any, name: str) -> str:
    return str((field.metadata or {}).get(f"POSTGRESQL:{name}".encode(), b"").decode())


def _column(name: str, kind: str) -> str:
    if kind.strip("'") in KEPT:
        return name
    return f"{name}::numeric::text as {name}" if kind.strip("'") == "money" else f"{name}::text as {name}"


def _scale(field: Any) -> int | None:
    """Digits after the point of a number that declares them; None for any other column."""
    typmod = _meta(field, "typmod").strip("'")
    if _meta(field, "type").strip("'") != "numeric" or not typmod.isdigit() or int(typmod) < HEADER_OF_TYPMOD:
        return None
    scale = (int(typmod) - HEADER_OF_TYPMOD) & 0x7FF
    return scale if scale <= 38 else None


def kind_of(problem: Exception) -> str | None:
    """See databases.Kind."""
    import adbc_driver_manager

    if not isinstance(problem, adbc_driver_manager.Error):
        return "gone" if isinstance(problem, OSError) else None
    state = problem.sqlstate or ""
    if state in MISSING:
        return "missing"
    return "usage" if state[:2] in ("42", "22", "25", "0A") else "gone"


INPUT = Postgresql()
