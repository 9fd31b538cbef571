"""Ids whose form is proved need no look at each: the same is said of them as after a look."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clvcli.log.fast_ids import number_ids
from clvcli.log.fast_uuid import uuids
from clvcli.log.id_suspicions import Form, form_of, suspicious_ids

DIGITS = st.text("09", min_size=1, max_size=9) | st.integers(0, 10**9).map(str)
PREFIXES = st.text("aAzZ-_.@0 ", max_size=6) | st.sampled_from(["guest", "C", "test-", "-", "n.a", "É", "1e"])


def _logged(ids: list[str]) -> pl.DataFrame:
    names = sorted(set(ids))
    return pl.DataFrame({"customer": names, "lines": [1 + i % 3 for i in range(len(names))]})


@given(PREFIXES, st.lists(DIGITS, min_size=1, max_size=20))
@example("", ["0", "00", "9999", "999999"])
def test_ids_of_a_beginning_and_digits(prefix: str, digits: list[str]) -> None:
    length = max(map(len, digits))
    one_length = [prefix + text.zfill(length) for text in digits]
    numbers = number_ids(pl.Series("id", one_length))
    if numbers is not None:
        form = form_of(numbers.prefix, numbers.length)
        assert suspicious_ids(_logged(one_length), form) == suspicious_ids(_logged(one_length))


@given(st.lists(st.integers(0, 10**9) | st.sampled_from([0, 9999, 99999999]), min_size=1, max_size=20))
def test_whole_numbers(numbers: list[int]) -> None:
    ids = [str(number) for number in numbers]
    assert suspicious_ids(_logged(ids), Form.WHOLE) == suspicious_ids(_logged(ids))


@given(st.lists(st.uuids(), min_size=1, max_size=20), st.booleans())
def test_uuids(numbers: list[object], upper: bool) -> None:
    ids = [str(number).upper() if upper else str(number) for number in numbers]
    if uuids(pl.Series("id", ids)) is not None:
        assert suspicious_ids(_logged(ids)) == []


@pytest.mark.parametrize(
    ("prefix", "length", "form"),
    [("C", 8, Form.CODES), ("", 0, Form.WHOLE), ("", 8, Form.ANY), ("-", 3, Form.ANY), ("é", 3, Form.ANY)],
)
def test_which_form(prefix: str, length: int, form: Form) -> None:
    assert form_of(prefix, length) is form
