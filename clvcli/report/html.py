"""The report as one HTML file: sections made of the manifest, in one template. The same manifest, the same bytes."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from clvcli.report.backtest_file import read_backtest
from clvcli.report.charts.svg import for_page, room_styles, styles
from clvcli.report.numbers import ahead, day, shown
from clvcli.report.page import Figure, Manifest, Section, series
from clvcli.report.palette import variables
from clvcli.report.sections.account import the_data, the_model, the_run
from clvcli.report.sections.economics import economics
from clvcli.report.sections.fitted import differences, fit_of_the_past, still_customers
from clvcli.report.sections.headline import headline
from clvcli.report.sections.history import movers, over_time, transitions
from clvcli.report.sections.holdout import holdout
from clvcli.report.sections.stages import rfm_grid, stage_mix, what_to_do
from clvcli.report.sections.value import value_spread

if TYPE_CHECKING:
    from clvcli.core.options import ScoreOptions
    from clvcli.scoring.job import Renderer


def renderer_of(options: "ScoreOptions") -> "Renderer":
    """What `score --report` calls at its end. Raises InputError for a bad --backtest."""
    backtest = read_backtest(options.backtest) if options.backtest else None
    return lambda run: page(json.loads(json.dumps(run.manifest, default=str)), backtest)


def sections_of(manifest: Manifest, backtest: Manifest | None = None) -> list[Section]:
    """The sections in the order in which people ask; those without data say why."""
    return [
        headline(manifest, backtest),
        stage_mix(manifest),
        what_to_do(manifest),
        rfm_grid(manifest),
        value_spread(manifest),
        still_customers(manifest),
        differences(manifest),
        fit_of_the_past(manifest),
        holdout(backtest, manifest),
        over_time(manifest),
        transitions(manifest),
        economics(manifest),
        movers(manifest),
        the_data(manifest),
        the_model(manifest),
        the_run(manifest),
    ]


def page(manifest: Manifest, backtest: Manifest | None = None) -> bytes:
    """The whole page, UTF-8. Nothing of the manifest's `run` enters: two equal runs give the same bytes."""
    style = _style()
    content: Mapping[str, Any] = {
        "title": "Customer value report",
        "subtitle": _subtitle(manifest),
        "sections": sections_of(manifest, backtest),
        "style": style,
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "version": shown(manifest["clv"]),
    }
    return (str(_template().render(content)).rstrip() + "\n").encode("utf-8")


def _subtitle(manifest: Manifest) -> str:
    names = [shown(str(i.get("path", "")).replace("\\", "/").rsplit("/", 1)[-1]) for i in manifest["inputs"][:3]]
    more = f" and {len(manifest['inputs']) - 3} more" if len(manifest["inputs"]) > 3 else ""
    source = ", ".join(n for n in names if n) + more
    predicted = (series(manifest, "headline") or {}).get("clv") is not None
    more = f"; predictions: what comes {ahead(manifest['horizon'])}" if predicted else ""
    return f"{source} up to {day(manifest['as_of'])}{more}"


@cache
def _template() -> Any:
    import jinja2
    from markupsafe import Markup, escape

    def words(text: str) -> Any:
        marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text)))
        return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", marked))

    def svg(figure: Figure) -> Any:
        return Markup(for_page(figure.chart, figure.alt))

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {"words": words, "svg": svg}
    return environment.from_string(_resource("page.html.j2"))


@cache
def _style() -> Any:
    """The style sheet: the palette in both schemes, light on paper, and the layout. It holds no data."""
    from markupsafe import Markup

    schemes = (
        f":root{{{variables(dark=False)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{variables(dark=True)}}}}}"
        f"@media print{{:root{{{variables(dark=False)}}}}}"
    )
    return Markup(f"{schemes}\n{styles()}\n{room_styles()}\n{_resource('page.css').strip()}")


def _resource(name: str) -> str:
    return resources.files("clvcli.report").joinpath(name).read_text(encoding="utf-8")
