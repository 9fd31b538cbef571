"""From an Altair chart to a small SVG: fixed layout, nothing measured, nothing active, colours a page can change."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from clvcli.core.errors import OutputError
from clvcli.report.charts.shapes import shapes
from clvcli.report.palette import VARIABLE_OF, light

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


def need_extra() -> None:
    """Raises OutputError where the extra of the report is not installed. Altair is looked for and not loaded."""
    try:
        import jinja2  # noqa: F401
        import vl_convert  # noqa: F401

        found = find_spec("altair")
    except (ImportError, ValueError):
        found = None
    if not found:
        raise OutputError("the report needs altair, vl-convert and jinja2", hint="pip install 'clvcli[report]'")


def draw(
    shape: str,
    layout: Layout,
    ends: Mapping[str, tuple[float, float]],
    values: Mapping[str, Sequence[Mapping[str, Any]]],
    under: Sequence[ET.Element],
    over: Sequence[ET.Element] = (),
) -> ET.Element:
    """A chart as a cleaned SVG tree in light colours, its marks between what is under and over them.

    ends: the scales x and y from low to high; values: the data of the shape by name. The same in, the same tree out.
    """
    import vl_convert

    plain = shapes()[shape]
    content = plain | {
        "width": layout.width,
        "height": layout.height,
        "padding": {"left": layout.left, "right": layout.right, "top": layout.top, "bottom": layout.bottom},
        "scales": [scale | {"domain": ends[scale["name"]]} for scale in plain["scales"]],
        "data": [
            data | ({} if "source" in data else {"values": values.get(data["name"], [])}) for data in plain["data"]
        ],
    }
    tree = _clean(ET.fromstring(vl_convert.vega_to_svg(content)))
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
