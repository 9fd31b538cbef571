"""The report as one HTML file: sections made of the manifest. The same manifest, the same bytes."""

import base64
import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from clvcli.core.currency import currency_of
from clvcli.core.language import Language
from clvcli.report.backtest_file import read_backtest
from clvcli.report.charts.svg import for_page, room_styles, styles
from clvcli.report.edition import Edition, edition_of
from clvcli.report.markup import Frame, document
from clvcli.report.numbers import shown
from clvcli.report.page import FIRST, Manifest, Section
from clvcli.report.palette import variables
from clvcli.report.sections.account import the_data, the_model, the_run
from clvcli.report.sections.customer_base import customer_base
from clvcli.report.sections.decision import decision
from clvcli.report.sections.economics import economics
from clvcli.report.sections.fitted import differences, fit_of_the_past
from clvcli.report.sections.holdout import holdout
from clvcli.report.sections.loyalty import loyalty
from clvcli.report.sections.movement import movement, movers
from clvcli.report.sections.scores import rfm_grid, still_customers
from clvcli.report.sections.stages import stage_mix
from clvcli.report.sections.value import value_spread

if TYPE_CHECKING:
    from clvcli.core.options import ScoreOptions
    from clvcli.scoring.job import Renderer


def renderer_of(options: "ScoreOptions") -> "Renderer":
    """What `score --report` calls at its end. Raises InputError for a bad --backtest or --logo."""
    backtest = read_backtest(options.backtest) if options.backtest else None
    edition = edition_of(options, {})

    def made(run: Any) -> bytes:
        manifest = json.loads(json.dumps(run.manifest, default=str))
        t = replace(edition.t, currency=currency_of(manifest, options.show_currency))
        return page(manifest, backtest, replace(edition, t=t))

    return made


def sections_of(manifest: Manifest, backtest: Manifest | None = None, t: Language | None = None) -> list[Section]:
    """The sections in the order in which people ask, the appendix last; those without data say why."""
    t = t or Language()
    return [
        decision(manifest, t),
        stage_mix(manifest, t),
        movement(manifest, t),
        value_spread(manifest, t),
        loyalty(manifest, t),
        economics(manifest, t),
        the_data(manifest, t),
        holdout(backtest, manifest, t),
        movers(manifest, t),
        customer_base(manifest, t),
        rfm_grid(manifest, t),
        still_customers(manifest, t),
        differences(manifest, t),
        fit_of_the_past(manifest, t),
        the_model(manifest, t),
        the_run(manifest, t),
    ]


def page(
    manifest: Manifest, backtest: Manifest | None = None, edition: Edition | None = None, *, whole: bool = True
) -> bytes:
    """The whole page, or its first screen alone; UTF-8. Nothing of the manifest's `run` enters: two equal runs give the
    same bytes."""
    edition, style = edition or Edition(), _style()
    t = edition.t
    frame = Frame(
        title=edition.title or t("Customer value report"),
        subtitle=_subtitle(manifest, t),
        lang=t.code,
        flow="rtl" if t.rtl else "ltr",
        logo=edition.logo,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        version=shown(manifest["clv"]),
        say=_labels(t),
        svg=lambda figure: for_page(figure.chart, figure.alt, rtl=t.rtl),
    )
    sections = sections_of(manifest, backtest, t) if whole else [decision(manifest, t)]
    return document(frame, sections, whole=whole).encode("utf-8")


def _subtitle(manifest: Manifest, t: Language) -> str:
    names = [shown(str(i.get("path", "")).replace("\\", "/").rsplit("/", 1)[-1]) for i in manifest["inputs"][:3]]
    more = ", …" if len(manifest["inputs"]) > 3 else ""
    source = ", ".join(n for n in names if n) + more
    return t("{source}, up to {day}", source=source, day=t.day(manifest["as_of"]))


def _labels(t: Language) -> dict[str, str]:
    """What the page itself says."""
    return {
        "skip": t("Skip to the content"),
        "sections": t("Sections"),
        "appendix": t("Appendix"),
        "about": t("How it was found: data, models, parameters. For the analyst."),
        "figures": t("The figures behind it"),
        "analyst": t("For the analyst:"),
        "goal": t("Goal:"),
        "do": t("Do:"),
        "nothing": t("nothing."),
        "first": t("Begin with:"),
        "made": t("Made by clv {version}. One file: it loads nothing and sends nothing.", version="{version}"),
        "figure": t("Figure"),
    }


@cache
def _style() -> str:
    """The style sheet: the palette in both schemes, light on paper, and the layout. It holds no data."""
    schemes = (
        f":root{{{variables(dark=False)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{variables(dark=True)}}}}}"
        f"@media print{{:root{{{variables(dark=False)}}}}}"
    )
    folded = f".unfold .people{{counter-reset:n {FIRST}}}"
    return f"{schemes}\n{styles()}\n{room_styles()}\n{_resource('page.css').strip()}\n{folded}"


def _resource(name: str) -> str:
    return resources.files("clvcli.report").joinpath(name).read_text(encoding="utf-8")
