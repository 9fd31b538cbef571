"""Small changes of a file: an operator swapped, a number moved, a condition turned round, a sign lost."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SWAPS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
SILENT = (ast.JoinedStr, ast.Raise, ast.arguments)
"""Not changed: words of messages, what is raised with one, and defaults of arguments."""


@dataclass(frozen=True)
class Change:
    """A changed file: where, what, the new source.

    `function` holds it (dotted name), and the `lines` of the old source reach it. Without both it takes effect when the
    module is imported, or by way of a cache.
    """

    path: str
    line: int
    what: str
    source: str
    function: str
    lines: frozenset[int]

    @property
    def module(self) -> str:
        """The name that the file is imported by."""
        return self.path.removesuffix(".py").replace("/", ".")


def changes(path: str) -> Iterator[Change]:
    """All changes of a file of the checkout."""
    text = (ROOT / path).read_text()
    for number, place in enumerate(_places(ast.parse(text))):
        tree = ast.parse(text)
        node = list(_places(tree))[number].node
        before = ast.unparse(node)
        _change(node)
        what = f"{before[:60]} -> {ast.unparse(node)[:60]}"
        yield Change(path, node.lineno, what, ast.unparse(tree), place.function, place.lines)


@dataclass(frozen=True)
class _Place:
    node: ast.expr | ast.AugAssign
    function: str
    lines: frozenset[int]


def _places(tree: ast.AST) -> list[_Place]:
    return list(_below(tree, "", "", frozenset()))


def _below(parent: ast.AST, scope: str, function: str, lines: frozenset[int]) -> Iterator[_Place]:
    """Places under `parent`, which stands in the function and runs with the lines; `scope` names classes as well."""
    if isinstance(parent, (ast.ClassDef, ast.FunctionDef)) and not function:
        scope = f"{scope}.{parent.name}".lstrip(".")
    for field, value in ast.iter_fields(parent):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        inside = function
        if isinstance(parent, ast.FunctionDef) and field == "body" and not _cached(parent):
            inside = function or scope
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or isinstance(node, SILENT):
                continue
            own = _lines(node) if inside and isinstance(node, ast.stmt) else lines
            if isinstance(node, (ast.expr, ast.AugAssign)) and _changes(node):
                yield _Place(node, inside, own)
            yield from _below(node, scope, inside, own)


def _lines(node: ast.stmt) -> frozenset[int]:
    """The lines of a statement; of one with a body those before the body."""
    body = getattr(node, "body", None)
    end = max(body[0].lineno - 1, node.lineno) if body else node.end_lineno or node.lineno
    return frozenset(range(node.lineno, end + 1))


def _cached(function: ast.FunctionDef) -> bool:
    return any("cache" in ast.unparse(d) for d in function.decorator_list)


def _changes(node: ast.expr | ast.AugAssign) -> bool:
    op = node.ops[0] if isinstance(node, ast.Compare) else getattr(node, "op", None)
    number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return isinstance(node, ast.IfExp) or number or type(op) in SWAPS or isinstance(op, (ast.USub, ast.Not))


def _change(node: ast.expr | ast.AugAssign) -> None:
    if isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)):
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        if isinstance(node.op, ast.Not):
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    elif isinstance(node, ast.Constant):
        value = node.value
        node.value = 1 - value if value in (0, 1) else value * 1.1 if isinstance(value, float) else int(str(value)) + 1
