"""How value is spread over customers."""

from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, columns, lines
from clvcli.report.numbers import ticks
from clvcli.report.page import Figure, Manifest, Missing, Pair, Section, Table, series


def value_spread(manifest: Manifest, t: Language) -> Section:
    """The Lorenz curve and the distribution of customer value."""
    title = t("Value")
    bins, curve, facts = series(manifest, "value_bins"), series(manifest, "lorenz"), series(manifest, "headline")
    if not bins or not curve:
        return Section("value", title, (Missing(t("No customer has a value.")),))
    span = t.span(manifest["horizon"])
    word = t("predicted value, {span}", span=span) if facts["clv"] is not None else t("spent so far")
    return Section("value", title, (Pair((_lorenz(curve, facts, word, t), _distribution(bins, word, t))),))


def _distribution(bins: list[Any], word: str, t: Language) -> Figure:
    counts = [float(b["customers"]) for b in bins]
    edges = [b["from"] for b in bins] + ([bins[-1]["to"]] if bins[-1]["to"] is not None else [])
    step = max(1, -(-len(edges) // 6))
    places = [(float(i), t.short(e)) for i, e in enumerate(edges) if i % step == 0]
    marks = ticks(max(counts))
    across = Axis(f"{word}, {t.currency}" if t.currency else word, 0, len(counts), places)
    up = Axis(t("customers"), 0, marks[-1], [(m, t.short(m)) for m in marks])
    rows = tuple((_bounds(b, t), t.count(b["customers"]), t.money(b["value"])) for b in bins)
    table = Table(t("Customers by value"), (t("Value of one customer"), t("Customers"), t("Together")), rows)
    most = max(bins, key=lambda b: b["customers"])
    title = t("The most common value of a customer: {bounds}", bounds=_bounds(most, t))
    reading = t("Customers by value; the steps widen.")
    alt = f"{title}. " + "; ".join(f"{_bounds(b, t)}: {t.count(b['customers'])}" for b in bins)
    return Figure("value-distribution", title, reading, alt, columns([Side("", counts)], across, up), table)


def _bounds(one: Any, t: Language) -> str:
    if one["to"] is None:
        return t("{low} and more", low=t.money(one["from"]))
    if not one["from"]:
        return t("below {high}", high=t.money(one["to"]))
    return t("{low} to {high}", low=t.money(one["from"]), high=t.money(one["to"]))


def _lorenz(curve: list[Any], facts: Any, word: str, t: Language) -> Figure:
    xs = [p["customers"] for p in curve]
    shares = [(v / 4, t.percent(v / 4)) for v in range(5)]
    drawn = [
        Line(t("best customers first"), "first", [p["value"] for p in curve]),
        Line(t("if all were equal"), "muted", xs, dash=True),
    ]
    across = Axis(t("share of customers, the most valuable first"), 0, 1, shares)
    chart = lines(xs, drawn, across, Axis(t("share of value"), 0, 1, shares))
    rows = tuple((t.percent(p["customers"]), t.percent(p["value"])) for p in curve[::5])
    head = (t("Best customers"), t("Share of value"))
    table = Table(t("Share of value held by the best customers"), head, rows, frozenset())
    top, gini = facts["top_fifth"], facts["gini"]
    title = t("The best 20 % of customers hold {share} of the value", share=t.percent(top))
    title = title if top is not None else t("How concentrated value is")
    reading = t("Value: {word}. Gini coefficient {gini}; 0 were all equal.", word=word, gini=t.decimal(gini, 2))
    held = "; ".join(f"{t.percent(p['customers'])}: {t.percent(p['value'])}" for p in curve[5::10])
    return Figure("lorenz", title, reading, f"{title}. {held}", chart, table)
