"""The published numbers, through the command line: the CDNOW sample, weeks, up to 1997-09-30.

Sources: Fader, Hardie & Lee (2005); Fader & Hardie, note 025; the tests of CLVTools 0.12 and BTYD's walkthrough.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Clv

CUT = ("--as-of", "1997-09-30", "--spend-basis", "repeat")
RTOL = 5e-5  # four significant digits


@pytest.fixture
def scored(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> tuple[pl.DataFrame, dict[str, Any]]:
    done = clv("score", cdnow_csv, *CUT, "--horizon", "39w", "-o", "out.parquet", "-q")
    assert (done.code, done.out, done.err) == (0, b"", "")
    table = pl.read_parquet(tmp_path / "out.parquet")
    return table, json.loads((tmp_path / "out.parquet.run.json").read_text())


def test_parameters_and_likelihoods(scored: tuple[pl.DataFrame, dict[str, Any]]) -> None:
    purchase, spend = scored[1]["models"]["purchase"], scored[1]["models"]["spend"]
    expected = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}
    assert purchase["params"] == pytest.approx(expected, rel=RTOL)
    assert purchase["log_likelihood"] == pytest.approx(-9582.429, abs=1e-3)
    assert spend["params"] == pytest.approx({"p": 6.24957, "q": 3.74422, "v": 15.44351}, rel=RTOL)
    assert spend["log_likelihood"] == pytest.approx(-4055.9177, abs=1e-3)
    assert (purchase["status"], spend["status"], spend["basis"]) == ("converged", "converged", "repeat")


def test_every_record_is_accounted_for(scored: tuple[pl.DataFrame, dict[str, Any]]) -> None:
    rows = scored[1]["rows"]
    assert rows["read"] == 6919
    assert rows["used"] + rows["duplicates"] + sum(rows["excluded"].values()) + sum(rows["rejected"].values()) == 6919
    assert set(rows["excluded"]) == {"after_as_of"}
    assert scored[1]["customers"] == 2357
    assert "identical_lines" in {w["code"] for w in scored[1]["warnings"]}


def test_customer_1516(scored: tuple[pl.DataFrame, dict[str, Any]]) -> None:
    row = scored[0].row(by_predicate=pl.col("customer_id") == "1516", named=True)
    assert (row["frequency"], row["recency"], row["T"]) == (26, pytest.approx(30.857, abs=1e-3), 31)
    assert row["p_alive"] == pytest.approx(0.96885, abs=5e-6)
    assert row["expected_purchases"] == pytest.approx(20.749, abs=5e-4)


def test_customer_0001(scored: tuple[pl.DataFrame, dict[str, Any]]) -> None:
    row = scored[0].row(by_predicate=pl.col("customer_id") == "0001", named=True)
    assert row["expected_purchases"] == pytest.approx(1.226, abs=5e-4)
    assert row["expected_purchase_value"] == pytest.approx(24.65, abs=0.01)
    assert row["monetary_value"] == pytest.approx(22.345, abs=1e-9)


def test_a_one_time_buyer_has_the_population_value_on_the_repeat_basis(
    scored: tuple[pl.DataFrame, dict[str, Any]],
) -> None:
    once = scored[0].filter(pl.col("purchases") == 1)
    assert once["expected_purchase_value"].n_unique() == 1
    assert once["expected_purchase_value"][0] == pytest.approx(35.17, abs=0.01)
    assert once["monetary_value"].null_count() == once.height
    assert once["p_alive"].unique().to_list() == [1.0]


def test_the_year_of_customer_1516_and_basis_all(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    clv("score", cdnow_csv, "--as-of", "1997-09-30", "--horizon", "52w", "-o", "year.parquet", "-q")
    table = pl.read_parquet(tmp_path / "year.parquet")
    row = table.row(by_predicate=pl.col("customer_id") == "1516", named=True)
    assert row["expected_purchases"] == pytest.approx(25.757, abs=5e-4)
    spend = json.loads((tmp_path / "year.parquet.run.json").read_text())["models"]["spend"]
    assert spend["params"] == pytest.approx({"p": 9.8813, "q": 3.3988, "v": 7.9286}, rel=RTOL)
    assert spend["log_likelihood"] == pytest.approx(-9898.451, abs=1e-3)
    once = table.filter((pl.col("purchases") == 1) & (pl.col("total_spend") > 0))
    by_basket = once.group_by("total_spend").agg(pl.col("expected_purchase_value").n_unique())
    assert by_basket["expected_purchase_value"].max() == 1
    assert once["expected_purchase_value"].n_unique() == by_basket.height


RIDES = "customer,date,amount\nrider,2026-05-31,10\nrider,2026-06-03,12\nrider,2026-06-06,8\nrider,2026-06-10,15\n"
PAPER = {
    "purchase": {
        "name": "bg-nbd", "time_unit": "week",
        "params": {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881},
    },
    "spend": {"params": {"p": 6.24957, "q": 3.74422, "v": 15.44351}, "basis": "repeat"},
}  # fmt: skip


@pytest.mark.parametrize("unit", ["week", "day", "year"])
def test_four_rides_by_hand(clv: Clv, tmp_path: Path, unit: str) -> None:
    """The worked example: x 3, t_x 10/7, T 30/7 weeks; a hand-written model file in any unit gives the same."""
    (tmp_path / "rides.csv").write_text(RIDES)
    weeks = {"week": 1.0, "day": 7.0, "year": 7 / 365.25}[unit]
    purchase = PAPER["purchase"] | {
        "time_unit": unit, "params": PAPER["purchase"]["params"] | {"alpha": 4.4136019 * weeks},  # type: ignore[operator]
    }  # fmt: skip
    (tmp_path / "model.json").write_text(json.dumps(PAPER | {"purchase": purchase}))
    done = clv(
        "score", "rides.csv", "--as-of", "2026-06-30", "--horizon", "30d", "--margin", "0.3", "-o", "o.parquet", "-q",
        "--use-model", "model.json",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    row = pl.read_parquet(tmp_path / "o.parquet").row(0, named=True)
    assert (row["frequency"], row["recency"], row["T"]) == (3, pytest.approx(10 / 7), pytest.approx(30 / 7))
    assert row["monetary_value"] == pytest.approx(35 / 3)
    assert row["p_alive"] == pytest.approx(0.6055, abs=5e-5)
    assert row["expected_purchases"] == pytest.approx(0.8604, abs=5e-5)
    assert row["p_purchase"] == pytest.approx(0.4403, abs=5e-5)
    assert row["expected_purchase_value"] == pytest.approx(14.67, abs=5e-3)
    assert row["clv"] == pytest.approx(3.786, abs=5e-4)
    assert row["alert_date"] == date(2026, 7, 9)


def test_the_poisson_limit(clv: Clv, tmp_path: Path) -> None:
    """r = 2e6, alpha = 1e6 a week, nobody leaves: two purchases a week, P(3) = .1804, p_purchase = .8647."""
    (tmp_path / "one.csv").write_text("customer,date,amount\na,2026-06-30,10\n")
    flat = {"name": "bg-nbd", "time_unit": "week", "params": {"r": 2e6, "alpha": 1e6, "a": 1e-9, "b": 1}}
    (tmp_path / "m.json").write_text(json.dumps(flat))
    options = ("--use-model", "m.json", "--horizon", "1w", "--counts", "3", "-o", "o.parquet", "-q")
    assert clv("score", "one.csv", *options).code == 0
    row = pl.read_parquet(tmp_path / "o.parquet").row(0, named=True)
    assert row["p_purchase"] == pytest.approx(0.8647, abs=5e-5)
    assert row["p_count_3"] == pytest.approx(0.1804, abs=5e-5)
    assert sum(row[f"p_count_{k}"] for k in range(4)) + row["p_count_more"] == pytest.approx(1)
