"""Files of one log that are written in different ways, each read by its own forms."""

from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

FORMS = {
    "iso": ("customer,date,amount", "%Y-%m-%d", ",", "."),
    "us": ("customer,date,amount", "%m/%d/%Y", ",", "."),
    "uk": ("customer,date,amount", "%d/%m/%Y", ",", "."),
    "german": ("Customer;Date;Amount", "%d.%m.%Y", ";", ","),
}


def write(path: Path, form: str, start: int) -> int:
    """Fifty records; their worth in cents."""
    header, pattern, separator, mark = FORMS[form]
    rows, total = [header], 0
    for i in range(50):
        cents = 1000 + 37 * i + start
        total += cents
        amount = f"{cents // 100}{mark}{cents % 100:02}"
        day = date(2024, 1, 1) + timedelta(days=(start + 7 * i) % 360)
        rows.append(separator.join([f"c{i % 20}", day.strftime(pattern), amount]))
    path.write_text("\n".join(rows) + "\n")
    return total


@pytest.mark.parametrize("forms", list(permutations(FORMS, 2)), ids=" ".join)
def test_two_files_of_two_forms(clv: Clv, tmp_path: Path, forms: tuple[str, str]) -> None:
    (tmp_path / "logs").mkdir()
    worth = sum(write(tmp_path / "logs" / f"{n}.csv", form, 3 * n) for n, form in enumerate(forms))
    done = clv("score", "logs", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    table = pl.read_csv(tmp_path / "s.csv")
    assert round(float(table["total_spend"].sum()) * 100) == worth
    assert table["purchases"].sum() == 100
    assert "formats_by_file" in done.err


def test_a_file_that_proves_nothing_is_read_as_the_others(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs" / "a.csv", "uk", 0)
    (tmp_path / "logs" / "b.csv").write_text("customer,date,amount\nc1,05/01/2024,7\nc2,06/02/2024,8\n")
    done = clv("score", "logs", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert "formats_by_file" not in done.err


def test_a_file_that_proves_nothing_beside_two_forms_is_named(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs" / "a.csv", "uk", 0)
    write(tmp_path / "logs" / "b.csv", "us", 0)
    (tmp_path / "logs" / "c.csv").write_text("customer,date,amount\nc1,05/01/2024,7.00\nc2,06/02/2024,8.00\n")
    done = clv("score", "logs", "--no-model")
    assert done.code == 3
    assert "c.csv" in done.err
    assert "two ways" in done.err


def test_currencies_of_two_files_are_two(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name, mark in (("a", "€ {},00"), ("b", "${}.00")):
        rows = [f'c{i % 9},2024-{1 + i % 12:02}-05,"{mark.format(i + 1)}"' for i in range(40)]
        (tmp_path / "logs" / f"{name}.csv").write_text("customer,date,amount\n" + "\n".join(rows) + "\n")
    done = clv("score", "logs", "--no-model")
    assert done.code == 3
    assert "currencies" in done.err
