"""What must hold for any log: a bad record changes only the rejects, ids come out as they went in, containers and
chunks do not matter, and no mutation of a file ends otherwise than stated."""

import io
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from bounded import within
from corpus.build import HEADER, base, file, gz
from corpus.make import CASES
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from clvcli.core.errors import ClvError
from clvcli.core.options import LogOptions
from clvcli.log.read import Log, read_log

RUN_DAY = date(2026, 11, 22)
IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=12)
ROWS = st.lists(
    st.tuples(IDS, st.dates(date(2023, 1, 1), date(2024, 12, 31)), st.decimals(0, 999, places=2)),
    min_size=1,
    max_size=30,
)
BAD = st.sampled_from(
    [
        "C1,2024-02-30,9.00",
        "C1,soon,9.00",
        "C1,,9.00",
        "C1,2024-05-05,x",
        "C1,2024-05-05,",
        "C1,2024-05-05,1e400",
        "C1,2099-01-01,9.00",
        "C1,2024-05-05",
        "C1,2024-05-05,9.00,x",
        '"C1,2024-05-05,9.00',
        "C\0,2024-05-05,9.00",
        "C1,١٢/٠٥/٢٠٢٤,9.00",
    ]
)


def read(files: Mapping[str, bytes], **options: object) -> Log:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        data = tuple(str(Path(folder, name)) for name in sorted(files))
        return read_log(LogOptions(data=data, max_rejects="100%", **options), RUN_DAY)  # type: ignore[arg-type]


def as_rows(rows: list[tuple[str, date, object]]) -> list[list[str]]:
    return [[name, day.isoformat(), str(amount)] for name, day, amount in rows]


@given(BAD, st.integers(0, 200))
def test_a_bad_record_changes_nothing_but_the_rejects(bad: str, where: int) -> None:
    lines = file(base()).split(b"\n")
    clean = read({"a.csv": b"\n".join(lines)})
    dirty = read({"a.csv": b"\n".join([*lines[: where + 1], bad.encode(), *lines[where + 1 :]])})
    assert dirty.purchases.equals(clean.purchases)
    assert dirty.as_of == clean.as_of
    assert dirty.quality.used == clean.quality.used
    assert dirty.quality.notices == clean.quality.notices
    assert dirty.quality.read == clean.quality.read + 1
    assert dirty.rejects["line"].to_list() == [where + 2]


@given(ROWS)
def test_ids_come_out_as_they_went_in(rows: list[tuple[str, date, object]]) -> None:
    """Blanks at the ends aside; null-like ids are no customers."""
    null_like = {
        "",
        "null",
        "(null)",
        "none",
        "nil",
        "nan",
        "na",
        "n/a",
        "#n/a",
        "<na>",
        "\\n",
        "nat",
        "undefined",
        "missing",
    }
    rows = [("sentinel", date(2024, 1, 1), "1.25"), *rows]
    log = read({"a.csv": file(as_rows(rows), quote="all")})
    stripped = {name.strip(" \t\r\n\v\f") for name, _, _ in rows}
    wanted = {name for name in stripped if name.lower() not in null_like}
    found = set(log.purchases["customer_id"].to_list())
    rejected = log.quality.rejected.get("bad_quotes", 0) + log.quality.rejected.get("unclosed_quote", 0)
    assert rejected == 0
    assert found == wanted


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", "001", "Zoë", "x y"]), st.dates(date(2023, 1, 1), date(2024, 12, 31)),
                  st.decimals(-50, 999, places=2)),
        min_size=1, max_size=30,
    ),
    st.integers(0, 30),
)  # fmt: skip
def test_csv_is_parquet_is_gzip_is_chunks(rows: list[tuple[str, date, object]], cut: int) -> None:
    texts = [["A", "2024-01-01", "1.25"], ["B", "2024-01-02", "1.50"], *as_rows(rows)]
    frame = pl.DataFrame(texts, schema=dict.fromkeys(HEADER, pl.String), orient="row")
    typed = frame.with_columns(pl.col("date").str.to_date(), pl.col("amount").cast(pl.Float64))
    exact = frame.with_columns(pl.col("date").str.to_datetime("%Y-%m-%d"), pl.col("amount").cast(pl.Decimal(12, 2)))
    packed = {name: io.BytesIO() for name in ("text", "typed", "exact")}
    for name, each in zip(packed, (frame, typed, exact), strict=True):
        each.write_parquet(packed[name])
    ways = [
        {"a.csv": file(texts)},
        {"a.csv.gz": gz(file(texts))},
        {"a.csv": file(texts, sep=";", quote="all", end="\r\n")},
        {"a.csv": file(texts[: cut + 1]), "b.csv": file(texts[cut + 1 :])},
        *({"a.parquet": buffer.getvalue()} for buffer in packed.values()),
    ]
    results = []
    for files in ways:
        try:
            log = read(files)
            q = log.quality
            results.append((log.purchases.rows(), log.as_of, q.read - q.used, dict(q.excluded), dict(q.rejected)))
        except ClvError as problem:
            results.append(problem.message.split(": ", 1)[1])  # type: ignore[arg-type]
    assert all(result == results[0] for result in results), results


