"""The charts in Altair: four shapes, whose values and ends of scales are filled in whenever one is drawn.

What vl-convert makes of them stands beside in shapes.json: loading Altair, building a page's charts with it and having
Vega-Lite compile each took 0.18 of 0.61 s of processor. A test holds that file to be what Altair gives now, and every
chart of a page to be what Altair's own chart of it would be; `python -m clvcli.report.charts.shapes` writes it again.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

VEGA_LITE = "6.4"
BAR = 13
"""Pixels of a horizontal bar with the space to the next one."""
COMPILED = Path(__file__).with_name("shapes.json")


@cache
def shapes() -> dict[str, dict[str, Any]]:
    """The shapes as Vega. Share, do not change: a drawing replaces whole entries of a copy.

    A shape compiled for another Vega than the one that will draw it is compiled again.
    """
    import vl_convert

    content: dict[str, dict[str, Any]] = json.loads(COMPILED.read_text(encoding="utf-8"))
    major = vl_convert.get_vega_version().split(".")[0]
    fits = all(shape["$schema"].endswith(f"/v{major}.json") for shape in content.values())
    return content if fits else compiled()


def compiled() -> dict[str, dict[str, Any]]:
    """The shapes as Vega, made of the Altair charts now."""
    import vl_convert

    made = {name: chart.to_dict() for name, chart in charts().items()}
    return {name: vl_convert.vegalite_to_vega(one, vl_version=VEGA_LITE) for name, one in made.items()}


def charts() -> dict[str, Any]:
    """The Altair charts by name. Their data are the named sources `rows` and `dots`; colours are fields.

    bars: from x2 to x in the line y, downwards · columns: from x to x2 and y2 to y · tiles: the same, y downwards ·
    lines: one for each `line`, dashed where `dash` says how, and dots.
    """
    import altair as alt

    rows, colour = alt.NamedData(name="rows"), alt.Color("colour:N", scale=None)
    x, y, down = (_side(alt.X, "x"), _side(alt.Y, "y"), _side(alt.Y, "y", reverse=True))
    across, upwards = {"x": x, "x2": alt.X2("x2:Q")}, {"y": y, "y2": alt.Y2("y2:Q")}
    dash = alt.StrokeDash("dash:N", scale=None)
    drawn = {
        "bars": alt.Chart(rows).mark_bar(height=BAR - 2, orient="horizontal").encode(**across, y=down, color=colour),
        "columns": alt.Chart(rows).mark_bar(orient="vertical").encode(**across, **upwards, color=colour),
        "tiles": alt.Chart(rows).mark_rect().encode(**across, **upwards | {"y": down}, color=colour),
        "lines": alt.layer(
            alt.Chart(rows)
            .mark_line(strokeWidth=2, clip=True)
            .encode(x=x, y=y, color=colour, strokeDash=dash, detail="line:N"),
            alt.Chart(alt.NamedData(name="dots")).mark_circle(size=36, opacity=1).encode(x=x, y=y, color=colour),
        ),
    }
    return {name: _plain(chart) for name, chart in drawn.items()}


def _side(channel: Any, field: str, **more: Any) -> Any:
    """A position on a scale, whose axis we draw."""
    import altair as alt

    return channel(f"{field}:Q", scale=alt.Scale(domain=[0, 1], nice=False, zero=False, padding=0, **more), axis=None)


def _plain(chart: Any) -> Any:
    """A chart of a fixed size with nothing about its marks."""
    import altair as alt

    sized = chart.properties(width=1, height=1, padding=0, autosize=alt.AutoSizeParams(type="none"))
    return sized.configure(aria=False, view=alt.ViewConfig(stroke=None), legend=alt.LegendConfig(disable=True))


if __name__ == "__main__":
    COMPILED.write_text(json.dumps(compiled(), indent=1) + "\n", encoding="utf-8")
