"""The page as HTML: every text is escaped on its way in, but what these functions made."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clvcli.report.page import Cards, Figure, Halves, Pair, People, Section, Step, Steps, Table

ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"})
LINE = "\n"


class Html(str):
    """What is HTML already."""

    __slots__ = ()


@dataclass(frozen=True)
class Frame:
    """What stands around the sections. `say`: the page's own words; `svg`: a figure's drawing."""

    title: str
    subtitle: str
    lang: str
    flow: str
    logo: str | None
    style: str
    style_hash: str
    version: str
    say: Mapping[str, str]
    svg: Any


def joined(parts: Iterable[str]) -> Html:
    """Parts in a row; what is not HTML yet is escaped."""
    return Html("".join(part if isinstance(part, Html) else part.translate(ESCAPED) for part in parts))


def tag(name: str, /, *inside: str, **attributes: str | None) -> Html:
    """An element; an attribute that is None is left out, `class_` is `class`, `_` is `-`."""
    return Html(f"{opened(name, **attributes)}{joined(inside)}</{name}>")


def opened(name: str, /, **attributes: str | None) -> Html:
    """The start of an element."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{value.translate(ESCAPED)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{told}>")


def words(text: str) -> Html:
    """A text whose strong parts stand between two asterisks."""
    return Html(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text.translate(ESCAPED)))


def document(frame: Frame, sections: Sequence[Section], *, whole: bool) -> str:
    """The page, or its first screen alone."""
    say, main = frame.say, [section for section in sections if not section.appendix]
    images = "img-src data:; " if frame.logo else ""
    policy = f"default-src 'none'; {images}style-src 'sha256-{frame.style_hash}'; base-uri 'none'; form-action 'none'"
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        opened("meta", name="generator", content=f"clv {frame.version}"),
        tag("title", frame.title),
        tag("style", Html(frame.style)),
    )
    parts: list[str] = [
        Html("<!DOCTYPE html>\n"), opened("html", lang=frame.lang, dir=frame.flow), Html("\n<head>\n"),
        Html("\n".join(head)), Html("\n</head>\n<body>\n"),
    ]  # fmt: skip
    if whole:
        parts += [tag("a", say["skip"], class_="skip", href="#main"), LINE]
    parts += [Html("<header>\n")]
    if frame.logo:
        parts += [opened("img", class_="logo", src=frame.logo, alt=""), LINE]
    parts += [tag("h1", frame.title), LINE, tag("p", frame.subtitle, class_="sub"), Html("\n</header>\n")]
    if whole:
        links = [tag("li", tag("a", s.title, href=f"#{s.ident}")) for s in main]
        links.append(tag("li", tag("a", say["appendix"], href="#appendix")))
        parts += [tag("nav", tag("ul", *links), aria_label=say["sections"]), LINE]
    parts.append(Html('<main id="main">\n'))
    for section in main:
        parts += [_section(section, frame), LINE]
    if whole:
        folded = [_folded(section, frame) for section in sections if section.appendix]
        heading = tag("h2", say["appendix"], id="h-appendix")
        about = tag("p", say["about"])
        inside = (LINE, heading, LINE, about, LINE, *folded)
        parts += [tag("section", *inside, id="appendix", aria_labelledby="h-appendix"), LINE]
    parts.append(Html("</main>\n"))
    if whole:
        parts += [tag("footer", tag("p", say["made"].format(version=frame.version))), LINE]
    return joined([*parts, Html("</body>\n</html>\n")])


def _section(section: Section, frame: Frame) -> Html:
    blocks = [joined([block(b, frame), LINE]) for b in section.blocks]
    label = f"h-{section.ident}"
    heading = tag("h2", section.title, id=label)
    return tag("section", LINE, heading, LINE, *blocks, id=section.ident, aria_labelledby=label)


def _folded(section: Section, frame: Frame) -> Html:
    blocks = [joined([block(b, frame), LINE]) for b in section.blocks]
    summary = tag("summary", tag("h3", section.title))
    return joined([tag("details", summary, LINE, *blocks, class_="more", id=section.ident), LINE])


def block(b: Any, frame: Frame) -> Html:
    """One block of a section. Raises KeyError for a kind that is none."""
    return _BLOCKS[b.kind](b, frame)


def _text(b: Any, frame: Frame) -> Html:  # noqa: ARG001
    return joined([tag("p", words(b.text), class_=b.look or None), LINE])


def _heading(b: Any, frame: Frame) -> Html:  # noqa: ARG001
    return joined([tag("h3", b.text), LINE])


def _points(b: Any, frame: Frame) -> Html:  # noqa: ARG001
    return joined([tag("ul", *(tag("li", words(item)) for item in b.items)), LINE])


def _cards(b: Cards, frame: Frame) -> Html:  # noqa: ARG001
    cards: list[str] = []
    for card in b.cards:
        details = tag("ul", *(tag("li", item) for item in card.details))
        value = tag("p", card.value, class_="value")
        cards += [tag("div", tag("h4", card.label), value, tag("p", card.note), LINE, details, class_="card"), LINE]
    return joined([tag("div", LINE, *cards, class_="cards"), LINE])


