"""A condition taken apart: what AND joins, and the two sides of every comparison."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from clvcli.sql.guard import Node, guarded
from clvcli.sql.values import Builder, Scope, said

_SIGNS: dict[type[Node], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


@dataclass(frozen=True)
class Part:
    """One part of a condition. `left`, `sign`, `right` are there when it is a comparison of two values."""

    text: str
    holds: pl.Expr
    columns: tuple[str, ...]
    left: pl.Expr | None = None
    sign: str | None = None
    right: pl.Expr | None = None
    numeric: bool = False


def parts(text: str, schema: Mapping[str, pl.DataType], builders: Mapping[type[Node], Builder]) -> list[Part]:
    """The parts of a condition, all of which must hold. Raises SqlError."""
    scope = Scope(dict(schema), builders)
    return [_part(node, scope) for node in _conjuncts(guarded(text))]


def _conjuncts(node: Node) -> list[Node]:
    inner = node
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.And):
        return [*_conjuncts(inner.this), *_conjuncts(inner.expression)]
    return [inner]


def _part(node: Node, scope: Scope) -> Part:
    names = tuple(dict.fromkeys(column.name for column in node.find_all(exp.Column, bfs=False)))
    holds = scope.make(node).expr
    sign = _SIGNS.get(type(node))
    if sign is None:
        return Part(said(node), holds, names)
    left, right = scope.make(node.this), scope.make(node.expression)
    numeric = {left.kind, right.kind} <= {"integer", "number", "decimal"}
    return Part(said(node), holds, names, left.expr, sign, right.expr, numeric)
