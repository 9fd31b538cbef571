"""The workbook of a run: its sheets, in the language of the run, and that an office opens it without repair."""

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

from clvcli.core.language import Language

LOG = "customer_id,date,amount\n" + "".join(
    f"C{i % 40:02d},2024-{1 + i % 12:02d}-{1 + i % 28:02d},{10 + i % 7}.50\n" for i in range(400)
)
PEOPLE = "customer_id,city,name,email\n" + "".join(f"C{i:02d},Riga,Ann {i},a{i}@b.c\n" for i in range(40))
SHEETS = {"en": ["customers", "summary", "to call", "stages"], "ar": ["العملاء", "ملخص", "للتواصل", "المراحل"]}


def book(clv: Clv, folder: Path, *args: str) -> zipfile.ZipFile:
    """The workbook of a small log."""
    (folder / "log.csv").write_text(LOG, encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    done = clv("score", "log.csv", "--customers", "people.csv", "-o", "scored.xlsx", *args)
    assert done.code == 0, done.err
    return zipfile.ZipFile(folder / "scored.xlsx")


def sheet(file: zipfile.ZipFile, number: int) -> str:
    return file.read(f"xl/worksheets/sheet{number}.xml").decode("utf-8")


@pytest.mark.parametrize("code", SHEETS)
def test_the_sheets_are_those_of_the_language_and_turned_with_it(clv: Clv, tmp_path: Path, code: str) -> None:
    file = book(clv, tmp_path, "--lang", code, "--show-currency", "EUR")
    names = re.findall(r'<sheet name="([^"]+)"', file.read("xl/workbook.xml").decode("utf-8"))
    assert names == SHEETS[code]
    for number in range(1, 5):
        assert ('rightToLeft="1"' in sheet(file, number)) == (code == "ar")
        assert ("<autoFilter" in sheet(file, number)) == (number != 2)
    assert "€" in file.read("xl/styles.xml").decode("utf-8")
    t = Language(code, "EUR")
    assert t("Share of value") in sheet(file, 4)
    assert t.name("champions") in sheet(file, 4)
    assert t("Records read") in sheet(file, 2)


def test_names_stand_beside_ids_and_columns_keep_their_names(clv: Clv, tmp_path: Path) -> None:
    file = book(clv, tmp_path, "--lang", "ru")
    head = re.findall(r"<t>([^<]*)</t>", re.split("</row>", sheet(file, 1))[0])
    assert head[:3] == ["customer_id", "name", "first_purchase_date"]
    assert {"city", "stage", "clv"} <= set(head)


def test_programs_read_the_table_from_the_first_sheet(clv: Clv, tmp_path: Path) -> None:
    pytest.importorskip("fastexcel")
    book(clv, tmp_path, "--lang", "ar")
    read = pl.read_excel(io.BytesIO((tmp_path / "scored.xlsx").read_bytes()))
    assert read.height == 40
    assert read.columns[:2] == ["customer_id", "name"]


def test_the_same_run_gives_the_same_workbook(clv: Clv, tmp_path: Path) -> None:
    book(clv, tmp_path, "--lang", "ar").close()
    first = (tmp_path / "scored.xlsx").read_bytes()
    book(clv, tmp_path, "--lang", "ar").close()
    assert (tmp_path / "scored.xlsx").read_bytes() == first


@pytest.mark.slow
@pytest.mark.parametrize("code", SHEETS)
def test_an_office_opens_it(clv: Clv, tmp_path: Path, code: str) -> None:
    """LibreOffice reads every sheet; a workbook that needs repair is not converted without a question."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("needs LibreOffice")
    book(clv, tmp_path, "--lang", code, "--show-currency", "EUR").close()
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    words = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to", every_sheet]
    words += ["--outdir", "out", "scored.xlsx"]
    done = subprocess.run(words, check=False, cwd=tmp_path, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr
    found = {path.stem.removeprefix("scored-"): path.read_text(encoding="utf-8") for path in tmp_path.glob("out/*.csv")}
    assert sorted(found) == sorted(SHEETS[code])
    assert "Ann 1" in found[SHEETS[code][0]]
    assert Language(code).name("champions") in found[SHEETS[code][3]]
    assert not re.search(r"#(REF|NAME|VALUE|N/A)|Err:\d", "".join(found.values()))
