"""Every format of the folder: what goes in comes out, the same bytes each time; and each one's own promises."""

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clvcli.core.errors import OutputError, UsageError
from clvcli.output.formats import xlsx
from clvcli.output.formats.base import Sheet, SheetStyle, format_of, names, table_format

PLAIN = SheetStyle()
FRAME = pl.DataFrame(
    {
        "customer_id": ["001", 'q"uote', "a,b", "line\nfeed", "", "=1+1"],
        "first_purchase_date": [date(2024, 1, 2), None, date(1997, 9, 30), date(2024, 2, 29), date(1899, 1, 1), None],
        "purchases": [1, 2, 3, 4, None, 6],
        "clv": [0.1, 1 / 3, None, 1e-7, 123456789.123, 100.0],
        "in_control": [True, False, None, True, True, True],
        "stage": ["new", "new", None, "@lost", "lost", "-x"],
        "phase": ["grow", "grow", None, "left", "left", "left"],
    }
)


def written(name: str, frame: pl.DataFrame = FRAME, style: SheetStyle = PLAIN) -> bytes:
    """The bytes that format `name` makes of `frame`."""
    target = io.BytesIO()
    table_format(name).write(frame, target, style)
    return target.getvalue()


def sheet(data: bytes, number: int = 1) -> list[dict[str, tuple[str, str]]]:
    """Rows of a workbook's sheet: cell -> (type, text), read with nothing but the standard library."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    return [
        {c.attrib["r"]: (c.attrib.get("t", "n"), "".join(c.itertext())) for c in row.iter(f"{space}c")}
        for row in root.iter(f"{space}row")
    ]


def test_the_folder_is_the_list_of_formats() -> None:
    assert names() == ["csv", "md", "ndjson", "parquet", "xlsx"]


@pytest.mark.parametrize("name", names())
def test_the_same_table_gives_the_same_bytes_however_it_is_chunked(name: str) -> None:
    chunked = pl.concat([FRAME.head(2), FRAME.slice(2)], rechunk=False)
    assert written(name) == written(name, chunked)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_never_leaves(name: str, wrong: float) -> None:
    with pytest.raises(AssertionError, match="clv"):
        written(name, FRAME.with_columns(clv=pl.lit(wrong)))


@pytest.mark.parametrize("name", names())
def test_an_empty_table_keeps_its_columns(name: str) -> None:
    assert written(name, FRAME.clear()) != b"" or name == "ndjson"


def test_csv_reads_back_with_python() -> None:
    text = written("csv").decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == FRAME.columns
    assert [r[0] for r in rows[1:]] == FRAME["customer_id"].to_list()
    assert [float(r[3]) if r[3] else None for r in rows[1:]] == FRAME["clv"].to_list()
    assert rows[1][1] == "2024-01-02"
    assert text.splitlines()[1] == "001,2024-01-02,1,0.1,true,new,grow"


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=5))
@settings(max_examples=200)
def test_csv_texts_survive(texts: list[str]) -> None:
    """Against Python's reader: quoting of separators, quotes, every kind of line end."""
    frame = pl.DataFrame({"customer_id": texts, "clv": [1.0] * len(texts)})
    rows = list(csv.reader(io.StringIO(written("csv", frame).decode(), newline=""), strict=True))
    assert [r[0] for r in rows[1:]] == texts


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=300)
def test_csv_floats_read_back_exactly_and_are_shortest(value: float) -> None:
    text = written("csv", pl.DataFrame({"a": ["x"], "clv": [value]})).decode().splitlines()[1].split(",")[1]
    assert float(text) == value
    digits = [t.lower().partition("e")[0].replace(".", "").strip("-0") for t in (text, repr(value))]
    assert len(digits[0]) <= len(digits[1])


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "  =1", "\u00a0=1", "\u200b=1", "\ufeff+1", "＝1", "\n=1"]
)
def test_excel_csv_runs_no_formula(cell: str) -> None:
    frame = pl.DataFrame({"customer_id": [cell], "x": [-1.0], cell: ["plain 1-2=3"]})
    data = written("csv", frame, SheetStyle(excel=True))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    head, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert row == ["'" + cell, "-1.0", "plain 1-2=3"]
    assert head == ["customer_id", "x", "'" + cell]


