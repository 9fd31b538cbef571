"""The guard: limits, syntax and the allowlist that every user SQL text passes before anything is made of it."""

import functools
import logging
from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from clvcli.core.errors import ClvError
from clvcli.core.language import marked

MAX_CHARACTERS = 2_000
MAX_TOKENS = 200
MAX_DEPTH = 20
"""Parentheses, function calls, CASE and unary signs within each other."""


class SqlError(ClvError):
    """A text that is no allowed SQL expression. Callers turn it into UsageError (2) or ConfigError (4)."""

    exit_code = 2


Node = exp.Expr
"""Any node of a parsed text."""

_OPERANDS = frozenset({"this", "expression"})
_ONE = frozenset({"this"})
ALLOWED: dict[type[Node], frozenset[str]] = {
    # Any part of a node that is not named here (a table before a column, FILTER, SYMMETRIC, ...) is refused too.
    exp.Column: _ONE,
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: _ONE,
    exp.Null: frozenset(),
    exp.Paren: _ONE,
    exp.Var: _ONE,
    exp.Interval: frozenset({"this", "unit"}),
    **dict.fromkeys((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _OPERANDS),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Mod), _OPERANDS),
    **dict.fromkeys((exp.Not, exp.Neg, exp.Lower, exp.Upper, exp.Abs, exp.Sqrt, exp.Ln), _ONE),
    **dict.fromkeys((exp.Floor, exp.Ceil, exp.Length), _ONE),
    exp.Div: _OPERANDS | {"typed", "safe"},
    exp.Is: _OPERANDS | {"negate"},
    exp.Like: _OPERANDS | {"negate"},
    exp.ILike: _OPERANDS | {"negate"},
    exp.In: frozenset({"this", "expressions", "negate"}),
    exp.Between: frozenset({"this", "low", "high", "negate"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}),
    exp.DataTypeParam: _ONE,
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Nullif: _OPERANDS,
    exp.Least: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Greatest: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Round: frozenset({"this", "decimals"}),
    exp.Extract: _OPERANDS,
    exp.DPipe: _OPERANDS | {"safe"},
    exp.Concat: frozenset({"expressions", "safe", "coalesce"}),
    exp.Trim: _ONE,
    exp.Substring: frozenset({"this", "start", "length"}),
    exp.Left: _OPERANDS,
    exp.Right: _OPERANDS,
    exp.Replace: frozenset({"this", "expression", "replacement"}),
    exp.StartsWith: _OPERANDS,
    exp.EndsWith: _OPERANDS,
}

FUNCTIONS = (
    "abs, cast, ceil, coalesce, concat, ends_with, extract, floor, greatest, least, left, length, ln, lower, mod,"
    " nullif, replace, right, round, sqrt, starts_with, substr, trim, upper"
)
_CLOCK = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.Localtime, exp.Localtimestamp)
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_UNARY = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS})

