"""What changed since the earlier run: which stages gained and lost, who moved where."""

from collections.abc import Mapping
from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.kinds import Side, bars, grid
from clvcli.report.numbers import shown
from clvcli.report.page import (
    Block,
    Figure,
    Halves,
    Manifest,
    Missing,
    Pair,
    Section,
    Table,
    Text,
    ordered_stages,
    series,
)
from clvcli.report.sections.change import sales_change

MOST_STAGES, MOST_MOVES, MOST_DRAWN = 20, 100, 8


def movement(manifest: Manifest, t: Language) -> Section:
    """The moves that most customers made, and why sales changed."""
    title, moved, change = t("Since last time"), series(manifest, "transitions"), sales_change(manifest, t)
    if not moved:
        missing = Missing(t("There is no earlier run to compare with."), "clv score DATA --previous EARLIER.csv")
        return Section("movement", title, (Halves((Pair((change,), folded=True),), (missing,)) if change else missing,))
    moves = moved["moves"]
    came = t.many("{n} is new", "{n} are new", sum(m["customers"] for m in moves if m["from"] is None))
    gone = sum(m["customers"] for m in moves if m["to"] is None)
    changed = t.many("**{n} customer** changed stage", "**{n} customers** changed stage", moved["changed"])
    left = t.many("{n} is no longer in the log", "{n} are no longer in the log", gone)
    rows = _changed(moves)
    figures = tuple(f for f in (_largest(rows, t) if rows else None, change) if f)
    pair = (Pair(figures),) if figures else ()
    return Section("movement", title, (Text(f"{t.both([changed, came, left])}."), *pair))


def _changed(moves: list[Any]) -> list[Mapping[str, Any]]:
    found = [m for m in moves if None not in (m["from"], m["to"]) and m["from"] != m["to"]]
    return sorted(found, key=lambda m: (-m["customers"], str(m["from"]), str(m["to"])))


def _largest(rows: list[Mapping[str, Any]], t: Language) -> Figure:
    drawn = rows[:MOST_DRAWN]
    arrow = "←" if t.rtl else "→"
    names = [f"{t.name(m['from'])} {arrow} {t.name(m['to'])}" for m in drawn]
    customers = [float(m["customers"]) for m in drawn]
    chart = bars(names, [Side(t("customers"), customers, [t.count(n) for n in customers])])
    title = t("Most moved from {old} to {new}", old=t.name(rows[0]["from"]), new=t.name(rows[0]["to"]))
    reading = t("Customers by their stage before and now: the largest moves.")
    return Figure("moves", title, reading, f"{title}. {reading}", chart, _moves_table(rows, t))


def _moves_table(rows: list[Mapping[str, Any]], t: Language) -> Table:
    cells = tuple(
        (t.name(m["from"]), t.name(m["to"]), t.count(m["customers"]), t.money(m["clv"])) for m in rows[:MOST_MOVES]
    )
    head = (t("From"), t("To"), t("Customers"), t("Their value now"))
    return Table(t("Customers who changed stage"), head, cells, frozenset({0, 1}))


def movers(manifest: Manifest, t: Language) -> Section:
    """From stage to stage in full, and the customers whose value changed most among those who changed stage."""
    title, moved = t("Movement in full"), series(manifest, "transitions")
    if not moved:
        text = t("There is no earlier run to compare with.")
        return Section("all-moves", title, (Missing(text, "clv score DATA --previous EARLIER.csv"),), appendix=True)
    stages, changed = _occurring(manifest, moved["moves"]), _changed(moved["moves"])
    blocks: list[Block] = [_matrix(moved["moves"], stages, t)] if changed and len(stages) <= MOST_STAGES else []
    tables = [
        _movers_table(moved[side], words, t)
        for side, words in (("down", t("Value lost")), ("up", t("Value gained")))
        if moved[side]
    ]
    if not tables:
        text = t(
            "No values to compare: nobody who changed stage changed in value, or the earlier table values customers in "
            "another way (horizon, margin, discount rate)."
        )
        return Section("all-moves", title, (*blocks, Missing(text)), appendix=True)
    text = t("Of the customers who changed stage, those whose predicted value changed most since the earlier table.")
    return Section("all-moves", title, (*blocks, Text(text), *tables), appendix=True)


def _occurring(manifest: Manifest, moves: list[Any]) -> list[str]:
    names = [s["stage"] for s in ordered_stages(manifest)]
    there = {m[k] for m in moves for k in ("from", "to")} - {None}
    return [n for n in names if n in there] + sorted(there - set(names))


def _matrix(moves: list[Any], stages: list[str], t: Language) -> Figure:
    sums = {s: sum(m["customers"] for m in moves if m["from"] == s) for s in stages}
    counts = {(m["from"], m["to"]): m["customers"] for m in moves}
    rows = [s for s in stages if sums[s]]
    cells = [[counts.get((a, b), 0) / sums[a] for b in stages] for a in rows]
    texts = [[t.count(round(v * 100)) if v else "" for v in line] for line in cells]
    titles = (t("% of the stage before (row)"), t("stage now (column)"))
    names = [t.name(s) for s in stages]
    chart = grid([t.name(s) for s in rows], names, cells, texts, titles, top=1.0, turned=True)
    stayed = sum(counts.get((s, s), 0) for s in stages)
    title = t("{share} stayed in their stage", share=t.percent(stayed / (sum(sums.values()) or 1)))
    reading = t("In percent of each stage before; the diagonal are those who stayed.")
    table = Table(t("Stage before and now, in percent"), (t("Before"), *names), tuple(
        (t.name(s), *texts[i]) for i, s in enumerate(rows)))  # fmt: skip
    return Figure("transitions", title, reading, f"{title}. {reading}", chart, table)


def _movers_table(rows: list[Any], caption: str, t: Language) -> Table:
    head = (t("Customer"), t("From"), t("To"), t("What to do"), t("Value before"), t("Value now"), t("Change"))
    cells = tuple(
        (
            shown(r["customer_id"]), t.name(r["previous_stage"]), t.name(r["stage"]), t.name(r["action"] or "-"),
            t.money(r["previous_clv"]), t.money(r["clv"]), t.money(r["change"]),
        )
        for r in rows
    )  # fmt: skip
    return Table(caption, head, cells, frozenset({0, 1, 2, 3}), stack=True)
