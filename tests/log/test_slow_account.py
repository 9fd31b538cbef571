"""Random orders with discounts, gift cards, partial and full refunds against an account kept by hand.

The account is the contract in plain Python: it looks for each refund through every order, one after the other, and
shares nothing with the reader nor with the other twin.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Clv

from clvcli.core.options import LogOptions
from clvcli.log.read import read_log

RUN_DAY = date(2026, 11, 22)
FIRST = date(2024, 1, 1)
ORDERS = 200
Days = dict[tuple[str, date], int]
WORTH = ("reversed", "netted", "unmatched")


@dataclass(frozen=True)
class Line:
    """One row of the export; `cents` may be negative. Without an order it stands alone."""

    customer: str
    day: date
    cents: int
    order: str = ""


@dataclass
class Account:
    """What comes out: purchases by customer and day, records by fate, worth by what became of it."""

    days: Days = field(default_factory=dict)
    fates: Counter[str] = field(default_factory=Counter)
    worth: Counter[str] = field(default_factory=Counter)


@dataclass
class Order:
    """The lines of one order of one customer."""

    lines: list[Line]
    gone: bool = False

    @property
    def total(self) -> int:
        return sum(line.cents for line in self.lines)

    @property
    def begun(self) -> date:
        return min(line.day for line in self.lines)

    @property
    def has_both_signs(self) -> bool:
        return any(line.cents < 0 for line in self.lines) and any(line.cents > 0 for line in self.lines)

    @property
    def bought_on(self) -> date:
        return min(line.day for line in self.lines if line.cents > 0)


def account_of(lines: list[Line], returns: str) -> Account:
    """The fates of all lines, customer by customer."""
    out = Account()
    for customer in sorted({line.customer for line in lines}):
        own = [line for line in lines if line.customer == customer]
        if returns == "keep":
            _kept(own, out)
        else:
            _taken_back(customer, _orders(own), out, net=returns == "net")
    return out


def _kept(own: list[Line], out: Account) -> None:
    sums: Days = defaultdict(int)
    for line in own:
        sums[line.customer, line.day] += line.cents
    out.days.update({key: cents for key, cents in sums.items() if cents >= 0})
    out.fates["used"] += len(own)


def _orders(own: list[Line]) -> list[Order]:
    named: dict[str, list[Line]] = defaultdict(list)
    for line in own:
        if line.order:
            named[line.order].append(line)
    return [Order(part) for part in named.values()] + [Order([line]) for line in own if not line.order]


def _taken_back(customer: str, orders: list[Order], out: Account, *, net: bool) -> None:
    for order in orders:
        if order.has_both_signs and order.total == 0:
            _reverse(order, out)
    _pair([order for order in orders if not order.gone], out)
    singles = [Order([line]) for order in orders if not order.gone and not order.has_both_signs for line in order.lines]
    _pair(singles, out)
    left = [o for o in orders if not o.gone and o.has_both_signs] + [s for s in singles if not s.gone]
    days: Days = defaultdict(int)
    for order in left:
        if order.has_both_signs and order.total > 0:
            days[customer, order.bought_on] += order.total
            out.fates["used"] += len(order.lines)
        elif not order.has_both_signs and order.total >= 0:
            days[customer, order.begun] += order.total
            out.fates["used"] += 1
    for order in sorted((o for o in left if o.total < 0), key=lambda o: (o.begun, o.total)):
        taken = _take_off(days, order) if net else 0
        out.worth["netted"] += taken
        out.worth["unmatched"] += -order.total - taken
        out.fates["used" if taken else "return"] += len(order.lines)
    out.days.update(days)


def _reverse(order: Order, out: Account) -> None:
    order.gone = True
    out.fates["reversed"] += len(order.lines)
    out.worth["reversed"] -= sum(line.cents for line in order.lines if line.cents < 0)


def _pair(orders: list[Order], out: Account) -> None:
    """Each refund takes the newest order of its size on or before its day that none has taken yet."""
    for back in sorted((o for o in orders if o.total < 0), key=lambda o: o.begun):
        fitting = [o for o in orders if not o.gone and o.total == -back.total and o.begun <= back.begun]
        if fitting:
            for order in (max(fitting, key=lambda o: o.begun), back):
                _reverse(order, out)


def _take_off(days: Days, back: Order) -> int:
    """Takes a refund off the latest purchases on or before its day; a day that it brings to 0 is none any more."""
    owed = -back.total
    for key in sorted((key for key in days if key[1] <= back.begun), key=lambda key: key[1], reverse=True):
        part = min(owed, days[key])
        days[key] -= part
        owed -= part
        if part and not days[key]:
            del days[key]
    return -back.total - owed


def random_orders(rng: random.Random) -> list[Line]:
    """Orders of 30 customers: few different prices, so that refunds find several orders of their size."""
    prices = [0, 500, 500, 1000, 1000, 1500, 2000, rng.randrange(1, 5000)]
    lines: list[Line] = []
    for number in range(ORDERS):
        customer, day = f"c{rng.randrange(30)}", FIRST + timedelta(rng.randrange(120))
        order = f"o{number}"
        bought = [Line(customer, day, rng.choice(prices), order) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        total = sum(line.cents for line in bought)
        kind = rng.choice(
            ["plain"] * 4 + ["discount", "gift", "paid by gift", "whole", "part", "same", "much", "alone"]
        )
        later = day + timedelta(rng.randrange(30))
        more = {
            "plain": [],
            "discount": [Line(customer, day, -max(1, total // 10), order)],
            "gift": [Line(customer, day, -rng.choice([500, 1000]), order)],
            "paid by gift": [Line(customer, day, -total, order)] if total else [],
            "whole": [Line(customer, later, -line.cents, f"r{number}") for line in bought if line.cents],
            "part": [Line(customer, later, -rng.randrange(1, 1500), f"r{number}")],
            "same": [Line(customer, later, -rng.choice([bought[0].cents or 1, 300, total or 1]), order)],
            "much": [Line(customer, later, -rng.randrange(2000, 30000))],
            "alone": [Line(customer, later, -rng.choice([500, 1000, 1500]))],
        }[kind]
        lines += bought + more
    rng.shuffle(lines)
    return lines


def write(path: Path, lines: list[Line]) -> None:
    rows = (f"{line.customer},{line.day},{line.cents / 100:.2f},{line.order}" for line in lines)
    path.write_text("customer,date,amount,order_no\n" + "\n".join(rows) + "\n")


@pytest.mark.parametrize(("returns", "seed"), [
    *(("net", seed) for seed in range(12)), *(("reverse", seed) for seed in range(20, 24)), ("keep", 30), ("keep", 31),
])  # fmt: skip
def test_two_hundred_orders_as_the_account_has_them(tmp_path: Path, returns: str, seed: int) -> None:
    lines = random_orders(random.Random(seed))
    write(tmp_path / "log.csv", lines)
    log = read_log(LogOptions(data=(str(tmp_path / "log.csv"),), order_id="order_no", returns=returns), RUN_DAY)
    right = account_of(lines, returns)
    assert {(customer, day): cents for customer, day, cents in log.purchases.iter_rows()} == right.days
    quality = log.quality
    # Of two orders of one size and day either may be taken, and they may differ in their number of lines.
    assert quality.excluded.get("return", 0) == right.fates["return"]
    assert quality.used + quality.excluded.get("reversed", 0) == right.fates["used"] + right.fates["reversed"]
    worth = quality.facts["returns"]
    assert {name: round(100 * worth[name]) for name in WORTH} == {name: right.worth[name] for name in WORTH}


@pytest.mark.parametrize("seed", range(100, 104))
def test_the_same_without_ids_of_orders(tmp_path: Path, seed: int) -> None:
    lines = [Line(line.customer, line.day, line.cents) for line in random_orders(random.Random(seed))]
    write(tmp_path / "log.csv", lines)
    log = read_log(LogOptions(data=(str(tmp_path / "log.csv"),)), RUN_DAY)
    right = account_of(lines, "net")
    assert {(customer, day): cents for customer, day, cents in log.purchases.iter_rows()} == right.days
    assert {"used": log.quality.used, **log.quality.excluded} == +right.fates


def test_the_scored_table_of_such_orders(clv: Clv, tmp_path: Path) -> None:
    lines = random_orders(random.Random(7))
    write(tmp_path / "log.csv", lines)
    done = clv("score", "log.csv", "--order-id", "order_no", "--no-model", "-o", "-")
    assert done.code == 0, done.err
    right: dict[str, int] = defaultdict(int)
    for (customer, _), cents in account_of(lines, "net").days.items():
        right[customer] += cents
    header, *rows = (row.split(",") for row in done.out.decode().splitlines())
    found = {row[0]: round(100 * float(row[header.index("total_spend")])) for row in rows}
    assert {who: cents for who, cents in found.items() if cents} == {who: c for who, c in right.items() if c}


def test_the_orders_have_every_kind_of_refund() -> None:
    found = account_of(random_orders(random.Random(0)), "net")
    assert min(found.fates["reversed"], found.fates["return"], found.worth["netted"], found.worth["unmatched"]) > 0