# sqlglot logs on stderr when it meets statements it does not know; here they are refused anyway.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def columns_in(tree: Node) -> list[str]:
    """Names in the order in which they stand."""
    return [column.name for column in tree.find_all(exp.Column, bfs=False)]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names of columns. Raises as `guarded` does."""
    tree = guarded(text).copy()
    for column in list(tree.find_all(exp.Column)):
        column.set("this", exp.to_identifier(names.get(column.name, column.name), quoted=True))
    return str(tree.sql(dialect="postgres"))


@functools.lru_cache(maxsize=1024)
def guarded(text: str) -> Node:
    """The tree of a text that keeps to the limits and to the allowlist. Not to be changed: it is kept for next time."""
    if len(text) > MAX_CHARACTERS:
        raise SqlError(
            marked(
                "is {text} characters long; {max_characters} are allowed",
                text=f"{len(text):,}",
                max_characters=f"{MAX_CHARACTERS:,}",
            ),
            "simplify the SQL",
        )
    if not text.strip():
        raise SqlError("is empty", "write a condition like purchases >= 2")
    if "\0" in text:
        raise SqlError("has a NUL character in it")
    try:
        tokens = sqlglot.tokenize(text, read="postgres")
        _measure(tokens)
        tree = sqlglot.parse_one(text, read="postgres", into=exp.Condition)
        _allow(tree)
    except SqlError:
        raise
    except RecursionError:
        raise SqlError(
            marked("is nested too deeply: {text}", text=short(text)), "split it into fields or stages"
        ) from None
    except ParseError as problem:
        raise SqlError(_syntax(text, problem), "text stands in 'single quotes', odd names in \"double\"") from None
    except (SqlglotError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        # A parser meets hostile text with any of these; a bug of ours would show in every test.
        raise SqlError(
            marked("is no SQL expression: {text}", text=short(text)), "is a quote or a parenthesis missing?"
        ) from None
    return tree


def _measure(tokens: list[Token]) -> None:
    """Refuses what is too long or too deep before the recursive parser sees it; and comments, which no tree shows."""
    if len(tokens) > MAX_TOKENS:
        raise SqlError(
            marked("has {tokens} words and signs; {max_tokens} are allowed", tokens=len(tokens), max_tokens=MAX_TOKENS),
            "simplify the SQL",
        )
    depth = unary = 0
    for token in tokens:
        if token.comments:
            raise SqlError("has a comment in it", "write comments in YAML, with #")
        if token.token_type == TokenType.SEMICOLON:
            raise SqlError("has a semicolon in it; one expression is allowed")
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        unary = unary + 1 if token.token_type in _UNARY else 0
        if depth > MAX_DEPTH or unary > MAX_DEPTH:
            raise SqlError(
                marked("is nested deeper than {max_depth} levels", max_depth=MAX_DEPTH),
                "split it into fields or stages",
            )


def _allow(tree: Node) -> None:
    """Raises SqlError at the first node, or part of a node, that is not on the allowlist."""
    for node in tree.walk(bfs=False):
        parts = ALLOWED.get(type(node))
        if parts is None:
            raise _refusal(node)
        if strange := next((name for name, value in node.args.items() if value and name not in parts), None):
            if isinstance(node.args[strange], exp.Query):
                raise _refusal(node.args[strange])
            raise SqlError(
                marked("{node} is not allowed with {strange}", node=_words(node), strange=strange.replace("_", " ")),
                marked("functions: {functions}", functions=FUNCTIONS),
            )
        if node.comments:
            raise SqlError("has a comment in it", "write comments in YAML, with #")


_REFUSALS: tuple[tuple[tuple[type, ...], str, str | None], ...] = (
    ((exp.Window,), marked("{node} is a window function; a condition sees one row at a time"), None),
    ((exp.AggFunc,), marked("{node} is an aggregate; a condition sees one row at a time"), None),
    ((exp.Query, exp.Exists, exp.Table), marked("has a subquery in it; a condition sees one row at a time"), None),
    (_CLOCK, marked("{node} reads the clock"), marked("as_of is the day of the run")),
    ((exp.Alias,), marked("{node} is no expression"), marked("is an operator missing, or quotes around a name?")),
    ((exp.Star,), marked("* is not allowed"), marked("name the columns")),
)


def _refusal(node: Node) -> SqlError:
    for types, message, hint in _REFUSALS:
        if isinstance(node, types):
            return SqlError(marked(message, node=_words(node)), hint)
    return SqlError(
        marked("{node} is not allowed", node=_words(node)), marked("functions: {functions}", functions=FUNCTIONS)
    )


def _words(node: Node) -> str:
    try:
        return short(node.sql(dialect="postgres"), 40)
    except (SqlglotError, ValueError, RecursionError):
        return type(node).__name__.upper()


def _syntax(text: str, problem: ParseError) -> str:
    found = problem.errors[0] if problem.errors else {}
    column, word = found.get("col"), str(found.get("highlight") or "")
    if not column:
        return marked("is no SQL expression: {text}", text=short(text))
    return marked(
        "is no SQL expression: {text} (trouble at character {column}, near {word})",
        text=short(text), column=column, word=short(word, 20),
    )  # fmt: skip


def short(text: str, limit: int = 80) -> str:
    """One line of printable text."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def numbers_in(text: str) -> frozenset[float]:
    """The numbers that stand in a text. Raises SqlError for a text that the guard refuses."""
    return frozenset(float(node.this) for node in guarded(text).find_all(exp.Literal) if not node.is_string)
