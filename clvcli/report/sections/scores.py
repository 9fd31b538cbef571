"""The grid of recency and frequency, and the chance that a customer still buys by silence."""

from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.kinds import grid
from clvcli.report.page import Block, Figure, Manifest, Missing, Section, Table, Text, series

SCORES = (5, 4, 3, 2, 1)


def rfm_grid(manifest: Manifest, t: Language) -> Section:
    """Customers by recency and frequency score."""
    title, cells = t("Recency and frequency"), series(manifest, "rfm")
    if not cells:
        return Section("rfm", title, (Missing(t("No customer has scores.")),), appendix=True)
    found = {(c["r"], c["f"]): c["customers"] for c in cells}
    across = tuple(reversed(SCORES))
    customers = [[float(found.get((r, f), 0)) for f in across] for r in SCORES]
    texts = [[t.count(v) for v in line] for line in customers]
    names = [t.count(r) for r in SCORES]
    chart = grid(names, [t.count(f) for f in across], customers, texts, (t("recency (row)"), t("frequency (column)")))
    head = (t("Recency"), t("Frequency"), t("Customers"), t("Value"))
    rows = tuple((t.count(c["r"]), t.count(c["f"]), t.count(c["customers"]), t.money(c["value"])) for c in cells)
    total = sum(c["customers"] for c in cells)
    best = sum(c["customers"] for c in cells if c["r"] >= 4 and c["f"] >= 4)
    quiet = sum(c["customers"] for c in cells if c["r"] <= 2 and c["f"] >= 4)
    values = {"best": t.percent(best / total, 1), "quiet": t.percent(quiet / total, 1)}
    finding = t("{best} buy often and lately; {quiet} bought often and fell silent", **values)
    reading = t(
        "Recency 5 is the fifth of customers who bought most recently. Frequency 1 is a single purchase; 2 to 5 are "
        "the quarters of those who came back."
    )
    table = Table(t("Customers and value by score"), head, rows, frozenset())
    figure = Figure("rfm-grid", finding, reading, f"{finding}. {reading}", chart, table)
    return Section("rfm", title, (figure,), appendix=True)


def still_customers(manifest: Manifest, t: Language) -> Section:
    """P(alive) by number of purchases and silence."""
    title, alive = t("Who is still a customer"), series(manifest, "alive")
    if not alive:
        return Section("alive", title, (no_model(t),), appendix=True)
    silences, counts = alive["silent_days"], alive["purchases"]
    rows = [t.many("{n} purchase", "{n} purchases", n) for n in counts]
    texts = [["" if p is None else t.count(round(p * 100)) for p in line] for line in alive["p_alive"]]
    half = slice(None, None, 2)  # every second column: the figures stay legible on a phone, the table has all
    drawn, words = [line[half] for line in alive["p_alive"]], [line[half] for line in texts]
    titles = (t("chance in %"), t("days since the last purchase"))
    chart = grid(rows, [t.count(s) for s in silences[half]], drawn, words, titles, top=1.0)
    head = (t("Purchases"), *(t.count(s) for s in silences))
    cells = tuple((t.count(n), *texts[i]) for i, n in enumerate(counts))
    table = Table(t("Chance in percent, by purchases and days since the last one"), head, cells, frozenset())
    reading = t(
        "For somebody who first bought {n} days before {day}. Silence means much for one who bought every week, and "
        "little for one who buys twice a year.",
        n=t.count(alive["age_days"]), day=t.day(manifest["as_of"]),
    )  # fmt: skip
    finding = _where_it_turns(alive, t)
    blocks: list[Block] = [Figure("alive-grid", finding, reading, f"{finding}. {reading}", chart, table)]
    if all(p == 1 for p in alive["p_alive"][0]):
        text = t("This model cannot tell whether somebody who bought once has left: go by their chance to buy.")
        blocks.append(Text(text))
    return Section("alive", title, tuple(blocks), appendix=True)


def no_model(t: Language) -> Missing:
    """Why a section about the model is empty."""
    return Missing(t("No purchase model was fitted in this run."), "clv check DATA")


def _where_it_turns(alive: Any, t: Language) -> str:
    found = []
    for n, line in zip(alive["purchases"], alive["p_alive"], strict=True):
        low = next((s for s, p in zip(alive["silent_days"], line, strict=True) if p is not None and p < 0.5), None)
        if low is not None:
            bought = t.many("{n} purchase", "{n} purchases", n)
            found.append(t("{bought}: after {span}", bought=bought, span=t.span(f"{low}d")))
    if not found:
        return t("The chance that a customer still buys stays above 50 % everywhere")
    some = found[:: max(1, len(found) // 3)][:3]
    return t("The chance that a customer still buys falls below 50 % with {cases}", cases="; ".join(some))
