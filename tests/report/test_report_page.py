"""The page: sections in their order, numbers of the manifest, hostile text as text, nothing active, the same bytes."""

import base64
import copy
import hashlib
import html
import re
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest
from report.test_terminal_summary import shown

from clvcli.report.html import page, sections_of
from clvcli.report.numbers import money

SECTIONS = [
    "In short", "Where customers stand", "What to do, stage by stage", "Recency and frequency", "How value is spread",
    "Who is still a customer", "How customers differ", "Does the model fit the past?", "Does it predict the future?",
    "Over a customer's life", "Who changed stage", "Economics", "Top movers", "The data", "The model", "This run",
]  # fmt: skip
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "p", "nav", "details", "summary", "ul", "li", "a",
    "main", "section", "h2", "h3", "h4", "dl", "div", "dt", "dd", "strong", "code", "table", "caption", "thead",
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


def test_sections_stand_in_the_order_of_the_questions(content: bytes) -> None:
    assert parsed(content).headings == SECTIONS


def test_the_same_manifest_gives_the_same_bytes_whatever_the_run_says(manifest: dict[str, Any], content: bytes) -> None:
    later = copy.deepcopy(manifest)
    later["run"] = {"started": "2030-01-01T00:00:00+00:00", "seconds": 99.0, "run_day": "2030-01-01"}
    assert page(later) == content


def test_numbers_are_those_of_table_and_manifest(manifest: dict[str, Any], table: pl.DataFrame, content: bytes) -> None:
    words = " ".join(text_of(content).split())
    assert f"{table.height:,} customers" in words
    assert money(float(table["clv"].sum())) in words
    assert money(manifest["portfolio"]["clv"]["low"]) in words
    late = table.filter(pl.col("alert_date").str.to_date() <= pl.date(1997, 9, 30))
    assert f"{late.height:,} customers of all stages have been silent" in words
    slipping = table.filter(pl.col("stage").is_in(["can't lose", "at risk", "need attention"]))
    spent = money(float(slipping["total_spend"].sum()))
    assert f"{slipping.height:,} customers who spent {spent} so far are at risk by their stage" in words
    for stage, customers in table.group_by("stage").len().iter_rows():
        assert re.search(rf"{re.escape(stage)}\s+{customers:,} customers?", words), stage
    for row in manifest["series"]["contacts"]["first"]:
        own = table.filter(pl.col("customer_id") == row["customer_id"]).to_dicts()[0]
        assert {k: own[k] for k in ("clv", "clv_low", "clv_high", "p_purchase", "stage")} == {
            k: row[k] for k in ("clv", "clv_low", "clv_high", "p_purchase", "stage")
        }


def test_who_is_at_risk_is_one_number_on_page_terminal_and_in_the_manifest(manifest: dict[str, Any]) -> None:
    marked = {name for name, told in manifest["rules"]["stages"].items() if told["at_risk"]}
    assert marked == {"can't lose", "at risk", "need attention"}
    number = sum(s["customers"] for s in manifest["stages"] if s["stage"] in marked)
    assert manifest["series"]["headline"]["at_risk"] == number
    cards = next(b for b in sections_of(manifest)[0].blocks if b.kind == "cards").cards  # type: ignore[union-attr]
    card = next(card for card in cards if card.label == "At risk now")
    assert card.value == f"{number:,}"
    assert card.note.endswith(": can't lose, at risk, need attention")
    assert f"{number:,} customers at risk now (can't lose, at risk, need attention)" in " ".join(
        shown(manifest).split()
    )


def test_where_no_silence_is_alarming_the_page_says_whom_to_contact_all_the_same(manifest: dict[str, Any]) -> None:
    calm = copy.deepcopy(manifest)
    calm["series"]["headline"] |= {"alerts": 0, "silent": 0, "soon": 0}
    calm["series"]["contacts"]["by"] = "stage"
    words = " ".join(text_of(page(calm)).split())
    assert "no silence alone is alarming" in words
    assert "At risk by their stage (can't lose, at risk, need attention) are" in words
    assert "Silence alarming" not in words


def test_without_a_model_nothing_is_called_predicted(manifest: dict[str, Any]) -> None:
    bare = copy.deepcopy(manifest)
    gone = ("clv", "silent", "silent_clv", "silent_spend", "soon", "soon_clv", "at_risk_clv")
    bare["series"]["headline"] |= dict.fromkeys(gone) | {"at_risk": 0, "top_fifth": 0.2}
    bare["series"]["contacts"] |= {"by": "stage", "first": []}
    bare["models"] = {"purchase": None, "spend": None, "groups": []}
    for stage in bare["stages"]:
        stage["clv"] = stage["clv_share"] = None
    words = " ".join(text_of(page(bare)).split())
    assert "predictions: what comes" not in words
    assert "No model was fitted, so nothing is predicted" in words
    assert "Stages by customers The largest" in words
    assert "A figure after a name is what that customer has spent." in words
    assert "nobody is in a stage at risk" in words
    assert "It is spread rather evenly" in words
    assert 'class="card alarm"' not in page(bare).decode()


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
    gone = {"In short", "Where customers stand", "What to do, stage by stage", "The data", "This run"}
    assert missing == [title for title in SECTIONS if title not in gone]
    assert parsed(page(bare)).headings == SECTIONS


def test_the_holdout_appears_with_a_backtest(manifest: dict[str, Any], backtest: dict[str, Any]) -> None:
    words = " ".join(text_of(page(manifest, backtest)).split())
    assert "12.1% too low" in words
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
