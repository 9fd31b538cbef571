"""Online Retail by every door: is the scored table byte for byte that of the CSV?

`python tests/inputs/retail_doors.py LOG.csv.gz [RECORDS]` prints a row a door. The log is written as other programs
would hold it: numbers as numbers, moments as moments, a workbook with a sheet of each half as Online Retail II has it.
"""

import contextlib
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from inputs.postgres import Server, server

import clvcli

OPTIONS = {"amount": "Quantity * UnitPrice", "order_id": "InvoiceNo", "max_rejects": "100%"}
TABLE = {"table": "orders"}
HALF = datetime(2011, 7, 1)


class Found(NamedTuple):
    """A door: whether the table is that of the CSV; the cells that differ, of each column; whether the records are
    accounted for alike."""

    door: str
    same: bool
    cells: dict[str, int]
    rows: bool


def texts_of(path: Path, records: int | None) -> pl.DataFrame:
    """The log as its CSV has it; `records`: about so many of it, from all of its time."""
    frame = pl.read_csv(path, infer_schema=False)
    return frame if records is None else frame.gather_every(max(1, frame.height // records))


def typed(texts: pl.DataFrame) -> pl.DataFrame:
    """With the types that a database or a workbook has."""
    return texts.with_columns(
        pl.col("Quantity").cast(pl.Int64),
        pl.col("InvoiceDate").str.to_datetime("%Y-%m-%d %H:%M:%S"),
        pl.col("UnitPrice").cast(pl.Float64),
        pl.col("CustomerID").cast(pl.Int64),
    )


def two_sheets(frame: pl.DataFrame, path: Path) -> None:
    """Invoice numbers without a letter are numbers there, too."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    early = pl.col("InvoiceDate") < HALF
    for name, part in (("Year 2010-2011", frame.filter(early)), ("Year 2011", frame.filter(~early))):
        if part.height:
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, part.columns)
            for i, row in enumerate(part.iter_rows(), 1):
                invoice = int(row[0]) if row[0].isdigit() else row[0]
                sheet.write_row(i, 0, [invoice, *row[1:]])
    book.close()


def two_files(frame: pl.DataFrame, path: Path) -> None:
    """A zip of a CSV for each half."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2010.csv", frame.filter(pl.col("InvoiceDate") < HALF).write_csv())
        archive.writestr("2011.csv", frame.filter(pl.col("InvoiceDate") >= HALF).write_csv())


def of_sqlite(frame: pl.DataFrame, path: Path) -> None:
    """Moments as text, which is what SQLite has."""
    texts = frame.with_columns(pl.col("InvoiceDate").dt.to_string("%Y-%m-%d %H:%M:%S"))
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute(f"create table orders ({', '.join(frame.columns)})")
        made.executemany(f"insert into orders values ({', '.join('?' * frame.width)})", texts.iter_rows())


def of_duckdb(frame: pl.DataFrame, path: Path) -> None:
    """Its own types."""
    import duckdb

    with contextlib.closing(duckdb.connect(str(path))) as made:
        made.register("given", frame.to_arrow())
        made.execute("create table orders as select * from given")


def of_postgresql(frame: pl.DataFrame, running: Server) -> None:
    """Prices as numeric."""
    import adbc_driver_postgresql.dbapi as driver

    with contextlib.closing(driver.connect(running.address)) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("loaded", frame.to_arrow(), mode="create")
        cursor.execute(
            'create table orders as select "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", '
            '"UnitPrice"::numeric(12, 3), "CustomerID", "Country" from loaded'
        )
        connection.commit()


FILES: dict[str, tuple[str, Callable[[pl.DataFrame, Path], object], dict[str, str]]] = {
    "xlsx, two sheets": ("log.xlsx", two_sheets, {}),
    "zip of two CSV": ("log.zip", two_files, {}),
    "SQLite": ("log.db", of_sqlite, TABLE),
    "DuckDB": ("log.duckdb", of_duckdb, TABLE),
    "JSON lines": ("log.jsonl", lambda f, p: f.write_ndjson(p), {}),
    "Arrow IPC": ("log.arrow", lambda f, p: f.write_ipc(p), {}),
    "Parquet": ("log.parquet", lambda f, p: f.write_parquet(p), {}),
}
"""Door -> name of the file, what writes it, the options to read it."""


def doors(log: Path, folder: Path, records: int | None = None) -> Iterator[Found]:
    """Each door, as it is tried. PostgreSQL is left out where none can be started, pandas where it is missing."""
    texts = texts_of(log, records)
    texts.write_csv(folder / "log.csv")
    frame = typed(texts)
    expected = _scored(folder, folder / "log.csv")
    yield _compared("CSV", expected, expected)
    for name, (file, make, options) in FILES.items():
        make(frame, folder / file)
        yield _compared(name, _scored(folder, folder / file, **options), expected)
        (folder / file).unlink()
    with contextlib.suppress(pytest.skip.Exception), server() as running:
        of_postgresql(frame, running)
        query = {"query": "select * from orders"}
        yield _compared("PostgreSQL, a query", _scored(folder, running.address, **query), expected)
    with contextlib.suppress(ImportError):
        import pandas

        table = pandas.read_csv(folder / "log.csv", parse_dates=["InvoiceDate"], dtype={"InvoiceNo": str})
        yield _compared("pandas frame", _scored(folder, table), expected)


Scored = tuple[bytes, object]
"""The table, what became of the records."""


def _scored(folder: Path, data: Any, **options: str) -> Scored:
    output = folder / "out.csv"
    asked: dict[str, Any] = {**OPTIONS, **options, "output": str(output)}
    run = clvcli.score(data, **asked)
    return output.read_bytes(), run.manifest["rows"]


def _compared(door: str, found: Scored, expected: Scored) -> Found:
    same = found[0] == expected[0]
    cells = {} if same else _cells(found[0], expected[0])
    return Found(door, same, cells, found[1] == expected[1])


def _cells(found: bytes, expected: bytes) -> dict[str, int]:
    """Cells that differ, by column; the height where that differs."""
    one, other = (pl.read_csv(table, infer_schema=False) for table in (found, expected))
    if one.height != other.height or one.columns != other.columns:
        return {"rows": one.height, "rows of the CSV": other.height}
    differ = {name: int((one[name].ne_missing(other[name])).sum()) for name in one.columns}
    return {name: n for name, n in differ.items() if n}


def main() -> None:
    """Prints the table."""
    records = int(sys.argv[2]) if len(sys.argv) > 2 else None
    print("| door | the table of the CSV | records accounted for alike |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="clv-doors-") as folder:
        for found in doors(Path(sys.argv[1]), Path(folder), records):
            told = "byte for byte" if found.same else f"but for {found.cells}"
            print(f"| {found.door} | {told} | {'yes' if found.rows else 'NO'} |", flush=True)


if __name__ == "__main__":
    main()
