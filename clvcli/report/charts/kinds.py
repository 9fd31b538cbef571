"""The kinds of chart: bars, columns, lines, grid. They get finished values and texts and compute places."""

from collections.abc import Sequence
from dataclasses import dataclass

from clvcli.report.charts.axis import GAP, LINE, Axis, Key, across, below, headed, room_for, upright
from clvcli.report.charts.letters import width_of, wrapped
from clvcli.report.charts.marks import SIZE, SMALL, Box, Chart, Curve, Dot, Mark, Rule, Words
from clvcli.report.palette import HEAT

BAR, NAME_ROOM, NAME_LINE = 14, 150, 16
PLOT, CELL = 190, 24


@dataclass(frozen=True)
class Side:
    """One series of bars: a value for each name (None: no bar) and what stands at its end."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str] = ()
    colour: str = "first"


@dataclass(frozen=True)
class Line:
    """A line over the x values of its chart; where it has None, it goes on from the value before to the one after."""

    name: str
    colour: str
    values: Sequence[float | None]
    dash: bool = False
    points: bool = False


def bars(names: Sequence[str], sides: Sequence[Side]) -> Chart:
    """Horizontal bars from 0, one of each side a name, with their values at the ends; names in whole, in lines."""
    lines = [wrapped(name, SIZE, NAME_ROOM) for name in names]
    start = round(max((width_of(line, SIZE) for found in lines for line in found), default=0.0)) + GAP + 2
    end = room_for([text for side in sides for text in side.texts])
    highest = max((v for side in sides for v in side.values if v is not None), default=0.0) or 1.0
    keys = [Key(side.name, side.colour) for side in sides] if len(sides) > 1 else []
    marks, y = headed(keys, "", start)
    above_all = y
    for i, found in enumerate(lines):
        tall = max(NAME_LINE * len(found), (BAR + 2) * len(sides))
        above = y + (tall - NAME_LINE * len(found)) / 2
        for k, line in enumerate(found):
            marks.append(Words(0, above + NAME_LINE * (k + 0.5), line, "end", -GAP, SIZE, "ink"))
        for k, side in enumerate(sides):
            top = y + (tall - (BAR + 2) * len(sides)) / 2 + k * (BAR + 2)
            marks += _bar(side, i, highest, top)
        y += tall + GAP
    return Chart(round(y), start, end, (*marks, Rule(0, 0, above_all, y - GAP, "muted")))


def _bar(side: Side, i: int, highest: float, top: float) -> list[Mark]:
    value = side.values[i]
    if value is None:
        return []
    share = max(0.0, value) / highest
    said = [Words(share, top + BAR / 2, side.texts[i], shift=4, colour="ink")] if side.texts else []
    return [Box(0, share, top, top + BAR, side.colour), *said]


def columns(
    sides: Sequence[Side], x: Axis, y: Axis, *, spans: Sequence[tuple[float, float] | None] = (), height: int = PLOT
) -> Chart:
    """Upright bars at 0, 1, 2 ... of the axis x, the sides on top of each other; texts stand over the whole column.

    spans: for each column the ends of its range, drawn as a thin line.
    """
    start = room_for([label for _, label in y.marks])
    keys = [Key(side.name, side.colour) for side in sides] if len(sides) > 1 else []
    marks, top = headed(keys, y.title, start)
    marks += upright(y, top, height)
    for i in range(max(len(side.values) for side in sides)):
        low, high, total, said = x.share(i + 0.07), x.share(i + 0.93), 0.0, ""
        for side in sides:
            value = side.values[i] if i < len(side.values) else None
            if value:
                marks.append(Box(low, high, _y(y, total + value, top, height), _y(y, total, top, height), side.colour))
                total += value
            said = side.texts[i] if i < len(side.texts) and side.texts[i] else said
        span = spans[i] if i < len(spans) else None
        if span:
            middle = (low + high) / 2
            marks.append(Rule(middle, middle, _y(y, span[1], top, height), _y(y, span[0], top, height), "ink", 1.5))
        if said:
            peak = max(total, span[1] if span else 0.0)
            marks.append(Words((low + high) / 2, _y(y, peak, top, height) - 8, said, "middle", colour="ink"))
    marks += across(x, top, height)
    return Chart(top + height + below(x), start, 4, tuple(marks))


def lines(xs: Sequence[float], drawn: Sequence[Line], x: Axis, y: Axis) -> Chart:
    """Lines over common x values, with a legend when there are several."""
    start = room_for([label for _, label in y.marks])
    keys = [Key(line.name, line.colour, line.dash) for line in drawn] if len(drawn) > 1 else []
    marks, top = headed(keys, y.title, start)
    marks += upright(y, top, PLOT)
    for line in drawn:
        pairs = zip(xs, line.values, strict=True)
        points = [(x.share(a), _y(y, v, top, PLOT)) for a, v in pairs if v is not None]
        marks += [Curve(points, line.colour, line.dash)] if points else []
        marks += [Dot(*point, line.colour) for point in points] if line.points else []
    marks += across(x, top, PLOT)
    return Chart(top + PLOT + below(x), start, 6, tuple(marks))


def grid(
    rows: Sequence[str],
    names: Sequence[str],
    cells: Sequence[Sequence[float | None]],
    texts: Sequence[Sequence[str]],
    titles: tuple[str, str],
    *,
    top: float | None = None,
    turned: bool = False,
) -> Chart:
    """A grid shaded in five steps from 0 to `top` (default: the largest cell); `texts` stand in the cells.

    titles: of the rows and of the columns, both above; turned: names of columns run upwards, for long ones.
    """
    highest = top or max((v for line in cells for v in line if v is not None), default=0.0) or 1.0
    found = [wrapped(row, SIZE, NAME_ROOM) for row in rows]
    start = round(max((width_of(line, SIZE) for lines_ in found for line in lines_), default=0.0)) + GAP + 2
    widest = max((width_of(name, SMALL) for name in names), default=0.0)
    marks, y = headed([], " · ".join(t for t in titles if t), start)
    y += round(widest) + GAP if turned else LINE
    for j, name in enumerate(names):
        at = (j + 0.5) / len(names)
        marks.append(Words(at, y - (GAP if turned else LINE / 2), name, "start" if turned else "middle", turned=turned))
    for i, row in enumerate(found):
        tall = max(CELL, NAME_LINE * len(row) + 4)
        above = y + (tall - NAME_LINE * len(row)) / 2
        for k, line in enumerate(row):
            marks.append(Words(0, above + NAME_LINE * (k + 0.5), line, "end", -GAP, SIZE, "ink"))
        for j, value in enumerate(cells[i]):
            marks += [] if value is None else _cell(j, len(names), y, tall, value / highest, texts[i][j])
        y += tall
    room = max((width_of(text, SMALL) for line in texts for text in line), default=0.0)
    least = len(names) * (max(room, 14 if turned else widest) + 4)
    return Chart(y + 2, start, 2, tuple(marks), round(least))


def _cell(j: int, n: int, y: float, tall: float, share: float, text: str) -> list[Mark]:
    step = min(4, int(max(0.0, share) * 5))
    colour = HEAT[step] if share else "none"
    low, high = (j + 0.02) / n, (j + 0.98) / n
    said = Words((j + 0.5) / n, y + tall / 2, text, "middle", colour=f"on{step + 1}" if share else "muted")
    return [Box(low, high, y + 1, y + tall - 1, colour), *([said] if text else [])]


def _y(axis: Axis, value: float, top: float, height: float) -> float:
    return top + height * (1 - axis.share(value))
