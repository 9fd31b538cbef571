"""Logic, comparisons and CASE, three-valued as in PostgreSQL."""

from collections.abc import Callable
from functools import reduce

import polars as pl
from sqlglot import exp

from clvcli.sql.guard import Node, SqlError
from clvcli.sql.values import NULL, Builder, Scope, Typed, kind_of, said, unify


def condition(node: Node, scope: Scope) -> pl.Expr:
    """A node that must be Boolean."""
    value = scope.make(node)
    if value.kind != "boolean":
        raise SqlError(f"{said(node)} is {value.a_kind}, not true or false", "compare it: ... > 0")
    return value.expr


def _logic(node: Node, scope: Scope) -> Typed:
    left, right = condition(node.this, scope), condition(node.expression, scope)
    return Typed(left & right if isinstance(node, exp.And) else left | right, "boolean")


def _not(node: Node, scope: Scope) -> Typed:
    return Typed(~condition(node.this, scope), "boolean")


_COMPARE: dict[type[Node], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.NullSafeEQ: lambda a, b: a.eq_missing(b),
    exp.NullSafeNEQ: lambda a, b: a.ne_missing(b),
}


def compare(left: Typed, right: Typed, how: type[Node], node: Node) -> pl.Expr:
    """One comparison of two values of one kind."""
    a, b = unify([left, right], node)
    if "null" in (a.kind, b.kind):
        raise SqlError(f"{said(node)} compares with NULL, which is never true", "write IS NULL or IS NOT NULL")
    if a.kind == "boolean" and how in (exp.LT, exp.LTE, exp.GT, exp.GTE):
        raise SqlError(f"{said(node)} orders true and false")
    return _COMPARE[how](a.expr, b.expr)


def _comparison(node: Node, scope: Scope) -> Typed:
    return Typed(compare(scope.make(node.this), scope.make(node.expression), type(node), node), "boolean")


def _in(node: Node, scope: Scope) -> Typed:
    value = scope.make(node.this)
    found = [compare(value, scope.make(item), exp.EQ, node) for item in node.expressions]
    if not found:
        raise SqlError(f"{said(node)} has an empty list")
    return _negated(reduce(lambda a, b: a | b, found), node)


def _between(node: Node, scope: Scope) -> Typed:
    value = scope.make(node.this)
    low = compare(value, scope.make(node.args["low"]), exp.GTE, node)
    return _negated(low & compare(value, scope.make(node.args["high"]), exp.LTE, node), node)


def _is(node: Node, scope: Scope) -> Typed:
    if isinstance(node.expression, exp.Null):
        return _negated(scope.make(node.this).expr.is_null(), node)
    if not isinstance(node.expression, exp.Boolean):
        raise SqlError(f"{said(node)}: IS takes NULL, TRUE or FALSE", "compare with =")
    value = condition(node.this, scope)
    return _negated((value if node.expression.this else ~value).fill_null(False), node)


def _negated(expr: pl.Expr, node: Node) -> Typed:
    return Typed(~expr if node.args.get("negate") else expr, "boolean")


def _case(node: Node, scope: Scope) -> Typed:
    subject = scope.make(node.this) if node.this else None
    branches: list[pl.Expr] = []
    for branch in node.args["ifs"]:
        if subject is None:
            branches.append(condition(branch.this, scope))
        else:
            branches.append(compare(subject, scope.make(branch.this), exp.EQ, node))
    return choose(branches, [b.args["true"] for b in node.args["ifs"]], node.args.get("default"), node, scope)


def _if(node: Node, scope: Scope) -> Typed:
    return choose([condition(node.this, scope)], [node.args["true"]], node.args.get("false"), node, scope)


def choose(tests: list[pl.Expr], results: list[Node], default: Node | None, node: Node, scope: Scope) -> Typed:
    """The result of the first test that is true; NULL counts as not true."""
    values = unify([scope.make(r) for r in results] + [scope.make(default) if default else NULL], node)
    otherwise = values[-1].expr
    for test, value in zip(reversed(tests), reversed(values[:-1]), strict=True):
        otherwise = pl.when(test).then(value.expr).otherwise(otherwise)
    return Typed(otherwise, *kind_of(values))


CONDITIONS: dict[type[Node], Builder] = {
    exp.And: _logic,
    exp.Or: _logic,
    exp.Not: _not,
    **dict.fromkeys(_COMPARE, _comparison),
    exp.In: _in,
    exp.Between: _between,
    exp.Is: _is,
    exp.Case: _case,
    exp.If: _if,
}
