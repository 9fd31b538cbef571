"""Repeated order lines on a cluster: tasks that each have whole pairs leave what the default engine leaves."""

import json
from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.engines.spark import batches
from clvcli.engines.spark.check import CHECKED, RECORD, REJECT
from clvcli.engines.spark.pairs import Pairs
from clvcli.engines.spark.settle import COUNT
from clvcli.log.duplicates import find_repeated_pairs

FIRST = date(2024, 1, 1)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]), st.integers(0, 2), st.integers(-2, 2),
        st.sampled_from(["1", "11", None]), st.sampled_from(["1", "11", None]),
    ),
    max_size=40,
)  # fmt: skip


def records(rows: list[tuple[str | None, int, int, str | None, str | None]]) -> pl.DataFrame:
    """Rows of CHECKED; equal rows are identical lines."""
    frame = pl.DataFrame(
        rows,
        schema={"customer": pl.String, "at": pl.Int64, "amount": pl.Int64, "order": pl.String, "line": pl.String},
        orient="row",
    )
    hashed = frame.hash_rows(seed=1).reinterpret(signed=True)
    day = pl.Series("day", [FIRST + timedelta(days=at) for at in frame["at"]], dtype=pl.Date)
    made = frame.with_columns(day, stamp=pl.col("at"), hash1=hashed, hash2=hashed, kind=pl.lit(RECORD))
    made = made.with_columns(key=pl.coalesce("customer", pl.lit("nobody")))
    return made.with_columns(pl.lit(None, kind).alias(n) for n, kind in CHECKED.items() if n not in made.columns)


def here(rows: pl.DataFrame, duplicates: str) -> tuple[pl.DataFrame, "Counter[str]"]:
    """What the default engine leaves and counts, of records without the identical lines that have no pair."""
    again = ~rows.select(pl.struct("customer", "at", "amount", "order", "line").is_first_distinct()).to_series()
    extra = int(again.sum())
    counts = Counter(identical=extra, identical_value=int(rows["amount"].filter(again).sum()))
    if duplicates == "drop":
        counts = Counter(duplicate=extra)
        rows = rows.filter(~again)
    found = find_repeated_pairs(rows["order"], rows["line"], rows.select("day", "stamp", "customer", "amount"))
    counts.update(duplicate=int(found.repeated.sum()), differing=found.differing, differing_value=found.value)
    return rows.filter(~found.repeated), counts


@pytest.mark.parametrize("duplicates", ["keep", "drop"])
@given(rows=ROWS)
def test_pairs_of_tasks_are_those_of_the_whole(
    duplicates: str, rows: list[tuple[str | None, int, int, str | None, str | None]]
) -> None:
    paired = [row for row in rows if row[3] is not None and row[4] is not None]
    alone = records([row for row in rows if row[3] is None or row[4] is None])
    kept, counts = here(records(paired), duplicates)
    whole = records(rows).with_columns(pair=pl.concat_str("order", pl.lit("/"), "line").fill_null("-")).sort("pair")
    reject = pl.DataFrame({"kind": [REJECT], "key": ["{}"], "note": ["{}"], "pair": ["{}"]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "CHUNK", 5)
        made = [
            part
            for task in (whole.filter(pl.col("pair") < "11/1"), whole.filter(pl.col("pair") >= "11/1"))
            for part in Pairs(duplicates)(iter([*task.iter_slices(3), pl.concat([task[:0], reject], how="diagonal")]))
        ]
    left = pl.concat(made)
    told = Counter[str]()
    for note in left.filter(pl.col("kind") == COUNT)["note"]:
        told.update(json.loads(note))
    assert {n: v for n, v in told.items() if v} == {n: v for n, v in counts.items() if v}
    assert left.filter(pl.col("kind") == REJECT).height == 2
    columns = ["customer", "day", "amount", "order", "line"]
    stayed = left.filter(pl.col("kind") == RECORD).select(columns)
    expected = pl.concat([kept.select(columns), alone.select(columns)])
    assert stayed.sort(columns).equals(expected.sort(columns))
