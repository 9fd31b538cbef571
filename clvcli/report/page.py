"""What a page is made of: sections of blocks. Plain text everywhere; markup.py turns it into HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clvcli.report.charts.marks import Chart

Manifest = Mapping[str, Any]
FIRST = 5
"""People to turn to that are never folded."""


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` parts of it stand between two asterisks. look: a class of the style sheet."""

    text: str
    look: str = ""
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
    """One decision: what to do, with whom and what it is worth, why. target: the stage to read on at."""

    label: str
    value: str
    note: str
    details: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True)
class Cards:
    """Decisions side by side."""

    cards: tuple[Card, ...]
    kind: str = "cards"


@dataclass(frozen=True)
class Person:
    """One customer to turn to: who, in which stage, what to do, why in a sentence of figures."""

    name: str
    stage: str
    action: str
    why: str


@dataclass(frozen=True)
class People:
    """Customers to turn to, the first first; on a phone those after `FIRST` are folded, under the words `more`."""

    people: tuple[Person, ...]
    more: str = ""
    first: int = FIRST
    kind: str = "people"


@dataclass(frozen=True)
class Table:
    """A table of texts. `words`: the columns that hold words; all others are numbers.

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
    """A chart. `title` says what it found, `reading` how to read it, `alt` what it shows to those who cannot see it,
    `table` its data."""

    ident: str
    title: str
    reading: str
    alt: str
    chart: Chart
    table: Table
    kind: str = "figure"


@dataclass(frozen=True)
class Pair:
    """Figures that stand side by side where there is room; on a phone only the first of several is unfolded, and none
    if `folded`."""

    figures: tuple[Figure, ...]
    folded: bool = False
    kind: str = "pair"


@dataclass(frozen=True)
class Step:
    """What to do with the customers of one stage."""

    ident: str
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
    """Why a section has nothing to show; `command`: what the analyst runs to change that."""

    text: str
    command: str = ""
    kind: str = "missing"


@dataclass(frozen=True)
class Halves:
    """Two columns where there is room."""

    left: tuple["Block", ...]
    right: tuple["Block", ...]
    kind: str = "halves"


Block = Text | Heading | Points | Cards | People | Table | Figure | Pair | Steps | Missing | Halves


@dataclass(frozen=True)
class Section:
    """One question and its answer. appendix: folded, for those who ask how it was found."""

    ident: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
    appendix: bool = False

    @property
    def figures(self) -> list[Figure]:
        """All charts of the section."""
        return [figure for block in self.blocks for figure in _figures(block)]


def _figures(block: Block) -> list[Figure]:
    if isinstance(block, Halves):
        return [figure for part in (*block.left, *block.right) for figure in _figures(part)]
    return [block] if isinstance(block, Figure) else (list(block.figures) if isinstance(block, Pair) else [])


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


def expected_total(manifest: Manifest) -> float:
    """What all customers together are expected to bring: corrected by earlier forecasts where the run did so."""
    total = (manifest.get("portfolio") or {}).get("clv") or {}
    single = (series(manifest, "headline") or {}).get("clv") or 0.0
    return float(total.get("expected", total.get("total", single)))


def is_margin(manifest: Manifest) -> bool:
    """Whether predicted values are margin, and not what customers spend."""
    return argument(manifest, "margin") not in (None, "1", "1.0", 1, 1.0)


def ordered_stages(manifest: Manifest) -> list[Mapping[str, Any]]:
    """The stages, phase by phase in the order of the rules; empty phases of theirs last."""
    stages = list(manifest.get("stages") or [])
    named = list((manifest.get("rules") or {}).get("phases") or {})
    phases = named + [s["phase"] for s in stages if s["phase"] not in named]
    return sorted(stages, key=lambda s: phases.index(s["phase"]))


def stage_ident(manifest: Manifest, stage: object) -> str:
    """The anchor of a stage in the page: its name where that is plain, else its place."""
    names = [s["stage"] for s in manifest.get("stages") or []]
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(stage).lower())
    return f"stage-{plain.strip('-')[:40]}-{names.index(stage)}" if stage in names else "actions"
