"""What a chart is made of: plain marks. Across, a place is a share of the plot's width; upright, pixels from the top.

So one drawing fills a column of any width while its letters and heights stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SIZE, SMALL = 13, 12
"""Pixels of letters: of names, and of everything else. Nothing is smaller."""

Points = Sequence[tuple[float, float]]
"""Places (across, upright)."""


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    low: float
    high: float
    top: float
    bottom: float
    colour: str


@dataclass(frozen=True)
class Rule:
    """A thin straight line; `colour` of the palette."""

    low: float
    high: float
    top: float
    bottom: float
    colour: str = "rule"
    width: float = 1


@dataclass(frozen=True)
class Curve:
    """A line through points; `filled`: the area that they enclose instead."""

    points: Points
    colour: str
    dash: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Dot:
    """A point."""

    x: float
    y: float
    colour: str


@dataclass(frozen=True)
class Words:
    """One line of text whose middle is at the height y.

    anchor: which part of it stands at x: start, middle, end; shift: pixels away from x; turned: it runs upwards;
    key: a legend's colour square (a dash where `dash`) stands before it;
    spare: it is left out on a narrow screen, where it would meet its neighbour.
    """

    x: float
    y: float
    said: str
    anchor: str = "start"
    shift: float = 0
    size: int = SMALL
    colour: str = "muted"
    turned: bool = False
    key: str = ""
    dash: bool = False
    spare: bool = False


Mark = Box | Rule | Curve | Dot | Words


@dataclass(frozen=True)
class Chart:
    """A drawing: its height, the room before and after the plot (pixels), its marks from back to front.

    least: the narrowest plot, in pixels, in which no words meet; a narrower column scrolls.
    """

    height: int
    start: int
    end: int
    marks: tuple[Mark, ...]
    least: int = 0
