"""A column that says that no money came is never passed over: it is told, and the --where works when copied."""

import csv
import shlex
from pathlib import Path

import pytest
from conftest import Clv

from clvcli.log.statuses import said_by

SAYS_SO = [
    "failed",
    "cancelled",
    "canceled",
    "wc-cancelled",
    "Voided",
    "refunded",
    "Pending",
    "draft",
    "chargeback",
    "uncollectible",
    "test",
    "Return",
    "storniert",
    "annulée",
    "remboursé",
    "cancelado",
    "reembolsado",
    "annullato",
    "anulowane",
    "отменён",
    "возврат",
    "iptal",
    "キャンセル",
    "返金",
    "已取消",
    "退款",
    "on-hold",
]  # one list of words


@pytest.mark.parametrize("value", SAYS_SO)
def test_words_of_several_languages(value: str) -> None:
    assert said_by("status", value)


@pytest.mark.parametrize("value", ["paid", "completed", "Sale", "DE", "1", "red", "processing", "Testarossa"])
def test_other_words_say_nothing(value: str) -> None:
    assert not said_by("status", value)


def test_a_flag_counts_by_its_name() -> None:
    assert said_by("is_cancel", "1")
    assert not said_by("is_cancel", "0")


@pytest.mark.parametrize("column", ["status", "Payment Status", "type"])
def test_warned_with_a_where_that_works(clv: Clv, tmp_path: Path, column: str) -> None:
    words = ("paid", "failed", "paid", "Cancelled")
    rows = "".join(f"c{i % 5},2024-01-{i + 1:02},10.00,{words[i % 4]}\n" for i in range(20))
    (tmp_path / "log.csv").write_text(f"customer,date,amount,{column}\n{rows}")
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="400")
    assert "failed (5 records worth 50.00)" in done.err
    line = next(line for line in done.err.splitlines() if "leave them out" in line)
    where = shlex.split(line[line.index("--where") :].split("  [")[0].split(" [status")[0])[1]
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", "--where", where)
    assert done.code == 0, done.err
    assert "status_column" not in done.err
    with open(tmp_path / "s.csv", newline="") as file:
        assert sum(float(row["total_spend"]) for row in csv.DictReader(file)) == 100.0
