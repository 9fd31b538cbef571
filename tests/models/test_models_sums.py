"""Exact sums by group against math.fsum; distinct rows against sets of tuples, by every way of ordering them."""

import math
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.models.distinct import distinct, grouped
from clvcli.models.exact_sum import as_float, group_parts

VALUES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300) | st.just(math.nan)


@given(st.lists(st.tuples(st.integers(0, 4), VALUES)))
def test_each_group_has_the_sum_of_fsum_over_its_known_values(rows: list[tuple[int, float]]) -> None:
    group, values = np.array([g for g, _ in rows], dtype=np.int64), np.array([v for _, v in rows])
    expected = [math.fsum(v for g, v in rows if g == i and not math.isnan(v)) for i in range(6)]
    assert [as_float(parts) for parts in group_parts(values, group, 6)] == expected


@pytest.mark.parametrize("most", [3, 2**40, 2**62])
@given(data=st.data())
def test_distinct_rows_are_those_of_a_set_whatever_the_bits_allow(most: int, data: st.DataObject) -> None:
    number = st.sampled_from([0, 1, most - 1, most])
    rows = data.draw(st.lists(st.tuples(number, number), min_size=1, max_size=30))
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    order, first = grouped(columns)
    assert [rows[i] for i in order] == sorted(rows)
    assert np.diff(first).tolist() == [len(list(same)) for _, same in groupby(sorted(rows))]
    one, index = distinct(columns)
    assert [rows[i] for i in one] == sorted(set(rows))
    assert [rows[one[i]] for i in index] == rows
