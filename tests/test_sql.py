"""The guard of user SQL: what it lets through, what it refuses, how fast, and what the result means."""

import time
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from clvcli.sql import SqlError, columns_of, compile_sql, parts_of

FRAME = pl.DataFrame(
    {
        "a": [1, 2, None, 7],
        "b": [1.5, None, -2.5, 0.0],
        "s": ["abc", "A%c", None, " x "],
        "d": [date(2024, 6, 1), None, date(2024, 1, 31), date(2023, 3, 1)],
        "t": [True, False, None, True],
        "T": [1.0, 2.0, 3.0, 4.0],
        "Customer ID": ["1", "2", "3", "4"],
        "*": [1, 2, 3, 4],
        "^a.*$": [4, 3, 2, 1],
    },
    schema_overrides={"a": pl.Int8},
)


def run(text: str, frame: pl.DataFrame = FRAME) -> list[Any]:
    return frame.with_columns(_=compile_sql(text, frame.schema))["_"].to_list()


MEANS: dict[str, list[Any]] = {
    # Three-valued logic
    "a > 1": [False, True, None, True],
    "a > 1 AND b > 0": [False, None, False, False],
    "a > 1 OR b > 0": [True, True, None, True],
    "NOT t": [False, True, None, False],
    "NOT a = 1": [False, True, None, True],
    "t IS TRUE": [True, False, False, True],
    "t IS NOT TRUE": [False, True, True, False],
    "a IS NULL": [False, False, True, False],
    "a IS DISTINCT FROM 1": [False, True, True, True],
    "a IN (1, 7)": [True, False, None, True],
    "a NOT IN (1, 7)": [False, True, None, False],
    "a BETWEEN 1 AND 2": [True, True, None, False],
    "a NOT BETWEEN 1 AND 2": [False, False, None, True],
    "TRUE": [True] * 4,
    "1 = 2 OR t": [True, False, None, True],
    # Numbers: no wrapping of narrow integers, true division, NULL for what has no value
    "a * 100 + a * 100": [200.0, 400.0, None, 1400.0],
    "a / 2": [0.5, 1.0, None, 3.5],
    "1 / 2 = 0.5": [True] * 4,
    "a / 0": [None] * 4,
    "b / 0": [None] * 4,
    "-a % 2": [-1, 0, None, -1],
    "MOD(a, 0)": [None] * 4,
    "SQRT(b)": [1.5**0.5, None, None, 0.0],
    "LN(b - b)": [None] * 4,
    "ROUND(b)": [2.0, None, -3.0, 0.0],
    "ROUND(2.5)": [3.0] * 4,
    "FLOOR(b)": [1.0, None, -3.0, 0.0],
    "CEIL(b)": [2.0, None, -2.0, 0.0],
    "LEAST(a, 3)": [1, 2, 3, 3],
    "GREATEST(a, b)": [1.5, 2.0, -2.5, 7.0],
    "COALESCE(a, 0)": [1, 2, 0, 7],
    "NULLIF(a, 1)": [None, 2, None, 7],
    "CASE WHEN a > 1 THEN 'x' ELSE 'y' END": ["y", "x", "y", "x"],
    "CASE a WHEN 1 THEN 2 WHEN 2 THEN 3 END": [2, 3, None, None],
    "100 <= CASE WHEN a > 1 THEN 100 ELSE 2 END": [False, True, False, True],
    "LENGTH('x') > 0 AND t": [True, False, None, True],
    # Text
    "s LIKE 'a%'": [True, False, None, False],
    "s NOT LIKE 'a%'": [False, True, None, True],
    r"s LIKE 'A\%c'": [False, True, None, False],
    "s LIKE '_bc'": [True, False, None, False],
    "s LIKE '.*'": [False, False, None, False],
    "s ILIKE 'a%C'": [True, True, None, False],
    "LOWER(TRIM(s)) || '!'": ["abc!", "a%c!", None, "x!"],
    "LENGTH(s)": [3, 3, None, 3],
    "SUBSTR(s, 2, 1)": ["b", "%", None, "x"],
    "REPLACE(s, 'c', 'd')": ["abd", "A%d", None, " x "],
    "STARTS_WITH(s, 'a')": [True, False, None, False],
    "CAST(a AS TEXT)": ["1", "2", None, "7"],
    "s = 'it''s'": [False, False, None, False],
    # Dates
    "d > DATE '2024-01-31'": [True, None, False, False],
    "d - DATE '2024-01-01'": [152, None, 30, -306],
    "d + 7 = DATE '2024-06-08'": [True, None, False, False],
    "d + INTERVAL '1 month' = DATE '2024-02-29'": [False, None, True, False],
    "d - INTERVAL '3' MONTH": [date(2024, 3, 1), None, date(2023, 10, 31), date(2022, 12, 1)],
    "EXTRACT(DOW FROM d)": [6, None, 3, 3],
    "EXTRACT(YEAR FROM d)": [2024, None, 2024, 2023],
    "CAST('2024-06-01' AS DATE) = d": [True, None, False, False],
    # Names
    "T > 3": [False, False, False, True],
    "\"Customer ID\" = '2'": [False, True, False, False],
    '"*" = 4': [False, False, False, True],
    '"^a.*$" = 4': [True, False, False, False],
}


