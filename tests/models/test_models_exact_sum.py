"""Exact sums against math.fsum, which rounds the true sum once."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.models import exact_sum as module
from clvcli.models.exact_sum import added, as_float, exact_parts, exact_sum, group_parts

FLOATS = st.floats(-1e30, 1e30, allow_nan=False, allow_subnormal=False) | st.integers(-(10**9), 10**9).map(float)


@given(st.lists(FLOATS, min_size=1, max_size=40))
def test_the_sum_of_all_is_that_of_fsum(values: list[float]) -> None:
    assert exact_sum(np.array(values)) == math.fsum(values)
    assert exact_sum(np.array(values[::-1])) == math.fsum(values)


def test_what_cancels_leaves_the_small_rest() -> None:
    assert exact_sum(np.array([1e16, 1.0, -1e16, 2.0**-40])) == 1 + 2.0**-40
    assert exact_sum(np.array([0.1] * 10)) == 1.0


@given(st.lists(FLOATS, min_size=2, max_size=40), st.data())
def test_parts_of_any_cut_add_up(values: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(values) - 1))
    parts = [exact_parts(np.array(part)) for part in (values[:cut], values[cut:])]
    whole = added(json.loads(json.dumps(part)) for part in parts)
    assert as_float(whole) == as_float(exact_parts(np.array(values))) == math.fsum(values)


@given(st.lists(st.tuples(st.integers(0, 3), FLOATS | st.just(math.nan)), max_size=40))
def test_sums_by_group_leave_nan_out(rows: list[tuple[int, float]]) -> None:
    group, values = np.array([g for g, _ in rows], dtype=np.int64), np.array([v for _, v in rows], dtype=float)
    wanted = [math.fsum(v for g, v in rows if g == k and not math.isnan(v)) for k in range(5)]
    assert [as_float(parts) for parts in group_parts(values, group, 5)] == wanted


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_more_values_than_a_chunk(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", chunk)
    values = np.random.default_rng(1).normal(size=200) * 10.0 ** np.arange(200).astype(float).clip(0, 20)
    group = np.arange(200) % 3
    assert exact_sum(values) == math.fsum(values)
    wanted = [math.fsum(values[group == k]) for k in range(3)]
    assert [as_float(parts) for parts in group_parts(values, group, 3)] == wanted


def test_a_zero_has_no_part() -> None:
    assert exact_parts(np.zeros(3)) == {}
    assert all(number != 0 for number in exact_parts(np.array([0.0, 1.0, 2.0**40])).values())


def test_parts_of_each_exponent_stand_alone() -> None:
    """Powers of two a whole word apart: each exponent has its own part, with 53 bits of mantissa."""
    values = [1.0, 2.0**30, 2.0**60]
    exponents = sorted(int(e) for e in exact_parts(np.array(values)))
    assert [b - a for a, b in pairwise(exponents)] == [30, 30]
