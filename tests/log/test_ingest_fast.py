"""The fast path of clean logs: ids as numbers, ids as texts and the exact path give the same log."""

import random
import re
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log import fast, fast_lines, fast_text
from clvcli.log.fast_ids import number_ids, text_order
from clvcli.log.fast_uuid import uuids
from clvcli.log.read import read_exactly, read_log

RUN_DAY = date(2026, 11, 22)
SEEDS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
FORMS: dict[str, Callable[[int], str]] = {
    "code": lambda n: f"C{n % 10**7:07}",
    "short code": lambda n: f"k{n % 1000:03}",
    "long code": lambda n: f"customer-{n % 10**6:06}",
    "integer": lambda n: str(n % 4000 if n % 2 else n),
    "long integer": lambda n: str(100_000_000_000 + n),
    "digits": lambda n: f"{n % 10**5:05}",
    "text": lambda n: f"{n:x}-Zoë",
}
ODD = st.sampled_from([[], ["C+000001"], ["+1"], ["C00000 1"], ["D0000001"], ["0007"], [""], ["C0000001 "], ["１"]])


def _uuid_of(n: int) -> str:
    return str(UUID(int=n * 7919**9 % 2**128))


def read_both(lines: Sequence[str], **options: object) -> list[tuple[object, ...]]:
    """What both paths make of a log, as plain values."""
    return texts_read_both("customer_id,date,amount\n" + "\n".join(lines) + "\n", **options)