@pytest.mark.parametrize("text", MEANS)
def test_what_texts_mean(text: str) -> None:
    assert run(text) == MEANS[text]


def test_texts_become_numbers_or_null() -> None:
    frame = pl.DataFrame({"s": [" 12.50 ", "1e3", "nan", "inf", "0x10", "", None, "1_000", "12"]})
    assert run("CAST(s AS DOUBLE)", frame) == [12.5, 1000.0, None, None, None, None, None, None, 12.0]
    assert run("CAST(s AS INT)", frame) == [None] * 8 + [12]
    dates = pl.DataFrame({"s": ["2024-06-01", "2024-02-30", "01.06.2024", None]})
    assert run("CAST(s AS DATE)", dates) == [date(2024, 6, 1), None, None, None]


def test_nan_and_inf_of_the_data_are_null() -> None:
    frame = pl.DataFrame({"x": [float("nan"), float("inf"), 1.0]})
    assert run("x > 0", frame) == [None, None, True]
    assert run("x = x", frame) == [None, None, True]


def test_decimals_stay_exact() -> None:
    frame = pl.DataFrame({"q": ["2", "-3.55", None], "p": ["2.555", "3.999", None]}).select(
        pl.col("q").cast(pl.Decimal(38, 2)), pl.col("p").cast(pl.Decimal(38, 3))
    )

    def exact(text: str) -> list[Any]:
        expression = compile_sql(text, frame.schema)
        result = frame.select(_=expression)["_"]
        assert result.dtype.is_decimal(), text
        return result.to_list()

    assert exact("q * p") == [Decimal("5.11"), Decimal("-14.19645"), None]
    assert exact("q * p * 0.125") == [Decimal("0.63875"), Decimal("-1.77455625"), None]
    assert exact("q + 1 - 0.001") == [Decimal("2.999"), Decimal("-2.551"), None]
    assert exact("q / 3") == [Decimal("0.666666666667"), Decimal("-1.183333333333"), None]
    assert exact("q / 0") == [None, None, None]
    assert exact("CAST(q * p AS DECIMAL(10, 2))") == [Decimal("5.11"), Decimal("-14.20"), None]
    assert exact("CASE WHEN q > 0 THEN p ELSE 0 END") == [Decimal("2.555"), Decimal("0"), Decimal("0")]
    assert frame.select(_=compile_sql("SQRT(q)", frame.schema))["_"].dtype == pl.Float64


