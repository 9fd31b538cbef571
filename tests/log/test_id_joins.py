"""Spellings of one customer: what is said of them comes with the SQL that joins them, and that SQL does."""

import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

MAILS = [f"{name}@x.example" for name in ("ann", "Bob", "cy", "DEE", "eve", "Flo", "gus", "hal", "ira", "jo")]
NUMBER = 600000000
WAYS = (
    "+48 {:03} {:03} {:03}",
    "0048{:03}{:03}{:03}",
    "'+48{:03}{:03}{:03}",
    "+48-{:03}-{:03}-{:03}",
    "(48) {:03}.{:03}.{:03}",
)


def phones(way: str) -> list[str]:
    return [way.format(NUMBER // 10**6, i // 1000, i % 1000) for i in range(10)]


@pytest.mark.parametrize(
    "ways", [[MAILS, [m.upper() for m in MAILS]], *([phones(WAYS[0]), phones(w)] for w in WAYS[1:])]
)
def test_the_printed_sql_joins_them(clv: Clv, tmp_path: Path, ways: list[list[str]]) -> None:
    rows = [f'"{ids[i % 10]}",2024-{1 + i % 12:02}-05,{i + 1}.00\n' for ids in ways for i in range(40)]
    (tmp_path / "log.csv").write_text("Phone or mail,date,amount\n" + "".join(rows))
    first = clv("score", "log.csv", "--customer", "Phone or mail", "--no-model", "-o", "a.csv", COLUMNS="1000")
    assert first.code == 0, first.err
    found = re.search(r'one each: (--customer "(?:[^"\\]|\\.)*")', first.err)
    assert found is not None, first.err
    done = clv("score", "log.csv", *shlex.split(found[1]), "--no-model", "-o", "b.csv")
    assert done.code == 0, done.err
    assert pl.read_csv(tmp_path / "b.csv").height == 10


def test_numbers_that_are_one_way_each_are_left_alone(clv: Clv, tmp_path: Path) -> None:
    rows = [f'"{phones(WAYS[0])[i % 10]}",2024-{1 + i % 12:02}-05,{i + 1}.00\n' for i in range(40)]
    (tmp_path / "log.csv").write_text("customer,date,amount\n" + "".join(rows))
    assert "phone_variants" not in clv("score", "log.csv", "--no-model").err
