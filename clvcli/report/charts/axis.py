"""Axes and legends: scales in shares and pixels, lines of the grid, their labels with units."""

from collections.abc import Sequence
from dataclasses import dataclass

from clvcli.report.charts.letters import width_of
from clvcli.report.charts.marks import SMALL, Mark, Rule, Words

LINE = 18
"""Pixels of a line of words above or below the plot."""
GAP = 6
COLUMN, PHONE = 400, 290
"""The narrowest plots, in pixels: in a column of a wide screen, and on a phone."""
LEGEND_ROOM = 320
"""A legend's row fits the narrowest column."""


@dataclass(frozen=True)
class Axis:
    """A numeric axis: its title with the unit, the ends of the scale, where labels stand and what they say."""

    title: str
    low: float
    high: float
    marks: Sequence[tuple[float, str]]

    def share(self, value: float) -> float:
        """The place of a value between the ends, from 0 to 1; what lies outside is at the end."""
        span = self.high - self.low
        return min(max((value - self.low) / span, 0.0), 1.0) if span else 0.5

    def places(self) -> list[tuple[float, str]]:
        """The labels that lie on the scale, a hair outside included."""
        near = abs(self.high - self.low) * 1e-9
        return [(self.share(v), label) for v, label in self.marks if self.low - near <= v <= self.high + near]


@dataclass(frozen=True)
class Key:
    """One entry of a legend: what the colour stands for."""

    name: str
    colour: str
    dash: bool = False


def room_for(labels: Sequence[str]) -> int:
    """Pixels beside the plot for labels that end at it."""
    return round(max((width_of(label, SMALL) for label in labels), default=0.0)) + GAP + 2


def upright(axis: Axis, top: float, height: float) -> list[Mark]:
    """Lines of the grid with their labels before the plot. The title is another matter: see `headed`."""
    marks: list[Mark] = []
    for share, label in axis.places():
        y = top + height * (1 - share)
        marks += [Rule(0, 1, y, y), Words(0, y, label, "end", -GAP)]
    return marks


def across(axis: Axis, top: float, height: float, *, grid: bool = False) -> list[Mark]:
    """Labels below the plot and the title below them."""
    marks: list[Mark] = []
    roomy = apart(axis.places(), COLUMN)
    narrow = apart(roomy, PHONE)
    for share, label in axis.places():
        marks += [Rule(share, share, top, top + height)] if grid else []
        if (share, label) in roomy:
            spare = (share, label) not in narrow
            marks.append(Words(share, top + height + LINE / 2 + 2, label, _anchor(share), spare=spare))
    if axis.title:
        marks.append(Words(0.5, top + height + 1.5 * LINE + 2, axis.title, "middle"))
    return marks


def _anchor(share: float) -> str:
    return "end" if share > 0.97 else "middle"


def apart(places: Sequence[tuple[float, str]], wide: int) -> list[tuple[float, str]]:
    """Those labels that do not meet in a plot of so many pixels: from the first on, and always the last."""
    kept: list[tuple[float, str]] = []
    for place in places:
        if not kept or _span(kept[-1], wide)[1] + GAP <= _span(place, wide)[0]:
            kept.append(place)
        elif place == places[-1]:
            kept = [one for one in kept if _span(one, wide)[1] + GAP <= _span(place, wide)[0]] + [place]
    return kept


def _span(place: tuple[float, str], wide: int) -> tuple[float, float]:
    share, label = place
    room = width_of(label, SMALL)
    end = share * wide + (0 if _anchor(share) == "end" else room / 2)
    return end - room, end


def below(axis: Axis) -> int:
    """Pixels that `across` takes below the plot."""
    return 4 + LINE * (bool(axis.marks) + bool(axis.title))


def headed(keys: Sequence[Key], title: str, start: int) -> tuple[list[Mark], int]:
    """Legend and title of the upright axis above the plot, from the edge of the column; and the pixels they take."""
    marks: list[Mark] = []
    y, x = LINE / 2, 0.0
    for key in keys:
        wide = width_of(key.name, SMALL) + 16
        if x and x + wide > LEGEND_ROOM:
            x, y = 0.0, y + LINE
        marks.append(Words(0, y, key.name, shift=x - start, colour="ink", key=key.colour, dash=key.dash))
        x += wide + 14
    y += LINE if keys else 0
    if title:
        marks.append(Words(0, y, title, shift=-start))
        y += LINE
    return marks, round(y - LINE / 2 + GAP)
