"""The steps of the workers without a cluster: what they prove, sum and settle is what one machine does."""

import math
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import GOOD, Clv
from hypothesis import given
from hypothesis import strategies as st

from clvcli.core.errors import InputError
from clvcli.engines.spark.blocks import records_of, runs, tidy
from clvcli.engines.spark.purchases import Every
from clvcli.engines.spark.session import shown
from clvcli.log.amounts import read_counted
from clvcli.log.classes import date_class, value_class
from clvcli.log.dates import dates_among, settle_dates
from clvcli.log.dialect import Dialect
from clvcli.models.exact_sum import added, as_float, exact_parts

FLOATS = st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))


@given(FLOATS, st.randoms(use_true_random=False))
def test_sums_are_those_of_fsum_however_the_values_are_spread(values: list[float], draw: random.Random) -> None:
    parts: list[list[float]] = [[], [], []]
    for value in values:
        draw.choice(parts).append(value)
    total = added(exact_parts(np.array(part, dtype=np.float64)) for part in parts)
    assert as_float(total) == math.fsum(values)


def test_sums_of_many_values_do_not_wrap() -> None:
    values = np.full(3_000_000, 0.1)
    assert as_float(exact_parts(values)) == math.fsum(values)


CLOCKS = ("", "", " 00:00:00", " 09:15", "T23:59:59.5", " 7:05", " 24:10", " 00:00:00+02:00", "T10:00:00Z")
TIMES = st.sampled_from(CLOCKS)
DAYS = st.sampled_from(["{d:02}.{m:02}.2024", "{m}/{d}/24", "2024-{m:02}-{d:02}", "2024/{m}/{d}", "{d} March 2024"])


@given(DAYS, st.lists(st.tuples(st.integers(1, 31), st.integers(1, 12), TIMES), min_size=1, max_size=60))
def test_classes_of_dates_prove_what_the_dates_prove(form: str, parts: list[tuple[int, int, str]]) -> None:
    raw = pl.Series("date", [form.format(d=d, m=m) + time for d, m, time in parts])
    told = []
    for column in (raw, raw.to_frame().select(date_class(pl.col("date"))).to_series()):
        counted = dates_among(pl.DataFrame({"text": column}).group_by("text").len("n"))
        try:
            rule = settle_dates(counted, "date", None, "Europe/Berlin")[0]
            told.append((rule.main, rule.order, rule.has_times, rule.label))
        except InputError:
            told.append(("refused", None, False, ""))
    assert told[1] == told[0]


def test_seconds_since_1970_are_one_class_unless_it_is_midnight() -> None:
    texts = ["1700000000", "1700000001", "1700006400", "45000.25", "45000.75", "45000", "20240131"]
    found = pl.DataFrame({"t": texts}).select(date_class(pl.col("t"))).to_series().to_list()
    assert found == ["1111111111", "1111111111", "1700006400", "40000.5", "40000.5", "45000", "20240131"]


WRITTEN = r"-?[0-9]{1,3}([.,][0-9]{3}){0,2}([.,][0-9]{1,3})?|€ [0-9]{1,4},[0-9]{2}|[0-9]e-?[0-9]"
AMOUNTS = st.from_regex(WRITTEN, fullmatch=True)


@given(st.lists(AMOUNTS, min_size=1, max_size=40))
def test_classes_of_amounts_prove_what_the_amounts_prove(values: list[str]) -> None:
    raw = pl.Series("text", values)
    told: list[object] = []
    for column in (raw, raw.to_frame().select(value_class(pl.col("text"))).to_series()):
        try:
            found = read_counted(column.to_frame("text").group_by("text").len(), "amount", 2, None)
            told.append((found.mark, found.currencies, found.back, found.sided))
        except InputError as problem:
            told.append(problem.message.split(":")[0])
    assert told[1] == told[0]


def test_every_kth_row_whatever_the_parts() -> None:
    ids = [f"c{i:04d}" for i in range(1_000)]
    sizes = {"a": 300, "b": 1, "c": 699}
    part = [name for name, size in sizes.items() for _ in range(size)]
    row = [i for size in sizes.values() for i in range(size)]
    placed = pl.DataFrame({"customer_id": ids, "part": part, "row": row}).sample(fraction=1, shuffle=True, seed=3)
    found = pl.concat(Every(7, {"a": 0, "b": 300, "c": 301})(placed.iter_slices(90)))
    assert sorted(found["customer_id"]) == ids[::7]


COMMA = Dialect(",", '"', ("a", "b"), 1, 0, True)


def test_lines_of_a_block_keep_their_numbers() -> None:
    part = records_of([b"1,2", b"", b"1,2,3", b'"x,y",2'], 100, COMMA, "f.csv")
    assert part.frame.rows() == [("1", "2"), ("x,y", "2")]
    assert part.lines.to_list() == [100, 103]
    assert [(b.line, b.reason) for b in part.broken] == [(102, "too_many_fields")]


@pytest.mark.parametrize("lines", [[b'"open', b'here",2'], [b"1,2", b'"open,2']])
def test_a_quote_that_stays_open_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(InputError, match=r"f.csv, line \d: a quote is still open"):
        records_of(lines, 1, COMMA, "f.csv")


@pytest.mark.parametrize(("line", "words"), [(b"1,\xff", "line 8: is not UTF-8"), (b"1\r,2", "line 8: a CR stands")])
def test_lines_that_spark_may_have_cut_otherwise_are_refused(line: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        tidy([b"1,2\r", line], first=False, name="f.csv", number=7)


def test_runs_are_the_blocks_in_order() -> None:
    frame = pl.DataFrame({"raw": [b"a", b"b", b"c"], "file": ["x", "x", "y"], "start": [0, 0, 0]})
    assert [(block, lines) for block, lines in runs(iter([frame]))] == [(("x", 0), [b"a", b"b"]), (("y", 0), [b"c"])]


def test_an_address_is_shown_without_its_token() -> None:
    assert shown("sc://host:443/;use_ssl=true;token=secret") == "sc://host:443"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--excel"], "--excel"),
        (["-o", "-"], "-f parquet"),
        (["-f", "csv"], "-f parquet"),
    ],
)
def test_what_the_engine_cannot_do_is_refused_in_one_line(
    clv: Clv, tmp_path: Path, args: list[str], words: str
) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    done = clv("score", "log.csv", "--engine", "spark", *args)
    assert done.code == 2
    assert done.err.startswith("clv: --engine spark ")
    assert words in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]
