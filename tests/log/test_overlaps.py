"""Exports of several months that overlap: an order counts once, as the later file has it."""

from datetime import date
from pathlib import Path

import polars as pl
from conftest import Clv

from clvcli.core.options import LogOptions
from clvcli.log.read import read_log

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


def test_order_lines_dealt_out_to_several_files_are_all_kept(tmp_path: Path) -> None:
    """Parts of one log, as data lakes write them: an order's lines may stand in any of them."""
    lines = [
        f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},{10 + n}.00,o{i}" for i in range(600) for n in range(i % 4 + 1)
    ]
    for part in range(3):
        rows = [line for n, line in enumerate(lines) if (n * 7919) % 101 % 3 == part]
        (tmp_path / f"part{part}.csv").write_text("\n".join(["customer,date,amount,order", *rows]) + "\n")
    log = read_log(LogOptions(data=(str(tmp_path),), order_id="order"), date(2025, 1, 2))
    assert log.quality.used == len(lines)
