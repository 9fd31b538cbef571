"""One customer as a picture: P(alive) over time with the purchases, as SVG, or in an HTML page with the text."""

import html
import io

from rich.console import Console

from clvcli.commands.explain.explanation import Explanation
from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, bars, lines
from clvcli.report.charts.kinds import Side as Bar
from clvcli.report.charts.marks import Chart
from clvcli.report.charts.svg import for_file
from clvcli.report.explain import explanation_page
from clvcli.report.screen import Screen

WIDTH = 100
PAGE = """<!doctype html>
<html lang="{lang}" dir="{flow}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
pre{{overflow-x:auto;font-size:.85rem;line-height:1.35}}svg{{max-width:100%;height:auto}}</style></head>
<body><h1>{title}</h1>
{picture}
<pre>{text}</pre></body></html>
"""


def picture(found: Explanation, t: Screen) -> bytes:
    """The chart as SVG."""
    return for_file(_chart(found, t), _title(found, t), rtl=t.rtl)


def page(found: Explanation, t: Screen) -> bytes:
    """Chart and text as one HTML file that needs no other."""
    screen = Console(file=io.StringIO(), width=WIDTH, color_system=None, markup=False, highlight=False)
    screen.print(explanation_page(found, t))
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    drawn = picture(found, t).decode()
    drawn = drawn[drawn.index("<svg") :]
    title, flow = html.escape(_title(found, t)), "rtl" if t.rtl else "ltr"
    return PAGE.format(lang=t.code, flow=flow, title=title, picture=drawn, text=html.escape(text)).encode()


def _title(found: Explanation, t: Screen) -> str:
    return f"{found.customer_id}: {t.name(found.stage.stage)}{t(', as of {day}', day=t.iso(found.as_of))}"


def _chart(found: Explanation, t: Screen) -> Chart:
    """P(alive), with a point on every day of a purchase; without a model what was bought by year."""
    if not found.alive:
        years: dict[str, float] = {}
        for day, amount in found.purchases:
            years[str(day.year)] = years.get(str(day.year), 0.0) + amount
        values = years or {t("spent so far"): float(found.values.get("total_spend") or 0.0)}
        return bars([*values], [Bar(t("spend"), [*values.values()], [t.money(v) for v in values.values()])])
    first, last = found.alive[0][0], found.alive[-1][0]
    xs = [float((day - first).days) for day, _ in found.alive]
    bought = {day for day, _ in found.purchases}
    past = [p if day <= found.as_of else None for day, p in found.alive]
    ahead = [p if day >= found.as_of else None for day, p in found.alive]
    drawn = [Line(t("P(alive)"), "first", past), Line(t("in silence from now on"), "muted", ahead, dash=True)]
    if bought:
        drawn.append(
            Line(t("purchase"), "second", [p if day in bought else None for day, p in found.alive], points=True)
        )
    end = float((last - first).days)
    marks = [(0.0, t.iso(first)), (float((found.as_of - first).days), t.iso(found.as_of)), (end, t.iso(last))]
    up = Axis(t("P(alive)"), 0.0, 1.0, [(share / 4, f"{share / 4:.2f}") for share in range(5)])
    return lines(xs, drawn, Axis("", 0.0, end, marks), up)
