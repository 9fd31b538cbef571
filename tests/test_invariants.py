"""What must not change an answer, and how an answer must change: the invariants of the models and of the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clvcli.core.options import LogOptions
from clvcli.engines import local as engine
from clvcli.log.read import Log, read_log
from clvcli.scoring.calibration import Calibration, calibrate
from clvcli.scoring.describe import predict
from clvcli.scoring.saved_model import fits_json
from clvcli.scoring.terms import Scorer

START = date(2023, 1, 1)
RUN_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Line:
    customer: str
    day: date
    cents: int

    def text(self) -> str:
        return f"{self.customer},{self.day},{self.cents // 100}.{self.cents % 100:02}"


def drawn(seed: int, customers: int = 120) -> list[Line]:
    """A small log of customers who buy at their own rate and leave at their own chance."""
    random = np.random.default_rng(seed)
    lines = []
    for i in range(customers):
        day, rate, level = float(random.integers(0, 200)), random.gamma(1.5, 1 / 40), 800 * 3 / random.gamma(4)
        while day < 400:
            lines.append(Line(f"c{i:03}", START + timedelta(days=int(day)), int(random.gamma(4, level)) + 1))
            if random.random() < 0.2:
                break
            day += 1 + random.exponential(1 / rate)
    return lines


def read(folder: Path, lines: Sequence[Line], **options: object) -> Log:
    path = folder / "log.csv"
    path.write_text("\n".join(["customer,date,amount", *(line.text() for line in lines)]) + "\n")
    typed: dict[str, Any] = {"as_of": str(START + timedelta(days=420)), "max_rejects": "100%", **options}
    return read_log(LogOptions(data=(str(path),), **typed), RUN_DAY)


def customers_of(log: Log) -> pl.DataFrame:
    return engine.customers(log.bought)


def fitted(customers: pl.DataFrame, basis: str = "all") -> Calibration:
    return calibrate(engine, customers, as_of=START + timedelta(days=420), model="bg-nbd", basis=basis, decimals=2)


def scored(customers: pl.DataFrame, calibration: Calibration, days: float = 365.0) -> pl.DataFrame:
    scorer = Scorer(
        as_of=START + timedelta(days=420), horizon_days=days, time_unit="week", decimals=2, margin=1.0,
        discount_rate=0.0, alert=0.5, basis="all", pooled=calibration.pooled,
    )  # fmt: skip
    return predict(customers, scorer)


seeds = st.integers(0, 10_000)


@settings(max_examples=10)
@given(seeds)
def test_row_order_changes_nothing(tmp_path: Path, seed: int) -> None:
    lines = drawn(seed)
    mixed = [lines[i] for i in np.random.default_rng(seed).permutation(len(lines))]
    one, two = customers_of(read(tmp_path, lines)), customers_of(read(tmp_path, mixed))
    assert one.equals(two)
    assert scored(one, fitted(one)).equals(scored(two, fitted(two)))


@settings(max_examples=10)
@given(seeds)
def test_splitting_a_days_purchase_changes_no_customer(tmp_path: Path, seed: int) -> None:
    lines = drawn(seed)
    split = [
        part
        for i, line in enumerate(lines)
        for part in (
            (
                Line(line.customer, line.day, line.cents // 3),
                Line(line.customer, line.day, line.cents - line.cents // 3),
            )
            if i % 2 and line.cents // 3 != line.cents - line.cents // 3
            else (line,)
        )
    ]
    assert customers_of(read(tmp_path, lines)).equals(customers_of(read(tmp_path, split)))


@settings(max_examples=10)
@given(seeds)
def test_an_exact_duplicate_changes_nothing_under_drop(tmp_path: Path, seed: int) -> None:
    lines = drawn(seed)
    again = [*lines, *lines[::3]]
    log = read(tmp_path, again, duplicates="drop")
    assert customers_of(log).equals(customers_of(read(tmp_path, lines, duplicates="drop")))
    assert log.quality.duplicates == len(again) - len(set(again))


@settings(max_examples=5)
@given(seeds, st.integers(2, 4))
def test_every_customer_k_times_gives_the_same_parameters_and_k_times_the_likelihood(
    tmp_path: Path, seed: int, k: int
) -> None:
    once = customers_of(read(tmp_path, drawn(seed)))
    many = pl.concat([once.with_columns(pl.concat_str("customer_id", pl.lit(f"-{i}"))) for i in range(k)]).sort(
        "customer_id"
    )
    one, two = fitted(once).pooled, fitted(many).pooled
    for a, b in ((one.purchase, two.purchase), (one.spend, two.spend)):
        assert b.status == a.status
        assert b.log_likelihood == pytest.approx(k * (a.log_likelihood or 0), rel=1e-9)
        if a.status == "converged":
            assert dict(b.params) == pytest.approx(dict(a.params), rel=1e-4)


@settings(max_examples=5)
@given(seeds, st.sampled_from([10, 100]))
def test_amounts_times_c_scale_v_and_the_value_alone(tmp_path: Path, seed: int, c: int) -> None:
    lines = drawn(seed)
    one = customers_of(read(tmp_path, lines))
    two = customers_of(read(tmp_path, [Line(x.customer, x.day, x.cents * c) for x in lines]))
    a, b = fitted(one), fitted(two)
    assert b.pooled.purchase == a.pooled.purchase
    assert b.pooled.spend.params["p"] == pytest.approx(a.pooled.spend.params["p"], rel=1e-4)
    assert b.pooled.spend.params["q"] == pytest.approx(a.pooled.spend.params["q"], rel=1e-4)
    assert b.pooled.spend.params["v"] == pytest.approx(c * a.pooled.spend.params["v"], rel=1e-4)
    assert scored(two, b)["clv"].to_numpy() == pytest.approx(c * scored(one, a)["clv"].to_numpy(), rel=1e-5)


@settings(max_examples=5)
@given(seeds)
def test_the_time_unit_scales_alpha_and_shifts_the_likelihood(tmp_path: Path, seed: int) -> None:
    customers = customers_of(read(tmp_path, drawn(seed)))
    fits = fitted(customers).pooled
    week, day = (fits_json(fits, "all", unit)["purchase"] for unit in ("week", "day"))
    for name, value in week["params"].items():
        assert day["params"][name] == pytest.approx(value * (7 if name == "alpha" else 1), rel=1e-12)
    repeats = int((customers["purchases"] - 1).sum())
    assert day["log_likelihood"] == pytest.approx(week["log_likelihood"] - repeats * np.log(7), rel=1e-12)


@settings(max_examples=5)
@given(seeds)
def test_p_alive_is_a_probability_and_expectations_rise_from_nothing(tmp_path: Path, seed: int) -> None:
    customers = customers_of(read(tmp_path, drawn(seed)))
    calibration = fitted(customers)
    before = None
    for days in (1e-9, 1.0, 30.0, 365.0, 3650.0):
        table = scored(customers, calibration, days)
        assert table["p_alive"].is_between(0, 1).all()
        assert table["p_purchase"].is_between(0, 1).all()
        assert (table["clv_low"] <= table["clv_high"]).all()
        expected = table["expected_purchases"].to_numpy()
        assert (expected >= (0 if before is None else before - 1e-9)).all()
        assert days > 1e-6 or expected.max() < 1e-6
        before = expected