REFUSED: dict[str, str] = {
    # Other rows, other tables, files, the network, the clock
    "SUM(a) > 1": "aggregate",
    "a > AVG(a)": "aggregate",
    "COUNT(*) > 1": "aggregate",
    "MAX(a)": "aggregate",
    "a > (SELECT 1)": "subquery",
    "a IN (SELECT a FROM t)": "subquery",
    "EXISTS (SELECT 1)": "subquery",
    "a IN (SELECT * FROM read_csv('/etc/passwd'))": "subquery",
    "a = ANY(ARRAY[1])": "not allowed",
    "read_csv('/etc/passwd') IS NULL": "not allowed",
    "read_parquet('https://example.com/x') IS NULL": "not allowed",
    "pg_read_file('/etc/passwd') = ''": "not allowed",
    "SUM(a) OVER () > 1": "window",
    "ROW_NUMBER() OVER (ORDER BY a) = 1": "window",
    "LAG(a) OVER () = 1": "window",
    "SUM(a) FILTER (WHERE t) > 1": "not allowed",
    "CURRENT_DATE > d": "clock",
    "NOW() > d": "clock",
    "CURRENT_TIMESTAMP > d": "clock",
    "LOCALTIME > d": "clock",
    "RANDOM() > 0.5": "not allowed",
    "UUID() = s": "not allowed",
    # Statements and parser tricks
    "SELECT 1": "",
    "DROP TABLE x": "",
    "a > 1; DROP TABLE x": "semicolon",
    "a > 1;": "semicolon",
    "a > 1 -- comment": "comment",
    "a /* comment */ > 1": "comment",
    "a > 1 /*+ hint */": "comment",
    "a AS b": "",
    "a b": "",
    "*": "",
    "t.a > 1": "not allowed",
    "a.b.c = 1": "not allowed",
    "a -> 'x' = 1": "not allowed",
    "a[1] = 1": "not allowed",
    "s ~ 'a.*'": "not allowed",
    "s SIMILAR TO 'a'": "not allowed",
    "REGEXP_LIKE(s, '(a+)+$')": "not allowed",
    "s COLLATE \"C\" = 'a'": "not allowed",
    "d AT TIME ZONE 'utc' = d": "not allowed",
    "a = $1": "not allowed",
    "a = ?": "not allowed",
    "a = :x": "not allowed",
    "a = @x": "not allowed",
    "$$x$$ = s": "not allowed",
    "e'x' = s": "not allowed",
    "N'x' = s": "not allowed",
    "a = 0x10": "not allowed",
    "a = 1_000": "",
    "a & 1 = 1": "not allowed",
    "(a, b) = (1, 2)": "not allowed",
    "a BETWEEN SYMMETRIC 1 AND 2": "not allowed",
    "TRIM(BOTH 'x' FROM s) = ''": "not allowed",
    "s LIKE 'a!%' ESCAPE '!'": "not allowed",
    "ROUND(b, a) > 1": "count",
    "SUBSTR(s, a, 1) = 'x'": "count",
    "REPLACE(s, '', 'x') = ''": "nothing to replace",
    "s LIKE s": "single quotes",
    "s LIKE 'a\\'": "escape",
    "CAST(a AS BLOB) IS NULL": "no such type",
    "a::regclass IS NULL": "",
    "INTERVAL '1 day'": "cannot stand",
    "d + INTERVAL '1 hour' = d": "no span",
    "d + INTERVAL '9999 years' = d": "hundred years",
    "INTERVAL '1 day' * 2 = d": "",
    "a > 1\0": "NUL",
    "": "empty",
    "   ": "empty",
    "a >": "no SQL expression",
    "a > 'x": "",
    "(a > 1": "no SQL expression",
    "a > 1)": "",
    "a == = 1": "",
    # Types
    "s > 1": "mixes",
    "d > '2024-01-01'": "mixes",
    "d > 5": "mixes",
    "s + 1": "not a number",
    "LOWER(a) = 'x'": "not text",
    "a < b < 3": "mixes",
    "NOT a": "not true or false",
    "a AND t": "not true or false",
    "t > FALSE": "orders true and false",
    "a = NULL": "NULL",
    "a IN (1, NULL)": "NULL",
    "a + NULL > 1": "NULL",
    "- NULL": "NULL",
    "ABS(NULL) > 1": "NULL",
    "DATE '2024-02-30' < d": "calendar",
    "DATE '2024-6-1' < d": "calendar",
    "CAST(b AS INT) = 1": "cannot become",
    "a = 99999999999999999999": "too large",
    "b = 1e999": "too large",
}


