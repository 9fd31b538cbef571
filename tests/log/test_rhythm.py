"""Closures of months and renewals on a schedule: told of where they are, and nowhere else."""

import random
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from math import cos, pi
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import Clv

from clvcli.core.options import LogOptions
from clvcli.log.closures import about_closures, closures_of
from clvcli.log.columns import Role
from clvcli.log.purchases import Purchases
from clvcli.log.read import read_log
from clvcli.log.schedules import about_schedule, steady_customers

FIRST = date(2021, 1, 4)
DATE = Role("date", "date", "recognised", frozenset({"date"}))
Open = Callable[[date], float]
"""Which part of the usual sales a day has."""


def always(_: date) -> float:
    return 1.0


def shut(*spans: tuple[date, date]) -> Open:
    return lambda day: 0.0 if any(a <= day <= b for a, b in spans) else 1.0


def at_random(rng: random.Random, day: date, end: date) -> Iterator[date]:
    """A customer of 2 to 60 days from purchase to purchase, who leaves at some time."""
    wait, stays = rng.uniform(2, 60), rng.expovariate(1 / 500)
    gone = day + timedelta(days=round(stays))
    while day <= min(end, gone):
        yield day
        day += timedelta(days=1 + round(rng.expovariate(1 / wait)))


def sales(seed: int, days: int, customers: int, is_open: Open = always) -> Purchases:
    """Customers who come in the course of the log and buy at random on open days."""
    rng = random.Random(seed)
    end = FIRST + timedelta(days=days)
    rows = [
        (f"c{i:04}", day, 1000)
        for i in range(customers)
        for day in sorted({*at_random(rng, FIRST + timedelta(days=rng.randrange(days)), end)})
        if rng.random() < is_open(day)
    ]
    return of_rows(rows)


