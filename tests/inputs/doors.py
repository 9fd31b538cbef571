"""One log in every shape, and the command that reads it."""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import xlsxwriter

NOTES = ("plain", "with, comma", 'with "quotes"', None, "Größe", "two\nlines")


@cache
def log() -> pl.DataFrame:
    """Text ids with zeros in front, times, amounts of two digits, some of them negative, texts with gaps."""
    draw = random.Random(7)
    rows = [
        (
            f"{draw.randrange(300):04d}",
            f"2023-{draw.randrange(1, 13):02d}-{draw.randrange(1, 28):02d} {draw.randrange(24):02d}:30:00",
            draw.randrange(1, 9999) / 100 * draw.choice((1, 1, 1, -1)),
            draw.choice(NOTES),
            draw.randrange(5),
        )
        for _ in range(1500)
    ]
    names = ["customer_id", "date", "amount", "note", "quantity"]
    return pl.DataFrame(rows, schema=names, orient="row")


def typed() -> pl.DataFrame:
    """The same with real dates."""
    return log().with_columns(pl.col("date").str.to_datetime())


def csv_of(frame: pl.DataFrame) -> bytes:
    return frame.write_csv().encode()


def workbook(path: Path, *, titles: bool = False, sheets: int = 2, old_dates: bool = False) -> None:
    """`sheets` sheets that share the log, and one with a note. `titles`: merged rows above the header."""
    book = xlsxwriter.Workbook(str(path), {"date_1904": old_dates})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    size = -(-log().height // sheets)
    for n in range(sheets):
        sheet = book.add_worksheet(f"Year {n + 1}")
        top = 0
        if titles:
            sheet.merge_range(1, 0, 1, 4, "All our sales")
            sheet.write(2, 0, "exported by hand")
            top = 4
        sheet.write_row(top, 0, log().columns)
        for i, row in enumerate(typed().slice(n * size, size).iter_rows()):
            for j, value in enumerate(row):
                if j == 1:
                    sheet.write_datetime(top + 1 + i, j, value, when)
                elif j == 0 or isinstance(value, str):
                    sheet.write_string(top + 1 + i, j, value)
                elif value is not None:
                    sheet.write_number(top + 1 + i, j, value)
    notes = book.add_worksheet("Notes")
    notes.write_row(0, 0, ["written", "by"])
    notes.write_row(1, 0, ["by hand", "Ann"])
    book.close()


def _excel(path: Path) -> None:
    workbook(path)


def _titled(path: Path) -> None:
    workbook(path, titles=True)


def _old_dates(path: Path) -> None:
    workbook(path, old_dates=True)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2023/b.csv", csv_of(log().tail(500)))
        archive.writestr("2023/a.csv", csv_of(log().head(1000)))
        archive.writestr("__MACOSX/2023/._a.csv", b"\0\0")


def _tar(path: Path) -> None:
    path.write_bytes(tar_of({"./log.csv": csv_of(log())}))


def tar_of(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def _jsonl(path: Path) -> None:
    log().write_ndjson(path)


def _nested(path: Path) -> None:
    """Not every record has every value; the note and the quantity are in an object of their own."""
    records = [
        {"customer_id": c, "date": d, "amount": a, "item": {k: v for k, v in (("note", n), ("quantity", q)) if v}}
        for c, d, a, n, q in log().iter_rows()
    ]
    path.write_text("\n".join(json.dumps(r) for r in records))


def _array(path: Path) -> None:
    path.write_text(json.dumps(log().to_dicts(), indent=2, ensure_ascii=False), encoding="utf-8")


def _named_array(path: Path) -> None:
    path.write_text(json.dumps({"orders": log().to_dicts()}))


def _utf16(path: Path) -> None:
    path.write_text(json.dumps(log().to_dicts(), ensure_ascii=False), encoding="utf-16")


def _arrow_stream(path: Path) -> None:
    with path.open("wb") as stream:
        typed().write_ipc_stream(stream)


MAKERS: dict[str, Callable[[Path], object]] = {
    "log.parquet": lambda p: typed().write_parquet(p),
    "log.arrow": lambda p: typed().write_ipc(p),
    "log.feather": lambda p: typed().write_ipc(p, compression="lz4"),
    "stream.arrow": _arrow_stream,
    "log.xlsx": _excel,
    "titled.xlsx": _titled,
    "dates-1904.xlsx": _old_dates,
    "log.jsonl": _jsonl,
    "nested.jsonl": _nested,
    "array.json": _array,
    "named.json": _named_array,
    "utf16.json": _utf16,
    "log.zip": _zip,
    "log.tar": _tar,
    "log.csv.bz2": lambda p: p.write_bytes(bz2.compress(csv_of(log()))),
    "log.csv.xz": lambda p: p.write_bytes(lzma.compress(csv_of(log()))),
    "log.jsonl.gz": lambda p: p.write_bytes(gzip.compress(log().write_ndjson().encode())),
    "log.tar.gz": lambda p: p.write_bytes(gzip.compress(tar_of({"a.csv": csv_of(log())}))),
    "log.tar.xz": lambda p: p.write_bytes(lzma.compress(tar_of({"a.csv": csv_of(log())}))),
}
"""Name of a file -> what writes the log into it."""


def clv(*arguments: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "clvcli", *arguments],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
