"""The customer base in tenths and in cohorts: who holds the value, who buys again, what each cohort spends when.

Source of the form: Fader, Hardie & Ross (2022), The Customer-Base Audit.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.kinds import Side, bars, grid
from clvcli.report.page import Block, Figure, Manifest, Missing, Section, Table, series

TENTHS, MOST_COHORTS, MOST_PERIODS = 10, 36, 12
Row = Mapping[str, Any]


def customer_base(manifest: Manifest, t: Language) -> Section:
    """Three charts with their tables; those without data are left out."""
    title, cohorts = t("Tenths and cohorts"), series(manifest, "cohorts")
    rows = [r for r in (cohorts or {}).get("rows") or [] if r["customers"]][-MOST_COHORTS:]
    found = (_tenths(manifest, t), _again(rows, t), _spend(rows, cohorts["months"] if cohorts else 1, t))
    blocks: list[Block] = [figure for figure in found if figure]
    return Section("base", title, blocks or (Missing(t("No customer has a value.")),), appendix=True)


def _tenths(manifest: Manifest, t: Language) -> Figure | None:
    curve, facts = series(manifest, "lorenz"), series(manifest, "headline")
    if not curve or (len(curve) - 1) % TENTHS:
        return None
    step = (len(curve) - 1) // TENTHS
    ends = [curve[i * step]["value"] for i in range(TENTHS + 1)]
    shares = [high - low for low, high in pairwise(ends)]
    whole = facts["clv"] if facts["clv"] is not None else facts["spend"]
    people = (facts["valued"] if facts["clv"] is not None else facts["buyers"]) / TENTHS
    names = [t.count(i + 1) for i in range(TENTHS)]
    chart = bars(names, [Side("", shares, [t.percent(s, 1) for s in shares])])
    title = t("The best tenth of customers holds {share} of the value", share=t.percent(shares[0]))
    reading = t("Customers in ten equal groups, the most valuable first: the share of the value that each holds.")
    head = (t("Tenth"), t("Share of value"), t("Together"), t("Value of one customer"))
    cells = tuple(
        (names[i], t.percent(s, 1), t.percent(ends[i + 1], 1), t.money(s * whole / people))
        for i, s in enumerate(shares)
    )
    return Figure("tenths", title, reading, f"{title}. {reading}", chart, Table(reading, head, cells))


def _again(rows: Sequence[Row], t: Language) -> Figure | None:
    known = [r for r in rows if any(n is not None for n in (r.get("again") or {}).values())]
    if not known:
        return None
    days = [d for d in known[0]["again"] if any(r["again"][d] is not None for r in known)]
    spans = [t.span(f"{d}d") for d in days]
    shares = [[_share(r, d) for d in days] for r in known]
    texts = [["" if s is None else t.count(round(s * 100)) for s in line] for line in shares]
    names = [t.month(r["cohort"]) for r in known]
    chart = grid(names, spans, shares, texts, (t("% that bought a second time"), t("within")))
    sure = [r for r in known if r["again"][days[-1]] is not None]
    share = sum(r["again"][days[-1]] for r in sure) / sum(r["customers"] for r in sure)
    title = t("{share} buy a second time within {span}", share=t.percent(share), span=spans[-1])
    reading = t("Each row is a cohort; a cell is empty until all of it have been customers that long.")
    head = (t("Began"), t("Customers"), *spans)
    cells = tuple((n, t.count(r["customers"]), *texts[i]) for i, (n, r) in enumerate(zip(names, known, strict=True)))
    caption = t("Share of a cohort that bought a second time, in percent")
    return Figure("again", title, reading, f"{title}. {reading}", chart, Table(caption, head, cells))


def _share(row: Row, days: str) -> float | None:
    return None if row["again"][days] is None else row["again"][days] / row["customers"]


def _spend(rows: Sequence[Row], months: int, t: Language) -> Figure | None:
    drawn = list(rows[-MOST_PERIODS:])
    if not drawn:
        return None
    widest = max(len(r["revenue"]) for r in drawn)
    periods = range(min(widest, MOST_PERIODS))
    cells = [[r["revenue"][i] if i < len(r["revenue"]) else None for i in periods] for r in drawn]
    texts = [["" if v is None else t.short(v) for v in line] for line in cells]
    names, labels = [t.month(r["cohort"]) for r in drawn], [t.count(i * months) for i in periods]
    unit = t("spent, {currency}", currency=t.currency) if t.currency else t("spent")
    chart = grid(names, labels, cells, texts, (unit, t("months since it began")))
    best = max(rows, key=lambda r: sum(r["revenue"]))
    total = t.money(sum(best["revenue"]))
    title = t("The cohort of {month} has spent most so far: {amount}", month=t.month(best["cohort"]), amount=total)
    reading = t("Each row is a cohort, each cell what it spent in that period; the last one may not be over.")
    head = (t("Began"), t("Customers"), t("Spent so far"), t("Spent by one"), *labels)
    told = tuple(
        (
            names[i], t.count(r["customers"]), t.money(sum(r["revenue"])),
            t.money(sum(r["revenue"]) / r["customers"]), *texts[i],
        )
        for i, r in enumerate(drawn)
    )  # fmt: skip
    table = Table(t("Spend of cohorts by period"), head, told)
    return Figure("cohort-spend", title, reading, f"{title}. {reading}", chart, table)
