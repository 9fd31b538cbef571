"""Draws the logs that shapes.py names: `python tests/bench/drawing.py NAME CLEAN PATH`, a process of its own.

What is measured is started by a small process: a child's peak memory begins with that of its parent.
"""

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
from measure import clv, cost_of
from shapes import RETAIL

Make = Callable[[Path, Path], None]
"""Makes the log at the second path of the clean one at the first."""


def _line(text: str) -> Make:
    """The clean log and one line more, in its middle."""

    def make(clean: Path, path: Path) -> None:
        data = clean.read_bytes()
        at = data.index(b"\n", len(data) // 2) + 1
        path.write_bytes(data[:at] + text.encode() + b"\n" + data[at:])

    return make


def _bytes(change: Callable[[bytes], bytes]) -> Make:
    def make(clean: Path, path: Path) -> None:
        path.write_bytes(change(clean.read_bytes()))

    return make


def _columns(separator: str = ",", /, **made: pl.Expr) -> Make:
    """The clean log with columns replaced or added, as text."""

    def make(clean: Path, path: Path) -> None:
        frame = pl.read_csv(clean, infer_schema=False).with_row_index("_row")
        frame.with_columns(**made).drop("_row").write_csv(path, separator=separator)

    return make


def _folder(clean: Path, path: Path) -> None:
    frame = pl.read_csv(clean, infer_schema=False)
    path.mkdir()
    size = -(-frame.height // 100)
    for i in range(100):
        frame.slice(i * size, size).write_csv(path / f"{i:03d}.csv")


def _refunded(clean: Path, path: Path) -> None:
    frame = pl.read_parquet(clean)
    pl.concat([frame, frame.slice(frame.height // 2, 1).with_columns(amount=-pl.col("amount") * 3)]).write_parquet(path)


def _dirty(clean: Path, path: Path) -> None:
    rows = clean.stem.rsplit("-", 1)[1]
    cost_of(clv("simulate", "--rows", rows, "--dirt", "0.02", "-q", "-o", str(path)))


def _retail(clean: Path, path: Path) -> None:
    """As many whole copies of Online Retail as there are half a million rows in `clean`; each with its own ids."""
    times = max(1, int(clean.stem.rsplit("-", 1)[1]) // 500_000)
    frame = pl.read_csv(RETAIL, infer_schema=False)
    with path.open("wb") as stream:
        for i in range(times):
            copy = frame.with_columns(
                InvoiceNo=pl.col("InvoiceNo") + f"-{i}", CustomerID=pl.col("CustomerID") + f"{i:02d}"
            )
            copy.write_csv(stream, include_header=i == 0)


_ROW, _AMOUNT, _DATE = pl.col("_row"), pl.col("amount"), pl.col("date")
_DMY = _DATE.str.slice(8, 2) + "/" + _DATE.str.slice(5, 2) + "/" + _DATE.str.slice(0, 4)
_FIRST = _ROW - _ROW % 2
_ORDERS = _columns(
    order_id="O" + (_ROW // 2).cast(pl.String), line=(_ROW % 2 + 1).cast(pl.String),
    customer_id=pl.col("customer_id").gather(_FIRST), date=_DATE.gather(_FIRST),
)  # fmt: skip
_PRICES = _columns(quantity=(_ROW % 4 + 1).cast(pl.String), unit_price=_AMOUNT)
_COUNTRIES = _columns(country=pl.when(_ROW % 3 == 0).then(pl.lit("FR")).otherwise(pl.lit("DE")))
_TEXTS: dict[str, pl.Expr] = {
    f"note_{i}": pl.lit(f"some text {i} of ") + (_ROW // (i + 3)).cast(pl.String) for i in range(12)
}
_THOUSANDS = pl.lit("1,") + _AMOUNT.str.split(".").list.first().str.tail(3).str.zfill(3) + ".50"

MAKES: dict[str, Make] = {
    "one refund": _line("C0000001,2024-06-01,-1.23"),
    "one bad date": _line("C0000001,2024-02-30,1.23"),
    "one missing amount": _line("C0000001,2024-06-01,"),
    "one blank before an id": _line(" C0000001,2024-06-01,1.23"),
    "one empty id": _line(",2024-06-01,1.23"),
    "one short line": _line("C0000001,2024-06-01"),
    "one stray quote": _line('C0000001,2024-06-01,1"23'),
    "byte-order mark": _bytes(lambda data: b"\xef\xbb\xbf" + data),
    "CRLF": _bytes(lambda data: data.replace(b"\n", b"\r\n")),
    "2 % dirt": _dirty,
    "orders": _ORDERS,
    "order lines": _ORDERS,
    "SQL amount": _PRICES,
    "where": _COUNTRIES,
    "times with an offset": _columns(date=_DATE + "T10:30:00+02:00"),
    "times with thousandths": _columns(date=_DATE + "T10:30:00.123Z"),
    "d/m/Y": _columns(date=_DMY),
    "decimal comma": _columns(";", amount=_AMOUNT.str.replace(".", ",", literal=True)),
    "thousands": _columns(amount=_THOUSANDS),
    "dollars": _columns(amount="$" + _AMOUNT),
    "one currency": _columns(currency=pl.lit("EUR")),
    "twelve more columns": _columns(**_TEXTS),
    "e-mail ids": _columns(customer_id=pl.col("customer_id").str.to_lowercase() + "@example.com"),
    "folder of 100 files": _folder,
    "gzip": _bytes(gzip.compress),
    "Parquet, one refund": _refunded,
    "Online Retail": _retail,
}

if __name__ == "__main__":
    MAKES[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
