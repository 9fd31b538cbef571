"""The records that golden logs are made of, and their bytes: nothing here depends on a version of anything."""

import csv
import gzip
import io
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEADER = ("customer_id", "date", "amount", "order_id", "line", "product", "country")
FIRST = date(2023, 1, 2)
PRODUCTS = ("tea", "coffee", "cocoa, dark", "milk", "sugar")
COUNTRIES = ("DE", "FR", "GB")
Record = list[str]
Content = bytes | Callable[[], bytes]
"""Bytes, or what makes them: Parquet files are written by the Polars that is there."""


@dataclass(frozen=True)
class Golden:
    """One log with the command line that reads it. `files`: name and content; `data`: what stands for DATA.

    `large`: some tens of thousands of records, left out of the committed snapshot.
    """

    name: str
    files: Mapping[str, Content]
    args: tuple[str, ...] = ()
    data: tuple[str, ...] = ("log.csv",)
    stdin: str | None = None
    large: bool = False


def records(count: int = 700, customers: int = 150, seed: int = 15) -> list[Record]:
    """Clean lines: two years, 150 customers of whom some buy once, orders of one to three lines, no line twice."""
    draw = random.Random(seed).random
    found: list[Record] = []
    order = 0
    while len(found) < count:
        who, day = int(customers * draw() ** 1.6), FIRST + timedelta(days=int(700 * draw()))
        order += 1
        for line in range(1 + int(3 * draw() ** 2)):
            amount = f"{1 + int(9000 * draw() ** 3) / 100:.2f}"
            product, country = PRODUCTS[int(5 * draw())], COUNTRIES[who % 3]
            found.append([f"C{who:05d}", day.isoformat(), amount, f"O{order:05d}", str(line + 1), product, country])
    return found[:count]


def changed(column: int, change: Callable[[str, int], str], rows: Sequence[Record] | None = None) -> list[Record]:
    """The records with one column changed by a function of its text and its index."""
    found = [list(row) for row in (records() if rows is None else rows)]
    for index, row in enumerate(found):
        row[column] = change(row[column], index)
    return found


def text(
    rows: Iterable[Sequence[str]],
    header: Sequence[str] | None = HEADER,
    *,
    separator: str = ",",
    end: str = "\n",
    quoting: int = csv.QUOTE_MINIMAL,
) -> str:
    """CSV text as the csv module writes it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    if header is not None:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def log(rows: Iterable[Sequence[str]], header: Sequence[str] | None = HEADER) -> bytes:
    """The usual file of these records."""
    return text(rows, header).encode()


def among(*lines: str, rows: Sequence[Record] | None = None) -> bytes:
    """The clean log with further lines, as they are written here, in its middle (line 352 and after)."""
    body = text(records() if rows is None else rows).split("\n")
    return "\n".join([*body[:351], *lines, *body[351:]]).encode()


def packed(data: bytes) -> bytes:
    """gzip without a time."""
    return gzip.compress(data, mtime=0)
