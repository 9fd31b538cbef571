"""Narrow columns stand for arrays: whatever a fit does with one gives what it gives with the array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clvcli.models.base import History, Spending
from clvcli.models.narrow import Narrow
from clvcli.models.registry import purchase_model, spend_model

WHOLE = arrays(np.int16, st.integers(1, 9_000), elements=st.integers(0, 3_000))


@given(WHOLE, st.sampled_from([1.0, 7.0]))
def test_it_reads_as_the_array_it_stands_for(whole: "np.ndarray[tuple[int], np.dtype[np.int16]]", unit: float) -> None:
    column, plain = Narrow(whole, unit), whole.astype(np.float64) / unit
    assert (column.size, column.shape, len(column)) == (plain.size, plain.shape, len(plain))
    assert np.array_equal(column[2:500:3], plain[2:500:3])
    assert np.array_equal(column[plain > 5], plain[plain > 5])
    assert np.array_equal(np.log1p(column), np.log1p(plain))
    assert np.array_equal(column * plain + 1, plain * plain + 1)
    assert column.max(initial=0.0) == plain.max(initial=0.0)
    assert column.sum() == pytest.approx(plain.sum(), rel=1e-12)
    for product in (column @ plain, plain @ column, column @ column):
        assert product == pytest.approx(plain @ plain, rel=1e-12)
    assert np.array_equal(column.astype(np.intp), plain.astype(np.intp))


@pytest.mark.parametrize("name", ["bg-nbd", "mbg-nbd", "pareto-nbd"])
def test_purchase_models_fit_the_same(name: str) -> None:
    draw = np.random.default_rng(3)
    age = draw.integers(1, 700, 3_000)
    x = draw.geometric(0.4, age.size) - 1
    active = np.where(x > 0, (age * draw.random(age.size)).astype(np.int64), 0)
    weight = draw.integers(1, 9, age.size)
    plain = History(x.astype(np.float64), active / 7, age / 7, weight.astype(np.float64))
    narrow = History(Narrow(x), Narrow(active, 7), Narrow(age, 7), Narrow(weight))  # type: ignore[arg-type]
    one, other = (purchase_model(name).fit(history) for history in (plain, narrow))
    assert other.params == pytest.approx(one.params, rel=1e-9)
    assert (other.status, other.repeats) == (one.status, one.repeats)


def test_the_spend_model_fits_the_same() -> None:
    draw = np.random.default_rng(4)
    n, weight = draw.integers(1, 40, 2_000), draw.integers(1, 5, 2_000)
    mean = draw.gamma(6.0, 1 / draw.gamma(4.0, 1 / 15.0, n.size))
    plain = Spending(n.astype(np.float64), mean, weight.astype(np.float64))
    narrow = Spending(Narrow(n), mean, Narrow(weight))  # type: ignore[arg-type]
    one, other = (spend_model("gamma-gamma").fit(seen) for seen in (plain, narrow))
    assert other.params == pytest.approx(one.params, rel=1e-9)
    assert (other.status, other.notices) == (one.status, one.notices)
