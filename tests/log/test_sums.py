"""Records summed by customer and day: one word a record, or by columns where a word is too short."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clvcli.log.sums import Days, summed

RECORDS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 30), st.integers(0, 50)), min_size=1, max_size=60)


def days(records: list[tuple[int, int, int]], scale: int = 1) -> Days:
    who, day, amount = (np.array(column) for column in zip(*records, strict=True))
    return summed(who.astype(np.uint32), day.astype(np.int32), amount.astype(np.int64) * scale)


def rows(found: Days) -> list[tuple[int, int, int, int]]:
    whose = np.repeat(found.who, np.diff(found.start))
    return list(zip(*(column.tolist() for column in (whose, found.day, found.amount, found.lines)), strict=True))


def by_hand(records: list[tuple[int, int, int]], scale: int = 1) -> list[tuple[int, int, int, int]]:
    keys = sorted({(who, day) for who, day, _ in records})
    each = {key: [amount * scale for who, day, amount in records if (who, day) == key] for key in keys}
    return [(*key, sum(each[key]), len(each[key])) for key in keys]


@given(RECORDS, st.sampled_from([1, 2**45]))
def test_sums_by_customer_and_day(records: list[tuple[int, int, int]], scale: int) -> None:
    """The larger scale does not fit into one word beside a customer and a day of any size."""
    wide = [(who + 2**31 * (scale > 1), day * (1 + 900 * (scale > 1)), amount) for who, day, amount in records]
    assert rows(days(wide, scale)) == by_hand(wide, scale)


@given(RECORDS)
def test_two_groups_of_customers_stand_beside_each_other(records: list[tuple[int, int, int]]) -> None:
    even, odd = ([r for r in records if r[0] % 2 == rest] for rest in (0, 1))
    both = days(even).beside(days(odd)) if even and odd else days(records)
    assert rows(both) == by_hand(records)
