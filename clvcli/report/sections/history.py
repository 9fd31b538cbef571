"""Customers over time: what they spend in the course of their life, whether they come back, who changed stage."""

from typing import Any

from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, grid, lines
from clvcli.report.numbers import money, percent, plural, short, shown, signed, ticks
from clvcli.report.page import Block, Figure, Manifest, Missing, Pair, Section, Table, Text, ordered_stages, series

MOST_COHORTS, MOST_STAGES, MOST_MOVES = 24, 20, 100
NO_CHANGE = (
    "There is nothing to compare: nobody who changed stage changed in value, or the earlier table values customers in "
    "another way (horizon, margin, discount rate)."
)
NO_PREVIOUS = "There is no earlier run to compare with: `clv score DATA --previous EARLIER.csv`."


def over_time(manifest: Manifest) -> Section:
    """Cumulated spend by age, and the share of each cohort that bought again."""
    title = "Over a customer's life"
    spend, cohorts = series(manifest, "lifetime_spend"), series(manifest, "cohorts")
    if not spend or not cohorts or not any(r["complete"] >= 2 for r in cohorts["rows"]):
        return Section("life", title, (Missing("The log covers less than two whole months: no life to show yet."),))
    lead = Text(
        "What a customer has spent by each age, and how many of those who began in the same month (a cohort) bought "
        "again in later months. Only months that have passed to their end count."
    )
    return Section("life", title, (lead, Pair((_lifetime(spend), _retention(cohorts)))))


def _lifetime(spend: list[Any]) -> Figure:
    xs = [float(s["months"]) for s in spend]
    values = [s["spend"] for s in spend]
    up = ticks(max(values))
    across = [m for m in ticks(xs[-1], 5) if xs[0] <= m <= xs[-1] and m == int(m)]
    chart = lines(
        xs,
        [Line("spend", "first", values)],
        Axis("months since the first purchase", xs[0], max(xs[-1], xs[0] + 1), [(m, f"{m:g}") for m in across]),
        Axis("spend so far, mean", 0, up[-1], [(m, short(m)) for m in up]),
    )
    rows = tuple((str(s["months"]), money(s["spend"]), f"{s['customers']:,}") for s in spend)
    table = Table(
        "Mean spend of a customer by age", ("Months", "Spend so far", "Customers observed"), rows, frozenset()
    )
    first, last = spend[0], spend[-1]
    reading = (
        f"{money(first['spend'])} in the first {_months(first['months'])}, {money(last['spend'])} after "
        f"{last['months']}; the later steps rest on fewer, older customers."
    )
    return Figure("lifetime", "Lifetime spend", reading, f"Rising line. {reading}", chart, table)


def _months(number: int) -> str:
    return "month" if number == 1 else f"{number} months"


def _retention(cohorts: Any) -> Figure:
    per = cohorts["months"]
    rows = [r for r in cohorts["rows"] if r["customers"] and r["complete"] >= 2][-MOST_COHORTS:]
    widest = max(r["complete"] for r in rows)
    shares = [[r["active"][i] / r["customers"] if i < r["complete"] else None for i in range(1, widest)] for r in rows]
    labels = [str(i * per) for i in range(1, widest)]
    texts = [["" if v is None else f"{v * 100:.0f}" for v in line] for line in shares]
    chart = grid(
        [r["cohort"] for r in rows], labels, shares, texts, ("% that bought", "months after the first purchase")
    )
    table = Table(
        "Share of a cohort that bought, in percent, by months after the first purchase",
        ("Began", "Customers", *(str(i * per) for i in range(1, widest))),
        tuple((r["cohort"], f"{r['customers']:,}", *texts[i]) for i, r in enumerate(rows)),
    )
    reading = _retention_words(rows, per)
    alt = f"Grid of cohorts by month, darker where more bought again. {reading}"
    return Figure("retention", "Share that bought again, by month of the first purchase", reading, alt, chart, table)


def _retention_words(rows: list[Any], per: int) -> str:
    found = []
    for i in (1, 6, 12):
        seen = [r for r in rows if i < r["complete"]]
        people = sum(r["customers"] for r in seen)
        if people:
            found.append(f"{percent(sum(r['active'][i] for r in seen) / people)} after {plural(i * per, 'month')}")
    return f"Bought again in that month: {', '.join(found)}." if found else "No cohort has a whole later month yet."


