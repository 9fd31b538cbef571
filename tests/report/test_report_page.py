"""The page: sections in their order, numbers of the manifest, hostile text as text, nothing active, the same bytes."""

import base64
import copy
import hashlib
import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from report.test_terminal_summary import shown

from clvcli.core.language import Language
from clvcli.report.html import page, sections_of
from clvcli.report.sections.cards import decisions
from clvcli.report.sections.decision import sales_figure

SECTIONS = ["The decision", "Stages", "Since last time", "Value", "Loyalty", "Economics", "Appendix"]
APPENDIX = [
    "The data", "How sure is this?", "Movement in full", "Tenths and cohorts", "Recency and frequency",
    "Who is still a customer",
    "How customers differ", "Does the model fit the past?", "The model", "This run",
]  # fmt: skip
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "p", "nav", "details", "summary", "ul", "li", "a",
    "main", "section", "ol", "bdi", "h2", "h3", "h4", "div", "strong", "code", "table", "caption", "thead",
    "tbody",
    "tr", "th", "td", "figure", "figcaption", "span", "svg", "path", "line", "rect", "circle", "text", "tspan",
    "footer",
}  # fmt: skip


class Tags(HTMLParser):
    """Every element with its attributes, and the text of the headings."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self._heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._heading = tag == "h2"

    def handle_data(self, data: str) -> None:
        if self._heading:
            self.headings.append(data)
            self._heading = False


def parsed(content: bytes) -> Tags:
    """The page as a browser's parser sees it."""
    tags = Tags()
    tags.feed(content.decode("utf-8"))
    return tags


