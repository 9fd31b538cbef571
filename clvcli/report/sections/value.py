"""How value is spread over customers."""

from typing import Any

from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, columns, lines
from clvcli.report.numbers import ahead, money, percent, plural, short, ticks
from clvcli.report.page import Figure, Manifest, Missing, Pair, Section, Table, Text, series

CONCENTRATED = 0.4
"""Share of value in the best fifth from which it counts as concentrated: twice an even spread."""
SHARES = [(v / 4, f"{v * 25}%") for v in range(5)]


def value_spread(manifest: Manifest) -> Section:
    """Distribution of customer value and the Lorenz curve."""
    title = "How value is spread"
    bins, curve = series(manifest, "value_bins"), series(manifest, "lorenz")
    if not bins or not curve:
        return Section("value", title, (Missing("No customer has a value."),))
    facts = series(manifest, "headline")
    predicted = facts["clv"] is not None
    word = f"predicted value {ahead(manifest['horizon'])}" if predicted else "spend so far"
    lead = Text(
        f"Value is each customer's {word}. "
        + (
            "A few customers carry most of it: knowing them by name pays more than treating everybody alike."
            if (facts["top_fifth"] or 0) >= CONCENTRATED
            else "It is spread rather evenly: no handful of customers carries it."
        )
    )
    return Section("value", title, (lead, Pair((_distribution(bins, word), _lorenz(curve, facts, word)))))


def _distribution(bins: list[Any], word: str) -> Figure:
    counts = [b["customers"] for b in bins]
    edges = [b["from"] for b in bins] + ([bins[-1]["to"]] if bins[-1]["to"] is not None else [])
    step = 1 if len(edges) <= 9 else 2
    places = [(float(i), short(e)) for i, e in enumerate(edges) if i % step == 0]
    marks = ticks(max(counts))
    chart = columns(
        [Side("", counts)],
        Axis(word, 0, len(counts), places),
        Axis("customers", 0, marks[-1], [(m, short(m)) for m in marks]),
    )
    rows = tuple((_bounds(b), f"{b['customers']:,}", money(b["value"])) for b in bins)
    table = Table("Customers by value", ("Value of one customer", "Customers", "Together"), rows)
    most = max(bins, key=lambda b: b["customers"])
    reading = (
        f"The most common value of a customer is {_bounds(most)}: {plural(most['customers'], 'customer')}. "
        "The steps widen to the right."
    )
    alt = "Columns. " + "; ".join(f"{_bounds(b)}: {b['customers']:,} customers" for b in bins) + "."
    return Figure("value-distribution", "Customers by value", reading, alt, chart, table)


def _bounds(one: Any) -> str:
    if one["to"] is None:
        return f"{money(one['from'])} and more"
    return f"{short(one['from'])} to {short(one['to'])}" if one["from"] else f"below {short(one['to'])}"


def _lorenz(curve: list[Any], facts: Any, word: str) -> Figure:
    xs = [p["customers"] for p in curve]
    chart = lines(
        xs,
        [
            Line("if all were equal", "muted", xs, dash=True),
            Line("best customers first", "first", [p["value"] for p in curve]),
        ],
        Axis("share of customers, most valuable first", 0, 1, SHARES),
        Axis("share of value", 0, 1, SHARES),
    )
    rows = tuple((percent(p["customers"], 0), percent(p["value"])) for p in curve[::5])
    table = Table("Share of value held by the best customers", ("Best customers", "Share of value"), rows, frozenset())
    top, gini = facts["top_fifth"], facts["gini"]
    best = "" if top is None else f"The best 20% of customers hold {percent(top, 0)} of {word}. "
    reading = f"{best}Gini coefficient {gini:.2f} (0: all equal)."
    alt = "Curve of value over customers, the most valuable first. " + "; ".join(
        f"the best {percent(p['customers'], 0)} hold {percent(p['value'], 0)}" for p in curve[5::10]
    )
    return Figure("lorenz", "How concentrated value is", reading, alt, chart, table)
