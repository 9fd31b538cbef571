"""What a page is made of: sections of blocks. Plain text everywhere; the template turns it into HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clvcli.report.charts.marks import Chart
from clvcli.report.numbers import shown

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` parts of it are found by the template between two asterisks."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    kind: str = "heading"


@dataclass(frozen=True)
class Points:
    """A list of statements."""

    items: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True)
class Card:
    """One figure of the headline."""

    label: str
    value: str
    note: str
    alarm: bool = False


@dataclass(frozen=True)
class Cards:
    """Figures side by side."""

    cards: tuple[Card, ...]
    kind: str = "cards"


@dataclass(frozen=True)
class Table:
    """A table of texts. `words`: the columns that hold words, to the left; all others are numbers, to the right.

    `stack`: on a narrow screen a row becomes a block of its own, for tables that must be read without scrolling.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})
    stack: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """A chart. `reading` says what to see in it, `alt` what it shows to those who cannot see it, `table` its data."""

    ident: str
    title: str
    reading: str
    alt: str
    chart: Chart
    table: Table
    kind: str = "figure"


@dataclass(frozen=True)
class Pair:
    """Figures that stand side by side where there is room."""

    figures: tuple[Figure, ...]
    kind: str = "pair"


@dataclass(frozen=True)
class Step:
    """What to do with the customers of one stage."""

    stage: str
    facts: str
    who: str
    goal: str
    actions: tuple[str, ...]
    limit: str
    first: str


@dataclass(frozen=True)
class Steps:
    """The stages of one phase."""

    phase: str
    meaning: str
    steps: tuple[Step, ...]
    kind: str = "steps"


@dataclass(frozen=True)
class Missing:
    """Why a section has nothing to show, and what to do about it."""

    text: str
    kind: str = "missing"


Block = Text | Heading | Points | Cards | Table | Figure | Pair | Steps | Missing


@dataclass(frozen=True)
class Section:
    """One question and its answer."""

    ident: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)

    @property
    def figures(self) -> list[Figure]:
        """All charts of the section."""
        found: list[Figure] = []
        for block in self.blocks:
            found += [block] if isinstance(block, Figure) else (block.figures if isinstance(block, Pair) else [])
        return found


def series(manifest: Manifest, name: str) -> Any:
    """A series of the manifest; None where it is absent or empty."""
    return (manifest.get("series") or {}).get(name) or None


def argument(manifest: Manifest, name: str) -> Any:
    """The value of an option of the run."""
    return ((manifest.get("arguments") or {}).get(name) or {}).get("value")


def total_range(manifest: Manifest) -> tuple[float, float] | None:
    """The interval of the total predicted value, where the run has one."""
    total = (manifest.get("portfolio") or {}).get("clv") or {}
    low, high = total.get("low"), total.get("high")
    return None if low is None or high is None else (float(low), float(high))


def value_word(manifest: Manifest) -> str:
    """What the predicted value is: spend, or margin where a margin was given."""
    return "spend" if argument(manifest, "margin") in (None, "1", "1.0", 1) else "margin"


def ordered_stages(manifest: Manifest) -> list[Mapping[str, Any]]:
    """The stages, phase by phase in the order of the rules; empty phases of theirs last."""
    stages = list(manifest.get("stages") or [])
    named = list((manifest.get("rules") or {}).get("phases") or {})
    phases = named + [s["phase"] for s in stages if s["phase"] not in named]
    return sorted(stages, key=lambda s: phases.index(s["phase"]))


def clean(value: Any) -> str:
    """Text of the data, safe to show; nothing for null."""
    return "" if value is None else shown(value)
