"""Predictions through the command, in the cases that the reference values do not reach."""

from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Clv

MONEY = ["clv", "clv_low", "clv_high"]


def table(clv: Clv, folder: Path, *options: str) -> pl.DataFrame:
    (folder / "log.csv").write_text(GOOD)
    done = clv("score", "log.csv", "-o", "t.parquet", "-q", *options)
    assert done.code == 0, done.err
    return pl.read_parquet(folder / "t.parquet")


def test_a_margin_of_each_customer_scales_the_value_and_its_interval(clv: Clv, tmp_path: Path) -> None:
    rates = {f"c{i}": (i % 5) / 4 for i in range(40)}
    (tmp_path / "people.csv").write_text("customer,rate\n" + "".join(f"{c},{r}\n" for c, r in rates.items()))
    plain = table(clv, tmp_path)
    own = table(clv, tmp_path, "--customers", "people.csv", "--margin", "rate")
    factor = [rates[c] for c in own["customer_id"]]
    for column in MONEY:
        wanted = [value * rate for value, rate in zip(plain[column], factor, strict=True)]
        assert own[column].to_list() == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert own["expected_purchases"].equals(plain["expected_purchases"])


def test_a_discount_scales_the_interval_as_it_scales_the_value(clv: Clv, tmp_path: Path) -> None:
    plain, later = table(clv, tmp_path), table(clv, tmp_path, "--discount-rate", "0.3")
    ratio = later["clv"] / plain["clv"]
    assert ratio.is_between(0.85, 0.95).all()  # half a year of 30 %, on average
    for column in ("clv_low", "clv_high"):
        assert later[column].to_list() == pytest.approx((plain[column] * ratio).to_list(), rel=1e-9)


def test_an_endless_horizon_has_a_value_and_no_counts(clv: Clv, tmp_path: Path) -> None:
    endless = table(clv, tmp_path, "--horizon", "inf", "--discount-rate", "0.1", "--counts", "2")
    year = table(clv, tmp_path, "--discount-rate", "0.1")
    null = [
        "expected_purchases",
        "p_purchase",
        "clv_low",
        "clv_high",
        "p_count_0",
        "p_count_1",
        "p_count_2",
        "p_count_more",
    ]
    assert all(endless[name].null_count() == endless.height for name in null)
    assert (endless["clv"] > year["clv"]).all()


def test_counts_are_a_distribution_and_hold_the_chance_of_a_purchase(clv: Clv, tmp_path: Path) -> None:
    counts = table(clv, tmp_path, "--horizon", "2m", "--counts", "4")
    names = [*(f"p_count_{k}" for k in range(5)), "p_count_more"]
    assert counts.select(pl.sum_horizontal(names))["p_count_0"].to_list() == pytest.approx([1.0] * counts.height)
    assert (1 - counts["p_count_0"]).to_list() == pytest.approx(counts["p_purchase"].to_list(), abs=1e-9)
