"""Refusals and warnings name what is wrong, and the option that they tell to copy works."""

import csv
import shlex
from pathlib import Path

import pytest
from conftest import Clv

GOOD = [f"c{i % 12},2024-{i % 12 + 1:02}-{i % 28 + 1:02},{i % 9 + 1}.50" for i in range(96)]


def _log(tmp_path: Path, rows: list[str], header: str = "customer,date,amount") -> None:
    (tmp_path / "log.csv").write_text("\n".join([header, *rows]) + "\n")


def _where(err: str) -> str:
    start = err.index("--where ")
    return shlex.split(err[start:].split(" [", 1)[0].rstrip().removesuffix(")"))[1]


def _spend(path: Path) -> float:
    with path.open(newline="") as file:
        return round(sum(float(row["total_spend"]) for row in csv.DictReader(file)), 2)


TOTAL = sum(i % 9 + 1.5 for i in range(96))
BAD_ROWS = {
    "zero dates": "c1,0000-00-00,5.00",
    "no date": "c1,,5.00",
    "words for none": "c1,not yet,5.00",
    "no amount": "c1,2024-01-05,",
    "unpaid": "c1,2024-01-05,unpaid",
    "null": "c1,2024-01-05,\\N",
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_one_kind_of_bad_records_can_be_left_out(clv: Clv, tmp_path: Path, kind: str) -> None:
    _log(tmp_path, [*GOOD, *[BAD_ROWS[kind]] * 5])
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="500")
    assert done.code == 3
    assert "5 of 101 records are bad" in done.err
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", "--where", _where(done.err), COLUMNS="500")
    assert done.code == 0, done.err
    assert _spend(tmp_path / "s.csv") == TOTAL


def test_an_earlier_where_is_kept(clv: Clv, tmp_path: Path) -> None:
    _log(tmp_path, [*(f"{row},A" for row in GOOD), *["c1,,5.00,A"] * 5, "c1,2024-01-05,7.00,B"],
         "customer,date,amount,store")  # fmt: skip
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", "--where", "store = 'A'", COLUMNS="500")
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", "--where", _where(done.err), COLUMNS="500")
    assert done.code == 0, done.err
    assert _spend(tmp_path / "s.csv") == TOTAL


WRONG = {
    "amount": ("c{i},2024-01-{d:02},twelve", "have no amount that can be read", "--amount"),
    "no amount": ("c{i},2024-01-{d:02},", "have no amount", "--amount"),
}


@pytest.mark.parametrize("command", ["score", "check"])
@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_with_all_records_is_named(clv: Clv, tmp_path: Path, kind: str, command: str) -> None:
    form, said, option = WRONG[kind]
    _log(tmp_path, [form.format(i=i % 4, d=i % 28 + 1) for i in range(30)])
    done = clv(command, "log.csv", COLUMNS="500")
    assert done.code == 3
    assert "no record has a date" not in done.err
    assert "clv check" not in done.err
    assert option in done.err
    if command == "check":
        assert f"30 of 30 records {said} (amount" in done.err


def test_an_operand_that_is_mostly_empty_is_told_with_coalesce(clv: Clv, tmp_path: Path) -> None:
    _log(tmp_path, [f"{row},{'1.00' if i == 3 else ''}" for i, row in enumerate(GOOD)], "customer,date,amount,back")
    done = clv("score", "log.csv", "--amount", "amount - back", "--no-model", "-o", "s.csv", COLUMNS="500")
    assert done.code == 3
    assert "back is empty in 95 of 96 records" in done.err
    words = shlex.split(done.err[done.err.index("--amount") :].partition(" [clv help")[0].rstrip().removesuffix(")"))
    done = clv("score", "log.csv", *words, "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert _spend(tmp_path / "s.csv") == TOTAL - 1


@pytest.mark.parametrize("customer", ["o'neil@x.org", "guest", 'a "b" c', "0"])
def test_a_customer_who_stands_out_can_be_left_out(clv: Clv, tmp_path: Path, customer: str) -> None:
    name = '"' + customer.replace('"', '""') + '"'
    _log(tmp_path, [*GOOD, *[f"{name},2024-0{i % 9 + 1}-07,1.00" for i in range(90)]], "Buyer ID,date,amount")
    done = clv("score", "log.csv", "--customer", "Buyer ID", "--no-model", "-o", "s.csv", COLUMNS="500")
    line = next(line for line in done.err.splitlines() if "[clv help dominant_customer_records]" in line)
    where = _where(line)
    done = clv("score", "log.csv", "--customer", "Buyer ID", "--where", where, "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert _spend(tmp_path / "s.csv") == TOTAL


NIGHTS = {
    "a column that is empty tonight": (["", "", ""], "amount - coalesce(back, 0)", 6.0),
    "with amounts": (["1.00", "", "0.50"], "amount - coalesce(back, 0)", 4.5),
    "with marks of thousands": (['"1,000.00"', "", ""], "amount + coalesce(back, 0)", 1006.0),
    "text that is an amount": (["EUR 2.00 net", "EUR 1.00 net", "EUR 0.50 net"],
                               "replace(replace(back, 'EUR ', ''), ' net', '')", 3.5),
    "a case over an empty column": (["", "", ""], "CASE WHEN back IS NULL THEN amount ELSE back END", 6.0),
    "the lesser of an empty column": (["", "", ""], "amount + 0 * coalesce(back, amount)", 6.0),
}  # fmt: skip


@pytest.mark.parametrize("night", NIGHTS)
def test_sql_means_the_same_every_night(clv: Clv, tmp_path: Path, night: str) -> None:
    cells, sql, total = NIGHTS[night]
    _log(tmp_path, [f"c{i},2024-01-0{i + 1},2.00,{cell}" for i, cell in enumerate(cells)], "customer,date,amount,back")
    done = clv("score", "log.csv", "--amount", sql, "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert _spend(tmp_path / "s.csv") == total


def test_a_cell_that_is_no_number_is_a_reject_and_never_nothing(clv: Clv, tmp_path: Path) -> None:
    rows = [f"{row},{'soon' if i == 5 else '0.50'}" for i, row in enumerate(GOOD)]
    _log(tmp_path, rows, "customer,date,amount,back")
    done = clv("score", "log.csv", "--amount", "amount - coalesce(back, 0)", "--max-rejects", "2%", "--no-model",
               "-o", "s.csv")  # fmt: skip
    assert done.code == 0, done.err
    with (tmp_path / "s.csv.rejects.csv").open() as file:
        assert [(r["column"], r["value"], r["reason"]) for r in csv.DictReader(file)] == [
            ("back", "soon", "bad_amount")
        ]


def test_where_no_record_is_left_there_is_a_line_to_look_at(clv: Clv, tmp_path: Path) -> None:
    _log(tmp_path, ["c1,85", "c2,2024-01-24,"])
    done = clv("score", "log.csv", "--max-rejects", "100%", COLUMNS="500")
    assert done.code == 3
    assert "no record can be used" in done.err
    assert "look at line" in done.err