def text_of(content: bytes) -> str:
    """The page's words without tags."""
    body = re.sub(r"<style>.*?</style>", "", content.decode("utf-8"), flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


@pytest.fixture(scope="module")
def content(manifest: dict[str, Any]) -> bytes:
    return page(manifest)


def test_sections_stand_in_the_order_of_the_questions(manifest: dict[str, Any], content: bytes) -> None:
    assert parsed(content).headings == SECTIONS
    assert [s.title for s in sections_of(manifest) if s.appendix] == APPENDIX


def test_the_same_manifest_gives_the_same_bytes_whatever_the_run_says(manifest: dict[str, Any], content: bytes) -> None:
    later = copy.deepcopy(manifest)
    later["run"] = {"started": "2030-01-01T00:00:00+00:00", "seconds": 99.0, "run_day": "2030-01-01"}
    assert page(later) == content


def test_numbers_are_those_of_table_and_manifest(manifest: dict[str, Any], table: pl.DataFrame, content: bytes) -> None:
    words, t = " ".join(text_of(content).split()), Language()
    assert f"{table.height:,} customers with a purchase are expected to spend" in words
    low, high = (t.money(manifest["portfolio"]["clv"][end]) for end in ("low", "high"))
    total = manifest["portfolio"]["clv"]
    assert f"{t.money(total.get('expected', total['total']))} within 12 months ({low} to {high})" in words
    for stage, customers in table.group_by("stage").len().iter_rows():
        assert re.search(rf"{re.escape(stage)}\s+{customers:,} customers?", words), stage
    for row in manifest["series"]["top"]:
        own = table.filter(pl.col("customer_id") == row["customer_id"]).to_dicts()[0]
        assert f"{row['customer_id']} {row['stage']} {row['action']}" in words
        assert (
            f"{t.money(own['total_spend'])} spent; {t.money(row['clv_if_kept'])} expected in 12 months if kept" in words
        )
        assert row["clv"] == own["clv"]


def test_the_first_screen_names_three_decisions_with_their_value(manifest: dict[str, Any]) -> None:
    cards, t = decisions(manifest, Language()), Language()
    assert [card.label for card in cards] == ["Win back", "Grow", "Watch"]
    stages = {s["stage"]: s for s in manifest["stages"]}
    marked = [
        name for name, told in manifest["rules"]["stages"].items() if told["at_risk"] and stages[name]["customers"]
    ]
    assert cards[0].value == f"{t.money(sum(stages[name]['clv'] for name in marked))} expected"
    people = sum(stages[name]["customers"] for name in marked)
    assert cards[0].note.startswith(f"{people:,} customers.")
    assert people == manifest["series"]["headline"]["at_risk"]
    best = max(manifest["stages"], key=lambda s: s["clv"] or 0)
    assert cards[2].value == f"{t.money(best['clv'])} expected"
    number = f"{people:,} customers at risk now (can't lose, at risk, need attention)"
    assert number in " ".join(shown(manifest).split())


def test_sales_are_those_of_the_log_new_and_returning(manifest: dict[str, Any], cdnow_csv: Path) -> None:
    log = pl.read_csv(cdnow_csv, try_parse_dates=True)
    ident, day, amount = log.columns[:3]
    log = log.filter(pl.col(day) <= pl.date(1997, 9, 30)).with_columns(month=pl.col(day).dt.strftime("%Y-%m"))
    log = log.with_columns(first=pl.col("month").min().over(ident))
    figure = sales_figure(manifest, Language())
    assert figure is not None
    for row, month in zip(figure.table.rows, sorted(log["month"].unique()), strict=True):
        sold = log.filter(pl.col("month") == month)
        new = float(sold.filter(pl.col("first") == month)[amount].sum())
        back = float(sold.filter(pl.col("first") != month)[amount].sum())
        assert row[1:] == tuple(Language().money(v) for v in (back, new, back + new)), month


def test_the_forecast_stands_beside_the_like_of_it(manifest: dict[str, Any]) -> None:
    other = copy.deepcopy(manifest)
    past = {"from": "1996-09-30", "before": None, "customers": 1234, "spend": 5000.0, "sales": 9000.0}
    other["series"]["like_for_like"] = past
    words = " ".join(text_of(page(other)).split())
    told = "the 1,234 customers won before 30 Sept 1996 spent 5,000 in the 12 months from then on"
    assert f"Like for like: {told}, when all sales were 9,000. Customers yet to be won are not included." in words


def test_where_nobody_is_to_be_contacted_the_page_says_so(manifest: dict[str, Any]) -> None:
    calm = copy.deepcopy(manifest)
    calm["series"]["top"] = []
    assert "There is nobody to turn to" in text_of(page(calm))


def test_without_a_model_nothing_is_called_predicted(manifest: dict[str, Any]) -> None:
    bare = copy.deepcopy(manifest)
    gone = ("clv", "silent", "silent_clv", "silent_spend", "soon", "soon_clv", "at_risk_clv")
    bare["series"]["headline"] |= dict.fromkeys(gone) | {"at_risk": 0, "top_fifth": 0.2}
    for row in bare["series"]["top"]:
        row |= {"clv": None, "clv_if_kept": None}
    bare["models"] = {"purchase": None, "spend": None, "groups": []}
    del bare["portfolio"]
    for stage in bare["stages"]:
        stage["clv"] = stage["clv_share"] = None
    words = " ".join(text_of(page(bare)).split())
    assert "No model was fitted, so nothing is predicted" in words
    assert "The largest stage is" in words
    assert "expected to" not in words
    assert "if kept" not in words
    assert "forecast" not in words.lower().replace("no forecast", "")
    assert "of the predicted value" not in words


def test_a_margin_is_not_called_spend_and_is_not_drawn_beside_sales(manifest: dict[str, Any]) -> None:
    other = copy.deepcopy(manifest)
    other["arguments"]["margin"] = {"value": "0.3", "source": "flag"}
    words = " ".join(text_of(page(other)).split())
    assert "are expected to bring a margin of" in words
    assert "Like for like" not in words
    assert "today's customers, forecast" not in words


def test_nothing_active_and_nothing_from_elsewhere(content: bytes) -> None:
    tags = parsed(content)
    assert {tag for tag, _ in tags.found} <= ALLOWED
    for tag, attributes in tags.found:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcdoc", "style")], tag
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(rb"https?://|@import|url\((?!#)", content)


def test_the_policy_allows_this_style_and_nothing_else(content: bytes) -> None:
    text = content.decode("utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(a["content"] for t, a in parsed(content).found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_hostile_names_show_as_text(hostile: dict[str, Any]) -> None:
    content = page(hostile)
    tags = parsed(content)
    assert {tag for tag, _ in tags.found} <= ALLOWED
    assert not [a for _, a in tags.found if any(name.startswith("on") for name in a)]
    words = text_of(content)
    assert "<script>alert(1)</script>" in words
    assert "{{ 7 * 7 }}{% raw %}" in words
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", words)
    assert len(content) < 1_000_000


def test_every_chart_has_a_text_alternative_and_its_data(manifest: dict[str, Any]) -> None:
    figures = [f for s in sections_of(manifest) for f in s.figures]
    assert len(figures) >= 12
    assert len({f.ident for f in figures}) == len(figures)
    for figure in figures:
        assert len(figure.alt) > 20, figure.ident
        assert figure.table.rows, figure.ident
        assert all(len(row) == len(figure.table.head) for row in figure.table.rows), figure.ident
    content = page(manifest).decode("utf-8")
    assert content.count('role="img"') == len(figures) == content.count("<figure ")


def test_colours_are_classes_of_the_palette_in_every_scheme(content: bytes) -> None:
    text = content.decode("utf-8")
    svg = "".join(re.findall(r"<svg .*?</figure>", text, re.DOTALL))
    names = set(re.findall(r"\b[fl]-([a-z0-9]+)", svg))
    assert len(names) > 6
    assert not re.search(r"(fill|stroke)=", svg)
    style = text.split("</style>")[0]
    for name in names:
        assert style.count(f"--{name}:") == 3  # light, dark, paper
        assert f".f-{name}{{fill:var(--{name})}}" in style


def test_a_section_without_data_says_so_and_what_to_do(manifest: dict[str, Any]) -> None:
    bare = copy.deepcopy(manifest)
    bare["series"] = {"headline": bare["series"]["headline"]}
    bare["models"] = {"purchase": None, "spend": None, "groups": []}
    missing = [s.title for s in sections_of(bare) if any(b.kind == "missing" for b in s.blocks)]
    gone = {"The decision", "Stages", "The data", "This run"}
    assert missing == [title for title in [*SECTIONS[:-1], *APPENDIX] if title not in gone]
    assert parsed(page(bare)).headings == SECTIONS


def test_no_option_stands_in_a_sentence(manifest: dict[str, Any]) -> None:
    """Commands stand in notes for the analyst, options in the table of the run."""
    bare = copy.deepcopy(manifest)
    bare["series"] = {"headline": bare["series"]["headline"]}
    bare["warnings"] = []
    for content in (page({**manifest, "warnings": []}), page(bare)):
        body = re.sub(r"<code.*?</code>|<table.*?</table>|<style>.*?</style>", "", content.decode(), flags=re.DOTALL)
        assert not re.search(r"(^|\s)--[a-z]|`", re.sub(r"<[^>]*>", " ", body))


def test_every_stage_can_be_linked_to(manifest: dict[str, Any], content: bytes) -> None:
    idents = [a["id"] for _, a in parsed(content).found if a.get("id")]
    assert len(idents) == len(set(idents))
    stages = [i for i in idents if i and i.startswith("stage-") and i != "stage-mix"]
    assert len(stages) == sum(1 for s in manifest["stages"] if s["customers"])
    links = [a["href"] for tag, a in parsed(content).found if tag == "a"]
    assert all(link and link.removeprefix("#") in idents for link in links)


def test_the_page_is_small(content: bytes) -> None:
    assert len(content) < 300_000


def test_the_holdout_appears_with_a_backtest(manifest: dict[str, Any], backtest: dict[str, Any]) -> None:
    words = " ".join(text_of(page(manifest, backtest)).split())
    assert "-12.1%" in words
    assert "Use bg-nbd: nothing is better." in words
    assert "Models and rules of thumb" in words
    assert "Not tested yet" not in words


def test_two_hundred_stages_and_long_names_stay_small(manifest: dict[str, Any]) -> None:
    many = copy.deepcopy(manifest)
    row, told = many["stages"][0], next(iter(many["rules"]["stages"].values()))
    long = {**told, "who": "w" * 5000, "goal": "g" * 5000, "actions": [{"action": "a" * 5000}] * 3}
    many["stages"] = [{**row, "stage": f"{i} " + "s" * 70, "customers": i + 1} for i in range(200)]
    many["rules"]["stages"] = {s["stage"]: long for s in many["stages"]}
    assert len(page(many)) < 1_000_000