def of_rows(rows: list[tuple[str, date, int]]) -> Purchases:
    schema = {"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}
    return Purchases.of(
        pl.DataFrame(rows, schema, orient="row").unique(["customer_id", "day"]).sort("customer_id", "day")
    )


def told(bought: Purchases, as_of: date | None = None) -> list[str]:
    last: date = as_of or bought.day.max()  # type: ignore[assignment]
    return [n.message for n in about_closures(bought, last, DATE, as_iso=True)]


SUMMER = (date(2021, 12, 1), date(2022, 2, 20))
SPRING = (date(2021, 3, 16), date(2021, 7, 5))
CLOSED = [
    (700, 400, [SPRING]), (700, 400, [SUMMER]), (900, 150, [(date(2022, 1, 10), date(2022, 3, 1))]),
    (900, 600, [(date(2021, 11, 1), date(2021, 12, 5))]), (900, 400, [SPRING, SUMMER]),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("days", "customers", "spans"), CLOSED)
def test_a_closure_is_told_with_its_days(seed: int, days: int, customers: int, spans: list[tuple[date, date]]) -> None:
    message = " ".join(told(sales(seed, days, customers, shut(*spans))))
    found = [tuple(map(date.fromisoformat, pair)) for pair in re.findall(r"from (\S+) to (\S+) \(", message)]
    assert len(found) == len(spans), message
    for (start, stop), (begin, end) in zip(found, spans, strict=True):
        assert abs((start - begin).days) <= 6
        assert abs((stop - end).days) <= 6


def test_a_voucher_sold_in_it_leaves_it_a_closure() -> None:
    bought = sales(1, 700, 600, lambda day: 0.01 if SPRING[0] <= day <= SPRING[1] else 1.0)
    message = told(bought)[0]
    assert re.search(r"[1-9]\d* of some", message)
    assert "THEN DATE '2021-07-06'" in message or "THEN DATE '2021-07-0" in message


def test_a_closure_at_the_end_makes_customers_look_lost() -> None:
    """By hand: a buys every 10 days, b and c stopped long before; once the shop has been shut for 60 days a looks
    lost for that alone."""
    rows = [("a", FIRST + timedelta(days=10 * i), 1) for i in range(30)]
    rows += [
        (f"{who}{j}", FIRST + timedelta(days=2 * i + j % 2), 1) for who in "bc" for j in range(9) for i in range(70)
    ]
    rows += [(f"d{j}", FIRST + timedelta(days=i), 1) for j in range(4) for i in range(j, 291, 5)]
    message = told(of_rows(rows), FIRST + timedelta(days=350))[0]
    assert "5 of 23 customers look lost for it alone" in message
    assert "who came back" not in message
    assert message.endswith("--as-of 2021-10-21 stands before it")


def seasonal(swing: float, sharp: int = 1) -> Open:
    return lambda day: (1 + swing * cos(2 * pi * (day.timetuple().tm_yday - 350) / 365)) ** sharp / (1 + swing) ** sharp


def beach(day: date) -> float:
    return 1.0 if 5 <= day.month <= 9 else 0.0


OPEN = {
    "steady": always, "season": seasonal(0.8), "sharp season": seasonal(0.9, 3), "closed each winter": beach,
    "closed at weekends": lambda day: float(day.weekday() < 5),
    "two weeks of holidays": shut((date(2021, 8, 1), date(2021, 8, 14)), (date(2021, 12, 24), date(2022, 1, 3))),
    "once a month": lambda day: float(day.day == 1),
    "once a quarter": lambda day: float(day.day == 1 and day.month % 3 == 1),
    "a few days a month": lambda day: float(day.day <= 3),
    "growing": lambda day: min(1, 0.01 + (day - FIRST).days / 900),
    "dying": lambda day: max(0.0, 1 - (day - FIRST).days / 800) ** 3,
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_no_closure_where_there_is_none(name: str) -> None:
    for seed, (days, customers) in enumerate([(900, 400), (900, 60), (1500, 200), (400, 20), (200, 300)]):
        if name == "closed each winter" and days < 900:
            continue  # once alone it cannot be told from a closure
        bought = sales(seed, days, customers, OPEN[name])
        assert told(bought) == [], (days, customers)
        assert about_schedule(bought, None) == [], (days, customers)


@pytest.mark.parametrize("counts", [[], [5], [0] * 90, [1] + [0] * 400, [9] * 40 + [0] * 400, [0] * 200 + [3] * 90])
def test_short_and_empty_logs(counts: list[int]) -> None:
    found = closures_of(np.array(counts, dtype=np.int64))
    assert len(found) == (counts[:2] == [9, 9])  # only where sales were steady before


def subscriptions(seed: int, wait: Callable[[random.Random], int], share: float = 1.0) -> Purchases:
    rng, rows = random.Random(seed), []
    for i in range(200):
        day = FIRST + timedelta(days=rng.randrange(300))
        if i < 200 * share:
            while day < FIRST + timedelta(days=700) and rng.random() < 0.95:
                rows.append((f"s{i:03}", day, 1))
                day += timedelta(days=wait(rng))
        else:
            rows += [(f"s{i:03}", d, 1) for d in {*at_random(rng, day, FIRST + timedelta(days=700))}]
    return of_rows(rows)


SCHEDULES: dict[str, tuple[Callable[[random.Random], int], int]] = {
    "months": (lambda r: r.choice([28, 30, 31, 31]), 30), "30 days": (lambda _: 30, 30), "weeks": (lambda _: 7, 7),
    "weeks, a day late": (lambda r: 7 + (r.random() < 0.2), 7), "four weeks": (lambda _: 28, 28),
    "a card that fails at times": (lambda r: 30 + r.choice([0] * 8 + [3, 30]), 30),
    "quarters": (lambda r: r.choice([90, 91, 92]), 91),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_renewals_are_told(name: str) -> None:
    wait, usual = SCHEDULES[name]
    found = steady_customers(subscriptions(3, wait))
    assert found is not None
    assert found[0] > 0.75
    assert abs(found[2] - usual) <= 1
    assert steady_customers(subscriptions(3, wait, share=0.2)) is None


def test_a_model_that_sees_the_rhythm_is_not_warned_of() -> None:
    bought = subscriptions(1, lambda _: 30)
    assert [n.code for n in about_schedule(bought, "bg-nbd")] == ["regular_intervals"]
    assert about_schedule(bought, "auto") == about_schedule(bought, "mbg-cnbd") == []


def test_most_customers_twice_as_regular_as_chance_are_no_schedule() -> None:
    rng = random.Random(5)
    assert steady_customers(subscriptions(5, lambda _: 1 + round(rng.gammavariate(2, 15)))) is None


def test_the_sample_log_and_cdnow_have_neither(cdnow_csv: Path) -> None:
    sample = Path(__file__).resolve().parents[2] / "sample_data" / "transactions.csv"
    for log in (sample, cdnow_csv):
        found = read_log(LogOptions(data=(str(log),)), date(2026, 1, 1))
        assert found.purchases.height > 1000
        assert not {n.code for n in found.quality.notices} & {"closure", "regular_intervals"}


def test_the_command_that_is_printed_takes_the_closed_days_out(clv: Clv, tmp_path: Path) -> None:
    bought = sales(2, 700, 400, shut(SPRING))
    rows = "".join(f"{who},{day},10.00\n" for who, day, _ in bought.frame.iter_rows())
    (tmp_path / "log.csv").write_text("customer,date,amount\n" + rows)
    done = clv("score", "log.csv", "--no-model", "-o", "a.csv", COLUMNS="10000")
    line = next(text for text in done.err.splitlines() if "[clv help closure]" in text)
    options = shlex.split(re.search(r'--date "[^"]+"', line)[0])  # type: ignore[index]
    done = clv("score", "log.csv", *options, "--no-model", "-o", "b.csv", COLUMNS="10000")
    assert done.code == 0, done.err
    assert "closure" not in done.err
    before, after = (pl.read_csv(tmp_path / f"{name}.csv", try_parse_dates=True) for name in "ab")
    assert before["total_spend"].equals(after["total_spend"])
    moved = (after["first_purchase_date"] - before["first_purchase_date"]).dt.total_days()
    early = before["first_purchase_date"] < SPRING[0]
    assert set(moved.filter(early)) == {112}
    assert set(moved.filter(~early)) == {0}
