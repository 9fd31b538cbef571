"""Lines in one word: they come back, sort as their texts do, and mix with lines that do not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from log.test_ingest_fast import read_both

from clvcli.log import fast, fast_text
from clvcli.log.fast_ids import TextOrder
from clvcli.log.fast_lines import DAY
from clvcli.log.fast_packed import DAY_BITS, Packing, packing_of

AROUND = 1 << DAY_BITS - 1


def _words(*values: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(values, dtype=np.uint64)


@given(
    st.integers(1, 6),
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 25_000), st.integers(0, 2**26)), min_size=1, max_size=20),
)
def test_lines_come_back_and_sort_as_their_texts(least: int, more: int, lines: list[tuple[int, int, int]]) -> None:
    packing = packing_of("K", least, least + more, 20_000)
    assert packing is not None
    number, day, low = (_words(*column) for column in zip(*lines, strict=True))
    words = packing.pack(number.copy(), day, low)
    at = packing.layout
    fits = all(
        n < 10 ** (least + more) and packing.low_day <= d < packing.low_day + 2**DAY_BITS and w < 2 ** int(at.amount)
        for n, d, w in lines
    )
    assert (words is not None) == fits
    if words is None:
        return
    back, moments = packing.unpack(words)
    assert back.tolist() == number.tolist()
    assert moments.tolist() == (day << DAY | low).tolist()
    names = packing.texts(words >> at.amount + at.day).to_list()
    assert names == [f"K{n:0{least}}" for n in number.tolist()]
    keys = list(zip(names, day.tolist(), low.tolist(), strict=True))
    assert [keys[i] for i in np.argsort(words, kind="stable")] == sorted(keys)


def test_ids_that_leave_no_room_for_amounts_are_not_packed() -> None:
    assert packing_of("", 1, 9, 20_000) is None
    assert packing_of("", 9, 9, 20_000) == Packing(TextOrder(9, 9), "", 20_000 - AROUND)
    assert packing_of("", 1, 7, 10) == Packing(TextOrder(1, 7), "", 0)


PLAIN = [f"C{n % 7:05},2024-01-0{1 + n % 5},{n}.50" for n in range(30)]
LARGE = ["C00003,2024-01-05,99999999.99", "C00003,1971-01-05,1.00", "C100000,2024-01-05,1.00", "C00001,2024-01-06,7.00"]


@pytest.mark.parametrize("odd", range(len(LARGE)))
@pytest.mark.parametrize("place", [3, 15, 30])
def test_lines_that_do_not_fit_are_put_among_those_that_do(
    odd: int, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_text, "BLOCK", 64)
    monkeypatch.setattr(fast, "SAMPLE", 3)
    monkeypatch.setattr(fast, "days_by_text", None)
    fast_log, exact_log = read_both([*PLAIN[:place], LARGE[odd], *PLAIN[place:]])
    assert fast_log == exact_log
