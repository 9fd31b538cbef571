"""What stands on the first line of an order alone is taken for its other lines, which add no amount."""

import csv
import random
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

COLUMNS = ("Mail", "When", "Total", "State")
ROLES = ("--order-id", "Order", "--customer", "Mail", "--date", "When", "--amount", "Total")


def _table(path: Path) -> dict[str, tuple[str, str, str]]:
    with path.open(newline="") as file:
        return {
            r["customer_id"]: (r["purchases"], r["total_spend"], r["last_purchase_date"]) for r in csv.DictReader(file)
        }


def _write(path: Path, orders: list[list[str]], lines: list[int]) -> None:
    rows = [["Order", *COLUMNS, "Item"]]
    for number, (order, n) in enumerate(zip(orders, lines, strict=True)):
        rows.append([str(number), *order, "a"])
        rows += [[str(number), "", "", "", "", f"b{i}"] for i in range(n - 1)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("where", [(), ("--where", "State = 'paid'")])
def test_as_if_every_order_were_one_line(clv: Clv, tmp_path: Path, seed: int, where: tuple[str, ...]) -> None:
    rng = random.Random(seed)
    orders = [
        [f"m{rng.randrange(6)}@x.org", f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
         f"{rng.randrange(1, 90)}.50", rng.choice(["paid", "paid", "odd"])]
        for _ in range(40)
    ]  # fmt: skip
    lines = [rng.randrange(1, 4) for _ in orders]
    _write(tmp_path / "many.csv", orders, lines)
    _write(tmp_path / "one.csv", orders, [1] * 40)
    done = clv("score", "many.csv", *ROLES, *where, "--no-model", "-o", "many.out.csv")
    assert done.code == 0, done.err
    assert "filled_in_order" in done.err
    clv("score", "one.csv", *ROLES, *where, "--no-model", "-o", "one.out.csv")
    assert _table(tmp_path / "many.out.csv") == _table(tmp_path / "one.out.csv")


def test_a_customer_on_the_first_line_and_amounts_on_all(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "Order,Mail,When,Price,Qty\n1,a@x,2024-01-05,2.00,1\n1,,,3.00,2\n2,b@x,2024-01-06,1.00,1\n2,,,1.50,1\n"
        "3,c@x,2024-01-07,4.00,1\n3,,,1.00,1\n"
    )
    done = clv("score", "log.csv", "--order-id", "Order", "--customer", "Mail", "--date", "When", "--amount",
               "Price * Qty", "--no-model", "-o", "s.csv")  # fmt: skip
    assert done.code == 0, done.err
    assert _table(tmp_path / "s.csv") == {"a@x": ("1", "8.0", "2024-01-05"), "b@x": ("1", "2.5", "2024-01-06"),
                                         "c@x": ("1", "5.0", "2024-01-07")}  # fmt: skip


def test_an_empty_cell_of_an_order_of_its_own_stays_empty(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("Order,Mail,Date,Total\n1,a@x,2024-01-05,2.00\n2,,2024-01-06,3.00\n")
    done = clv("score", "log.csv", "--order-id", "Order", "--customer", "Mail", "--no-model", "-o", "s.csv")
    assert "filled_in_order" not in done.err
    assert _table(tmp_path / "s.csv") == {"a@x": ("1", "2.0", "2024-01-05")}


def test_blocks_do_not_matter_where_quotes_are_odd(clv: Clv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for i in range(60):
        rows.append(f'{i},m{i % 7}@x.org,2024-01-{i % 28 + 1:02},{i}.50,paid,"a, {i}"')
        rows.append(
            f"{i},,,,,{['plain', chr(34) + 'two' + chr(10) + 'lines' + chr(34), 'stray' + chr(34) + 'x'][i % 3]}"
        )
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n")
    roles = ("--order-id", "column_1", "--customer", "column_2", "--date", "column_3", "--amount", "column_4")
    args = ("score", "log.csv", "--no-header", *roles, "--no-model", "--max-rejects", "100%", "-q", "-o")
    assert clv(*args, "whole.csv").code == 0
    monkeypatch.setattr("clvcli.log.text.BLOCK", 300)
    assert clv(*args, "parts.csv").code == 0
    for end in ("", ".rejects.csv"):
        assert (tmp_path / f"parts.csv{end}").read_bytes() == (tmp_path / f"whole.csv{end}").read_bytes()


@pytest.mark.parametrize("kind", ["parquet", "typed.parquet", "xlsx", "typed.xlsx", "jsonl", "arrow"])
def test_other_files_are_filled_as_text_is(clv: Clv, tmp_path: Path, kind: str) -> None:
    orders = [[f"m{i % 7}@x.org", f"2024-{1 + i % 12:02}-{1 + i % 28:02}", f"{10 + i}.5", "paid"] for i in range(30)]
    _write(tmp_path / "log.csv", orders, [1 + i % 3 for i in range(30)])
    frame = pl.read_csv(tmp_path / "log.csv", infer_schema=False)
    if kind.startswith("typed"):
        frame = frame.with_columns(pl.col("When").str.to_date(), pl.col("Total").cast(pl.Float64))
    path = tmp_path / f"log.{kind}"
    write = {"parquet": frame.write_parquet, "xlsx": frame.write_excel, "jsonl": frame.write_ndjson,
             "arrow": frame.write_ipc}[kind.rsplit(".", maxsplit=1)[-1]]  # fmt: skip
    write(path)  # type: ignore[operator]
    for name in ("log.csv", path.name):
        done = clv("score", name, *ROLES, "--where", "State = 'paid'", "--no-model", "-o", f"{name}.out")
        assert done.code == 0, done.err
        assert "filled_in_order" in done.err
    assert _table(tmp_path / "log.csv.out") == _table(tmp_path / f"{path.name}.out")
