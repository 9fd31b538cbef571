"""One log in every format is one table, byte for byte."""

import json
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from inputs.doors import MAKERS, clv, csv_of, log, workbook

from clvcli.core.errors import InputError, UsageError
from clvcli.core.options import LogOptions
from clvcli.log.inputs import base
from clvcli.log.read import Log, read_log, read_table

RUN_DAY = date(2024, 12, 31)


def read(*data: Path, **options: str) -> Log:
    return read_log(LogOptions(data=tuple(map(str, data)), **options), RUN_DAY, keep=())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doors")
    (folder / "log.csv").write_bytes(csv_of(log()))
    return folder


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_log_in_every_format(folder: Path, name: str) -> None:
    path = folder / name
    MAKERS[name](path)
    expected, found = read(folder / "log.csv"), read(path)
    assert found.purchases.equals(expected.purchases)
    assert found.as_of == expected.as_of
    assert (found.quality.read, found.quality.used) == (expected.quality.read, expected.quality.used)
    assert found.quality.excluded == expected.quality.excluded
    assert found.quality.rejected == {}


@pytest.mark.parametrize("name", ["log.xlsx", "nested.jsonl", "log.zip"])
def test_the_scored_table_is_the_same_byte_for_byte(folder: Path, name: str) -> None:
    MAKERS[name](folder / name)
    for data, out in (("log.csv", "from-csv.csv"), (name, "from.csv")):
        done = clv("score", data, "-o", out, "--no-model", "-q", cwd=folder)
        assert done.returncode == 0, done.stderr
    assert (folder / "from.csv").read_bytes() == (folder / "from-csv.csv").read_bytes()


def test_formats_are_found_by_listing() -> None:
    assert {"csv", "parquet", "excel", "json", "arrow", "archives"} <= set(base.names())
    for name in base.names():
        assert all(suffix.startswith(".") for suffix in base.input_format(name).suffixes)


def test_attributes_of_nested_records(folder: Path) -> None:
    path = folder / "nested.jsonl"
    MAKERS["nested.jsonl"](path)
    found = read_log(LogOptions(data=(str(path),)), RUN_DAY, keep=("item.note",))
    assert found.attributes is not None
    assert "Größe" in found.attributes["item.note"].to_list()


def test_a_folder_of_workbooks_and_lines(tmp_path: Path, folder: Path) -> None:
    log().head(700).write_ndjson(tmp_path / "a.jsonl")
    log().tail(800).write_excel(tmp_path / "b.xlsx")
    (tmp_path / "package.json").write_text("{}")
    found = read(tmp_path)
    assert found.purchases.equals(read(folder / "log.csv").purchases)
    assert any("package.json" in n.message for n in found.quality.notices)