def _people(b: People, frame: Frame) -> Html:  # noqa: ARG001
    rows = [
        joined([
            tag("li", tag("strong", tag("bdi", p.name)), " ", tag("span", p.stage, class_="stage"), " ",
                tag("span", p.action, class_="do"), " ", tag("span", p.why, class_="why")),
            LINE,
        ])
        for p in b.people
    ]  # fmt: skip
    parts: list[str] = [tag("ol", LINE, *rows[: b.first], class_="people"), LINE]
    if rows[b.first :]:
        rest = tag("ol", LINE, *rows[b.first :], class_="people", start=str(b.first + 1))
        parts += [tag("details", tag("summary", b.more), LINE, rest, LINE, class_="unfold"), LINE]
    return joined(parts)


def _table(b: Table, frame: Frame) -> Html:
    return joined([table(b, frame.say), LINE])


def table(b: Table, say: Mapping[str, str]) -> Html:
    """A table that scrolls within its own box."""

    def cell(kind: str, place: int, text: str, scope: str | None, label: str | None) -> Html:
        return tag(kind, text, scope=scope, class_="w" if place in b.words else None, data_label=label)

    heads = [cell("th", i, name or say["figure"], "col", None) for i, name in enumerate(b.head)]
    labels = b.head if b.stack else (None,) * len(b.head)
    rows = [
        joined([
            tag("tr", *(
                cell("td" if i else "th", i, text, None if i else "row", labels[i]) for i, text in enumerate(row)
            )),
            LINE,
        ])
        for row in b.rows
    ]  # fmt: skip
    whole = tag(
        "table", LINE, tag("caption", b.caption), LINE, tag("thead", tag("tr", *heads)), LINE,
        tag("tbody", LINE, *rows), LINE, class_="stack" if b.stack else None,
    )  # fmt: skip
    return tag("div", LINE, whole, LINE, class_="scroll", role="group", tabindex="0", aria_label=b.caption)


def _figure(b: Figure, frame: Frame) -> Html:
    return joined([figure(b, frame), LINE])


def figure(f: Figure, frame: Frame) -> Html:
    """A chart under what it found, its data folded behind it."""
    caption = tag("figcaption", tag("strong", f.title), " ", tag("span", f.reading))
    summary = tag("summary", frame.say["figures"], tag("span", f": {f.title}", class_="hidden"))
    data = tag("details", summary, LINE, table(f.table, frame.say), LINE)
    return tag("figure", LINE, caption, LINE, Html(frame.svg(f)), LINE, data, LINE, id=f.ident)


def _pair(b: Pair, frame: Frame) -> Html:
    parts: list[str] = []
    for i, f in enumerate(b.figures):
        if i == 0 and len(b.figures) > 1 and not b.folded:
            parts += [figure(f, frame), LINE]
        else:
            folded = tag("summary", f.title)
            parts += [tag("details", folded, LINE, figure(f, frame), LINE, class_="unfold"), LINE]
    return joined([tag("div", LINE, *parts, class_="pair"), LINE])


def _halves(b: Halves, frame: Frame) -> Html:
    sides = [joined([tag("div", *(block(part, frame) for part in side)), LINE]) for side in (b.left, b.right)]
    return joined([tag("div", LINE, *sides, class_="halves"), LINE])


def _steps(b: Steps, frame: Frame) -> Html:
    meaning = [tag("p", b.meaning), LINE] if b.meaning else []
    phase = tag("div", tag("h3", b.phase), LINE, *meaning, class_="phase")
    steps = [joined([_step(s, frame.say), LINE]) for s in b.steps]
    return joined([phase, LINE, tag("div", LINE, *steps, class_="steps"), LINE])


def _step(s: Step, say: Mapping[str, str]) -> Html:
    parts: list[str] = [tag("summary", tag("strong", s.stage), " ", tag("span", s.facts, class_="facts")), LINE]
    if s.who:
        parts += [tag("p", s.who), LINE]
    if s.goal:
        parts += [tag("p", tag("strong", say["goal"]), f" {s.goal}"), LINE]
    if s.actions:
        parts += [tag("p", tag("strong", say["do"])), LINE, tag("ul", *(tag("li", a) for a in s.actions)), LINE]
    else:
        parts += [tag("p", tag("strong", say["do"]), f" {say['nothing']}"), LINE]
    if s.limit:
        parts += [tag("p", s.limit), LINE]
    if s.first:
        parts += [tag("p", tag("strong", say["first"]), " ", tag("bdi", s.first)), LINE]
    return tag("details", LINE, *parts, class_="step", id=s.ident)


def _missing(b: Any, frame: Frame) -> Html:
    parts: list[str] = [words(b.text)]
    if b.command:
        code = tag("code", b.command, dir="ltr")
        parts += [" ", tag("span", frame.say["analyst"], " ", code, class_="analyst")]
    return joined([tag("p", *parts, class_="missing"), LINE])


_BLOCKS = {
    "text": _text, "heading": _heading, "points": _points, "cards": _cards, "people": _people, "table": _table,
    "figure": _figure, "pair": _pair, "halves": _halves, "steps": _steps, "missing": _missing,
}  # fmt: skip
