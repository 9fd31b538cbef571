"""Exports of several months that overlap: an order counts once, as the later file has it."""

from pathlib import Path

import polars as pl
from conftest import Clv

HEAD = "order id,customer,date,amount,status\n"
MAY = "".join(f"{i},c{i % 7},2024-05-{i + 1:02},{i + 10}.00,paid\n" for i in range(28))
OPEN = "100,c1,2024-05-30,50.00,pending\n101,c2,2024-05-31,60.00,paid\n"
JUNE = "100,c1,2024-05-30,55.00,paid\n101,c2,2024-05-31,60.00,paid\n102,c3,2024-06-02,9.00,paid\n"


def total(path: Path) -> int:
    return round(float(pl.read_csv(path)["total_spend"].sum()))


def test_the_later_files_version_counts_whatever_the_names(clv: Clv, tmp_path: Path) -> None:
    right = sum(i + 10 for i in range(28)) + 55 + 60 + 9
    for first, second in (("a.csv", "b.csv"), ("b.csv", "a.csv")):
        (tmp_path / first).write_text(HEAD + MAY + OPEN)
        (tmp_path / second).write_text(HEAD + JUNE)
        done = clv("score", "a.csv", "b.csv", "--order-id", "order id", "--no-model", "-o", "s.csv")
        assert done.code == 0, done.err
        assert total(tmp_path / "s.csv") == right
        assert "orders_in_several_files" in done.err
        assert "2 duplicates dropped" in done.err


def test_without_an_order_id_the_files_are_named(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + MAY + OPEN)
    (tmp_path / "b.csv").write_text(HEAD + JUNE)
    done = clv("score", "a.csv", "b.csv", "--no-model", COLUMNS="1000")
    assert "b.csv hold lines of earlier files" in done.err
    assert '--order-id "order id"' in done.err


def test_the_same_number_of_two_shops_is_two_orders(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + MAY)
    (tmp_path / "b.csv").write_text(HEAD + MAY.replace(",c", ",d"))
    done = clv("score", "a.csv", "b.csv", "--order-id", "order id", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert total(tmp_path / "s.csv") == 2 * sum(i + 10 for i in range(28))
