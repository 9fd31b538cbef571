"""Logs as they are, beside the same log clean: each is drawn once into a folder and kept there.

All but Online Retail are made of one clean log of `clv simulate`: the shape changes its text, adds a column or a
record, and says the options it is read with and what of them the floor has to do as well.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from measure import clv, cost_of

RETAIL = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail.csv.gz"
DRAWING = str(Path(__file__).with_name("drawing.py"))


@dataclass(frozen=True)
class Shape:
    """A log of one kind, drawn by drawing.py unless it is `clean`. `floor`: what rivals.floor is told."""

    name: str
    args: tuple[str, ...] = ()
    floor: Mapping[str, str] = field(default_factory=dict)
    ids: str = "code"
    suffix: str = "csv"
    clean: bool = False

    def at(self, folder: Path, rows: int) -> Path:
        """The log of about so many rows, drawn if it is not there."""
        clean = drawn(folder, rows, self.ids, "parquet" if self.suffix == "parquet" else "csv")
        if self.clean:
            return clean
        path = folder / f"{self.name.replace(' ', '-').replace('/', '-')}-{rows}.{self.suffix}"
        if not path.exists():
            cost_of([sys.executable, DRAWING, self.name, str(clean), str(path)])
        return path


def drawn(folder: Path, rows: int, ids: str, suffix: str = "csv", *more: str) -> Path:
    """A clean log of about so many rows, or as `more` says, drawn once."""
    size = [] if "--customers" in more else ["--rows", str(rows)]
    dirt = [] if "--dirt" in more else ["--dirt", "0"]
    path = folder / f"{ids}-{rows}{''.join(more).replace('/', '-')}.{suffix}"
    if not path.exists():
        cost_of(clv("simulate", *size, *dirt, "--ids", ids, "-q", "-o", str(path), *more))
    return path


CLEAN = Shape("clean", clean=True)
SHAPES = (
    Shape("clean, integers", ids="integer", clean=True),
    Shape("clean, UUIDs", ids="uuid", clean=True),
    Shape("one refund"),
    Shape("one bad date"),
    Shape("one missing amount"),
    Shape("one blank before an id"),
    Shape("one empty id"),
    Shape("one short line"),
    Shape("one stray quote"),
    Shape("byte-order mark"),
    Shape("CRLF"),
    Shape("2 % dirt", ("--max-rejects", "5%")),
    Shape("orders", ("--order-id", "order_id")),
    Shape("order lines", ("--order-id", "order_id", "--line-id", "line")),
    Shape("SQL amount", ("--amount", "quantity * unit_price"), {"amount": "quantity * unit_price"}),
    Shape("where", ("--where", "country <> 'FR'"), {"where": "country <> 'FR'"}),
    Shape("times with an offset"),
    Shape("times with thousandths"),
    Shape("d/m/Y"),
    Shape("date format as found", ("--date-format", "%Y-%m-%d"), clean=True),
    Shape("decimal comma", (), {"separator": ";"}),
    Shape("thousands"),
    Shape("dollars"),
    Shape("one currency", ("--currency", "currency")),
    Shape("twelve more columns"),
    Shape("e-mail ids"),
    Shape("folder of 100 files", suffix="folder"),
    Shape("gzip", suffix="csv.gz"),
    Shape("Parquet", suffix="parquet", clean=True),
    Shape("Parquet, one refund", suffix="parquet"),
    Shape(
        "Online Retail",
        ("--customer", "CustomerID", "--date", "InvoiceDate", "--amount", "Quantity * UnitPrice",
         "--order-id", "InvoiceNo", "--max-rejects", "100%"),
        {"customer": "CustomerID", "date": "InvoiceDate", "amount": "Quantity * UnitPrice"}),
)  # fmt: skip


def available(*, retail: bool) -> list[Shape]:
    """The shapes whose data are here."""
    return [shape for shape in SHAPES if shape.name != "Online Retail" or (retail and RETAIL.exists())]
