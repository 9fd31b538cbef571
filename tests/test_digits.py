"""Ten significant digits, as decimal arithmetic gives them."""

import math
from decimal import Context, Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from clvcli.scoring.digits import significant

EXACT = Context(prec=10)
ANY = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30, allow_subnormal=False)


@given(st.lists(st.one_of(ANY, st.floats(1e-9, 1e9), st.just(0.0)), min_size=1, max_size=20))
def test_every_number_is_that_of_decimal_arithmetic_or_the_other_side_of_a_tie(numbers: list[float]) -> None:
    for number, found in zip(numbers, significant(pl.Series(numbers)), strict=True):
        exact = EXACT.create_decimal(Decimal(number))
        tie = Decimal(number) * (1 + Decimal("1e-15"))
        other = {float(exact), float(EXACT.create_decimal(tie)), float(EXACT.create_decimal(Decimal(number) * 2 - tie))}
        if 1e-13 < abs(number) < 1e9 or number == 0:
            assert found in other
        else:
            assert abs(Decimal(found) - exact) <= abs(exact) * Decimal("1.1e-10")


def test_what_is_no_number_is_null() -> None:
    numbers = pl.Series([None, float("nan"), float("inf"), 1 / 3, -2 / 3 * 1e-30])
    assert significant(numbers).to_list() == [None, None, None, 0.3333333333, -6.666666667e-31]


def test_a_short_decimal_stays_as_it_is() -> None:
    numbers = [0.1, 4.35, 22.345, 1e-5, 123456.7891, 99999999.99, 1e15]
    assert significant(pl.Series(numbers)).to_list() == numbers


def test_next_to_powers_of_ten() -> None:
    powers = [10.0**k for k in range(-12, 9)]
    near = [math.nextafter(power, side) for power in powers for side in (0.0, math.inf)]
    assert significant(pl.Series(near)).to_list() == [power for power in powers for _ in (0, 1)]
    assert significant(pl.Series(powers)).to_list() == powers
    ends = [5e-324, -5e-324, 1e-300, 1e300]
    assert significant(pl.Series(ends)).to_list() == pl.Series(ends).round_sig_figs(10).to_list()
