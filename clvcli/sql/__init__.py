"""User SQL - rules, --where, column expressions - as Polars expressions that can only look at one row.

guard.py measures a text, parses it with sqlglot and holds the tree against an allowlist of node types and their parts.
conditions.py, arithmetic.py and text.py make the Polars expression from the *tree*, so that no second parser reads the
user's text: nothing in it can name a file, a URL, the clock, or another row.
"""

import difflib
from collections.abc import Iterable, Mapping

import polars as pl

from clvcli.core.language import marked
from clvcli.sql.arithmetic import ARITHMETIC
from clvcli.sql.conditions import CONDITIONS
from clvcli.sql.growth import Grown
from clvcli.sql.guard import SqlError, columns_in, guarded, renamed, short
from clvcli.sql.parts import Part, parts
from clvcli.sql.text import TEXT
from clvcli.sql.values import VALUES, Scope

__all__ = ["Grown", "Part", "SqlError", "columns_of", "compile_sql", "parts_of", "renamed", "result_type"]

_BUILDERS = {**VALUES, **CONDITIONS, **ARITHMETIC, **TEXT}


def compile_sql(
    text: str,
    schema: Mapping[str, pl.DataType],
    *,
    boolean: bool = False,
    grown: Grown | None = None,
    name: str | None = None,
) -> pl.Expr:
    """The Polars expression of one SQL text over columns of `schema`; with `boolean` its result must be Boolean.

    `grown` counts how long the texts of one file become in all, this one as the field `name`.

    Meaning, row by row, as in PostgreSQL, with these choices:

    - names are case-sensitive, "quoted" or not; dates are written DATE '2024-06-01', and date - date is whole days;
    - three-valued logic: a comparison with NULL is NULL. Callers that filter take NULL as no match;
    - numbers are whole or floating. `+ - *` give floating-point numbers (whole ones are exact to 2^53), `/` is true
      division, and whatever has no value (x / 0, ln(0), a text that is no number) is NULL;
    - when `schema` has a Decimal column, literals like 0.5 and whole numbers are Decimal beside it and `+ - *` stay
      exact Decimal (the scales of the two sides of `*` add up, to 18 at the most). `/` of Decimals is a Decimal of 12
      digits after the point (more when a side has more), rounded. A result of more than 38 digits raises Polars'
      ComputeError when the data are read. With a floating-point column the result is floating;
    - LIKE, REPLACE, SUBSTR and ROUND take literals as pattern or count; ROUND and casts round half away from zero.

    It does not evaluate anything but an empty frame, and it never reads a file or the clock. Raises SqlError.
    """
    tree = guarded(text)
    (Grown() if grown is None else grown).add(tree, name)
    names = columns_in(tree)
    _known(names, schema)
    try:
        value = Scope(dict(schema), _BUILDERS).make(tree)
        result = result_type(value.expr, names, schema)
    except pl.exceptions.PolarsError as problem:
        raise SqlError(
            marked("cannot be used on these columns: {text} ({problem})", text=short(text), problem=short(str(problem)))
        ) from None
    if boolean and (value.kind != "boolean" or result != pl.Boolean):
        told = marked(
            "is {a_kind}, not a condition that is true or false: {text}", a_kind=value.a_kind, text=short(text)
        )
        raise SqlError(told, "compare it: ... > 0")
    return value.expr


def result_type(expression: pl.Expr, names: Iterable[str], schema: Mapping[str, pl.DataType]) -> pl.DataType:
    """The type that an expression over columns of these names has. Raises what Polars raises."""
    return pl.DataFrame(schema={name: schema[name] for name in names}).select(expression.alias("_")).schema["_"]


def columns_of(text: str) -> frozenset[str]:
    """Names of the columns that a text reads. Raises SqlError for a text that the guard refuses."""
    return frozenset(columns_in(guarded(text)))


def parts_of(text: str, schema: Mapping[str, pl.DataType]) -> list[Part]:
    """The parts of a condition that AND joins, each ready to be evaluated. Raises SqlError."""
    return parts(text, schema, _BUILDERS)


def _known(names: Iterable[str], schema: Mapping[str, pl.DataType]) -> None:
    for name in names:
        if name not in schema:
            near = difflib.get_close_matches(name, list(schema), 1, 0.6)
            near = near or [known for known in schema if known.lower() == name.lower()]
            advice = (
                marked("did you mean {name}?", name=near[0])
                if near
                else marked("there are {known}", known=short(", ".join(schema), 160))
            )
            if not near and name.lower() in _quoted(schema):
                advice = marked('write text in single quotes; a column in double quotes: "{name}"', name=name)
            raise SqlError(marked("unknown column {name}", name=short(name, 60)), advice)


def _quoted(schema: Mapping[str, pl.DataType]) -> set[str]:
    return {word for name in schema if " " in name for word in name.lower().split()}
