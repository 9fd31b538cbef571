"""Each format of `make bench` against its reader alone: what `clv check` costs beside reading the same file."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
from measure import clv, in_turn
from shapes import CLEAN

LARGEST_SHEET = 100_000


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


def inputs(folder: Path, sizes: tuple[int, ...], rounds: int) -> Iterator[tuple[str, ...]]:
    """A row a format and size."""
    yield ("format", "CPU / reader alone", "memory / reader alone", "CPU s", "memory, MB")
    for size in sizes:
        frame = pl.read_csv(CLEAN.at(folder, size), infer_schema_length=None)
        for suffix, (make, reader) in DOORS.items():
            path = folder / f"door-{size}.{suffix}"
            make(frame, path)
            alone = [sys.executable, "-c", f"import sys; path = sys.argv[1]; {reader}", str(path)]
            cost = in_turn({"clv": clv("check", str(path), "-q"), "alone": alone}, rounds)
            ours, theirs = cost["clv"], cost["alone"]
            yield (
                f"{min(size, LARGEST_SHEET) if suffix == 'xlsx' else size:,} rows, {suffix}",
                f"{ours.cpu / theirs.cpu:.2f}", f"{ours.memory / theirs.memory:.2f}", f"{ours.cpu:.2f}",
                f"{ours.memory:.0f}",
            )  # fmt: skip
