"""Whether customers come back: the second purchase, cohorts, what they spend in the course of their life."""

from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, grid, lines
from clvcli.report.numbers import ticks
from clvcli.report.page import Figure, Manifest, Missing, Pair, Section, Table, Text, series

MOST_COHORTS, MOST_AGES = 12, 12


def loyalty(manifest: Manifest, t: Language) -> Section:
    """The share of each cohort that bought again, and cumulated spend by age."""
    title, facts = t("Loyalty"), series(manifest, "headline")
    spend, cohorts = series(manifest, "lifetime_spend"), series(manifest, "cohorts")
    if not spend or not cohorts or not any(r["complete"] >= 2 for r in cohorts["rows"]):
        text = t("The log covers less than two whole months: nobody can have come back yet.")
        return Section("loyalty", title, (Missing(text),))
    again = facts["buyers"] - facts["one_time"]
    text = t.many(
        "**{n} customer**, {share} of all, has bought a second time.",
        "**{n} customers**, {share} of all, have bought a second time.",
        again,
        share=t.percent(again / facts["buyers"]),
    )
    return Section("loyalty", title, (Text(text), Pair((_retention(cohorts, t), _lifetime(spend, t)))))


def _lifetime(spend: list[Any], t: Language) -> Figure:
    xs = [float(s["months"]) for s in spend]
    values = [s["spend"] for s in spend]
    up = ticks(max(values))
    across = [m for m in ticks(xs[-1], 5) if xs[0] <= m <= xs[-1] and m == int(m)]
    unit = t("spent so far, mean")
    chart = lines(
        xs,
        [Line("", "first", values)],
        Axis(t("months since the first purchase"), xs[0], max(xs[-1], xs[0] + 1), [(m, t.count(m)) for m in across]),
        Axis(f"{unit}, {t.currency}" if t.currency else unit, 0, up[-1], [(m, t.short(m)) for m in up]),
    )
    rows = tuple((t.count(s["months"]), t.money(s["spend"]), t.count(s["customers"])) for s in spend)
    head = (t("Months"), t("Spent so far"), t("Customers observed"))
    table = Table(t("Mean spend of a customer by age"), head, rows, frozenset())
    span, last = t.span(f"{spend[-1]['months']}m"), t.money(spend[-1]["spend"])
    title = t("A customer has spent {amount} after {span}", amount=last, span=span)
    reading = t("Mean of those who have been customers that long; later steps rest on fewer, older customers.")
    return Figure("lifetime", title, reading, f"{title}. {reading}", chart, table)


def _retention(cohorts: Any, t: Language) -> Figure:
    per = cohorts["months"]
    rows = [r for r in cohorts["rows"] if r["customers"] and r["complete"] >= 2]
    drawn = rows[-MOST_COHORTS - 1 :]
    widest = min(max(r["complete"] for r in drawn), MOST_AGES + 1)
    ages = range(1, widest)
    shares = [[r["active"][i] / r["customers"] if i < r["complete"] else None for i in ages] for r in drawn]
    texts = [["" if v is None else t.count(round(v * 100)) for v in line] for line in shares]
    labels = [t.count(i * per) for i in ages]
    names = [t.month(r["cohort"]) for r in drawn]
    chart = grid(names, labels, shares, texts, (t("% that bought"), t("months after the first purchase")))
    table = Table(
        t("Share of a cohort that bought, in percent, by months after the first purchase"),
        (t("Began"), t("Customers"), *labels),
        tuple((names[i], t.count(r["customers"]), *texts[i]) for i, r in enumerate(drawn)),
    )
    title = _retention_words(rows, per, t)
    reading = t("Each row is a cohort: those who first bought in the same month; darker where more bought again.")
    return Figure("retention", title, reading, f"{title}. {reading}", chart, table)


def _retention_words(rows: list[Any], per: int, t: Language) -> str:
    found = []
    for i in (1, 6, 12):
        seen = [r for r in rows if i < r["complete"]]
        people = sum(r["customers"] for r in seen)
        if people:
            share = t.percent(sum(r["active"][i] for r in seen) / people)
            found.append(t("{share} after {span}", share=share, span=t.span(f"{i * per}m")))
    if not found:
        return t("No cohort has a whole later month yet")
    return t("Bought again in that month: {shares}", shares=t.both(found))
