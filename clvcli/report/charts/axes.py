"""Axes and words of a chart, which we write: Vega draws the marks alone.

It would draw the same (a test says so), but it measures every letter that it writes, reading the font's file for each,
and nothing in a fixed layout asks how wide a word is: 0.4 s of processor a page, more than all the marks take.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

from clvcli.report.charts.drawing import FONT_SIZE, Layout
from clvcli.report.palette import light

PADDING = 6
TITLE_BELOW = 27
RISE, DROP = round(0.3 * FONT_SIZE), round(0.79 * FONT_SIZE)
"""From the middle and from the top of a line of letters to where they stand, in Vega's proportions."""


@dataclass(frozen=True)
class Axis:
    """A numeric axis: its title, the ends of the scale, where labels stand and what they say."""

    title: str
    low: float
    high: float
    marks: Sequence[tuple[float, str]]

    def places(self, start: float, end: float) -> list[tuple[float, str]]:
        """The marks that lie on the scale, in pixels from `start` (low) to `end` (high); a hair outside is its end."""
        span = self.high - self.low
        found = [((mark - self.low) / span if span else 0.5, label) for mark, label in self.marks]
        inside = [(min(max(share, 0.0), 1.0), label) for share, label in found if -1e-9 <= share <= 1 + 1e-9]
        return [(start * (1 - share) + end * share, label) for share, label in inside]


def axes(
    layout: Layout, across: Axis, upright: Axis, *, grid: str = "xy", down: bool = False, title: float = -42
) -> list[ET.Element]:
    """Lines of the grid (of the axes named in `grid`), labels and titles, to stand under the marks.

    down: the upright axis runs downwards; title: where its title stands, left of the plot.
    """
    width, height = layout.width, layout.height
    columns = across.places(0, width)
    rows = upright.places(0, height) if down else upright.places(height, 0)
    below, beside = f"translate(0.5,{height + 0.5:g})", "translate(0.5,0.5)"
    groups = []
    if "x" in grid and columns:
        lines = [_line(floor(x + 0.5), -height, 0, height) for x, _ in columns]
        groups.append(_group(below, [lines]))
    if "y" in grid and rows:
        groups.append(_group(beside, [[_line(0, floor(y + 0.5), width, 0) for y, _ in rows]]))
    foot = [text(_anchor(x, width), f"translate({_px(x)},{PADDING + DROP})", label) for x, label in columns]
    side = [text("end", f"translate({-PADDING},{_px(y + RISE)})", label) for y, label in rows]
    named = [_title(f"translate({_px(width / 2)},{TITLE_BELOW + DROP})", across.title)] if across.title else []
    turned = f"translate({title:g},{_px(height / 2)}) rotate(-90) translate(0,-3)"
    called = [_title(turned, upright.title)] if upright.title else []
    groups += [_group(below, [foot, named])] if foot or named else []
    groups += [_group(beside, [side, called])] if side or called else []
    return groups


def words(places: Iterable[tuple[float, float, str, str]], size: int) -> ET.Element:
    """Words over the marks: the middle of each, what it says and in which colour."""
    group = ET.Element("g")
    for x, y, said, colour in places:
        place = f"translate({_px(x)},{_px(y + floor(0.3 * size + 0.5))})"
        group.append(text("middle", place, said, size=size, colour=colour))
    return group


def text(anchor: str, place: str, said: str, *, size: int = FONT_SIZE, colour: str = "muted") -> ET.Element:
    """A text at its place."""
    look = {"text-anchor": anchor, "transform": place, "font-size": f"{size}px", "fill": light(colour)}
    element = ET.Element("text", look)
    element.text = said.strip()
    return element


def _title(place: str, said: str) -> ET.Element:
    return text("middle", place, said)


def _line(x: float, y: float, along: float, up: float) -> ET.Element:
    ends = {"transform": f"translate({x:g},{y:g})", "x2": f"{along:g}", "y2": f"{up:g}"}
    return ET.Element("line", ends | {"stroke": light("rule"), "stroke-width": "1"})


def _group(place: str, parts: Sequence[Sequence[ET.Element]]) -> ET.Element:
    group = ET.Element("g", {"transform": place})
    for part in parts:
        if part:
            ET.SubElement(group, "g").extend(part)
    return group


def _anchor(x: float, width: float) -> str:
    """A label at an end of the axis keeps within it."""
    return "start" if x <= 1 else "end" if width - x <= 1 else "middle"


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
