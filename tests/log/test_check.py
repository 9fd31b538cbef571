"""`clv check`: the verdict and its reasons, left truncation, season, the page and its JSON."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from corpus.build import base, file, with_rows

from clvcli.cli.app import run
from clvcli.commands.check import Check, check, left_truncation, season
from clvcli.core.options import LogOptions

RUN_DAY = date(2026, 11, 22)


def checked(tmp_path: Path, content: bytes, **options: object) -> Check:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    return check(LogOptions(data=(str(path),), **options), RUN_DAY)  # type: ignore[arg-type]


def log_of(customers: int, purchases: int, days: int) -> bytes:
    draw = random.Random(1)
    rows = [
        [
            f"C{c}",
            (date(2023, 1, 1) + timedelta(days=draw.randrange(days))).isoformat(),
            f"{draw.randrange(100, 9999) / 100}",
        ]
        for c in range(customers)
        for _ in range(purchases)
    ]
    return file(rows)


def test_a_small_log_is_usable_but_not_enough(tmp_path: Path) -> None:
    found = checked(tmp_path, file(base()))
    assert found.usable
    assert not found.enough
    assert "40 customers" in found.reasons[0]


def test_a_large_log_is_enough(tmp_path: Path) -> None:
    found = checked(tmp_path, log_of(600, 4, 400))
    assert found.enough
    assert found.reasons == ()
    assert found.facts["customers"] == 600


def test_a_short_span_is_not_enough(tmp_path: Path) -> None:
    assert any("days from the first" in reason for reason in checked(tmp_path, log_of(600, 4, 90)).reasons)


def test_too_many_rejects_are_shown_not_raised(tmp_path: Path) -> None:
    found = checked(tmp_path, with_rows(*[["C1", "soon", "9.00"]] * 20))
    assert not found.usable
    assert "20 of 220 records are rejected" in found.reasons[0]
    example = found.as_json()["examples"][0]
    assert (example["reason"], example["line"], example["column"], example["value"]) == (
        "bad_date",
        202,
        "date",
        "soon",
    )


def test_excluded_records_have_examples_too(tmp_path: Path) -> None:
    found = checked(tmp_path, with_rows(["", "2024-05-05", "9.00"], ["C1", "2024-05-06", "-3.10"]))
    places = {(e["reason"], e["line"], e["value"]) for e in found.as_json()["examples"]}
    assert places == {
        ("no_customer_id", 202, "no customer, 2024-05-05, 9.00"),
        ("return", 203, "C1, 2024-05-06, -3.10"),
    }


def firsts(per_day: list[int]) -> pl.DataFrame:
    rows = [
        (f"C{day}-{i}", date(2024, 1, 1) + timedelta(days=day), 100) for day, n in enumerate(per_day) for i in range(n)
    ]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}, orient="row")


def test_first_purchases_that_pile_up_early_are_left_truncation() -> None:
    assert [n.code for n in left_truncation(firsts([10] * 28 + [2] * 300), None)] == ["left_truncation"]


def test_even_first_purchases_are_not() -> None:
    assert left_truncation(firsts([3] * 328), None) == []


def test_acquired_from_answers_it() -> None:
    assert left_truncation(firsts([10] * 28 + [2] * 300), date(2024, 3, 1)) == []


def test_december_is_a_season() -> None:
    calm, busy = firsts([3] * 365), firsts([3] * 300 + [20] * 35 + [3] * 60)
    assert season(calm) == []
    assert [n.code for n in season(busy)] == ["season"]


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_bytes(with_rows(["\x1b[31m[red]x", "2024-05-05", "bad\x1b[0m"]))
    assert run(["check", "orders.csv"]) == 0
    out, _ = capfd.readouterr()
    assert "recognised by its name" in out
    assert "orders.csv:202" in out
    assert "\x1b" not in out
    assert run(["check", "orders.csv", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["rows"]["rejected"] == {"bad_amount": 1}
    assert found["usable"] is True
    assert run(["check", "orders.csv", "--max-rejects", "0"]) == 3
    assert "--max-rejects" in capfd.readouterr().err
    assert run(["check", "orders.csv", "--strict", "--max-age", "7d"]) == 3
    assert "stale_feed" in capfd.readouterr().err


def in_one_order(more: list[str]) -> bytes:
    """400 dates that may be day first or month first, and `more`."""
    dates = [f"{1 + i % 12:02}/{1 + i * 7 % 12:02}/2024" for i in range(400)] + more
    return file([[f"C{i % 40}", day, "9.00"] for i, day in enumerate(dates)])


@pytest.mark.parametrize(("more", "days"), [(["25/03/2024"], "day, month"), (["03/25/2024"] * 3, "month, day")])
def test_a_day_or_month_first_that_few_records_prove_is_warned_of(more: list[str], days: str, tmp_path: Path) -> None:
    told = {n.code: n.message for n in checked(tmp_path, in_one_order(more)).warnings}
    assert f"is read {days}, year on the word of {len(more)} record" in told["date_order_by_few"]
    assert f"like {more[0]}" in told["date_order_by_few"]


def test_where_more_prove_it_or_it_is_asked_for_nothing_is_said(tmp_path: Path) -> None:
    few, more = in_one_order(["25/03/2024"]), in_one_order(["25/03/2024"] * 8)
    assert "date_order_by_few" not in {n.code for n in checked(tmp_path, more).warnings}
    assert "date_order_by_few" not in {n.code for n in checked(tmp_path, few, date_format="dmy").warnings}


def _drawn(seed: int, days: int, old: float) -> pl.DataFrame:
    """1,500 customers who buy at rates ~ Gamma(1.2, 9) a week and live a while; `old` of them from up to two years
    before the log, which is cut at its first day."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(1500):
        day = rng.uniform(-730, 0) if rng.random() < old else rng.uniform(0, days)
        rate, death = rng.gamma(1.2, 1 / 9) / 7, day + rng.exponential() / (rng.gamma(0.8, 1 / 18) / 7)
        while day < min(days, death):
            if day >= 0:
                rows.append((f"C{i}", date(2024, 1, 1) + timedelta(days=int(day)), 100))
            day += rng.exponential(1 / rate)
    frame = pl.DataFrame(rows, schema={"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}, orient="row")
    return frame.unique(["customer_id", "day"]).sort("customer_id", "day")


@pytest.mark.parametrize("days", [365, 730])
def test_old_customers_are_noticed_and_newcomers_are_not(days: int) -> None:
    told = {old: [bool(left_truncation(_drawn(seed, days, old), None)) for seed in range(6)] for old in (0.0, 0.3, 0.6)}
    assert sum(told[0.0]) == 0
    assert all(told[0.3])
    assert all(told[0.6])


def test_it_says_how_many_may_be_old() -> None:
    """Ten a day for four weeks, then two: 328 days at 2 are 656 of the 880: 224 too many."""
    found = left_truncation(firsts([10] * 28 + [2] * 300), None)
    assert "some 224 may be older than the log" in found[0].message
