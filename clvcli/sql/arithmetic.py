"""Numbers and dates: arithmetic and functions as PostgreSQL has them, with NULL where it would raise an error."""

import re
from collections.abc import Callable

import polars as pl
from sqlglot import exp

from clvcli.core.language import marked
from clvcli.sql.guard import Node, SqlError
from clvcli.sql.values import (
    MAX_SCALE,
    NUMERIC,
    QUOTIENT_SCALE,
    Builder,
    Scope,
    Typed,
    as_kind,
    count,
    finite,
    kind_of,
    said,
    unify,
)

_UNITS = {"DAY": "d", "WEEK": "w", "MONTH": "mo", "YEAR": "y"}
_LONGEST = {"DAY": 36_525, "WEEK": 5_218, "MONTH": 1_200, "YEAR": 100}


def _numeric(node: Node, scope: Scope, whole: Node) -> Typed:
    value = scope.make(node)
    if value.kind == "null":
        raise SqlError(marked("{whole} calculates with NULL, which is always NULL", whole=said(whole)))
    if value.kind not in NUMERIC:
        hint = marked("text that holds numbers: CAST(name AS DOUBLE)") if value.kind == "text" else None
        raise SqlError(
            marked(
                "{place}: {node} is {a_kind}, not a number", place=said(whole), node=said(node), a_kind=value.a_kind
            ),
            hint,
        )
    return value


def _arithmetic(node: Node, scope: Scope) -> Typed:
    dated = _date_arithmetic(node, scope)
    if dated is not None:
        return dated
    left, right = _numeric(node.this, scope, node), _numeric(node.expression, scope, node)
    if "decimal" in (left.kind, right.kind) and "number" not in (left.kind, right.kind):
        return _decimal(node, as_kind(left, "decimal"), as_kind(right, "decimal"))
    a, b = as_kind(left, "number").expr, as_kind(right, "number").expr
    if isinstance(node, exp.Div):
        if not isinstance(
            node.expression, exp.Column
        ):  # Polars multiplies by the reciprocal of a constant: 7 / 10 would not be 0.7
            b = a * 0 + b
        return Typed(finite(pl.when(b != 0).then(a / b)), "number")
    result = a + b if isinstance(node, exp.Add) else a - b if isinstance(node, exp.Sub) else a * b
    return Typed(result.fill_nan(None), "number")


def _decimal(node: Node, a: Typed, b: Typed) -> Typed:
    """Polars keeps the larger scale of two factors and rounds: the left one is given room for an exact result first."""
    if isinstance(node, (exp.Add, exp.Sub)):
        scale = max(a.scale, b.scale)
        return Typed(a.expr + b.expr if isinstance(node, exp.Add) else a.expr - b.expr, "decimal", scale)
    if isinstance(node, exp.Mul):
        scale = max(a.scale, b.scale, min(a.scale + b.scale, MAX_SCALE))
        return Typed(a.expr.cast(pl.Decimal(38, scale)) * b.expr, "decimal", scale)
    scale = max(a.scale, b.scale, QUOTIENT_SCALE)
    return Typed(a.expr.cast(pl.Decimal(38, scale)) / pl.when(b.expr != 0).then(b.expr), "decimal", scale)


def _date_arithmetic(node: Node, scope: Scope) -> Typed | None:
    """date +- INTERVAL or days, date - date in days; None when no date takes part."""
    left, right = node.this, node.expression
    if isinstance(node, exp.Add) and isinstance(left, exp.Interval):
        left, right = right, left
    sign = "-" if isinstance(node, exp.Sub) else ""
    if isinstance(right, exp.Interval):
        start = scope.make(left)
        if start.kind not in ("date", "time") or not isinstance(node, (exp.Add, exp.Sub)):
            raise SqlError(marked("{place}: an INTERVAL is added to a date or taken from one", place=said(node)))
        return Typed(start.expr.dt.offset_by(sign + _span(right)), start.kind)
    a, b = scope.make(left), scope.make(right)
    if "date" not in (a.kind, b.kind) and "time" not in (a.kind, b.kind):
        return None
    if isinstance(node, exp.Sub) and a.kind == b.kind == "date":
        return Typed((a.expr - b.expr).dt.total_days(), "integer")
    if isinstance(node, (exp.Add, exp.Sub)) and a.kind == "date" and b.kind == "integer":
        days = pl.when(b.expr.abs() <= _LONGEST["DAY"]).then(-b.expr if sign else b.expr)
        return Typed(a.expr + pl.duration(days=days), "date")
    raise SqlError(
        marked("{node} mixes {kind} and {kind2}", node=said(node), kind=a.kind, kind2=b.kind),
        "date - date is days; date + INTERVAL '3 months'",
    )