def test_excel_csv_leaves_other_ids_alone() -> None:
    ids = ["001", "1E5", "a-b", "x@y.z", "1 = 1", "'quoted"]
    data = written("csv", pl.DataFrame({"customer_id": ids, "n": [1] * 6}), SheetStyle(excel=True)).decode("utf-8-sig")
    assert [r[0] for r in csv.reader(io.StringIO(data))][1:] == ids


def test_parquet_and_ndjson_keep_values() -> None:
    assert pl.read_parquet(io.BytesIO(written("parquet"))).equals(FRAME)
    back = pl.read_ndjson(io.BytesIO(written("ndjson")), schema=dict(FRAME.schema) | {"first_purchase_date": pl.String})
    assert back.equals(FRAME.with_columns(pl.col("first_purchase_date").cast(pl.String)))


def test_xlsx_keeps_ids_as_text_and_has_no_formula() -> None:
    rows = sheet(written("xlsx"))
    assert rows[0]["A1"] == ("inlineStr", "customer_id")
    assert rows[1]["A2"] == ("inlineStr", "001")
    assert rows[6]["A7"] == ("inlineStr", "=1+1")
    assert rows[1]["D2"] == ("n", "0.1")
    assert rows[1]["B2"] == ("n", "45293")  # 2024-01-02 as a serial day, by Excel's own count
    assert rows[5]["B6"] == ("inlineStr", "1899-01-01")
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(written("xlsx"))).read("xl/worksheets/sheet1.xml")


def test_xlsx_sheets_beside_the_table() -> None:
    stages = Sheet("stages", ("stage", "customers"), (("new", 2), ("=x", 1.5)))
    data = written("xlsx", style=SheetStyle(title="t", sheets=(stages,)))
    assert sheet(data, 2)[1] == {"A2": ("inlineStr", "new"), "B2": ("n", "2")}
    assert sheet(data, 2)[2]["A3"] == ("inlineStr", "=x")


def test_xlsx_states_its_limits() -> None:
    tall = pl.DataFrame({"a": pl.zeros(xlsx.MAX_ROWS + 1, eager=True)})
    with pytest.raises(OutputError, match="1,048,575 rows, the table has 1,048,576"):
        written("xlsx", tall)
    with pytest.raises(OutputError, match="32,767 characters"):
        written("xlsx", pl.DataFrame({"a": ["x" * 32_768]}))


@pytest.mark.parametrize(
    ("path", "explicit", "wanted"),
    [
        (None, None, "csv"),
        ("-", None, "csv"),
        ("a.parquet", None, "parquet"),
        ("a.PQ", None, "parquet"),
        ("a.jsonl", None, "ndjson"),
        ("a.ndjson", None, "ndjson"),
        ("a.xlsx", None, "xlsx"),
        ("a.txt", None, "csv"),
        ("a.base", None, "csv"),
        ("a.csv", "parquet", "parquet"),
        ("a.json", "csv", "csv"),
    ],
)
def test_format_by_suffix(path: str | None, explicit: str | None, wanted: str) -> None:
    assert format_of(path, explicit) == wanted


@pytest.mark.parametrize("path", ["a.csv.gz", "a.xls", "a.tsv", "a.json", "a.zip"])
def test_suffixes_that_promise_something_else(path: str) -> None:
    with pytest.raises(UsageError, match="suffix"):
        format_of(path, None)


ENUMS = FRAME.with_columns(pl.col("stage", "phase").cast(pl.Enum(["-x", "@lost", "left", "lost", "new", "grow"])))


@pytest.mark.parametrize("name", ["csv", "ndjson", "xlsx"])
@pytest.mark.parametrize("style", [PLAIN, SheetStyle(excel=True)])
def test_an_enum_is_written_as_the_text_that_it_stands_for(name: str, style: SheetStyle) -> None:
    assert written(name, ENUMS, style) == written(name, FRAME, style)


@pytest.mark.parametrize("rows", [len(FRAME), 0])
def test_an_enum_is_text_to_those_who_read_parquet(rows: int) -> None:
    read = pl.read_parquet(io.BytesIO(written("parquet", ENUMS.head(rows))))
    assert read.equals(FRAME.head(rows))
    assert read.schema == FRAME.schema
