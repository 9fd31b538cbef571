"""User SQL cannot fill the memory: how long texts become is bounded from the tree, before anything runs."""

import json
import random
import time
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Clv
from hypothesis import given
from hypothesis import strategies as st

from clvcli.sql import Grown, SqlError, compile_sql
from clvcli.sql.growth import MAX_CHARACTERS, MAX_TIMES

SCHEMA = {"a": pl.String(), "b": pl.String()}


def doubling(levels: int) -> dict[str, str]:
    return {"t0": "customer_id"} | {f"t{i}": f"concat(t{i - 1}, t{i - 1})" for i in range(1, levels)}


def rules(path: Path, fields: dict[str, str], when: str) -> Path:
    content = {"name": "x", "stages": [{"stage": "a", "when": when}], "otherwise": {"stage": "b"}, "fields": fields}
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("fields", "when", "place"),
    [
        (doubling(40), "length(t39) > 10", "field t5"),
        ({}, "length(" + "replace(" * 5 + "customer_id" + f", 'C', '{'C' * 300}')" * 5 + ") > 10", "stage 'a'"),
        ({}, " || ".join(["customer_id"] * 40) + " = 'x'", "stage 'a'"),
        ({f"f{i}": "customer_id || customer_id" for i in range(40)}, "length(f0) > 10", "field f16"),
        ({}, f"concat(customer_id, '{'x' * 1900}', '{'y' * 200}') = 'x'"[:1999], "stage 'a'"),
    ],
)
def test_rules_that_would_fill_the_memory_are_refused_by_name(
    fields: dict[str, str], when: str, place: str, clv: Clv, tmp_path: Path
) -> None:
    path = rules(tmp_path / "bomb.yaml", fields, when)
    (tmp_path / "log.csv").write_text(GOOD)
    for command in (("rules", "check", path), ("score", "log.csv", "--rules", path, "-o", "x.csv")):
        done = clv(*command)
        assert done.code == 4
        assert place in done.err
        assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize("option", ["--where", "--customer", "--amount"])
def test_options_that_would_fill_the_memory_are_refused(option: str, clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    bomb = "replace(replace(customer, 'c', 'cccccccccccccccccccc'), 'c', 'cccccccccccccccccccc')"
    text = {"--where": f"{bomb} <> 'x'", "--amount": f"length({bomb})"}.get(option, bomb)
    done = clv("score", "log.csv", option, text, "-o", "x.csv")
    assert (done.code, "times as long as" in done.err) == (2, True)


def test_two_hundred_fields_are_allowed_and_no_more(clv: Clv, tmp_path: Path) -> None:
    fields = {f"f{i}": f"f{i - 1} - 1" if i else "purchases + 199" for i in range(200)}
    start = time.process_time()
    assert clv("rules", "check", rules(tmp_path / "many.yaml", fields, "f199 > 3")).code == 0
    assert time.process_time() - start < 8
    done = clv("rules", "check", rules(tmp_path / "more.yaml", {**fields, "g": "1"}, "g > 0"))
    assert (done.code, "200" in done.err) == (4, True)


WORDS = st.recursive(
    st.sampled_from(["a", "b", "'xy'", "''", "'0123456789'"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda xs: f"concat({', '.join(xs)})"),
        st.tuples(inner, inner).map(lambda xs: f"({xs[0]} || {xs[1]})"),
        st.tuples(inner, st.sampled_from(["x", "ab"]), st.sampled_from(["", "yyy", "ababab"])).map(
            lambda x: f"replace({x[0]}, '{x[1]}', '{x[2]}')"
        ),
        st.tuples(inner, st.integers(0, 30)).map(lambda x: f"left({x[0]}, {x[1]})"),
        inner.map(lambda x: f"upper(trim({x}))"),
        st.tuples(inner, inner).map(lambda x: f"case when a = 'x' then {x[0]} else {x[1]} end"),
        st.tuples(inner, inner).map(lambda x: f"coalesce({x[0]}, {x[1]})"),
    ),
    max_leaves=8,
)


@given(WORDS, st.integers(0, 2**30))
def test_no_text_becomes_longer_than_its_bound(text: str, seed: int) -> None:
    draw, grown = random.Random(seed), Grown()
    rows = ["".join(draw.choices("xab", k=draw.randrange(12))) for _ in range(20)]
    frame = pl.DataFrame({"a": rows, "b": rows[::-1]})
    try:
        made = compile_sql(text, SCHEMA, grown=grown, name="made")
    except SqlError:
        with pytest.raises(SqlError, match="times as long as"):
            compile_sql(text, SCHEMA)
        return
    bound = grown.of["made"]
    longest = max(len(row) for row in rows)
    assert grown.made.times <= MAX_TIMES
    assert grown.made.characters <= MAX_CHARACTERS
    found = frame.select(made.alias("x")).to_series().str.len_chars().max() or 0
    assert isinstance(found, int)
    assert found <= bound.times * longest + bound.characters
