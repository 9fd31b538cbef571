"""Typed Polars expressions, columns and literals. Every node says the kind of its result, so that errors are ours.

Kinds: integer (Int64), number (Float64, never NaN), decimal (38 digits), text, date, time (Datetime), boolean, null.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from sqlglot import exp

from clvcli.core.language import marked
from clvcli.sql.guard import Node, SqlError, short

NUMERIC = ("integer", "number", "decimal")
MAX_SCALE = 18
QUOTIENT_SCALE = 12


A_KIND = {
    "integer": marked("a whole number"), "number": marked("a number"), "decimal": marked("a decimal"),
    "text": marked("text"), "boolean": marked("a boolean"), "date": marked("a date"), "time": marked("a time"),
    "null": "NULL",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """An expression, the kind of its result, the digits after the point of a decimal, and the value of a constant."""

    expr: pl.Expr
    kind: str
    scale: int = 0
    known: bool = False
    value: Any = None

    @property
    def a_kind(self) -> str:
        """The kind, for a sentence."""
        return A_KIND.get(self.kind, self.kind)


@dataclass(frozen=True)
class Scope:
    """The columns that a text may read, and the builder of every node type."""

    schema: dict[str, pl.DataType]
    builders: "Mapping[type[Node], Builder]"

    @property
    def exact(self) -> bool:
        """Whether fractions are Decimal: where a column is."""
        return any(isinstance(dtype, pl.Decimal) for dtype in self.schema.values())

    def make(self, node: Node) -> Typed:
        """One node and what is below it. Raises SqlError where kinds do not fit."""
        builder = self.builders.get(type(node))
        if builder is None:
            raise SqlError(marked("{node} cannot stand here", node=said(node)))
        made = builder(node, self)
        return made if made.known or node.find(exp.Column) is not None else settled(made)


Builder = Callable[[Node, Scope], Typed]


def settled(made: Typed) -> Typed:
    """A constant is evaluated now: Polars refuses functions of constants beside columns, as they have the length 1."""
    result = pl.select(made.expr).to_series()
    value = result[0]
    dtype = pl.Null() if value is None and made.kind == "null" else result.dtype
    return Typed(pl.lit(value, dtype), made.kind, made.scale, True, value)


def said(node: Node) -> str:
    """The node as SQL, short."""
    return short(node.sql(dialect="postgres"), 60)


def finite(expr: pl.Expr) -> pl.Expr:
    """NULL where a number is NaN or infinite."""
    return pl.when(expr.is_finite()).then(expr)


def column(node: Node, scope: Scope) -> Typed:
    """A column, widened to its kind: narrow integers would wrap, Categoricals compare by code."""
    name, dtype = node.name, scope.schema[node.name]
    plain = _by_name(name)
    if dtype.is_integer():
        return Typed(plain.cast(pl.Int64, strict=False), "integer")
    if dtype.is_float():
        return Typed(finite(plain.cast(pl.Float64)), "number")
    if isinstance(dtype, pl.Decimal):
        return Typed(plain, "decimal", dtype.scale)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return Typed(plain.cast(pl.String), "text")
    kinds = {pl.Date: "date", pl.Datetime: "time", pl.Boolean: "boolean", pl.Null: "null"}
    kind = next((k for t, k in kinds.items() if dtype == t), None)
    if kind is None:
        raise SqlError(
            marked("column {name} is a {dtype}, which SQL here cannot use", name=short(name, 60), dtype=dtype)
        )
    return Typed(plain, kind)


def _by_name(name: str) -> pl.Expr:
    """Polars takes `*` and `^...$` for patterns."""
    if name == "*" or (name.startswith("^") and name.endswith("$")):
        return pl.col("^" + "".join(c if c.isalnum() else "\\" + c for c in name) + "$")
    return pl.col(name)


def literal(node: Node, scope: Scope) -> Typed:
    """Text, a whole number, or 0.5: Decimal in exact scopes, else floating."""
    raw = node.this
    if node.is_string:
        return Typed(pl.lit(raw, pl.String), "text")
    try:
        value = Decimal(raw)
    except ArithmeticError:
        raise SqlError(marked("{raw} is no number", raw=short(raw, 40))) from None
    if value == value.to_integral_value() and "." not in raw and "e" not in raw.lower():
        if abs(value) > 2**63 - 1:
            raise SqlError(marked("{raw} is too large", raw=short(raw, 40)))
        return Typed(pl.lit(int(value), pl.Int64), "integer")
    if scope.exact:
        _, digits, exponent = value.as_tuple()
        scale = max(0, -int(exponent))
        if scale > MAX_SCALE or len(digits) > 30 or int(exponent) > 20:
            raise SqlError(marked("{raw} has too many digits", raw=short(raw, 40)))
        return Typed(pl.lit(value).cast(pl.Decimal(38, scale)), "decimal", scale)
    if abs(float(value)) == float("inf"):
        raise SqlError(marked("{raw} is too large", raw=short(raw, 40)))
    return Typed(pl.lit(float(value), pl.Float64), "number")


def as_kind(value: Typed, kind: str, scale: int = 0) -> Typed:
    """A numeric or NULL in another kind that can hold it."""
    if value.kind in ("null", kind):
        return value
    target = {"number": pl.Float64(), "decimal": pl.Decimal(38, scale), "time": pl.Datetime("us")}[kind]
    made = Typed(value.expr.cast(target), kind, scale if kind == "decimal" else 0)
    return settled(made) if value.known else made


def unify(values: list[Typed], node: Node) -> list[Typed]:
    """All in one kind: whole numbers become decimal or floating beside such, dates become times. Raises SqlError."""
    kinds = {value.kind for value in values} - {"null"}
    if len(kinds) <= 1:
        return values
    if kinds <= set(NUMERIC):
        kind = "number" if "number" in kinds else "decimal"
        return [as_kind(value, kind) for value in values]
    if kinds == {"date", "time"}:
        return [as_kind(value, "time") for value in values]
    hint = marked("dates are written DATE '2024-06-01'") if "date" in kinds and "text" in kinds else None
    hint = marked("text that holds numbers: CAST(name AS DOUBLE)") if kinds & set(NUMERIC) and "text" in kinds else hint
    raise SqlError(marked("{node} mixes {kinds}", node=said(node), kinds=" and ".join(sorted(kinds))), hint)


def kind_of(values: list[Typed]) -> tuple[str, int]:
    """The kind of unified values, and the largest scale."""
    kind = next((value.kind for value in values if value.kind != "null"), "null")
    return kind, max(value.scale for value in values)


NULL = Typed(pl.lit(None), "null", 0, True, None)


def truth(value: bool | None) -> Typed:
    """TRUE, FALSE or an unknown condition."""
    return Typed(pl.lit(value, pl.Boolean), "boolean", 0, True, value)


def count(node: Node | None, whole: Node, low: int, high: int) -> int:
    """A plain whole number written in the SQL."""
    if not isinstance(node, exp.Literal) or node.is_string or not re.fullmatch(r"[0-9]{1,6}", node.this):
        raise SqlError(marked("{place}: the count must be a plain whole number", place=said(whole)))
    value = int(node.this)
    if not low <= value <= high:
        raise SqlError(
            marked("{place}: the count must lie from {low} to {high}", place=said(whole), low=low, high=high)
        )
    return value


VALUES: dict[type[Node], Builder] = {
    exp.Column: column,
    exp.Literal: literal,
    exp.Boolean: lambda node, _: truth(bool(node.this)),
    exp.Null: lambda _node, _scope: NULL,
    exp.Paren: lambda node, scope: scope.make(node.this),
}