def _span(node: Node) -> str:
    unit = str(node.args["unit"].name if node.args.get("unit") else "").upper().removesuffix("S")
    amount = node.this.this if isinstance(node.this, exp.Literal) else ""
    if unit not in _UNITS or not re.fullmatch(r"[0-9]{1,4}", amount):
        raise SqlError(
            marked("{node} is no span of days, weeks, months or years", node=said(node)), "INTERVAL '3 months'"
        )
    if int(amount) > _LONGEST[unit]:
        raise SqlError(marked("{node} is longer than a hundred years", node=said(node)))
    return amount + _UNITS[unit]


def _mod(node: Node, scope: Scope) -> Typed:
    """The sign of the left side, as in SQL; Polars' own % takes the sign of the right."""
    left, right = _numeric(node.this, scope, node), _numeric(node.expression, scope, node)
    if (left.kind, right.kind) != ("integer", "integer"):
        raise SqlError(marked("{place}: % takes whole numbers", place=said(node)))
    a, b = left.expr, right.expr.abs()
    return Typed(a.sign() * (a.abs() % pl.when(b != 0).then(b)), "integer")


def _neg(node: Node, scope: Scope) -> Typed:
    value = _numeric(node.this, scope, node)
    return Typed(-value.expr, value.kind, value.scale)


def _abs(node: Node, scope: Scope) -> Typed:
    value = _numeric(node.this, scope, node)
    return Typed(value.expr.abs(), value.kind, value.scale)


def _rounded(node: Node, scope: Scope) -> Typed:
    value = _numeric(node.this, scope, node)
    if value.kind == "integer":
        return value
    if isinstance(node, exp.Floor):
        return Typed(value.expr.floor(), value.kind, value.scale)
    if isinstance(node, exp.Ceil):
        return Typed(value.expr.ceil(), value.kind, value.scale)
    digits = count(node.args["decimals"], node, 0, 12) if node.args.get("decimals") else 0
    return Typed(value.expr.round(digits, mode="half_away_from_zero"), value.kind, value.scale)


def _real(function: Callable[[pl.Expr], pl.Expr]) -> Builder:
    def builder(node: Node, scope: Scope) -> Typed:
        value = as_kind(_numeric(node.this, scope, node), "number")
        return Typed(finite(function(value.expr)), "number")

    return builder


def _values(node: Node, scope: Scope) -> list[Typed]:
    return unify([scope.make(item) for item in [node.this, *node.expressions]], node)


def _coalesce(node: Node, scope: Scope) -> Typed:
    values = _values(node, scope)
    return Typed(pl.coalesce([v.expr for v in values]), *kind_of(values))


def _extreme(node: Node, scope: Scope) -> Typed:
    """LEAST and GREATEST skip NULLs, as in PostgreSQL."""
    values = _values(node, scope)
    kind, scale = kind_of(values)
    if kind not in (*NUMERIC, "date", "time"):
        raise SqlError(marked("{node} takes numbers or dates", node=said(node)))
    pick = pl.min_horizontal if isinstance(node, exp.Least) else pl.max_horizontal
    return Typed(pick([v.expr for v in values]), kind, scale)


def _nullif(node: Node, scope: Scope) -> Typed:
    value, other = unify([scope.make(node.this), scope.make(node.expression)], node)
    return Typed(pl.when(value.expr == other.expr).then(None).otherwise(value.expr), value.kind, value.scale)


_PARTS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "YEAR": lambda e: e.dt.year(),
    "QUARTER": lambda e: e.dt.quarter(),
    "MONTH": lambda e: e.dt.month(),
    "WEEK": lambda e: e.dt.week(),
    "DAY": lambda e: e.dt.day(),
    "DOW": lambda e: e.dt.weekday() % 7,
    "ISODOW": lambda e: e.dt.weekday(),
    "DOY": lambda e: e.dt.ordinal_day(),
}


def _extract(node: Node, scope: Scope) -> Typed:
    part, value = node.this.name.upper(), scope.make(node.expression)
    if part not in _PARTS:
        raise SqlError(
            marked("{place}: {part} is not one of {parts}", place=said(node), part=part, parts=", ".join(_PARTS))
        )
    if value.kind not in ("date", "time"):
        raise SqlError(marked("{node} takes a date", node=said(node)), "CAST(name AS DATE)")
    return Typed(_PARTS[part](value.expr).cast(pl.Int64), "integer")


ARITHMETIC: dict[type[Node], Builder] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div), _arithmetic),
    exp.Mod: _mod,
    exp.Neg: _neg,
    exp.Abs: _abs,
    **dict.fromkeys((exp.Floor, exp.Ceil, exp.Round), _rounded),
    exp.Sqrt: _real(lambda e: e.sqrt()),
    exp.Ln: _real(lambda e: e.log()),
    exp.Coalesce: _coalesce,
    exp.Least: _extreme,
    exp.Greatest: _extreme,
    exp.Nullif: _nullif,
    exp.Extract: _extract,
}
