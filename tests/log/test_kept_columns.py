"""Columns of the log that go with its customers: the first day's value, of records that count."""

import itertools
from datetime import date
from pathlib import Path

import pytest

from clvcli.core.options import LogOptions
from clvcli.log.read import read_log

ROWS = [
    "a,2024-01-05,5.00,o1,1,east",
    "a,2024-01-05,3.00,o1,1,west",
    "a,2024-02-05,8.00,o2,1,north",
    "b,2024-01-06,8.00,o3,1,south",
]


@pytest.mark.parametrize("rows", list(itertools.permutations(ROWS))[::5])
def test_a_repeated_order_line_lends_its_customer_nothing(rows: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["customer,date,amount,order,line,shop", *rows]) + "\n")
    log = read_log(LogOptions(data=(str(path),), order_id="order", line_id="line"), date(2024, 3, 1), keep=("shop",))
    kept = {500: "east", 300: "west"}[log.bought.amount[0]]
    assert log.attributes is not None
    assert log.attributes.rows() == [("a", kept), ("b", "south")]
