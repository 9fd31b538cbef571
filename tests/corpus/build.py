"""What corpus files are made of: a clean log of 200 lines, and the outcome that a case expects."""

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

HEADER = ("customer_id", "date", "amount")
Rows = list[list[str]]


@dataclass(frozen=True)
class Case:
    """One input and what must become of it.

    `refused` is a regular expression of the message (then `exit` is 2 or 3), or empty. `warnings` are all codes that
    the reader gives, `hint` a part of the hint of a refusal. `used` and so on are the counts of the accounting.
    """

    name: str
    content: bytes | Mapping[str, bytes]
    args: Mapping[str, object] = field(default_factory=dict)
    file: str = "orders.csv"
    exit: int = 0
    refused: str = ""
    hint: str = ""
    read: int = 200
    used: int | None = None
    customers: int | None = 40
    duplicates: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    warnings: frozenset[str] = frozenset()
    lines: tuple[int, ...] | None = None
    total: int | None = None

    @property
    def files(self) -> Mapping[str, bytes]:
        return {self.file: self.content} if isinstance(self.content, bytes) else self.content


def ok(name: str, content: bytes | Mapping[str, bytes], *warnings: str, **more: object) -> Case:
    """A case that is read; what is not said to be rejected or excluded is used."""
    case = Case(name, content, warnings=frozenset(warnings), **more)  # type: ignore[arg-type]
    gone = case.duplicates + sum(case.rejected.values()) + sum(case.excluded.values())
    return Case(**{**case.__dict__, "used": case.read - gone if case.used is None else case.used})


def refused(name: str, content: bytes | Mapping[str, bytes], message: str, hint: str = "", **more: object) -> Case:
    """A case that ends with status 3 (or `exit`), one line and a hint."""
    return Case(name, content, **{"exit": 3, "refused": message, "hint": hint, **more})  # type: ignore[arg-type]


def base(count: int = 200, form: str = "%Y-%m-%d") -> Rows:
    """Clean lines: 40 customers, 5 purchases each, 2024, amounts 11.05 to 211.95. Nothing to warn of."""
    first = date(2024, 1, 3)
    return [
        [
            f"C{i % 40 + 1:03d}",
            (first + timedelta(days=(i * 7) % 360)).strftime(form),
            f"{11.05 + (i * 37) % 200 + i % 7 / 10:.2f}",
        ]
        for i in range(count)
    ]


def text(
    rows: Iterable[Sequence[str]],
    sep: str = ",",
    header: Sequence[str] | None = HEADER,
    end: str = "\n",
    quote: str = "min",
) -> str:
    """CSV text as the csv module writes it."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=sep, lineterminator=end, quoting=csv.QUOTE_ALL if quote == "all" else csv.QUOTE_MINIMAL
    )
    if header is not None:
        writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def file(rows: Iterable[Sequence[str]], **how: object) -> bytes:
    """The same in UTF-8."""
    return text(rows, **how).encode()  # type: ignore[arg-type]


def with_rows(*more: Sequence[str], **how: object) -> bytes:
    """The clean log and further lines at its end (lines 202, 203, ...)."""
    return file([*base(), *more], **how)


def swapped(column: int, change: object, rows: Rows | None = None) -> Rows:
    """The clean lines with one column changed by a function of its text and its index."""
    assert callable(change)
    found = [list(row) for row in rows or base()]
    for i, row in enumerate(found):
        row[column] = change(row[column], i)
    return found


def gz(data: bytes) -> bytes:
    """Packed without a time stamp."""
    return gzip.compress(data, mtime=0)
