"""Conditions mean what SQL says: 1,000 random ones agree with a plain-Python evaluator on every row, or are refused."""

import polars as pl
from sql_evaluator import ROWS, Writer

from clvcli.sql import SqlError, compile_sql

SCHEMA = {
    "whole": pl.Int64(),
    "small": pl.Int8(),
    "real": pl.Float64(),
    "word": pl.String(),
    "other": pl.String(),
    "day": pl.Date(),
    "later": pl.Date(),
    "flag": pl.Boolean(),
}
FRAME = pl.DataFrame(ROWS, schema=SCHEMA)


def test_random_conditions_agree_with_the_plain_evaluator() -> None:
    agreed = refused = 0
    for seed in range(1_000):
        node = Writer(seed).condition(1 + seed % 4)
        try:
            expression = compile_sql(node.sql, SCHEMA, boolean=True)
        except SqlError as problem:
            refused += 1
            if not any(word in problem.message for word in ("words and signs", "characters", "nested")):
                raise AssertionError(node.sql) from problem
            continue
        found = FRAME.with_columns(_=expression)["_"].to_list()
        expected = [node.value(row) for row in ROWS]
        assert found == expected, (
            seed,
            node.sql,
            [r for r, f, e in zip(ROWS, found, expected, strict=True) if f != e][:1],
        )
        agreed += 1
    assert agreed > 800
    assert refused < 200