@pytest.mark.parametrize("text", REFUSED)
def test_attacks_and_mistakes_are_refused(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(SqlError) as caught:
        compile_sql(text, FRAME.schema)
    assert REFUSED[text] in caught.value.message, caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 250
    assert time.perf_counter() - started < 1


HOSTILE = {
    "10,000 terms": " OR ".join(f"a = {i}" for i in range(10_000)),
    "10,000 short terms": "a" + "+a" * 10_000,
    "201 words": "a" + " + a" * 100,
    "parentheses": "(" * 900 + "a" + ")" * 900,
    "parentheses within the words": "(" * 99 + "a" + ")" * 99,
    "NOT": "NOT " * 190 + "t",
    "minus": "- " * 190 + "a",
    "calls": "LOWER(" * 60 + "s" + ")" * 60,
    "CASE": "CASE WHEN t THEN " * 40 + "1" + " END" * 40,
    "brackets": "[" * 190,
    "braces": "{" * 190,
    "subscripts": "a" + "[1" * 90,
    "SELECT": "SELECT " * 199,
    "open quote": "'" + "x" * 1_900,
    "open comment": "/*" + "x" * 1_900,
    "intervals": "INTERVAL " * 190,
    "dots": "a" + ".a" * 90,
    "odd characters": "\u202e\ufeff\u200b a > 1",
    "megabyte": "a" * 1_000_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_texts_end_fast(case: str) -> None:
    started = time.perf_counter()
    with pytest.raises(SqlError) as caught:
        compile_sql(HOSTILE[case], FRAME.schema)
    assert time.perf_counter() - started < 0.5
    assert len(caught.value.message) < 250


def test_the_limits_themselves_are_usable() -> None:
    assert run(" OR ".join(["a = 1"] * 50)) == [True, False, None, False]
    assert run("(" * 20 + "a" + ")" * 20 + " = 1") == [True, False, None, False]


def test_unknown_columns_name_the_nearest() -> None:
    schema = {"purchases": pl.Int64(), "days_since_last_purchase": pl.Int64()}
    with pytest.raises(SqlError, match=r"unknown column purchase$") as caught:
        compile_sql("purchase > 1", schema)
    assert caught.value.hint == "did you mean purchases?"
    with pytest.raises(SqlError) as caught:
        compile_sql("Purchases > 1", schema)
    assert caught.value.hint == "did you mean purchases?"
    with pytest.raises(SqlError) as caught:
        compile_sql("zzz > 1", schema)
    assert "purchases, days_since_last_purchase" in str(caught.value.hint)


def test_conditions_must_be_boolean() -> None:
    with pytest.raises(SqlError, match="not a condition"):
        compile_sql("a + 1", FRAME.schema, boolean=True)
    compile_sql("a > 1", FRAME.schema, boolean=True)


def test_columns_of() -> None:
    assert columns_of('a > 1 AND LOWER("Customer ID") = s') == {"a", "Customer ID", "s"}
    assert columns_of("1 = 1") == frozenset()
    with pytest.raises(SqlError):
        columns_of("SUM(a)")


def test_parts_are_what_and_joins() -> None:
    found = parts_of("(a > 1 AND b <= 2) AND (t OR s = 'x')", FRAME.schema)
    assert [part.text for part in found] == ["a > 1", "b <= 2", "t OR s = 'x'"]
    assert [part.sign for part in found] == [">", "<=", None]
    assert [part.numeric for part in found] == [True, True, False]


def test_division_by_a_constant_is_exact() -> None:
    """Polars 2.1 multiplies by the reciprocal, so that 7 / 10 is 0.7000000000000001, unless the frame has one row."""
    frame = pl.DataFrame({"n": list(range(1, 2_000))})
    for divisor in (3, 7, 10, 100, 12.5):
        assert run(f"n / {divisor}", frame) == [n / divisor for n in range(1, 2_000)]


def test_nothing_depends_on_the_other_rows() -> None:
    for text in MEANS:
        expression = compile_sql(text, FRAME.schema)
        whole = FRAME.with_columns(_=expression)["_"].to_list()
        single = [FRAME[i : i + 1].with_columns(_=expression)["_"].to_list()[0] for i in range(FRAME.height)]
        assert whole == single, text
