"""The four kinds of chart: paired bars, columns, lines, heat map. They get finished values and compute nothing."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clvcli.report.charts.axes import Axis, axes, words
from clvcli.report.charts.drawing import Layout, draw
from clvcli.report.charts.legend import Key, with_legend
from clvcli.report.charts.shapes import BAR
from clvcli.report.numbers import percent, shown
from clvcli.report.palette import HEAT, light

SMALL, SMALLEST = 11, 8
"""Sizes of the numbers in cells: of roomy ones and of narrow ones."""
LABEL_LENGTH = 22


@dataclass(frozen=True)
class Line:
    """A line over the x values of its chart; where it has None, it goes on from the value before to the one after."""

    name: str
    colour: str
    values: Sequence[float | None]
    dash: bool = False
    points: bool = False


def paired_bars(names: Sequence[str], sides: Mapping[str, Sequence[float | None]], axis: Axis) -> ET.Element:
    """Horizontal bars, one of each side a name; the first side in the first colour."""
    keys = [Key(name, colour) for name, colour in zip(sides, ("first", "second"), strict=False)]
    rows = [
        {"y": i * (len(keys) + 0.7) + k, "x": value, "x2": 0, "colour": light(key.colour)}
        for k, (key, values) in enumerate(zip(keys, sides.values(), strict=True))
        for i, value in enumerate(values)
        if value is not None
    ]
    per = len(keys) + 0.7
    places = [(i * per + (len(keys) - 1) / 2, shown(name, LABEL_LENGTH)) for i, name in enumerate(names)]
    layout = Layout(height=round(BAR * per * len(names)), left=146, right=24, top=26 if len(keys) > 1 else 8)
    down = Axis("", -0.8, per * len(names) - 0.5, places)
    under = axes(layout, axis, down, grid="x", down=True)
    tree = draw("bars", layout, _ends(axis, down), {"rows": rows}, under)
    return with_legend(tree, keys if len(keys) > 1 else [])


def columns(values: Sequence[float], across: Axis, up: Axis, colour: str = "first") -> ET.Element:
    """Vertical bars at 0, 1, 2 ... of the axis `across`."""
    layout = Layout(height=190, left=54)
    look = {"y2": 0, "colour": light(colour)}
    rows = [{"x": i + 0.06, "x2": i + 0.94, "y": value, **look} for i, value in enumerate(values)]
    return draw("columns", layout, _ends(across, up), {"rows": rows}, axes(layout, across, up))


def lines(xs: Sequence[float], drawn: Sequence[Line], across: Axis, up: Axis) -> ET.Element:
    """Lines over common x values, with a legend when there are several."""
    keys = [Key(line.name, line.colour, line.dash) for line in drawn] if len(drawn) > 1 else []
    layout = Layout(height=190, left=54, top=26 if keys else 8)
    rows: list[dict[str, Any]] = []
    dots: list[dict[str, Any]] = []
    for number, line in enumerate(drawn):
        look = {"line": number, "colour": light(line.colour), "dash": [5, 4] if line.dash else None}
        points = [{"x": x, "y": y, **look} for x, y in zip(xs, line.values, strict=True) if y is not None]
        rows += points
        dots += points if line.points else []
    tree = draw("lines", layout, _ends(across, up), {"rows": rows, "dots": dots}, axes(layout, across, up))
    return with_legend(tree, keys)


def heat(
    rows: Sequence[str],
    across: Sequence[str],
    cells: Sequence[Sequence[float | None]],
    texts: Sequence[Sequence[str]] | None,
    titles: tuple[str, str],
    *,
    top: float | None = None,
    left: int = 80,
) -> ET.Element:
    """A grid, shaded in five steps from 0 to `top` (default: the largest cell); `texts` stand in the cells.

    Without texts a legend says which shares the shades stand for.
    """
    highest = top or max((v for line in cells for v in line if v is not None), default=0.0) or 1.0
    square = 30 if len(rows) <= 8 else 20
    layout = Layout(height=square * len(rows), left=left, top=8 if texts else 26, bottom=46)
    content, said = [], []
    for i, line in enumerate(cells):
        for j, value in enumerate(line):
            if value is None:
                continue
            step = min(4, int(max(0.0, value) / highest * 5))
            colour = "none" if value == 0 else HEAT[step]
            content.append({"x": j + 0.03, "x2": j + 0.97, "y": i + 0.03, "y2": i + 0.97, "colour": light(colour)})
            if texts:
                middle = ((j + 0.5) / len(across) * layout.width, (i + 0.5) / len(rows) * layout.height)
                said.append((*middle, texts[i][j], "muted" if value == 0 else f"on{step + 1}"))
    across_axis = Axis(titles[1], 0, len(across), [(i + 0.5, label) for i, label in enumerate(across) if label])
    down_axis = Axis(titles[0], 0, len(rows), [(i + 0.5, shown(r, LABEL_LENGTH)) for i, r in enumerate(rows)])
    ends, data = _ends(across_axis, down_axis), {"rows": content}
    under = axes(layout, across_axis, down_axis, grid="", down=True, title=16 - left)
    if texts is None:
        shades = [Key(f"to {percent(highest * (i + 1) / 5, 0)}", name) for i, name in enumerate(HEAT)]
        return with_legend(draw("tiles", layout, ends, data, under), shades)
    size = SMALL if layout.width / len(across) >= 22 else SMALLEST
    return draw("tiles", layout, ends, data, under, [words(said, size)] if said else [])


def _ends(across: Axis, upright: Axis) -> dict[str, tuple[float, float]]:
    return {"x": (across.low, across.high), "y": (upright.low, upright.high)}