def transitions(manifest: Manifest) -> Section:
    """Who went from which stage to which since the earlier run."""
    title = "Who changed stage"
    moved = series(manifest, "transitions")
    if not moved:
        return Section("moves", title, (Missing(NO_PREVIOUS),))
    moves = moved["moves"]
    came = sum(m["customers"] for m in moves if m["from"] is None)
    gone = sum(m["customers"] for m in moves if m["to"] is None)
    changed = [m for m in moves if None not in (m["from"], m["to"]) and m["from"] != m["to"]]
    text = (
        f"Since the earlier table **{plural(moved['changed'], 'customer')}** changed stage, {came:,} are new and "
        f"{gone:,} are no longer in the log."
    )
    blocks: list[Block] = [Text(text)]
    stages = _occurring(manifest, moves)
    if changed and len(stages) <= MOST_STAGES:
        blocks.append(_matrix(moves, stages, changed))
    elif changed:
        blocks.append(_moves_table(changed))
    return Section("moves", title, tuple(blocks))


def _occurring(manifest: Manifest, moves: list[Any]) -> list[str]:
    names = [s["stage"] for s in ordered_stages(manifest)]
    there = {m[k] for m in moves for k in ("from", "to")} - {None}
    return [n for n in names if n in there] + sorted(there - set(names))


def _matrix(moves: list[Any], stages: list[str], changed: list[Any]) -> Figure:
    sums = {s: sum(m["customers"] for m in moves if m["from"] == s) for s in stages}
    counts = {(m["from"], m["to"]): m["customers"] for m in moves}
    rows = [s for s in stages if sums[s]]
    cells = [[counts.get((a, b), 0) / sums[a] for b in stages] for a in rows]
    texts = [[f"{v * 100:.0f}" if v else "" for v in line] for line in cells]
    titles = ("% of the earlier stage (row)", "stage now (column)")
    chart = grid([shown(s) for s in rows], [shown(s) for s in stages], cells, texts, titles, top=1.0, turned=True)
    biggest = sorted(changed, key=lambda m: (-m["customers"], str(m["from"]), str(m["to"])))[:3]
    reading = "Percent of each earlier stage (row) by the stage now (column). Most moved: " + "; ".join(
        f"{m['customers']:,} from {shown(m['from'], 40)} to {shown(m['to'], 40)}" for m in biggest
    )
    return Figure(
        "transitions", "From stage to stage", f"{reading}.", f"Grid. {reading}.", chart, _moves_table(changed)
    )


def _moves_table(changed: list[Any]) -> Table:
    rows = sorted(changed, key=lambda m: (-m["customers"], str(m["from"]), str(m["to"])))[:MOST_MOVES]
    return Table(
        "Customers who changed stage",
        ("From", "To", "Customers", "Their value now"),
        tuple((shown(m["from"]), shown(m["to"]), f"{m['customers']:,}", money(m["clv"])) for m in rows),
        frozenset({0, 1}),
    )


def movers(manifest: Manifest) -> Section:
    """The customers whose value changed most among those who changed stage."""
    title = "Top movers"
    moved = series(manifest, "transitions")
    if not moved:
        return Section("movers", title, (Missing(NO_PREVIOUS),))
    tables = [
        _movers_table(moved[side], words)
        for side, words in (("down", "Value lost"), ("up", "Value gained"))
        if moved[side]
    ]
    if not tables:
        return Section("movers", title, (Missing(NO_CHANGE),))
    lead = Text("Of the customers who changed stage, those whose predicted value changed most since the earlier table.")
    return Section("movers", title, (lead, *tables))


def _movers_table(rows: list[Any], caption: str) -> Table:
    return Table(
        caption,
        ("Customer", "From", "To", "What to do", "Value before", "Value now", "Change"),
        tuple(
            (
                shown(r["customer_id"]),
                shown(r["previous_stage"]),
                shown(r["stage"]),
                shown(r["action"] or "-"),
                money(r["previous_clv"]),
                money(r["clv"]),
                signed(r["change"]),
            )
            for r in rows
        ),
        frozenset({0, 1, 2, 3}),
        stack=True,
    )