SEEDS = [next(iter(case.files.values())) for case in CASES]
MUTATION = st.tuples(
    st.integers(0, len(SEEDS) - 1),
    st.lists(
        st.tuples(
            st.sampled_from(["flip", "cut", "insert", "double", "drop"]),
            st.floats(0, 1),
            st.binary(min_size=1, max_size=4) | st.sampled_from([b'"', b"\0", b"\n", b"\r", b",", b";", b"\xff"]),
        ),
        min_size=1,
        max_size=6,
    ),
)  # fmt: skip


def mutated(seed: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    data = bytearray(seed)
    for kind, place, piece in changes:
        at = int(place * len(data))
        if kind == "flip":
            data[at : at + len(piece)] = piece
        elif kind == "cut":
            del data[at:]
        elif kind == "insert":
            data[at:at] = piece
        elif kind == "double":
            data[at:at] = data[at : at + 200]
        else:
            del data[at : at + 50]
    return bytes(data)


def ends_as_stated(index: int, changes: list[tuple[str, float, bytes]]) -> None:
    """A log whose accounting closes, or a refusal in one line with its hint; within 30 seconds of CPU."""
    refusal: ClvError | None = None
    try:
        with within(30):
            log = read({"a.csv": mutated(SEEDS[index], changes)})
        assert log.quality.is_complete()
        assert log.rejects.height == sum(log.quality.rejected.values())
        assert log.purchases["amount"].min() is None or log.purchases["amount"].min() >= 0  # type: ignore[operator]
    except ClvError as problem:
        refusal = problem
    if refusal is not None:
        assert refusal.exit_code in {2, 3}
        assert "\n" not in refusal.message
        assert refusal.hint


@settings(max_examples=60)
@example((0, [("insert", 0.5, b'"')]))
@example((3, [("flip", 0.0, b"(\xb5/\xfd")]))  # looks like zstd and is none
@given(MUTATION)
def test_mutated_files_end_as_stated(mutation: tuple[int, list[tuple[str, float, bytes]]]) -> None:
    ends_as_stated(*mutation)


@pytest.mark.slow
@pytest.mark.parametrize("shift", range(8))  # in parts that run side by side: the same changes to another file each
@settings(max_examples=250, phases=[Phase.generate])  # a file that takes long takes as long at each shrink
@given(MUTATION)
def test_two_thousand_mutated_files_end_as_stated(
    shift: int, mutation: tuple[int, list[tuple[str, float, bytes]]]
) -> None:
    index, changes = mutation
    ends_as_stated((index + shift) % len(SEEDS), changes)
