"""The fast path of clean logs: ids as numbers, ids as texts and the exact path give the same log."""

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.ingest import fast, fast_lines
from clvcli.ingest.fast_ids import number_ids, text_order
from clvcli.ingest.read import read_exactly, read_log
from clvcli.options import LogOptions

RUN_DAY = date(2026, 11, 22)
SEEDS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
FORMS = {
    "code": lambda n: f"C{n % 10**7:07}",
    "short code": lambda n: f"k{n % 1000:03}",
    "long code": lambda n: f"customer-{n % 10**6:06}",
    "integer": lambda n: str(n % 4000 if n % 2 else n),
    "long integer": lambda n: str(100_000_000_000 + n),
    "digits": lambda n: f"{n % 10**5:05}",
    "text": lambda n: f"{n:x}-Zoë",
}
ODD = st.sampled_from([[], ["C+000001"], ["+1"], ["C00000 1"], ["D0000001"], ["0007"], [""], ["C0000001 "], ["１"]])


def read_both(lines: Sequence[str], **options: object) -> list[tuple[object, ...]]:
    """What both paths make of a log, as plain values."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        path.write_text("customer_id,date,amount\n" + "\n".join(lines) + "\n", encoding="utf-8")
        found: list[tuple[object, ...]] = []
        for read in (read_log, read_exactly):
            log = read(LogOptions(data=(str(path),), max_rejects="100%", **options), RUN_DAY)  # type: ignore[arg-type]
            q = log.quality
            found.append(
                (log.purchases.rows(), log.as_of, q.read, q.used, dict(q.excluded), q.rejected, q.notices, q.inputs)
            )
    return found


@given(
    SEEDS, st.sampled_from(sorted(FORMS)), ODD, st.sampled_from(["12.50", "3", "0.00", "1e2", "1e-400", "99999999.99"])
)
def test_every_form_of_id_gives_the_log_of_the_exact_path(
    seeds: list[int], form: str, odd: list[str], more: str
) -> None:
    ids = [FORMS[form](n) for n in seeds] + odd
    amounts = ["1.25", "1.25", more]
    lines = [f"{name},{date(2024, 1, 1) + timedelta(days=i % 5)},{amounts[i % 3]}" for i, name in enumerate(ids * 3)]
    fast_log, exact_log = read_both(lines)
    assert fast_log == exact_log


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"text"}))
def test_ids_that_are_numbers_are_sorted_as_numbers(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "days_by_text", None)  # would fail when called
    lines = [f"{FORMS[form](n)},2024-01-0{1 + n % 3},5.00" for n in (1, 3, 2, 20, 11, 2)]
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
