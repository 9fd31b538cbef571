"""`--by first_amount`: the amount of the first purchase moves how often a customer buys."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Clv

from clvcli.log.first_amount import EDGES, growth, log_amount, with_bands
from clvcli.report.screen import Screen
from clvcli.report.terminal import bands_told

LEADS = "customer_id,email\nL1,a@b.c\n"


@pytest.fixture
def scored(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> Any:
    (tmp_path / "people.csv").write_text(LEADS)
    done = clv("score", cdnow_csv, "--by", "first_amount", "--customers", "people.csv", "-o", "s.parquet")
    assert done.code == 0, done.err
    assert "one model; a first purchase twice as large goes with 1." in done.err.replace("\n", " ")
    return pl.read_parquet(tmp_path / "s.parquet"), json.loads((tmp_path / "s.parquet.run.json").read_text())


def test_bands_hold_the_first_amount() -> None:
    """Five bands a decade; the same customer always stands in the same band; nothing paid, no band."""
    amounts = [None, -5, 0, 1, 9, 10, 1599, 1600, 10**12]
    frame = with_bands(pl.DataFrame({"first_total": pl.Series(amounts, dtype=pl.Int64)}))
    bands = frame["model_group"].to_list()
    assert bands[:3] == [None] * 3
    assert bands[3:8] == [f"first_amount {b}" for b in ("1-4", "4-10", "10-16", "1000-1600", "1600-2500")]
    assert frame["_covariate"].to_list()[3:] == pytest.approx([log_amount(b) for b in bands[3:]])
    assert all(1.4 < high / low < 4.01 for low, high in pairwise(EDGES))


def test_one_model_a_band_that_differ_in_the_rate(scored: Any) -> None:
    table, manifest = scored
    groups = {g["group"]: g["purchase"]["params"] for g in manifest["models"]["groups"]}
    assert {(p["r"], p["a"], p["b"]) for p in groups.values()} == {
        (p["r"], p["a"], p["b"]) for p in [*groups.values()][:1]
    }
    ordered = [groups[band]["alpha"] for band in sorted(groups, key=log_amount)]
    assert ordered == sorted(ordered, reverse=True)  # who begins with more buys more often
    buyers = table.filter(pl.col("purchases") > 0)
    assert set(buyers["model_group"]) == {*groups, "pooled"}
    free = buyers.filter(pl.col("model_group") == "pooled")
    assert 0 < free.height < 20  # a first purchase of nothing
    assert table.filter(pl.col("purchases") == 0)["model_group"].to_list() == [None]


def test_a_saved_model_knows_the_bands(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    args = (cdnow_csv, "--by", "first_amount")
    assert clv("fit", *args, "-o", "m.json").code == 0
    assert clv("score", *args, "-o", "a.csv").code == 0
    assert clv("score", *args, "--use-model", "m.json", "-o", "b.csv").code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_saved_model_with_groups_serves_without_them(clv: Clv, cdnow_csv: Path) -> None:
    assert clv("fit", cdnow_csv, "--by", "first_amount", "-o", "m.json").code == 0
    done = clv("score", cdnow_csv, "--use-model", "m.json", "-o", "b.csv")
    assert done.code == 0, done.err
    assert "groups_unused" in done.err


def test_the_backtest_says_whether_it_pays(clv: Clv, cdnow_csv: Path) -> None:
    done = clv("backtest", cdnow_csv, "--by", "first_amount", "--holdout", "39w", "--model", "bg-nbd", "--json")
    assert done.code == 0, done.err
    [variant] = json.loads(done.out)["variants"]
    assert variant["name"] == "bg-nbd by group"
    assert abs(variant["gain"]) < 0.02  # it is no great thing
    assert variant["error"] > 0


@pytest.mark.parametrize("model", ["mbg-nbd", "pareto-nbd", "bg-cnbd", "mbg-cnbd"])
def test_every_model_answers(clv: Clv, cdnow_csv: Path, tmp_path: Path, model: str) -> None:
    done = clv("score", cdnow_csv, "--by", "first_amount", "--model", model, "-o", "s.parquet")
    assert done.code == 0, done.err
    table = pl.read_parquet(tmp_path / "s.parquet")
    assert table["expected_purchases"].null_count() == 0
    assert (set(table["model_group"]) == {"pooled"}) == ("cnbd" in model)
    assert ("takes no covariate" in done.err.replace("\n", " ")) == ("cnbd" in model)


def test_an_attribute_of_that_name_is_the_attribute(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    ids = sorted({line.split(",")[0] for line in cdnow_csv.read_text().splitlines()[1:]})
    rows = [f"{one},{'high' if i % 4 else 'low'}" for i, one in enumerate(ids)]
    (tmp_path / "people.csv").write_text(
        "\n".join(["customer_id,first_amount,covariate", *[f"{row},1" for row in rows]]) + "\n"
    )
    done = clv(
        "score", cdnow_csv, "--by", "first_amount", "--customers", "people.csv", "-o", "s.csv", "--report", "r.html"
    )
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "s.csv.run.json").read_text())
    assert {g["group"] for g in manifest["models"]["groups"]} == {"high", "low"}
    assert "own models for high, low" in done.err


def test_the_page_tells_it_in_words(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    done = clv("score", cdnow_csv, "--by", "first_amount", "-o", "s.csv", "--report", "r.html")
    assert done.code == 0, done.err
    page = (tmp_path / "r.html").read_text()
    assert "Groups by the amount of the first purchase have models of their own." in page


def test_a_handful_of_customers_has_the_pooled_model(clv: Clv, tmp_path: Path) -> None:
    rows = [f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},{5 + i % 70}" for i in range(160)]
    (tmp_path / "few.csv").write_text("\n".join(["customer,date,amount", *rows]) + "\n")
    done = clv("score", "few.csv", "--by", "first_amount", "-o", "s.csv")
    assert done.code == 0, done.err
    assert "too few customers" in done.err.replace("\n", " ")


def test_it_is_told_by_the_double() -> None:
    """From 10-16 to 100-160, alpha halves: a tenfold amount doubles the rate, a double raises it by 2 ** log10(2)."""
    alphas = {"first_amount 10-16": 2.0, "first_amount 100-160": 1.0}
    assert growth(alphas) == pytest.approx(2 ** math.log10(2))
    assert bands_told(alphas, Screen()).startswith("one model; a first")
    assert "1.23 times" in bands_told(alphas, Screen())
