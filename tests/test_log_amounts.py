"""The sum of the logs of each customer's amounts: its digits, and that nothing but the amounts moves it."""

from datetime import date, timedelta
from importlib import import_module

import mpmath
import numpy as np
import polars as pl
import pytest

from clvcli.engines.base import LOG_UNIT
from clvcli.engines.local import customers as one_machine
from clvcli.log.purchases import Purchases

FIRST = date(2024, 1, 1)


def purchases(amounts: dict[str, list[int]]) -> Purchases:
    """One purchase a day, amounts in minor units."""
    rows = [(who, FIRST + timedelta(i), a) for who, known in sorted(amounts.items()) for i, a in enumerate(known)]
    return Purchases.of(
        pl.DataFrame(rows, schema={"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}, orient="row")
    )


def drawn(seed: int, people: int = 40) -> dict[str, list[int]]:
    """Amounts from 0 to what 53 bits hold."""
    rng = np.random.default_rng(seed)
    known = {f"c{i:03}": np.exp(rng.uniform(0, 36.7, rng.integers(1, 60))).astype(int).tolist() for i in range(people)}
    return {**known, "zero": [0, 0], "some": [0, 1, 2, 0], "one": [1]}


def test_logs_are_those_of_mpmath_to_half_a_unit_each() -> None:
    amounts = drawn(1)
    found = one_machine(purchases(amounts))
    for who, units in zip(found["customer_id"], found["log_amounts"], strict=True):
        paid = [a for a in amounts[who] if a > 0]
        with mpmath.workdps(40):
            exact = sum((mpmath.log(a) for a in paid), mpmath.mpf(0)) / LOG_UNIT
            assert abs(units - exact) <= 0.501 * len(paid)


def test_days_of_zero_have_no_log() -> None:
    found = one_machine(purchases({"a": [0, 0], "b": [1]}))
    assert found["log_amounts"].to_list() == [0, 0]
    assert found["paid_days"].to_list() == [0, 1]


def test_order_and_company_and_blocks_do_not_move_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = drawn(2)
    whole = dict(one_machine(purchases(amounts)).select("customer_id", "log_amounts").iter_rows())
    for who, known in amounts.items():
        for order in (known, known[::-1]):
            assert one_machine(purchases({who: order}))["log_amounts"].to_list() == [whole[who]]
    monkeypatch.setattr(import_module("clvcli.engines.local.customers"), "BLOCK", 7)
    assert dict(one_machine(purchases(amounts)).select("customer_id", "log_amounts").iter_rows()) == whole
