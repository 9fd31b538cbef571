"""Each format of `make bench` against its reader alone: what `clv check` costs beside reading the same file or table,
and the peak memory of scoring it. As a script, `KIND LOG.csv TARGET`, it writes a log so: a process that starts another
must be small, for the peak of that one begins with its own."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import polars as pl
import pytest
from measure import Cost, clv, cost_of, in_turn
from shapes import CLEAN, drawn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from inputs import mysql, postgres

LARGEST_SHEET = 100_000
TABLE = ("--table", "orders")


def _sqlite(frame: pl.DataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as made, made:
        made.execute(f"create table orders ({', '.join(frame.columns)})")
        made.executemany(f"insert into orders values ({', '.join('?' * frame.width)})", frame.iter_rows())


def _duckdb(frame: pl.DataFrame, path: Path) -> None:
    import duckdb

    path.unlink(missing_ok=True)
    with closing(duckdb.connect(str(path))) as made:
        made.register("given", frame.to_arrow())
        made.execute("create table orders as select * from given")


DOORS: dict[str, tuple[Callable[[pl.DataFrame, Path], object], str]] = {
    "csv": (lambda f, p: f.write_csv(p), "import polars; polars.read_csv(path)"),
    "parquet": (lambda f, p: f.write_parquet(p), "import polars; polars.read_parquet(path)"),
    "arrow": (lambda f, p: f.write_ipc(p), "import polars; polars.read_ipc(path)"),
    "jsonl": (lambda f, p: f.write_ndjson(p), "import polars; polars.read_ndjson(path)"),
    "xlsx": (
        lambda f, p: f.head(LARGEST_SHEET).write_excel(p),
        "import fastexcel; fastexcel.read_excel(path).load_sheet(0, schema_sample_rows=None).to_polars()",
    ),
    "sqlite": (
        _sqlite,
        "import polars, sqlite3; polars.read_database('select * from orders', sqlite3.connect(path))",
    ),
    "duckdb": (_duckdb, "import duckdb; duckdb.connect(path, read_only=True).sql('from orders').to_arrow_table()"),
}
"""Suffix -> what writes a frame so, and what reads it alone."""


ADBC = """
import adbc_driver_postgresql.dbapi as driver
with driver.connect(path) as connection, connection.cursor() as cursor:
    cursor.execute('select * from orders')
    cursor.fetch_arrow_table()
"""
CONNECTORX = """
import connectorx
for batch in connectorx.read_sql(path, 'select * from orders', return_type='arrow_stream', batch_size=100_000):
    pass
"""


def _postgresql(frame: pl.DataFrame, address: str) -> None:
    import adbc_driver_postgresql.dbapi as driver

    with closing(driver.connect(address)) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("orders", frame.to_arrow(), mode="create")
        connection.commit()


@contextmanager
def _in_postgresql(log: Path) -> Iterator[str]:
    with postgres.server() as running:
        cost_of([sys.executable, __file__, "postgresql", str(log), running.address])
        yield running.address


@contextmanager
def _in_mysql(log: Path) -> Iterator[str]:
    names = log.open().readline().strip().split(",")
    columns = ", ".join(f"{name} {'double' if name == 'amount' else 'text'}" for name in names)
    load = f"load data infile '{log}' into table orders fields terminated by ',' ignore 1 lines"
    with mysql.server(f"create table orders ({columns})", load) as running:
        yield running.address


SERVERS = {"postgresql, ADBC": (_in_postgresql, ADBC), "mysql, connectorx": (_in_mysql, CONNECTORX)}
"""Door -> what starts a server with the log in it, and what reads it alone."""


def inputs(folder: Path, sizes: tuple[int, ...], rounds: int) -> Iterator[tuple[str, ...]]:
    """A row a format and size; databases where a server is installed."""
    yield ("format", "CPU / reader alone", "memory / reader alone", "CPU s", "memory, MB")
    for size in sizes:
        for name, address, reader in _doors(folder, size, tuple(DOORS)):
            table = TABLE if "://" in address else ()
            alone = [sys.executable, "-c", f"import sys; path = sys.argv[1]\n{reader}", address]
            cost = in_turn({"clv": clv("check", address, *table, "-q"), "alone": alone}, rounds)
            ours, theirs = cost["clv"], cost["alone"]
            yield (
                f"{min(size, LARGEST_SHEET) if name == 'xlsx' else size:,} rows, {name}",
                f"{ours.cpu / theirs.cpu:.2f}", f"{ours.memory / theirs.memory:.2f}", f"{ours.cpu:.2f}",
                f"{ours.memory:.0f}",
            )  # fmt: skip


def memory(folder: Path, sizes: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
    """Of scoring the log from lines of JSON and from databases, beside that of the same log as CSV."""
    yield ("log", "memory / CSV", "memory, MB", "CPU / CSV", "CPU s")
    for size in sizes:
        csv: Cost | None = None
        for name, address, _ in _doors(folder, size, ("csv", "jsonl", "sqlite", "duckdb")):
            table, out = TABLE if "://" in address else (), str(folder / "memory.parquet")
            cost = cost_of(clv("score", address, *table, "-q", "-o", out))
            csv = csv or cost
            yield (
                f"{size:,} rows, {name}", f"{cost.memory / csv.memory:.2f}", f"{cost.memory:.0f}",
                f"{cost.cpu / csv.cpu:.2f}", f"{cost.cpu:.1f}",
            )  # fmt: skip


def _doors(folder: Path, size: int, files: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """(name, path or address, its reader); a file goes when the next is made."""
    log = drawn(folder, size, CLEAN.ids)
    for suffix in files:
        path = folder / f"door-{size}.{suffix}"
        cost_of([sys.executable, __file__, suffix, str(log), str(path)])
        yield suffix, str(path), DOORS[suffix][1]
        path.unlink()
    for name, (start, reader) in SERVERS.items():
        with suppress(pytest.skip.Exception), ExitStack() as stack:
            yield name, stack.enter_context(start(log)), reader


def main() -> None:
    """Writes the log of a CSV in another format."""
    kind, log, target = sys.argv[1:]
    frame = pl.read_csv(log, infer_schema_length=None)
    if kind == "postgresql":
        _postgresql(frame, target)
    else:
        DOORS[kind][0](frame, Path(target))


if __name__ == "__main__":
    main()
