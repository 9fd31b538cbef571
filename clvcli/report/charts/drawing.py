"""From an Altair chart to a small SVG: fixed layout, nothing measured, nothing active, colours a page can change."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from clvcli.errors import OutputError
from clvcli.report.palette import VARIABLE_OF, light

VEGA_LITE = "6.4"
FONTS = "Arial, Helvetica, 'Liberation Sans', Arimo, sans-serif"
WIDTH = 420
FONT_SIZE = 13
_NAMESPACE = "http://www.w3.org/2000/svg"
_TAGS = {"svg", "g", "path", "line", "rect", "text", "tspan", "clipPath", "defs"}
_ATTRIBUTES = {
    "d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "width", "height", "transform", "viewBox", "fill", "stroke",
    "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "text-anchor", "font-size", "font-weight", "id",
    "clip-path",
}  # fmt: skip
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True)
class Layout:
    """The place of the plot in a chart of WIDTH: everything in pixels, nothing depends on how wide a text is."""

    height: int
    left: int = 48
    right: int = 12
    top: int = 8
    bottom: int = 46

    @property
    def width(self) -> int:
        """Of the plot itself."""
        return WIDTH - self.left - self.right


@cache
def altair() -> Any:
    """Altair, once it is clear that all of the extra is there. Raises OutputError where it is not.

    Its check of every chart against the schema, a third of the time, is off: tests draw all charts with it on.
    """
    try:
        import altair as alt
        import jinja2  # noqa: F401
        import vl_convert  # noqa: F401
        from altair.utils.schemapi import disable_debug_mode
    except ImportError:
        hint = "pip install 'clvcli[report]'"
        raise OutputError("the report needs altair, vl-convert and jinja2", hint) from None
    disable_debug_mode()
    return alt


class Rows:
    """The values of a chart by name. Altair sees the names alone: it copies all that it is given, several times."""

    def __init__(self) -> None:
        self.named: dict[str, Sequence[Mapping[str, Any]]] = {}

    def data(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """What a chart takes as its data."""
        name = f"rows{len(self.named)}"
        self.named[name] = rows
        return altair().NamedData(name=name)


def draw(
    chart: Any, layout: Layout, rows: Rows, under: Sequence[ET.Element], over: Sequence[ET.Element] = ()
) -> ET.Element:
    """The chart as a cleaned SVG tree in light colours, its marks between what is under and over them.

    The same chart gives the same tree.
    """
    import vl_convert

    content = chart.to_dict(validate=False) | {
        "width": layout.width,
        "height": layout.height,
        "padding": {"left": layout.left, "right": layout.right, "top": layout.top, "bottom": layout.bottom},
        "autosize": {"type": "none"},
        "config": {"aria": False, "view": {"stroke": None}, "legend": {"disable": True}},
        "datasets": rows.named,
    }
    tree = _clean(ET.fromstring(vl_convert.vegalite_to_svg(content, vl_version=VEGA_LITE)))
    plot = tree.find("g/g/g")
    assert plot is not None
    marks = plot.find("g")
    marks = ET.SubElement(plot, "g") if marks is None else marks  # no mark was worth drawing
    marks[:0] = list(under)
    marks.extend(over)
    return _renumber(tree)


def _clean(root: ET.Element) -> ET.Element:
    """Keeps what draws: known elements and attributes, two decimals, no empty groups. Nothing active can remain."""
    root.tag = root.tag.removeprefix(f"{{{_NAMESPACE}}}")
    for child in list(root):
        _clean(child)
        empty = child.tag in ("g", "defs") and not len(child)
        blank = child.tag == "path" and child.get("d", "") in ("", "M0,0h0v0h0Z")
        hidden = child.get("opacity") == "0" or (child.tag == "rect" and child.get("fill") == "white")
        if child.tag not in _TAGS or empty or blank or hidden:
            root.remove(child)
    for name in list(root.attrib):
        value = root.attrib.pop(name)
        if name in _ATTRIBUTES and not (name == "opacity" and value == "1") and value != "":
            root.attrib[name] = _NUMBER.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), value)
    return root


def _renumber(root: ET.Element) -> ET.Element:
    """Ids by their order in the chart: Vega counts them over all charts of the process."""
    names: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib:
            element.attrib["id"] = names.setdefault(element.attrib["id"], f"clip{len(names) + 1}")
    for element in root.iter():
        used = element.get("clip-path", "").removeprefix("url(#").removesuffix(")")
        if used:
            element.attrib["clip-path"] = f"url(#{names[used]})"
    return root


def for_page(tree: ET.Element, ident: str, label: str) -> str:
    """The SVG to stand in the page: colours by variable, ids of its own, `label` for those who cannot see it."""
    copy = ET.fromstring(ET.tostring(tree))
    for element in copy.iter():
        for name, value in element.attrib.items():
            if name in ("fill", "stroke"):
                element.attrib[name] = VARIABLE_OF.get(value, value)
            elif name == "id":
                element.attrib[name] = f"{ident}-{value}"
            elif name == "clip-path":
                element.attrib[name] = value.replace("url(#", f"url(#{ident}-")
    for name in ("width", "height"):
        copy.attrib.pop(name, None)
    copy.attrib |= {"role": "img", "aria-label": label}
    return ET.tostring(copy, encoding="unicode", short_empty_elements=True)


def for_file(tree: ET.Element, label: str) -> bytes:
    """The SVG as a file of its own, in light colours on white."""
    copy = ET.fromstring(ET.tostring(tree))
    copy.attrib |= {"xmlns": _NAMESPACE, "font-family": FONTS, "role": "img"}
    title = ET.Element("title")
    title.text = label
    _, _, width, height = copy.attrib["viewBox"].split()
    copy.insert(0, title)
    copy.insert(1, ET.Element("rect", {"width": width, "height": height, "fill": light("paper")}))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(copy, encoding="unicode")}\n'.encode()
