"""Workbooks as other programs write them, through the front door: ods, xls and xlsb are the log that the xlsx is.

The files of `workbooks` were written once: ods and xls by LibreOffice 7.4 from the workbook that `book` draws, the
encrypted ones too (the xlsx by msoffcrypto-tool, the password is hush); xlsb by SheetJS 0.18, told to write whole cells
as Excel does.
"""

import os
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from conftest import Clv, run_apart

FILES = Path(__file__).with_name("workbooks")
KINDS = ("ods", "xls", "xlsb")
SCORE = ("--no-model", "--max-rejects", "5%", "-q")
NOTES = ("", "Größe", "a, b")


def book(path: Path, *, old_dates: bool = False) -> None:
    """A title above each header; dates with and without a time; texts, numbers, formulas, two of which failed."""
    made = xlsxwriter.Workbook(str(path), {"date_1904": old_dates})
    moment, day = (made.add_format({"num_format": f}) for f in ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"))
    for first, year in ((1, 2022), (31, 2023)):
        sheet = made.add_worksheet(f"Year {year}")
        sheet.merge_range(0, 0, 0, 4, "All our sales")
        sheet.write_row(2, 0, ["customer_id", "date", "amount", "note", "quantity"])
        for row, n in enumerate(range(first, first + 30), 3):
            month, of_month = 1 + (row - 3) % 12, 1 + (row - 3) % 28
            sheet.write_string(row, 0, f"{n * 7 % 20:04d}")
            if year == 2022:
                sheet.write_datetime(row, 1, datetime(year, month, of_month, n % 24, 30), moment)
            else:
                sheet.write_datetime(row, 1, date(year, month, of_month), day)
            if n == 41:
                sheet.write_formula(row, 2, "=1/0", None, "#DIV/0!")
            elif n == 43:
                sheet.write_formula(row, 2, "=VLOOKUP(99,A1:A2,1,FALSE)", None, "#N/A")
            elif n % 5 == 0:
                sheet.write_formula(row, 2, f"={n}*1.25", None, n * 1.25)
            else:
                sheet.write_number(row, 2, n * 1.13)
            sheet.write(row, 3, NOTES[n % 3])
            sheet.write_number(row, 4, n % 5)
    notes = made.add_worksheet("Notes")
    notes.write_row(0, 0, ["written", "by"])
    notes.write_row(1, 0, ["by hand", "Ann"])
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_the_log_of_the_xlsx(tmp_path: Path, clv: Clv, kind: str) -> None:
    """Byte for byte, dates from 1904 or not; both failed formulas are told in their rows."""
    book(tmp_path / "log.xlsx")
    expected = _scored(clv, tmp_path, "log.xlsx")
    assert "Year 2023],14,amount,,missing_amount" in expected[1]
    assert "Year 2023],16,amount,,missing_amount" in expected[1]
    for name in (f"log.{kind}", f"dates-1904.{kind}"):
        (tmp_path / name).write_bytes((FILES / name).read_bytes())
        table, rejects = _scored(clv, tmp_path, name)
        assert table == expected[0]
        assert rejects == expected[1].replace("log.xlsx", name)


def test_dates_from_1904_in_an_xlsx(tmp_path: Path, clv: Clv) -> None:
    book(tmp_path / "log.xlsx")
    book(tmp_path / "old.xlsx", old_dates=True)
    assert _scored(clv, tmp_path, "log.xlsx")[0] == _scored(clv, tmp_path, "old.xlsx")[0]


def _scored(clv: Clv, folder: Path, data: str) -> tuple[bytes, str]:
    done = clv("score", data, "-o", "out.csv", *SCORE)
    assert (done.code, done.err) == (0, "")
    return (folder / "out.csv").read_bytes(), (folder / "out.csv.rejects.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_encrypted(tmp_path: Path, clv: Clv, kind: str) -> None:
    name = f"encrypted.{kind}"
    (tmp_path / name).write_bytes((FILES / name).read_bytes())
    done = clv("score", name, "-o", "out.csv")
    assert done.code == 3
    assert done.err.startswith(f"clv: {name}: is protected by a password (hint: ")
    assert done.err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_cut_short(tmp_path: Path, clv: Clv, kind: str, part: float) -> None:
    whole = (FILES / f"log.{kind}").read_bytes()
    (tmp_path / f"log.{kind}").write_bytes(whole[: int(len(whole) * part)])
    done = clv("score", f"log.{kind}", "-o", "out.csv")
    assert done.code == 3, done.err
    assert done.err.splitlines()[-1].startswith(f"clv: log.{kind}: ")  # above: what Rust says in this process alone
    assert [p.name for p in tmp_path.iterdir()] == [f"log.{kind}"]


def test_an_empty_column_is_no_matter_for_the_reader_to_speak_of(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "log.xlsx"))
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, ["customer", "date", "amount", "coupon"])
    sheet.write_row(1, 0, ["a", "2024-01-05", 3])
    made.close()
    done = run_apart(["score", "log.xlsx", "-o", "out.csv", "-q"], b"", tmp_path, dict(os.environ), 60)
    assert (done.code, done.err) == (0, "")
