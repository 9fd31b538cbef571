"""The legend of a chart: squares and names over the plot, placed by counting letters."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from clvcli.report.charts.drawing import FONT_SIZE
from clvcli.report.palette import light

LETTER, SQUARE, GAP = 6.8, 14, 16


@dataclass(frozen=True)
class Key:
    """One entry: what the colour stands for; `dash`: the line is dashed."""

    name: str
    colour: str
    dash: bool = False


def with_legend(tree: ET.Element, keys: Sequence[Key]) -> ET.Element:
    """Adds the entries in one row above the plot."""
    x = 4.0
    for key in keys:
        line = {"x1": f"{x:g}", "x2": f"{x + SQUARE:g}", "y1": "11", "y2": "11", "stroke": light(key.colour)}
        dash = {"stroke-dasharray": "4,3"} if key.dash else {}
        ET.SubElement(tree, "line", {**line, "stroke-width": "3" if key.dash else "9", **dash})
        place = {"x": f"{x + SQUARE + 5:g}", "y": "15", "font-size": f"{FONT_SIZE}px", "fill": light("ink")}
        ET.SubElement(tree, "text", place).text = key.name
        x = round(x + SQUARE + 5 + LETTER * len(key.name) + GAP, 1)
    return tree
