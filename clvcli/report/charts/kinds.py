"""The four kinds of chart: paired bars, columns, lines, heat map. They get finished values and compute nothing."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clvcli.report.charts.axes import Axis, axes, words
from clvcli.report.charts.drawing import Layout, Rows, altair, draw
from clvcli.report.charts.legend import Key, with_legend
from clvcli.report.numbers import percent, shown
from clvcli.report.palette import HEAT, light

BAR = 13
SMALL, SMALLEST = 11, 8
"""Sizes of the numbers in cells: of roomy ones and of narrow ones."""
LABEL_LENGTH = 22


@dataclass(frozen=True)
class Line:
    """A line over the x values of its chart; None leaves a gap."""

    name: str
    colour: str
    values: Sequence[float | None]
    dash: bool = False
    points: bool = False


def paired_bars(names: Sequence[str], sides: Mapping[str, Sequence[float | None]], axis: Axis) -> ET.Element:
    """Horizontal bars, one of each side a name; the first side in the first colour."""
    alt = altair()
    keys = [Key(name, colour) for name, colour in zip(sides, ("first", "second"), strict=False)]
    rows = [
        {"row": i * (len(keys) + 0.7) + k, "to": value, "zero": 0, "colour": light(key.colour)}
        for k, (key, values) in enumerate(zip(keys, sides.values(), strict=True))
        for i, value in enumerate(values)
        if value is not None
    ]
    per = len(keys) + 0.7
    places = [(i * per + (len(keys) - 1) / 2, shown(name, LABEL_LENGTH)) for i, name in enumerate(names)]
    layout = Layout(height=round(BAR * per * len(names)), left=146, right=24, top=26 if len(keys) > 1 else 8)
    down = Axis("", -0.8, per * len(names) - 0.5, places)
    values = Rows()
    base = alt.Chart(values.data(rows or [{"row": 0, "to": 0, "zero": 0, "colour": light("first")}]))
    bars = base.mark_bar(height=BAR - 2, orient="horizontal").encode(
        y=_y(down, "row", down=True), x=_x(axis, "to"), x2=alt.X2("zero:Q"), color=alt.Color("colour:N", scale=None)
    )
    tree = draw(bars, layout, values, axes(layout, axis, down, grid="x", down=True))
    return with_legend(tree, keys if len(keys) > 1 else [])


def columns(values: Sequence[float], across: Axis, up: Axis, colour: str = "first") -> ET.Element:
    """Vertical bars at 0, 1, 2 ... of the axis `across`."""
    alt = altair()
    layout = Layout(height=190, left=54)
    rows = [{"x": i + 0.06, "x2": i + 0.94, "y": value, "zero": 0} for i, value in enumerate(values)]
    data = Rows()
    bars = (
        alt.Chart(data.data(rows))
        .mark_bar(color=light(colour), orient="vertical")
        .encode(x=_x(across), x2=alt.X2("x2:Q"), y=_y(up), y2=alt.Y2("zero:Q"))
    )
    return draw(bars, layout, data, axes(layout, across, up))


def lines(xs: Sequence[float], drawn: Sequence[Line], across: Axis, up: Axis) -> ET.Element:
    """Lines over common x values, with a legend when there are several."""
    alt = altair()
    keys = [Key(line.name, line.colour, line.dash) for line in drawn] if len(drawn) > 1 else []
    layout = Layout(height=190, left=54, top=26 if keys else 8)
    layers, data = [], Rows()
    for line in drawn:
        rows: list[dict[str, float | None]] = [
            {"x": x, "y": y} for x, y in zip(xs, line.values, strict=True) if y is not None
        ]
        base = alt.Chart(data.data(rows or [{"x": across.low, "y": None}])).encode(x=_x(across), y=_y(up))
        dash = {"strokeDash": [5, 4]} if line.dash else {}
        layers.append(base.mark_line(color=light(line.colour), strokeWidth=2, clip=True, **dash))
        if line.points:
            layers.append(base.mark_circle(color=light(line.colour), size=36, opacity=1))
    return with_legend(draw(alt.layer(*layers), layout, data, axes(layout, across, up)), keys)


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
    alt = altair()
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
            content.append({"x": j + 0.03, "x2": j + 0.97, "y": i + 0.03, "y2": i + 0.97, "fill": light(colour)})
            if texts:
                middle = ((j + 0.5) / len(across) * layout.width, (i + 0.5) / len(rows) * layout.height)
                said.append((*middle, texts[i][j], "muted" if value == 0 else f"on{step + 1}"))
    across_axis = Axis(titles[1], 0, len(across), [(i + 0.5, label) for i, label in enumerate(across) if label])
    down_axis = Axis(titles[0], 0, len(rows), [(i + 0.5, shown(r, LABEL_LENGTH)) for i, r in enumerate(rows)])
    data = Rows()
    tiles = (
        alt.Chart(data.data(content))
        .mark_rect()
        .encode(
            x=_x(across_axis), x2=alt.X2("x2:Q"), y=_y(down_axis, down=True), y2=alt.Y2("y2:Q"),
            color=alt.Color("fill:N", scale=None),
        )
    )  # fmt: skip
    under = axes(layout, across_axis, down_axis, grid="", down=True, title=16 - left)
    if texts is None:
        shades = [Key(f"to {percent(highest * (i + 1) / 5, 0)}", name) for i, name in enumerate(HEAT)]
        return with_legend(draw(tiles, layout, data, under), shades)
    size = SMALL if layout.width / len(across) >= 22 else SMALLEST
    return draw(tiles, layout, data, under, [words(said, size)] if said else [])


def _x(axis: Axis, field: str = "x") -> Any:
    return altair().X(f"{field}:Q", **_scaled(axis))


def _y(axis: Axis, field: str = "y", *, down: bool = False) -> Any:
    return altair().Y(f"{field}:Q", **_scaled(axis, **({"reverse": True} if down else {})))


def _scaled(axis: Axis, **more: Any) -> dict[str, Any]:
    """The scale of an axis, which itself is drawn by `axes`."""
    scale = altair().Scale(domain=[axis.low, axis.high], nice=False, zero=False, padding=0, **more)
    return {"scale": scale, "axis": None}
