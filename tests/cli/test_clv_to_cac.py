"""What customers are worth over what they cost: the column clv_to_cac, its preset, and costs that cannot be read."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, Clv

DATA = ROOT / "sample_data"


def some_customers(folder: Path, costs: dict[str, str], column: str = "acquisition_cost") -> Path:
    """A table of customers with these costs."""
    path = folder / "people.csv"
    path.write_text(f"customer_id,{column}\n" + "".join(f'{who},"{cost}"\n' for who, cost in costs.items()))
    return path


def scored(clv: Clv, *args: object) -> dict[str, dict[str, str]]:
    done = clv("score", DATA / "transactions.csv", *args, "-o", "-", "-q")
    assert done.code == 0, done.err
    return {row["customer_id"]: row for row in csv.DictReader(io.StringIO(done.out.decode()))}


def test_the_ratio_stands_beside_a_known_cost(clv: Clv, tmp_path: Path) -> None:
    costs = {"C0000001": "4", "C0000002": "0", "C0000003": "", "C0000004": "about 5", "C0000005": "-1", "lead": "3"}
    table = scored(clv, "--customers", some_customers(tmp_path, costs))
    assert float(table["C0000001"]["clv_to_cac"]) == pytest.approx(float(table["C0000001"]["clv"]) / 4, rel=1e-9)
    unknown = [row["clv_to_cac"] for who, row in table.items() if who != "C0000001"]
    assert set(unknown) == {""}
    assert table["C0000004"]["acquisition_cost"] == "about 5"


def test_costs_that_cannot_be_read_are_counted(clv: Clv, tmp_path: Path) -> None:
    people = some_customers(tmp_path, {"C0000001": "4", "C0000002": "about 5", "C0000003": "-1", "C0000004": "inf"})
    done = clv("score", DATA / "transactions.csv", "--customers", people, "-o", "t.csv", "--json", "-q")
    told = {w["code"]: w["message"] for w in json.loads(done.out)["warnings"]}
    assert told["unread_costs"].startswith("3 customers have an acquisition_cost that is no number of 0 or more")


def test_no_cost_no_column(clv: Clv, tmp_path: Path) -> None:
    assert "clv_to_cac" not in scored(clv)["C0000001"]
    people = some_customers(tmp_path, {"C0000001": "4"}, "cac")
    assert "clv_to_cac" not in scored(clv, "--customers", people)["C0000001"]
    assert '"clv_to_cac"' in clv("columns", "-f", "json").out.decode()


def test_who_left_for_a_reason_is_worth_nothing_over_the_cost(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("customer_id,acquisition_cost,left_reason\nC0000002,4,moved away\n")
    row = scored(clv, "--customers", "people.csv")["C0000002"]
    assert (row["stage"], float(row["clv"]), float(row["clv_to_cac"])) == ("left-natural", 0, 0)


def test_the_preset_parts_customers_by_value_and_cost(clv: Clv, tmp_path: Path) -> None:
    args = ("--customers", DATA / "customers.csv", "--rules", "value-and-cost")
    done = clv("score", DATA / "transactions.csv", *args, "-o", "t.parquet", "-q")
    assert done.code == 0, done.err
    table = pl.read_parquet(tmp_path / "t.parquet").filter(pl.col("purchases") > 0)
    high, ratio = pl.col("clv_pct") >= 0.7, pl.col("clv_to_cac")
    expected = (
        pl.when(high & (ratio >= 3)).then(pl.lit("valuable, won cheaply"))
        .when(high).then(pl.lit("valuable, won dearly"))
        .when(ratio >= 3).then(pl.lit("small, won cheaply"))
        .when(ratio >= 1).then(pl.lit("small, must grow"))
        .otherwise(pl.lit("won at a loss"))
    )  # fmt: skip
    assert table["stage"].cast(pl.String).to_list() == table.select(expected.alias("stage"))["stage"].to_list()
    assert table["stage"].n_unique() == 5
    assert "value-and-cost" in clv("rules", "list").out.decode()


def test_a_rule_may_read_the_ratio_of_an_undeclared_cost(clv: Clv, tmp_path: Path) -> None:
    text = "stages:\n  - {stage: paid back, when: clv_to_cac >= 1}\notherwise: {stage: rest}\n"
    (tmp_path / "mine.yaml").write_text(text)
    people = some_customers(tmp_path, {"C0000002": "0.5", "C0000001": "1000000"})
    table = scored(clv, "--customers", people, "--rules", "mine.yaml")
    assert [who for who, row in table.items() if row["stage"] == "paid back"] == ["C0000002"]
    assert {row["stage"] for row in scored(clv, "--rules", "mine.yaml").values()} == {"rest"}


def test_its_stages_have_names_in_other_languages(clv: Clv) -> None:
    args = ("--customers", DATA / "customers.csv", "--rules", "value-and-cost", "--lang", "de")
    done = clv("score", DATA / "transactions.csv", *args, "-o", "t.csv")
    assert "wertvoll, günstig gewonnen" in done.err
