"""What is damaged, hostile or no table is refused with one line and status 3; nothing is written."""

import io
import json
import lzma
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from inputs.doors import clv, csv_of, log, tar_of, typed, workbook


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def encrypted_zip() -> bytes:
    """The flag alone: what comes first is enough to refuse it."""
    data = bytearray(zipped({"a.csv": csv_of(log())}))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def encrypted_workbook() -> bytes:
    """An OLE file with the stream that an encrypted workbook has."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 3000


def half_a_workbook(tmp_path: Path) -> bytes:
    workbook(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    return whole[: len(whole) // 2]


def damaged_workbook(tmp_path: Path) -> bytes:
    """The list of sheets is there; a sheet is not XML."""
    workbook(tmp_path / "whole.xlsx")
    held = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, b"<worksheet><sheetData><row><c" if "sheet1" in name else data)
    return held.getvalue()


def empty_workbook(tmp_path: Path) -> bytes:
    book = xlsxwriter.Workbook(str(tmp_path / "e.xlsx"))
    book.add_worksheet().write_row(0, 0, ["customer", "date", "amount"])
    book.add_worksheet()
    book.close()
    return (tmp_path / "e.xlsx").read_bytes()


def twice_named(tmp_path: Path) -> bytes:
    book = xlsxwriter.Workbook(str(tmp_path / "e.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["customer", "date", "amount", "amount"])
    sheet.write_row(1, 0, ["a", "2024-01-05", 1, 2])
    book.close()
    return (tmp_path / "e.xlsx").read_bytes()


def arrow(tmp_path: Path) -> bytes:
    typed().write_ipc(tmp_path / "whole.arrow")
    return (tmp_path / "whole.arrow").read_bytes()


CSV = b"customer,date,amount\na,2024-01-05,1\n"
CASES: dict[str, tuple[str, object, str]] = {
    "encrypted workbook": ("x.xlsx", encrypted_workbook(), "is protected by a password"),
    "workbook cut short": ("x.xlsx", half_a_workbook, "damaged"),
    "workbook with a damaged sheet": ("x.xlsx", damaged_workbook, "x.xlsx"),
    "workbook without records": ("x.xlsx", empty_workbook, "no sheet has a header with records"),
    "column named twice": ("x.xlsx", twice_named, "amount appears twice"),
    "zip within a zip": ("x.zip", zipped({"in.zip": zipped({"a.csv": CSV})}), "zip within zip is not unpacked"),
    "gzip within a zip": ("x.zip", zipped({"a.csv.gz": b"\x1f\x8b\x08\0"}), "gzip or zstd within zip"),
    "path that leaves": ("x.zip", zipped({"../../etc/a.csv": CSV}), "a member outside of it, ../../etc/a.csv"),
    "absolute path": ("x.tar", tar_of({"/etc/a.csv": CSV}), "a member outside of it, /etc/a.csv"),
    "encrypted zip": ("x.zip", encrypted_zip(), "is protected by a password"),
    "zip cut short": ("x.zip", zipped({"a.csv": csv_of(log())})[:2000], "damaged zip archive"),
    "zip without tables": ("x.zip", zipped({"a.md": b"x", "b.html": b"<"}), "holds no table"),
    "empty zip": ("x.zip", zipped({}), "holds no table"),
    "zip with an empty file": ("x.zip", zipped({"a.csv": b""}), "x.zip/a.csv: is empty"),
    "xz cut short": ("x.csv.xz", lzma.compress(csv_of(log()))[:-200], "the xz data end too early"),
    "bz2 damaged": ("x.csv.bz2", b"BZh91AY&SY" + b"junk" * 30, "the bz2 data are damaged"),
    "arrow cut short": ("x.arrow", lambda p: arrow(p)[:900], "is a damaged Arrow file"),
    "array cut short": ("x.json", json.dumps(log().to_dicts())[:-300].encode(), "the JSON ends too early"),
    "more behind an array": ("x.json", json.dumps(log().to_dicts()).encode() + b"{}", "the JSON goes on behind"),
    "numbers in an array": ("x.json", b'[{"customer": "a"},\n 7, {"customer": "b"}]', "values that are no objects (7)"),
    "array of arrays": ("x.json", b'[["customer", "date"], ["a", "2024-01-05"]]', "no JSON object"),
    "empty array": ("x.json", b"[]", "no JSON object"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_file(tmp_path: Path, case: str) -> None:
    name, made, told = CASES[case]
    data = made(tmp_path) if callable(made) else made
    assert isinstance(data, bytes)
    work = tmp_path / "work"
    work.mkdir()
    (work / name).write_bytes(data)
    done = clv("score", name, "-o", "out.csv", cwd=work)
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("clv: ")
    assert len(done.stderr.splitlines()) <= 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in work.iterdir()) == [name]