def texts_read_both(text: str, **options: object) -> list[tuple[object, ...]]:
    """The same of a text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        path.write_bytes(text.encode())
        found: list[tuple[object, ...]] = []
        for read in (read_log, read_exactly):
            try:
                log = read(LogOptions(data=(str(path),), max_rejects="100%", **options), RUN_DAY)  # type: ignore[arg-type]
            except InputError as refused:
                found.append((refused.message,))
                continue
            q = log.quality
            found.append(
                (log.purchases.rows(), log.as_of, q.read, q.used, dict(q.excluded), q.rejected, q.notices, q.inputs)
            )
    return found


@given(
    SEEDS,
    st.sampled_from(sorted(FORMS)),
    ODD,
    st.sampled_from(["12.50", "3", "0.00", "1e2", "1e-400", "99999999.99"]),
    st.sampled_from(["", " 08:00"]),
)
def test_every_form_of_id_gives_the_log_of_the_exact_path(
    seeds: list[int], form: str, odd: list[str], more: str, time: str
) -> None:
    ids = [FORMS[form](n) for n in seeds] + odd
    amounts = ["1.25", "1.25", more]
    days = [f"{date(2024, 1, 1) + timedelta(days=i)}{time}" for i in range(5)]
    lines = [f"{name},{days[i % 5]},{amounts[i % 3]}" for i, name in enumerate(ids * 3)]
    fast_log, exact_log = read_both(lines)
    assert fast_log == exact_log


@pytest.mark.parametrize("form", [*sorted(set(FORMS) - {"text"}), "uuid"])
def test_ids_that_are_numbers_are_sorted_as_numbers(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "days_by_text", None)  # would fail when called
    make = FORMS.get(form, _uuid_of)
    lines = [f"{make(n)},2024-01-0{1 + n % 3} 08:00,5.00" for n in (1, 3, 2, 20, 11, 2)]
    fast_log, exact_log = read_both(lines)
    assert fast_log == exact_log


def test_amounts_too_wide_for_one_word_are_sorted_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"C{n % 3:07},2024-01-0{1 + n % 4},{n % 5}.75" for n in range(40)]
    monkeypatch.setattr(fast_lines, "WORD_BITS", 8)
    fast_log, exact_log = read_both(lines)
    assert fast_log == exact_log


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, unique=True))
def test_texts_are_ordered_by_their_bytes(texts: list[str]) -> None:
    ids = pl.Series("id", texts, dtype=pl.String)
    assert ids.gather(text_order(ids)).to_list() == sorted(texts, key=str.encode)


@given(st.lists(st.text("ab0", min_size=1, max_size=20), min_size=1, unique=True), st.sampled_from(["", "customer-"]))
def test_texts_that_share_their_beginning_are_ordered(texts: list[str], start: str) -> None:
    ids = pl.Series("id", [start + text for text in texts])
    assert ids.gather(text_order(ids)).to_list() == sorted(ids)


@given(st.lists(st.integers(0, 10**15 - 1), min_size=1, unique=True))
def test_numbers_come_back_as_they_were_written(numbers: list[int]) -> None:
    texts = pl.Series("id", [str(n) for n in numbers])
    ids = number_ids(texts.cast(pl.Int64).alias("id"))
    assert ids is not None
    read = ids.read(np.array(numbers, dtype=np.uint64), None)
    assert read is not None
    assert read.texts(read.values).to_list() == texts.to_list()
    assert read.texts(np.sort(read.values)).to_list() == sorted(texts)


UUIDS = st.lists(st.uuids() | st.sampled_from([UUID(int=n << 70 | 1 << 127) for n in range(4)]), min_size=1)
AMOUNTS = ["1.25", "1.2", "7", "00.50", "123456.78", "1234567.1", "99999999999.99", "0"]
OTHERWISE = ["1.255", ".50", "5.", "1e2", "", "+1.00", "1,5", " 1.00", "1..5", "1.2.3", "-1.00", "9" * 16]


@settings(max_examples=50)
@given(
    UUIDS,
    st.booleans(),
    st.sampled_from(["", "x", "31374172-9700-4a03-9ec8-2cd249c1f82G", "null"]),
    st.sampled_from(["", " 08:00"]),
)
def test_uuids_are_read_as_two_numbers(ids: list[UUID], upper: bool, odd: str, time: str) -> None:
    names = [str(name).upper() if upper else str(name) for name in ids] + ([odd] if odd else [])
    lines = [f"{name},2024-01-0{1 + i % 4}{time},{i % 3}.50" for i, name in enumerate(names * 2)]
    fast_log, exact_log = read_both(lines)
    assert fast_log == exact_log


def test_uuids_that_begin_alike_are_put_in_order() -> None:
    numbers = [random.Random(n).getrandbits(128) >> n % 3 * 60 for n in range(300)]
    pairs = np.array([[n >> 64, n & 2**64 - 1] for n in numbers * 2], dtype=np.uint64)
    written = uuids(pl.Series([str(UUID(int=numbers[0]))]))
    assert written is not None
    upper, lower = pairs[:, 0] >> np.uint64(62) << np.uint64(62), pairs[:, 1].copy()
    expected = sorted({str(UUID(int=int(u) << 64 | int(w))) for u, w in zip(upper, lower, strict=True)})
    who, places, texts = written.ordered((upper, lower), np.arange(upper.size, dtype=np.uint64))
    assert texts(np.unique(who)).to_list() == expected
    assert [texts(who)[i] for i in range(600)] == [
        str(UUID(int=(numbers[p % 300] >> 126 << 126) | (numbers[p % 300] & 2**64 - 1))) for p in places.tolist()
    ]


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(AMOUNTS), min_size=1, max_size=30),
    st.sampled_from([*[None] * 6, *OTHERWISE]),
    st.sampled_from([0, 1, 2, 3]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.permutations(["customer_id", "date", "amount", "note"]),
)
def test_amounts_in_plain_digits_are_those_of_the_exact_path(
    amounts: list[str], odd: str | None, decimals: int, line_end: str, ended: bool, order: list[str]
) -> None:
    columns = order[: order.index("note")] + order[order.index("note") + 1 :] if decimals == 2 else order
    amounts = amounts if odd is None else [*amounts, odd]
    rows = [
        {"customer_id": f"C{i % 7:04}", "date": f"2024-0{1 + i % 9}-28", "amount": amount, "note": "é" * (i % 3)}
        for i, amount in enumerate(amounts)
    ]
    lines = [";".join(columns), *(";".join(row[c] for c in columns) for row in rows)]
    found = texts_read_both(line_end.join(lines) + line_end * ended, decimals=decimals)
    assert found[0] == found[1]


@pytest.mark.parametrize("form", [*sorted(set(FORMS) - {"text"}), "uuid"])
def test_a_plain_text_needs_no_parser(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "days_by_text", None)
    monkeypatch.setattr(fast, "days_by_number", None)
    monkeypatch.setattr(fast_text, "BLOCK", 64)
    make = FORMS.get(form, _uuid_of)
    days = ["2024-02-29", "2148-12-31", "1970-01-02"]
    lines = [f"{make(n)},{days[n % 3]},{n * n}.0{n % 10}" for n in range(1, 60)]
    fast_log, exact_log = read_both(lines, as_of="2149-01-01")
    assert fast_log == exact_log


@pytest.mark.parametrize("text", ["2024-02-30", "2023-02-29", "1970-01-01", "2149-01-01", "2024-1-05", "2024-13-01"])
def test_a_date_that_is_none_is_left_to_the_exact_path(text: str) -> None:
    fast_log, exact_log = read_both([*(f"C{n:04},2024-01-05,1.00" for n in range(30)), f"C0001,{text},2.00"])
    assert fast_log == exact_log


def test_a_line_longer_than_a_block_is_left_to_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_text, "BLOCK", 64)
    fast_log, exact_log = read_both(["C0001,2024-01-05,1.00", f"{'C' * 200}1,2024-01-05,1.00"])
    assert fast_log == exact_log


@pytest.mark.parametrize("typed", ["float", "signed zero", "decimal", "moment", "another column"])
def test_identical_lines_of_typed_columns_are_those_of_the_exact_path(typed: str) -> None:
    rows = [("C0001", n % 3, n % 2 * 12.5) for n in range(12)] + [("C0002", 1, 0.0)] * 2
    frame = pl.DataFrame(rows, schema=["customer_id", "day", "amount"], orient="row").with_columns(
        day=pl.lit(date(2024, 1, 5)) + pl.duration(days="day")
    )
    changed = {
        "float": pl.col("amount"),
        "signed zero": pl.when(pl.int_range(pl.len()) == len(rows) - 1).then(-0.0).otherwise("amount").alias("amount"),
        "decimal": pl.col("amount").cast(pl.Decimal(18, 3)),
        "moment": pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=pl.int_range(pl.len()) // 8),
        "another column": (pl.int_range(pl.len()) // 8).alias("note"),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.parquet")
        frame.with_columns(changed[typed]).rename({"day": "date"}).write_parquet(path)
        fast_log, exact_log = (read(LogOptions(data=(str(path),)), RUN_DAY) for read in (read_log, read_exactly))
    assert fast_log.quality.facts["identical_lines"] == exact_log.quality.facts["identical_lines"] > 0
    assert fast_log.quality.notices == exact_log.quality.notices


@pytest.mark.parametrize("first", ["C07", "customer-98", "customer-0098", "long-customer-name-98"])
@pytest.mark.parametrize("odd", [None, "00100", "7", "x", "123456789012345", "1234567890123456"])
def test_codes_may_grow_by_digits_after_the_first_records(
    first: str, odd: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "SAMPLE", 1)
    if odd is None:
        monkeypatch.setattr(fast, "days_by_text", None)
    prefix, digits = re.fullmatch(r"(\D+)(\d+)", first).groups()  # type: ignore[union-attr]
    numbers = [98, 1, 99, 100, 7, 999, 1000, 10, 12345, 123456789, 10, 1000]
    names = [first, *(f"{prefix}{n:0{len(digits)}}" for n in numbers), *([] if odd is None else [prefix + odd])]
    fast_log, exact_log = read_both([f"{name},2024-01-0{1 + i % 5},5.00" for i, name in enumerate(names * 2)])
    assert fast_log == exact_log
