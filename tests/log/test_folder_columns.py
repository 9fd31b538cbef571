"""Columns that folders name (`country=DE/part.csv`) work in every option as if they stood in the files."""

import random
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

COUNTRIES = ("DE", "FR", "United Kingdom")


def log_of(seed: int) -> pl.DataFrame:
    rng = random.Random(seed)
    rows = [
        (f"c{rng.randrange(20)}", f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
         f"{rng.randrange(1, 90)}.50", rng.choice(COUNTRIES), rng.choice(["2", "3"]), "EUR")
        for _ in range(300)
    ]  # fmt: skip
    return pl.DataFrame(rows, ["customer", "date", "total", "country", "rate", "ccy"], orient="row")


def write(folder: Path, log: pl.DataFrame, kind: str) -> None:
    for (country, rate, ccy), part in log.group_by("country", "rate", "ccy"):
        path = folder / f"country={str(country).replace(' ', '%20')}" / f"rate={rate}" / f"ccy={ccy}" / f"part.{kind}"
        path.parent.mkdir(parents=True)
        rest = part.drop("country", "rate", "ccy")
        rest.write_csv(path) if kind == "csv" else rest.write_parquet(path)


OPTIONS = [
    ("--where", "country = 'DE'"), ("--where", "rate = 2"), ("--by", "country"), ("--customer", "country || customer"),
    ("--currency", "ccy"), ("--amount", "total * rate"), ("--order-id", "country"), ("--customer", "country"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("option", OPTIONS, ids=" ".join)
def test_a_folder_is_read_as_its_columns_are(clv: Clv, tmp_path: Path, kind: str, option: tuple[str, str]) -> None:
    log = log_of(len(option[1]))
    write(tmp_path / "in", log, kind)
    log.write_csv(tmp_path / "whole.csv")
    for name in ("in", "whole.csv"):
        done = clv("score", name, *option, "--no-model", "-o", f"{name}.out")
        assert done.code == 0, done.err
    assert (tmp_path / "in.out").read_text() == (tmp_path / "whole.csv.out").read_text()


def test_a_column_of_the_file_wins_and_no_value_is_none(clv: Clv, tmp_path: Path) -> None:
    for country, mail in (("__HIVE_DEFAULT_PARTITION__", "a"), ("DE", "b")):
        path = tmp_path / "in" / f"country={country}" / "customer=x" / "p.csv"
        path.parent.mkdir(parents=True)
        path.write_text(f"customer,date,amount\n{mail},2024-01-05,1.00\n{mail},2024-02-05,2.00\n")
    done = clv("score", "in", "--no-model", "-o", "a.csv", "--where", "country IS NULL")
    assert done.code == 0, done.err
    assert pl.read_csv(tmp_path / "a.csv")["customer_id"].to_list() == ["a"]


def test_two_currencies_in_folders_are_refused(clv: Clv, tmp_path: Path) -> None:
    for currency in ("EUR", "USD"):
        path = tmp_path / "in" / f"ccy={currency}" / "p.csv"
        path.parent.mkdir(parents=True)
        path.write_text("customer,date,amount\n" + "".join(f"c{i},2024-01-05,{i}.00\n" for i in range(1, 9)))
    done = clv("score", "in", "--no-model", "-o", "a.csv")
    assert done.code == 3
    assert "EUR" in done.err
    assert "USD" in done.err
