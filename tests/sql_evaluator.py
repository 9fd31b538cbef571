"""A second reading of SQL conditions: random trees, written as text and evaluated by plain Python, row by row.

It shares no code with clvcli/sql: the tree is made here, so no parser is needed. NULL is None.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Node:
    """SQL text and what it is for a row."""

    sql: str
    value: Callable[[Row], Any]


def _strict(function: Callable[..., Any], *parts: Node) -> Callable[[Row], Any]:
    """NULL in, NULL out."""

    def value(row: Row) -> Any:
        values = [part.value(row) for part in parts]
        return None if any(v is None for v in values) else function(*values)

    return value


def _and(a: Any, b: Any) -> Any:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _or(a: Any, b: Any) -> Any:
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


def _extreme(name: str, *values: Any) -> Any:
    known = [v for v in values if v is not None]
    return None if not known else min(known) if name == "LEAST" else max(known)


def _half_away(x: float) -> float:
    return math.copysign(math.floor(abs(x) + 0.5), x) if abs(x) < 2**52 else x


def _like(text: str, pattern: str) -> bool:
    """% any run, _ one character, by dynamic programming."""
    reach = {0}
    for c in pattern:
        if c == "%":
            reach = set(range(min(reach), len(text) + 1)) if reach else set()
        else:
            reach = {i + 1 for i in reach if i < len(text) and (c == "_" or text[i] == c)}
    return len(text) in reach


class Writer:
    """Draws random conditions over the columns of `ROWS`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: Callable[[], Node]) -> Node:
        return self.random.choice(choices)()

    def column(self, *names: str) -> Node:
        name = self.random.choice(names)
        shown = name if self.random.random() < 0.8 else f'"{name}"'
        return Node(shown, lambda row: row[name])

    def number(self, depth: int) -> Node:
        if depth <= 0 or self.random.random() < 0.4:
            return self.pick(lambda: self.column("whole", "small", "real"), self.literal)
        return self.pick(
            lambda: self.arithmetic(depth),
            lambda: self.arithmetic(depth),
            lambda: self.function(depth),
            lambda: self.choice(self.number, depth),
            lambda: self.days_between(depth),
            lambda: self.length(depth),
        )

    def literal(self) -> Node:
        value = self.random.choice([0, 1, 2, 3, 5, 10, 100, 0.5, 0.1, 2.25, 1e3, 7.75])
        if self.random.random() < 0.2:
            return Node(f"(-{value!r})", lambda _: -value)
        return Node(repr(value), lambda _: value)

    def arithmetic(self, depth: int) -> Node:
        a, b = self.number(depth - 1), self.number(depth - 1)
        sign = self.random.choice("+-*/")
        how: dict[str, Callable[[Any, Any], Any]] = {
            "+": lambda x, y: float(x) + float(y),
            "-": lambda x, y: float(x) - float(y),
            "*": lambda x, y: float(x) * float(y),
            "/": lambda x, y: None if y == 0 else float(x) / float(y),
        }
        return Node(f"({a.sql} {sign} {b.sql})", _strict(how[sign], a, b))

    def function(self, depth: int) -> Node:
        a, b = self.number(depth - 1), self.number(depth - 1)
        name = self.random.choice(["ABS", "FLOOR", "CEIL", "ROUND", "LEAST", "GREATEST", "COALESCE", "NULLIF", "SQRT"])
        if name in ("LEAST", "GREATEST"):
            return Node(f"{name}({a.sql}, {b.sql})", lambda row: _extreme(name, a.value(row), b.value(row)))
        if name == "COALESCE":
            return Node(
                f"COALESCE({a.sql}, {b.sql})", lambda row: b.value(row) if a.value(row) is None else a.value(row)
            )
        if name == "NULLIF":
            return Node(f"NULLIF({a.sql}, {b.sql})", lambda row: None if a.value(row) == b.value(row) else a.value(row))
        plain: dict[str, Callable[[Any], Any]] = {
            "ABS": abs,
            "FLOOR": math.floor,
            "CEIL": math.ceil,
            "ROUND": _half_away,
            "SQRT": lambda x: None if x < 0 else math.sqrt(x),
        }
        return Node(f"{name}({a.sql})", _strict(plain[name], a))

    def choice(self, make: Callable[[int], Node], depth: int) -> Node:
        test, a, b = self.condition(depth - 1), make(depth - 1), make(depth - 1)
        if self.random.random() < 0.3:
            sql = f"CASE WHEN {test.sql} THEN {a.sql} END"
            return Node(sql, lambda row: a.value(row) if test.value(row) is True else None)
        sql = f"CASE WHEN {test.sql} THEN {a.sql} ELSE {b.sql} END"
        return Node(sql, lambda row: a.value(row) if test.value(row) is True else b.value(row))

    def length(self, depth: int) -> Node:
        a = self.text(depth - 1)
        return Node(f"LENGTH({a.sql})", _strict(len, a))

    def text(self, depth: int) -> Node:
        if depth <= 0 or self.random.random() < 0.5:
            value = self.random.choice(["a", "Ab", "UK", "it's", "", "ü%", "a_b", " a "])
            quoted = "'" + value.replace("'", "''") + "'"
            return self.pick(lambda: self.column("word", "other"), lambda: Node(quoted, lambda _: value))
        a, b = self.text(depth - 1), self.text(depth - 1)
        size = self.random.randint(0, 3)
        blanks = " \t\r\n\f\v"
        return self.random.choice(
            [
                Node(f"LOWER({a.sql})", _strict(str.lower, a)),
                Node(f"UPPER({a.sql})", _strict(str.upper, a)),
                Node(f"TRIM({a.sql})", _strict(lambda s: s.strip(blanks), a)),
                Node(f"({a.sql} || {b.sql})", _strict(lambda s, t: s + t, a, b)),
                Node(f"LEFT({a.sql}, {size})", _strict(lambda s: s[:size], a)),
                Node(f"RIGHT({a.sql}, {size})", _strict(lambda s: s[len(s) - min(size, len(s)) :], a)),
                Node(f"SUBSTR({a.sql}, 2, {size})", _strict(lambda s: s[1 : 1 + size], a)),
                Node(f"REPLACE({a.sql}, 'a', 'xy')", _strict(lambda s: s.replace("a", "xy"), a)),
            ]
        )

    def day(self, depth: int) -> Node:
        if depth <= 0 or self.random.random() < 0.6:
            value = date(2024, 1, 1) + timedelta(days=self.random.randint(-400, 400))
            return self.pick(lambda: self.column("day", "later"), lambda: Node(f"DATE '{value}'", lambda _: value))
        a, n = self.day(depth - 1), self.random.randint(0, 60)
        sign = self.random.choice([1, -1])
        sql = f"({a.sql} {'+' if sign > 0 else '-'} INTERVAL '{n} days')"
        return Node(sql, _strict(lambda d: d + sign * timedelta(days=n), a))

    def days_between(self, depth: int) -> Node:
        a, b = self.day(depth - 1), self.day(depth - 1)
        return Node(f"({a.sql} - {b.sql})", _strict(lambda x, y: (x - y).days, a, b))

    def condition(self, depth: int) -> Node:
        if depth <= 0:
            return self.pick(lambda: self.column("flag"), lambda: self.comparison(0))
        return self.pick(
            lambda: self.logic(depth),
            lambda: self.logic(depth),
            lambda: self.negation(depth),
            lambda: self.comparison(depth),
            lambda: self.comparison(depth),
            lambda: self.between(depth),
            lambda: self.among(depth),
            lambda: self.like(depth),
            lambda: self.null_test(depth),
        )

    def logic(self, depth: int) -> Node:
        a, b = self.condition(depth - 1), self.condition(depth - 1)
        word, how = self.random.choice([("AND", _and), ("OR", _or)])
        return Node(f"({a.sql}) {word} ({b.sql})", lambda row: how(a.value(row), b.value(row)))

    def negation(self, depth: int) -> Node:
        a = self.condition(depth - 1)
        return Node(f"NOT ({a.sql})", _strict(lambda x: not x, a))

    def comparison(self, depth: int) -> Node:
        make = self.random.choice([self.number, self.number, self.text, self.day])
        a, b = make(depth - 1), make(depth - 1)
        signs: dict[str, Callable[[Any, Any], bool]] = {
            "=": lambda x, y: x == y,
            "<>": lambda x, y: x != y,
            "<": lambda x, y: x < y,
            "<=": lambda x, y: x <= y,
            ">": lambda x, y: x > y,
            ">=": lambda x, y: x >= y,
        }
        sign = self.random.choice(list(signs))
        return Node(f"{a.sql} {sign} {b.sql}", _strict(signs[sign], a, b))

    def between(self, depth: int) -> Node:
        make = self.random.choice([self.number, self.text, self.day])
        a, low, high = (make(depth - 1) for _ in range(3))
        negate = self.random.random() < 0.5

        def value(row: Row) -> Any:
            x, lo, hi = a.value(row), low.value(row), high.value(row)
            inside = _and(None if None in (x, lo) else x >= lo, None if None in (x, hi) else x <= hi)
            return inside if not negate or inside is None else not inside

        word = "NOT BETWEEN" if negate else "BETWEEN"
        return Node(f"{a.sql} {word} {low.sql} AND {high.sql}", value)

    def among(self, depth: int) -> Node:
        make = self.random.choice([self.number, self.text, self.day])
        a, items = make(depth - 1), [make(0) for _ in range(self.random.randint(1, 4))]
        negate = self.random.random() < 0.5

        def value(row: Row) -> Any:
            x, found = a.value(row), [item.value(row) for item in items]
            result: bool | None = False
            for item in found:
                result = _or(result, None if x is None or item is None else x == item)
            return result if not negate or result is None else not result

        return Node(f"{a.sql} {'NOT IN' if negate else 'IN'} ({', '.join(i.sql for i in items)})", value)

    def like(self, depth: int) -> Node:
        a = self.text(depth - 1)
        pattern = self.random.choice(["a%", "%b", "_", "%a%", "", "U_", "it''s", "%.%", "[a]%", "ü%"])
        negate = self.random.random() < 0.5
        plain = pattern.replace("''", "'")
        how = (lambda s: not _like(s, plain)) if negate else (lambda s: _like(s, plain))
        return Node(f"{a.sql} {'NOT LIKE' if negate else 'LIKE'} '{pattern}'", _strict(how, a))

    def null_test(self, depth: int) -> Node:
        a = self.random.choice([self.number, self.text, self.day, self.condition])(depth - 1)
        if self.random.random() < 0.5:
            return Node(f"({a.sql}) IS NULL", lambda row: a.value(row) is None)
        return Node(f"({a.sql}) IS NOT NULL", lambda row: a.value(row) is not None)


ROWS: list[Row] = [
    {
        "whole": [0, 1, 2, 7, None, -3, 100, 5][i % 8],
        "small": [1, 5, None, 3, 4][i % 5],
        "real": [0.0, 0.1, -2.5, None, 1e3, 7.75, 2.25][i % 7],
        "word": ["a", "Ab", None, "UK", "it's", "üb%", ""][i % 7],
        "other": [" a ", "a_b", "UK", None, "b"][i % 5],
        "day": [date(2024, 1, 1), None, date(2024, 2, 29), date(2023, 12, 31)][i % 4],
        "later": [date(2024, 6, 1), date(2022, 12, 25), None][i % 3],
        "flag": [True, False, None][i % 3],
    }
    for i in range(60)
]
