"""Axes and words that we write ourselves: where Vega, which draws the marks, would put them, element by element."""

import copy
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from clvcli.report.charts import axes, drawing, kinds, shapes
from clvcli.report.html import sections_of
from clvcli.report.palette import light

Leaf = tuple[str, str, tuple[Any, ...], tuple[tuple[str, str], ...]]


@dataclass
class Drawn:
    """What one chart was made of: what was to be drawn, the axes and words that we were told to write, the result."""

    given: tuple[Any, ...] = ()
    axes: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})
    words: list[tuple[Sequence[tuple[float, float, str, str]], int]] = field(default_factory=list)
    tree: ET.Element = field(default_factory=lambda: ET.Element("svg"))


def leaves(tree: ET.Element) -> list[Leaf]:
    """Every line, path and text with its place on the page, its look and its words, sorted."""
    found: list[Leaf] = []

    def walk(element: ET.Element, x: float, y: float) -> None:
        moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\)(.*)", element.get("transform", ""))
        turned = ""
        if moved:
            x, y, turned = x + float(moved[1]), y + float(moved[2]), moved[3]
        look = {k: v for k, v in element.attrib.items() if k not in ("transform", "x2", "y2", "font-weight")}
        place: tuple[Any, ...] = (round(x, 2), round(y, 2), turned)
        if element.tag == "line":
            end = (x + float(element.attrib["x2"]), y + float(element.attrib["y2"]))
            place = tuple(sorted([(round(x, 2), round(y, 2)), (round(end[0], 2), round(end[1], 2))]))
        if element.tag in ("line", "path", "text"):
            found.append((element.tag, (element.text or "").strip(), place, tuple(sorted(look.items()))))
        for child in element:
            walk(child, x, y)

    walk(tree, 0.0, 0.0)
    return sorted(found, key=repr)


def in_altair(shape: str, layout: drawing.Layout, ends: Any, values: Any) -> dict[str, Any]:
    """The chart as Vega-Lite, made of Altair's own with these values, size and scales."""
    content: dict[str, Any] = shapes.charts()[shape].to_dict()
    for layer in content.get("layer", [content]):
        for name, end in ends.items():
            layer["encoding"][name]["scale"]["domain"] = list(end)
    padding = {side: getattr(layout, side) for side in ("left", "right", "top", "bottom")}
    named = {"rows": [], "dots": []} | values
    return content | {"width": layout.width, "height": layout.height, "padding": padding, "datasets": named}


def by_vega(drawn: Drawn) -> ET.Element:
    """The same chart with axes and words of Vega's own, as one would write it in Altair without regard to time."""
    (layout, across, upright), more = drawn.axes
    assert drawn.given[1] == layout
    content = in_altair(*drawn.given[:4])
    layers = content.get("layer", [content])
    sides = [("x", across, {"titleY": 27}), ("y", upright, {"titleX": more.get("title", -42)})]
    for name, axis, place in sides:
        labels = [label for _, label in axis.marks]
        shown = f"{json.dumps(labels)}[round(datum.index * {max(1, len(labels) - 1)})]"
        look = {
            "values": [value for value, _ in axis.marks],
            "labelExpr": shown,
            "grid": name in more.get("grid", "xy"),
        }
        for layer in layers:
            layer["encoding"][name] |= {"axis": look | place, "title": axis.title or None}
    content["config"]["axis"] = {
        "labelFontSize": 13, "titleFontSize": 13, "labelColor": light("muted"), "titleColor": light("muted"),
        "titleFontWeight": "normal", "gridColor": light("rule"), "domain": False, "ticks": False, "labelPadding": 6,
        "labelOverlap": False, "labelLimit": 400,
    }  # fmt: skip
    for places, size in drawn.words:
        rows = [{"cx": x, "cy": y, "said": said, "on": light(colour)} for x, y, said, colour in places]
        pixels = {name: {"field": f"c{name}", "type": "quantitative", "scale": None, "axis": None} for name in "xy"}
        told = pixels | {"text": {"field": "said"}, "color": {"field": "on", "scale": None}}
        layer = {k: content.pop(k) for k in ("data", "mark", "encoding")}
        over = {
            "data": {"values": rows},
            "mark": {"type": "text", "fontSize": size, "baseline": "middle"},
            "encoding": told,
        }
        content["layer"] = [layer, over]
        content["resolve"] = {"scale": {"x": "independent", "y": "independent"}}
    return drawing._clean(ET.fromstring(vl_convert.vegalite_to_svg(content, vl_version=shapes.VEGA_LITE)))


def test_axes_and_words_stand_where_vega_would_put_them(
    manifest: dict[str, Any], backtest: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    every: list[Drawn] = []
    waiting = Drawn()

    def axed(*given: Any, **more: Any) -> list[ET.Element]:
        waiting.axes = (given, more)
        return axes.axes(*given, **more)

    def worded(places: Iterable[tuple[float, float, str, str]], size: int) -> ET.Element:
        waiting.words = [(list(places), size)]
        return axes.words(waiting.words[0][0], size)

    def drawn(*given: Any) -> ET.Element:
        tree = drawing.draw(*given)
        every.append(Drawn(given, waiting.axes, waiting.words, copy.deepcopy(tree)))
        waiting.words = []
        return tree

    for name, patched in (("axes", axed), ("words", worded), ("draw", drawn)):
        monkeypatch.setattr(kinds, name, patched)
    sections_of(manifest, backtest)
    monkeypatch.undo()
    assert len(every) >= 12
    assert any(one.words for one in every)
    for one in every:
        assert leaves(one.tree) == leaves(by_vega(one))
    assert sum(leaf[0] == "text" for one in every for leaf in leaves(one.tree)) > 150


def test_only_marks_on_the_scale_are_drawn_and_each_keeps_its_words() -> None:
    up = axes.Axis("up", 0, 0.3, [(-1.0, "below"), (0.0, "none"), (0.1 + 0.2, "all"), (7.0, "outside")])
    chart = kinds.columns([0.2], axes.Axis("", 0, 1, [(0.5, "here")]), up)
    assert [t.text for t in chart.iter("text")] == ["here", "none", "all", "up"]


def test_a_chart_without_a_mark_still_has_its_axes() -> None:
    axis = axes.Axis("up", 0, 1, [(0.0, "none"), (1.0, "all")])
    chart = kinds.lines([0.0], [kinds.Line("nothing", "first", [None])], axis, axis)
    assert [t.text for t in chart.iter("text")] == ["none", "all", "up"] * 2


def test_the_shapes_are_what_altair_and_vega_lite_make_of_the_charts_now() -> None:
    assert json.loads(shapes.COMPILED.read_text()) == shapes.compiled(), "python -m clvcli.report.charts.shapes"


def test_another_vega_gets_shapes_compiled_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes.shapes.cache_clear()
    monkeypatch.setattr(shapes, "compiled", lambda: {"anew": {}})
    assert "anew" not in shapes.shapes()
    shapes.shapes.cache_clear()
    monkeypatch.setattr(vl_convert, "get_vega_version", lambda: "7.0.0")
    assert shapes.shapes() == {"anew": {}}
    shapes.shapes.cache_clear()


def test_a_page_loads_altair_nowhere(scored: Path, tmp_path: Path) -> None:
    asked = f"from clvcli.cli.app import run; run(['report', {str(scored)!r}, '-o', {str(tmp_path / 'p.html')!r}])"
    told = "import sys; print([m for m in ('altair', 'jsonschema', 'narwhals') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{asked}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
    assert (tmp_path / "p.html").stat().st_size > 50_000
