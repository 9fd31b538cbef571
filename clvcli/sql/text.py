"""Text functions and casts, as PostgreSQL has them, with NULL where it would raise an error."""

from collections.abc import Callable
from datetime import date

import polars as pl
from sqlglot import exp

from clvcli.core.language import marked
from clvcli.sql.guard import Node, SqlError, short
from clvcli.sql.values import Builder, Scope, Typed, count, finite, said

BLANKS = " \t\r\n\f\v"
_FLOAT = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"


def _text(node: Node, scope: Scope, whole: Node) -> pl.Expr:
    value = scope.make(node)
    if value.kind not in ("text", "null"):
        raise SqlError(
            marked("{place}: {node} is {a_kind}, not text", place=said(whole), node=said(node), a_kind=value.a_kind),
            "CAST(name AS TEXT)",
        )
    return value.expr.cast(pl.String)


def _literal_text(node: Node, whole: Node) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise SqlError(marked("{place}: the pattern must be a text in single quotes", place=said(whole)))
    return str(node.this)


def _like(node: Node, scope: Scope) -> Typed:
    pattern, escaped, parts = _literal_text(node.expression, node), False, []
    for c in pattern:
        if escaped or c not in "\\%_":
            parts.append("\\" + c if c in r"\.+*?()|[]{}^$" else c)
            escaped = False
        elif c == "\\":
            escaped = True
        else:
            parts.append(".*" if c == "%" else ".")
    if escaped:
        raise SqlError(marked("{place}: the pattern ends in its escape character", place=said(node)))
    flags = "(?si)" if isinstance(node, exp.ILike) else "(?s)"
    found = _text(node.this, scope, node).str.contains(f"{flags}^{''.join(parts)}$")
    return Typed(~found if node.args.get("negate") else found, "boolean")


def _of_text(function: Callable[[pl.Expr], pl.Expr], kind: str = "text") -> Builder:
    def builder(node: Node, scope: Scope) -> Typed:
        return Typed(function(_text(node.this, scope, node)), kind)

    return builder


def _substring(node: Node, scope: Scope) -> Typed:
    start = count(node.args.get("start"), node, 1, 9999)
    length = count(node.args["length"], node, 0, 9999) if node.args.get("length") else None
    return Typed(_text(node.this, scope, node).str.slice(start - 1, length), "text")


def _end(node: Node, scope: Scope) -> Typed:
    size, value = count(node.expression, node, 0, 9999), _text(node.this, scope, node)
    return Typed(value.str.head(size) if isinstance(node, exp.Left) else value.str.tail(size), "text")


def _replace(node: Node, scope: Scope) -> Typed:
    old, new = _literal_text(node.expression, node), _literal_text(node.args["replacement"], node)
    if not old:
        raise SqlError(marked("{place}: there is nothing to replace", place=said(node)))
    return Typed(_text(node.this, scope, node).str.replace_all(old, new, literal=True), "text")


def _affix(node: Node, scope: Scope) -> Typed:
    value, part = _text(node.this, scope, node), _text(node.expression, scope, node)
    return Typed(
        value.str.starts_with(part) if isinstance(node, exp.StartsWith) else value.str.ends_with(part), "boolean"
    )


def _joined(node: Node, scope: Scope) -> Typed:
    """`||` is NULL when a side is; CONCAT skips NULLs."""
    if isinstance(node, exp.DPipe):
        return Typed(_text(node.this, scope, node) + _text(node.expression, scope, node), "text")
    parts = [_text(item, scope, node) for item in node.expressions]
    return Typed(pl.concat_str(parts, ignore_nulls=True), "text")


def _a_date(text: str) -> date:
    """`2024-06-01` and nothing else."""
    try:
        if len(text) == 10 and text[4] == "-":
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise SqlError(marked("DATE '{text}' is no day of the calendar", text=short(text, 30)), "write DATE '2024-06-01'")


_TYPES = {
    "TEXT": "text", "VARCHAR": "text", "INT": "integer", "BIGINT": "integer", "SMALLINT": "integer",
    "DOUBLE": "number", "FLOAT": "number", "DECIMAL": "decimal", "DATE": "date",
}  # fmt: skip


def _cast(node: Node, scope: Scope) -> Typed:
    kind, given = _TYPES.get(node.args["to"].this.name), node.args["to"].expressions
    if kind is None or (given and kind != "decimal"):
        raise SqlError(
            marked("{place}: no such type here", place=said(node)), "TEXT, INT, DOUBLE, DECIMAL(38, 6) or DATE"
        )
    if kind == "date" and isinstance(node.this, exp.Literal) and node.this.is_string:
        return Typed(pl.lit(_a_date(node.this.this), pl.Date), "date")
    scale = count(given[1].this, node, 0, 12) if len(given) > 1 else 0 if given else 6
    value = scope.make(node.this)
    made = value if value.kind == kind != "decimal" else _converted(value, kind, scale)
    if made is None:
        raise SqlError(
            marked("{place}: {a_kind} cannot become {kind}", place=said(node), a_kind=value.a_kind, kind=kind),
            "use ROUND for whole numbers",
        )
    return made


def _converted(value: Typed, kind: str, scale: int) -> Typed | None:
    e = value.expr
    plain = e.str.strip_chars(BLANKS)
    digits = rf"^[+-]?[0-9]{{1,20}}(\.[0-9]{{0,{scale}}})?$"
    made: dict[tuple[str, str], Callable[[], pl.Expr]] = {
        ("text", "number"): lambda: finite(pl.when(plain.str.contains(_FLOAT)).then(plain).cast(pl.Float64)),
        ("text", "integer"): lambda: pl.when(plain.str.contains(r"^[+-]?[0-9]{1,18}$")).then(plain).cast(pl.Int64),
        ("text", "decimal"): lambda: pl.when(plain.str.contains(digits)).then(plain).cast(pl.Decimal(38, scale)),
        ("text", "date"): lambda: pl.when(plain.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
        .then(plain).str.to_date("%Y-%m-%d", strict=False),
        ("integer", "number"): lambda: e.cast(pl.Float64),
        ("decimal", "number"): lambda: e.cast(pl.Float64),
        ("integer", "decimal"): lambda: e.cast(pl.Decimal(38, scale)),
        ("decimal", "decimal"): lambda: e.round(scale, mode="half_away_from_zero").cast(pl.Decimal(38, scale)),
        ("integer", "text"): lambda: e.cast(pl.String),
        ("decimal", "text"): lambda: e.cast(pl.String),
        ("date", "text"): lambda: e.dt.strftime("%Y-%m-%d"),
        ("time", "date"): e.dt.date,
        ("boolean", "integer"): lambda: e.cast(pl.Int64),
    }  # fmt: skip
    make = made.get((value.kind, kind))
    return None if make is None else Typed(make(), kind, scale if kind == "decimal" else 0)


TEXT: dict[type[Node], Builder] = {
    exp.Like: _like,
    exp.ILike: _like,
    exp.Lower: _of_text(lambda e: e.str.to_lowercase()),
    exp.Upper: _of_text(lambda e: e.str.to_uppercase()),
    exp.Trim: _of_text(lambda e: e.str.strip_chars(BLANKS)),
    exp.Length: _of_text(lambda e: e.str.len_chars().cast(pl.Int64), "integer"),
    exp.Substring: _substring,
    exp.Left: _end,
    exp.Right: _end,
    exp.Replace: _replace,
    exp.StartsWith: _affix,
    exp.EndsWith: _affix,
    exp.DPipe: _joined,
    exp.Concat: _joined,
    exp.Cast: _cast,
}
