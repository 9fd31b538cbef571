"""How long texts can become, told from the tree alone: what would fill the memory is refused before it runs.

`a || b`, CONCAT and REPLACE are all that makes text longer. Their results are bounded by a multiple of the longest text
of the columns they read, and a number of characters besides.
"""

from dataclasses import dataclass, field

from sqlglot import exp

from clvcli.core.language import marked
from clvcli.sql.guard import Node, SqlError, short

MAX_TIMES = 32
MAX_CHARACTERS = 2_000
LIMIT = marked(
    "|| and REPLACE may make {max_times} times a column's length and {max_characters} characters, all together",
    max_times=MAX_TIMES,
    max_characters=f"{MAX_CHARACTERS:,}",
)
USUAL = 64
"""Characters of a long text in a column: decides which of two bounds is the closer one."""


@dataclass(frozen=True)
class Size:
    """At most `times` the longest text of a column and `characters` besides."""

    times: float = 0
    characters: float = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(self.times + other.times, self.characters + other.characters)

    def either(self, other: "Size") -> "Size":
        """A bound for one of two texts."""
        return Size(max(self.times, other.times), max(self.characters, other.characters))


@dataclass
class Grown:
    """What the texts of one rules file, or one option, make: `of` the fields by name, and all that they join in sum."""

    of: dict[str, Size] = field(default_factory=dict)
    made: Size = Size()

    def add(self, tree: Node, name: str | None = None) -> None:
        """Counts one more text; the result is kept as the field `name`. Raises SqlError when it is too much."""
        result = self._size(tree)
        if name is not None:
            self.of[name] = result

    def _size(self, node: Node) -> Size:
        below = [self._size(child) for child in node.iter_expressions()]
        if isinstance(node, exp.Column):
            return self.of.get(node.name, Size(times=1))
        if isinstance(node, exp.Literal):
            return Size(characters=len(node.this))
        if isinstance(node, (exp.DPipe, exp.Concat)):
            return self._count(sum(below, Size()), node)
        if isinstance(node, exp.Replace):
            return self._count(_replaced(node, below[0]), node)
        if isinstance(node, (exp.Left, exp.Right, exp.Substring)):
            return _part(node, below[0])
        return _either(below)

    def _count(self, size: Size, node: Node) -> Size:
        self.made += size
        if self.made.times > MAX_TIMES or self.made.characters > MAX_CHARACTERS:
            told = marked(
                "{times:,.0f} times as long as a column's and {characters:,.0f} characters more",
                times=self.made.times, characters=self.made.characters,
            )  # fmt: skip
            raise SqlError(
                marked("can make texts {told}: {node}", told=told, node=short(node.sql(dialect="postgres"), 60)), LIMIT
            )
        return size


def _usual(size: Size) -> float:
    return size.times * USUAL + size.characters


def _either(sizes: list[Size]) -> Size:
    found = Size()
    for size in sizes:
        found = found.either(size)
    return found


def _replaced(node: Node, before: Size) -> Size:
    """Every occurrence may become longer: as often as the old text fits."""
    old, new = node.expression, node.args["replacement"]
    known = isinstance(old, exp.Literal) and isinstance(new, exp.Literal) and old.this
    factor = max(1.0, len(new.this) / len(old.this)) if known else 1.0
    return Size(before.times * factor, before.characters * factor)


def _part(node: Node, before: Size) -> Size:
    """A part of known length, or at most the whole."""
    length = node.args.get("length") if isinstance(node, exp.Substring) else node.expression
    known = isinstance(length, exp.Literal) and length.this.isdigit()
    return min(before, Size(characters=int(length.this)), key=_usual) if known and length is not None else before