def test_sheets(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    workbook(path)
    whole = read(path)
    assert whole.quality.read == log().height
    assert [n.code for n in whole.quality.notices if "Notes" in n.message] == ["skipped_sheets"]
    assert [i["sheet"] for i in whole.quality.inputs] == ["Year 1", "Year 2"]
    assert read(path, sheet="Year 2").quality.read == log().height // 2
    assert read(path, sheet="1").quality.read == log().height // 2
    with pytest.raises(UsageError, match="has no sheet Year 3"):
        read(path, sheet="Year 3")
    with pytest.raises(InputError, match="the sheets Year 1 and Notes have different headers"):
        read(path, sheet="all")


def test_rows_are_told_as_the_sheet_numbers_them(tmp_path: Path) -> None:
    """Titles, empty rows and a formula that failed: the rejected record is the one of row 8."""
    path = tmp_path / "log.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(1, 0, "Sales")
    sheet.write_row(3, 0, ["customer", "date", "amount"])
    sheet.write_row(4, 0, ["a", "2024-01-05", 3])
    sheet.write_row(6, 0, ["b", "2024-01-06", 4.5])
    sheet.write_row(7, 0, ["c", "2024-01-07"])
    sheet.write_formula(7, 2, "=1/0", None, "#DIV/0!")
    book.close()
    found = read(path, max_rejects="1")
    assert found.rejects.rows() == [(str(path), 8, "amount", None, "missing_amount")]
    assert found.quality.used == 2
    assert found.quality.inputs[0]["preamble_lines"] == 3


def test_empty_rows_above_a_header_count(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(5, 2, ["customer", "date", "amount"])
    sheet.write_row(6, 2, ["a", "2024-01-05", 3])
    sheet.write_row(7, 2, ["b", "5 o'clock", 4])
    book.close()
    assert read(path, max_rejects="1").rejects["line"].to_list() == [8]


def test_ids_of_whole_numbers_and_texts(tmp_path: Path) -> None:
    """A workbook has floats alone: 17850 is no 17850.0, and 007 as text keeps its zeros."""
    path = tmp_path / "log.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, ids in (("numbers", [17850, 7]), ("texts", ["007", 12345678901])):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["customer", "date", "amount"])
        for i, one in enumerate(ids):
            sheet.write_row(i + 1, 0, [one, "2024-01-05", 1.25])
    book.close()
    assert read(path).purchases["customer_id"].to_list() == ["007", "12345678901", "17850", "7"]


def test_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    log().select("customer_id", "date", "amount").write_excel(path, include_header=False)
    with pytest.raises(InputError, match="looks like data"):
        read(path)
    roles = {"customer": "column_1", "date": "column_2", "amount": "column_3"}
    found = read_log(LogOptions(data=(str(path),), header=False, **roles), RUN_DAY)  # type: ignore[arg-type]
    assert found.quality.read == log().height


def test_lines_that_are_no_objects_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lines = [json.dumps({"customer": f"c{i}", "date": "2024-01-05", "amount": i}) for i in range(400)]
    lines[100] = lines[100][:-4]
    lines[200] = "[1, 2]"
    lines.insert(50, "")
    path.write_text("\n".join(lines) + "\n")
    found = read(path)
    assert found.rejects.select("line", "reason").rows() == [(102, "bad_json"), (202, "bad_json")]
    assert (found.quality.read, found.quality.used) == (400, 398)


def test_long_numbers_in_json_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    ids = ["123456789012345678901234567890", "123456789012345678901234567891", "9007199254740993"]
    path.write_text("".join(f'{{"customer": {i}, "date": "2024-01-05", "amount": 7.50}}\n' for i in ids))
    assert read(path).purchases["customer_id"].to_list() == sorted(ids)


def test_a_value_that_comes_late(tmp_path: Path) -> None:
    """Behind the head of the file a record has a value that the others lack."""
    path = tmp_path / "log.jsonl"
    record = {"customer": "a", "date": "2024-01-05", "amount": 1, "text": "x" * 200}
    lines = [json.dumps(record)] * 9000 + [json.dumps({**record, "customer": "b", "coupon": {"code": "A1"}})]
    path.write_text("\n".join(lines))
    found = read_log(LogOptions(data=(str(path),)), RUN_DAY, keep=("coupon.code",))
    assert found.attributes is not None
    assert found.attributes.rows() == [("a", None), ("b", "A1")]


def test_quotes_brackets_and_escapes_in_an_array(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    notes = ['a "quoted" {', "back\\slash\\", '\\"', "]}", "[[{", 'end\\\\"']
    records = [{"customer": n, "date": "2024-01-05", "amount": 1} for n in notes]
    path.write_text(json.dumps(records, indent=1))
    assert read(path).purchases["customer_id"].to_list() == sorted(notes)


def test_side_tables_come_in_every_format(tmp_path: Path) -> None:
    table = pl.DataFrame({"customer_id": ["007", "8"], "segment": ["a", None], "share": [0.5, 1.25]})
    table.write_csv(tmp_path / "t.csv")
    table.write_ndjson(tmp_path / "t.ndjson")
    table.write_excel(tmp_path / "t.xlsx")
    table.write_ipc(tmp_path / "t.arrow")
    expected = read_table(str(tmp_path / "t.csv"), "customers")
    for name in ("t.ndjson", "t.xlsx", "t.arrow"):
        assert read_table(str(tmp_path / name), "customers").equals(expected), name


def test_a_workbook_in_an_archive(tmp_path: Path, folder: Path) -> None:
    workbook(tmp_path / "log.xlsx", sheets=1)
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        archive.write(tmp_path / "log.xlsx", "exports/log.xlsx")
    found = read(tmp_path / "log.zip")
    assert found.purchases.equals(read(folder / "log.csv").purchases)


def test_sheet_without_a_workbook(folder: Path) -> None:
    with pytest.raises(UsageError, match="--sheet: DATA has no workbook"):
        read(folder / "log.csv", sheet="1")
