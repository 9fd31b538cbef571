"""The drawing module: places as shares, whole names, values and units, mirrored pages, files."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, bars, columns, grid, lines
from clvcli.report.charts.letters import width_of, wrapped
from clvcli.report.charts.marks import Box, Chart, Curve, Rule, Words
from clvcli.report.charts.svg import for_file, for_page
from clvcli.report.html import sections_of

EURO = Axis("sales a month, EUR", 0, 100, [(0.0, "0"), (50.0, "50"), (100.0, "100")])
MONTHS = Axis("month", 0, 4, [(0.5, "Jan"), (2.5, "Mar")])


def said(chart: Chart) -> list[str]:
    """All words of a chart."""
    return [mark.said for mark in chart.marks if isinstance(mark, Words)]


def boxes(chart: Chart) -> list[Box]:
    """All filled rectangles of a chart."""
    return [mark for mark in chart.marks if isinstance(mark, Box)]


def test_bars_are_as_long_as_their_values_and_carry_them() -> None:
    chart = bars(["new", "loyal", "none"], [Side("customers", [25.0, 100.0, None], ["25 %", "100 %", "-"])])
    assert [(b.low, b.high) for b in boxes(chart)] == [(0, 0.25), (0, 1.0)]
    assert {"new", "loyal", "none", "25 %", "100 %"} <= set(said(chart))
    assert "-" not in said(chart)
    assert "customers" not in said(chart)  # one side needs no legend


def test_bars_of_two_sides_stand_apart_and_have_a_legend() -> None:
    chart = bars(["a", "b"], [Side("customers", [1.0, 2.0]), Side("value", [2.0, 1.0], colour="second")])
    tops = [(b.top, b.bottom) for b in boxes(chart)]
    assert all(below >= above for (_, above), (below, _) in zip(sorted(tops), sorted(tops)[1:], strict=False))
    keys = [m for m in chart.marks if isinstance(m, Words) and m.key]
    assert [(m.said, m.key) for m in keys] == [("customers", "first"), ("value", "second")]


@given(st.text(alphabet="abcdefgh WM.üжعש", min_size=1, max_size=200), st.integers(20, 200))
def test_a_name_is_never_cut_and_never_wider_than_its_room(name: str, room: int) -> None:
    found = wrapped(name, 13, room)
    assert "".join(found).replace(" ", "") == name.replace(" ", "")
    assert all(width_of(line, 13) <= room or len(line) == 1 for line in found)


def test_long_names_make_their_row_taller_and_not_their_column_wider() -> None:
    name = "those who bought a subscription and have not been seen since the spring"
    long, short = bars([name], [Side("", [1.0])]), bars(["x"], [Side("", [1.0])])
    assert " ".join(w for w in said(long)) == name
    assert long.height > short.height
    assert long.start <= 160


def test_columns_stack_and_show_range_and_total() -> None:
    sides = [Side("returning", [30.0, 40.0]), Side("new", [10.0, 20.0, 50.0], ["", "60", "50"], "second")]
    chart = columns(sides, MONTHS, EURO, spans=[None, None, (40.0, 80.0)])
    found = boxes(chart)
    assert len(found) == 5
    assert found[1].bottom == pytest.approx(found[0].top)  # new stands on returning
    per_unit = (found[0].bottom - found[0].top) / 30
    assert found[1].bottom - found[1].top == pytest.approx(10 * per_unit)
    span = next(m for m in chart.marks if isinstance(m, Rule) and m.colour == "ink")
    assert span.bottom - span.top == pytest.approx(40 * per_unit)
    assert {"60", "50", "sales a month, EUR", "month", "Jan", "Mar"} <= set(said(chart))


def test_only_labels_on_the_scale_are_written_and_each_keeps_its_words() -> None:
    up = Axis("up", 0, 0.3, [(-1.0, "below"), (0.0, "none"), (0.1 + 0.2, "all"), (7.0, "outside")])
    assert said(columns([Side("", [0.2])], Axis("", 0, 1, [(0.5, "here")]), up)) == ["up", "none", "all", "here"]


def test_lines_pass_through_their_values_and_over_gaps() -> None:
    chart = lines(
        [0.0, 1.0, 4.0], [Line("a", "first", [0.0, None, 100.0]), Line("b", "muted", [None] * 3)], MONTHS, EURO
    )
    curves = [m for m in chart.marks if isinstance(m, Curve)]
    assert len(curves) == 1
    assert [x for x, _ in curves[0].points] == [0.0, 1.0]
    assert curves[0].points[0][1] - curves[0].points[1][1] == pytest.approx(190)


def test_a_grid_shades_by_value_and_writes_in_the_cells() -> None:
    chart = grid(["a", "b"], ["x", "y"], [[0.0, 1.0], [0.5, None]], [["0", "100"], ["50", ""]], ("row", "column"))
    assert [b.colour for b in boxes(chart)] == ["none", "heat5", "heat3"]
    assert {"row · column", "a", "b", "x", "y", "0", "100", "50"} == set(said(chart))


def test_names_of_a_matrix_run_upwards_and_a_narrow_column_scrolls() -> None:
    names = [f"a stage called {i}" for i in range(14)]
    cells = [[0.1] * 14] * 14
    chart = grid(names, names, cells, [["10"] * 14] * 14, ("", ""), turned=True)
    turned = [m for m in chart.marks if isinstance(m, Words) and m.turned]
    assert [m.said for m in turned] == names
    assert 'class="scroll"' in for_page(chart, "moves")
    assert 'class="scroll"' not in for_page(bars(["a"], [Side("", [1.0])]), "bars")


def test_no_letters_are_smaller_than_they_may_be(manifest: dict[str, Any], backtest: dict[str, Any]) -> None:
    charts = [f.chart for s in sections_of(manifest, backtest) for f in s.figures]
    sizes = {mark.size for chart in charts for mark in chart.marks if isinstance(mark, Words)}
    assert min(sizes) >= 11
    for chart in charts:
        assert "viewBox" not in for_page(chart, "").split(">", 2)[1]  # letters do not shrink with the column


def test_a_page_from_right_to_left_is_mirrored() -> None:
    chart = Chart(
        10, 0, 0, (Box(0, 0.25, 0, 5, "first"), Words(0, 5, "x", "end", -6), Curve([(0, 1), (0.3, 2)], "first"))
    )
    left, right = for_page(chart, ""), for_page(chart, "", rtl=True)
    assert '<rect x="0" width="25%"' in left
    assert '<rect x="75%" width="25%"' in right
    assert 'x="0" y="9.2" dx="-6"' in left
    assert 'x="100%" y="9.2" dx="6"' in right
    assert "M0 1L300 2" in left
    assert "M1000 1L700 2" in right


def test_a_file_of_its_own_knows_no_variables_and_is_whole_xml() -> None:
    chart = columns([Side("", [10.0, 20.0])], MONTHS, EURO)
    root = ET.fromstring(for_file(chart, "Sales <&> more"))
    assert root.find("{*}title").text == "Sales <&> more"  # type: ignore[union-attr]
    assert b"var(" not in for_file(chart, "")
    assert float(root.attrib["height"]) == chart.height


def test_text_of_the_data_stays_text() -> None:
    hostile = '"><script>alert(1)</script>&'
    chart = bars([hostile], [Side(hostile, [1.0], [hostile]), Side("b", [1.0])])
    for content in (for_page(chart, hostile), for_file(chart, hostile).decode()):
        assert "<script" not in content
        assert not re.search(r'aria-label="[^"]*"[^ >/]', content)


def test_a_page_loads_no_frames_and_no_numerics(scored: Path, tmp_path: Path) -> None:
    code = (
        "import sys, json; from clvcli.report.html import page;"
        f"page(json.load(open({str(scored) + '.run.json'!r}, encoding='utf-8')));"
        "print([m for m in ('polars', 'numpy', 'scipy', 'clvcli.scoring') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
