"""The words of charts: charts are converted blank and written on afterwards. Vega, given the words, does the same."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import vl_convert

from clvcli.report.charts import drawing, kinds
from clvcli.report.html import sections_of

TEXT = "{http://www.w3.org/2000/svg}text"


def with_words(content: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """The chart with its words in it, as one would write it without regard to time."""
    given = iter(words)
    told: dict[str, Any] = json.loads(json.dumps(content))
    layers = told.get("layer", [told])
    for name in ("x", "y"):
        axis = layers[0]["encoding"][name]
        labels = [next(given) for _ in axis["axis"]["values"]]
        expression = f"{json.dumps(labels)}[round(datum.index * {max(1, len(labels) - 1)})]"
        title = next(given) if axis["title"] else None
        for layer in layers:
            layer["encoding"][name]["axis"]["labelExpr"] = expression
            layer["encoding"][name]["title"] = title
    for layer in layers:
        if "text" in layer["encoding"]:
            layer["encoding"]["text"] = {"field": "word", "type": "nominal"}
            told["datasets"] = {
                name: [row | {"word": next(given)} for row in rows] for name, rows in told["datasets"].items()
            }
    assert not list(given)
    return told


def places(svg: str, words: Iterator[str] | None = None) -> list[tuple[str | None, ...]]:
    """Every text with its place and look."""
    found = []
    for element in ET.fromstring(svg).iter(TEXT):
        text = (element.text or "") if words is None else next(words).strip()
        found.append((text, *(element.get(k) for k in ("transform", "text-anchor", "font-size", "fill"))))
    return found


def test_words_stand_where_vega_would_put_them(
    manifest: dict[str, Any], backtest: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    contents: list[dict[str, Any]] = []
    words: list[list[str]] = []
    convert, draw = vl_convert.vegalite_to_svg, drawing.draw

    def converted(content: dict[str, Any], **more: Any) -> str:
        contents.append(content)
        return str(convert(content, **more))

    def drawn(chart: Any, layout: drawing.Layout, rows: drawing.Rows, said: Sequence[str]) -> ET.Element:
        words.append(list(said))
        return draw(chart, layout, rows, said)

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", converted)
    monkeypatch.setattr(kinds, "draw", drawn)
    sections_of(manifest, backtest)
    assert len(contents) == len(words) >= 12
    assert sum(map(len, words)) > 150
    for content, said in zip(contents, words, strict=True):
        blank = convert(content, vl_version=drawing.VEGA_LITE)
        whole = convert(with_words(content, said), vl_version=drawing.VEGA_LITE)
        assert places(blank, iter(said)) == places(whole)


def test_only_marks_on_the_scale_are_drawn_and_each_keeps_its_words() -> None:
    up = kinds.Axis("up", 0, 0.3, [(-1.0, "below"), (0.0, "none"), (0.1 + 0.2, "all"), (7.0, "outside")])
    chart = kinds.columns([0.2], kinds.Axis("", 0, 1, [(0.5, "here")]), up)
    assert [t.text for t in chart.iter("text")] == ["here", "none", "all", "up"]
