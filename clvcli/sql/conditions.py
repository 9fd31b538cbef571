"""Logic, comparisons and CASE, three-valued as in PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import polars as pl
from sqlglot import exp

from clvcli.core.language import marked
from clvcli.sql.guard import Node, SqlError
from clvcli.sql.values import NULL, Builder, Scope, Typed, kind_of, said, settled, truth, unify


def condition(node: Node, scope: Scope) -> Typed:
    """A node that must be Boolean."""
    value = scope.make(node)
    if value.kind != "boolean":
        raise SqlError(
            marked("{node} is {a_kind}, not true or false", node=said(node), a_kind=value.a_kind), "compare it: ... > 0"
        )
    return value


def both(a: Typed, b: Typed) -> Typed:
    """AND. Constants are resolved here, as Polars would leave a column of length 1."""
    if a.known and b.known:
        return truth(False if False in (a.value, b.value) else None if None in (a.value, b.value) else True)
    if b.known:
        a, b = b, a
    if a.known and a.value is not None:
        return b if a.value else truth(False)
    return Typed(a.expr & b.expr, "boolean")


def either(a: Typed, b: Typed) -> Typed:
    """OR, by De Morgan's rule where a side is constant."""
    if a.known or b.known:
        return negated(both(negated(a), negated(b)))
    return Typed(a.expr | b.expr, "boolean")


def negated(a: Typed) -> Typed:
    """The negation of a condition."""
    if a.known:
        return truth(None if a.value is None else not a.value)
    return Typed(~a.expr, "boolean")


def _logic(node: Node, scope: Scope) -> Typed:
    left, right = condition(node.this, scope), condition(node.expression, scope)
    return both(left, right) if isinstance(node, exp.And) else either(left, right)


def _not(node: Node, scope: Scope) -> Typed:
    return negated(condition(node.this, scope))


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


_MIRRORED: dict[type[Node], type[Node]] = {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE}


def compare(left: Typed, right: Typed, how: type[Node], node: Node) -> Typed:
    """One comparison of two values of one kind."""
    a, b = unify([left, right], node)
    if "null" in (a.kind, b.kind):
        raise SqlError(
            marked("{node} compares with NULL, which is never true", node=said(node)), "write IS NULL or IS NOT NULL"
        )
    if a.kind == "boolean" and how in (exp.LT, exp.LTE, exp.GT, exp.GTE):
        raise SqlError(marked("{node} orders true and false", node=said(node)))
    if (
        a.known and not b.known
    ):  # Polars 2.1 gives `constant <= CASE ... END` the length 1 when every result is a constant
        a, b, how = b, a, _MIRRORED.get(how, how)
    made = Typed(_COMPARE[how](a.expr, b.expr), "boolean")
    return settled(made) if a.known and b.known else made


def _comparison(node: Node, scope: Scope) -> Typed:
    return compare(scope.make(node.this), scope.make(node.expression), type(node), node)


def _in(node: Node, scope: Scope) -> Typed:
    value = scope.make(node.this)
    found = [compare(value, scope.make(item), exp.EQ, node) for item in node.expressions]
    if not found:
        raise SqlError(marked("{node} has an empty list", node=said(node)))
    return _maybe_not(reduce(either, found), node)


def _between(node: Node, scope: Scope) -> Typed:
    value = scope.make(node.this)
    low = compare(value, scope.make(node.args["low"]), exp.GTE, node)
    high = compare(value, scope.make(node.args["high"]), exp.LTE, node)
    return _maybe_not(both(low, high), node)


def _is(node: Node, scope: Scope) -> Typed:
    if isinstance(node.expression, exp.Null):
        return _maybe_not(Typed(scope.make(node.this).expr.is_null(), "boolean"), node)
    if not isinstance(node.expression, exp.Boolean):
        raise SqlError(marked("{place}: IS takes NULL, TRUE or FALSE", place=said(node)), "compare with =")
    value = condition(node.this, scope)
    wanted = value if node.expression.this else negated(value)
    return _maybe_not(Typed(wanted.expr.fill_null(False), "boolean"), node)


def _maybe_not(value: Typed, node: Node) -> Typed:
    return negated(value) if node.args.get("negate") else value


def _case(node: Node, scope: Scope) -> Typed:
    subject = scope.make(node.this) if node.this else None
    tests: list[Typed] = []
    for branch in node.args["ifs"]:
        if subject is None:
            tests.append(condition(branch.this, scope))
        else:
            tests.append(compare(subject, scope.make(branch.this), exp.EQ, node))
    return choose(tests, [b.args["true"] for b in node.args["ifs"]], node.args.get("default"), node, scope)


def _if(node: Node, scope: Scope) -> Typed:
    return choose([condition(node.this, scope)], [node.args["true"]], node.args.get("false"), node, scope)


def choose(tests: list[Typed], results: list[Node], default: Node | None, node: Node, scope: Scope) -> Typed:
    """The result of the first test that is true; NULL counts as not true."""
    values = unify([scope.make(r) for r in results] + [scope.make(default) if default else NULL], node)
    kind, scale = kind_of(values)
    chosen = values[-1]
    for test, value in zip(reversed(tests), reversed(values[:-1]), strict=True):
        if test.known:
            chosen = value if test.value is True else chosen
        else:
            chosen = Typed(pl.when(test.expr).then(value.expr).otherwise(chosen.expr), kind, scale)
    return replace(chosen, kind=kind, scale=scale)


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
