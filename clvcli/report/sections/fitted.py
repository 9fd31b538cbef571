"""What the model believes: how customers differ, and whether it fits the past."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, columns, lines
from clvcli.report.numbers import every, ticks
from clvcli.report.page import Block, Figure, Manifest, Missing, Pair, Section, Table, Text, series
from clvcli.report.sections.scores import no_model


def differences(manifest: Manifest, t: Language) -> Section:
    """The fitted spread of purchase rates and of dropout."""
    title, rates, leaving = t("How customers differ"), series(manifest, "rates"), series(manifest, "dropout")
    figures = [f for f in (_rates(rates, t) if rates else None, _dropout(leaving, t) if leaving else None) if f]
    if not figures:
        return Section("spread", title, (no_model(t),), appendix=True)
    text = t(
        "The model gives every customer a rate of buying and a chance of leaving, and weighs them by what each did."
    )
    return Section("spread", title, (Text(text), Pair(tuple(figures))), appendix=True)


def _rates(rates: list[Any], t: Language) -> Figure:
    edges = [t.short(b["from"]) for b in rates]
    unit = t("purchases a year while a customer")
    chart = _share_columns(rates, Axis(unit, 0, len(rates), [(float(i), e) for i, e in every(edges, 6)]), "first", t)
    rows = tuple((_bounds(b, t), t.percent(b["share"], 1)) for b in rates)
    few = {"share": t.percent(rates[0]["share"]), "times": t.short(rates[0]["to"])}
    title = t("{share} would buy fewer than {times} times a year while they stay", **few)
    reading = t("Share of customers by purchases a year, as fitted.")
    table = Table(reading, (t("Purchases a year"), t("Share of customers")), rows)
    return Figure("rates", title, reading, f"{title}. {reading}", chart, table)


def _bounds(one: Any, t: Language) -> str:
    if one["to"] is None:
        return t("{low} and more", low=t.short(one["from"]))
    return t("{low} to {high}", low=t.short(one["from"]), high=t.short(one["to"]))


def _dropout(leaving: Any, t: Language) -> Figure:
    bins, per_purchase = leaving["bins"], leaving["per"] == "purchase"
    unit = t("chance of leaving after a purchase") if per_purchase else t("chance of leaving within a year")
    places = [(float(i), t.percent(b["from"])) for i, b in enumerate(bins) if i % 5 == 0]
    chart = _share_columns(bins, Axis(unit, 0, len(bins), [*places, (float(len(bins)), t.percent(1.0))]), "third", t)
    rows = tuple(
        (t("{low} to {high}", low=t.percent(b["from"]), high=t.percent(b["to"])), t.percent(b["share"], 1))
        for b in bins
    )
    loyal = t.percent(sum(b["share"] for b in bins if b["to"] <= 0.1001))
    fickle = t.percent(sum(b["share"] for b in bins if b["from"] >= 0.4999))
    title = t("{loyal} hardly ever leave, {fickle} leave readily", loyal=loyal, fickle=fickle)
    reading = t("Share of customers by their chance of leaving: hardly is up to 10 %, readily 50 % and more.")
    table = Table(reading, (unit, t("Share of customers")), rows)
    return Figure("dropout", title, reading, f"{title}. {reading}", chart, table)


def _share_columns(bins: list[Any], across: Axis, colour: str, t: Language) -> Any:
    shares = [max(0.0, b["share"]) for b in bins]
    marks = ticks(max(shares))
    up = Axis(t("share of customers"), 0, marks[-1], [(m, t.percent(m, 0 if marks[1] >= 0.01 else 1)) for m in marks])
    return columns([Side("", shares, colour=colour)], across, up)


def fit_of_the_past(manifest: Manifest, t: Language) -> Section:
    """Repeat purchases week by week and cumulated, actual against expected."""
    title, weeks = t("Does the model fit the past?"), series(manifest, "weekly") or []
    if len(weeks) < 3:
        text = t("The log is too short for a curve over time.")
        return Section("tracking", title, (Missing(text),), appendix=True)
    modelled = all(w["expected"] is not None for w in weeks)
    if weeks[0]["days"] < weeks[-1]["days"] and len(weeks) > 3:
        weeks = weeks[1:]
    blocks: list[Block] = [] if modelled else [no_model(t)]
    text = t(
        "Repeat purchases as they happened and as the model expects them from the first purchases alone; peaks that it "
        "misses are season and campaigns."
    )
    pair = Pair((_weekly(weeks, t, modelled=modelled), _cumulative(weeks, t, modelled=modelled)))
    return Section("tracking", title, (Text(text), *blocks, pair), appendix=True)


def _weekly(weeks: list[Any], t: Language, *, modelled: bool) -> Figure:
    actual = [float(w["repeat"]) for w in weeks]
    expected = [float(w["expected"]) for w in weeks] if modelled else []
    span = t.span(f"{weeks[-1]['days'] // 7}w")
    chart = _over_time(weeks, actual, expected, t("repeat purchases in {span}", span=span), t)
    rows = tuple(
        (t.day(w["until"]), t.count(w["repeat"]), *((t.count(w["expected"]),) if modelled else ())) for w in weeks
    )
    highest = max(weeks, key=lambda w: w["repeat"])
    title = t("The peak: {number} up to {day}", number=t.count(highest["repeat"]), day=t.day(highest["until"]))
    reading = t("Repeat purchases in {span}.", span=span)
    if modelled:
        miss = sum(abs(a - e) for a, e in zip(actual, expected, strict=True)) / max(1.0, sum(actual))
        reading += " " + t("On average the model is off by {share}.", share=t.percent(miss))
    table = Table(t("Repeat purchases over time"), _head(t, modelled=modelled), rows)
    return Figure("weekly", title, reading, f"{title}. {reading}", chart, table)


def _head(t: Language, *, modelled: bool) -> tuple[str, ...]:
    return (t("Up to"), t("Repeat purchases"), *((t("Expected"),) if modelled else ()))


def _cumulative(weeks: list[Any], t: Language, *, modelled: bool) -> Figure:
    done = list(accumulate(float(w["repeat"]) for w in weeks))
    model = list(accumulate(float(w["expected"]) for w in weeks)) if modelled else []
    chart = _over_time(weeks, done, model, t("purchases since the start"), t)
    picked = every([w["until"] for w in weeks], 30)
    rows = tuple(
        (t.day(until), t.count(done[i]), *((t.count(round(model[i])),) if modelled else ())) for i, until in picked
    )
    title = t.many("{n} repeat purchase in all", "{n} repeat purchases in all", round(done[-1]))
    if modelled and done[-1]:
        off = t.percent(model[-1] / done[-1] - 1, 1)
        title = t.many(
            "{n} repeat purchase, {expected} expected ({off})",
            "{n} repeat purchases, {expected} expected ({off})",
            round(done[-1]), expected=t.count(round(model[-1])), off=off,
        )  # fmt: skip
    reading = t("The same, added up.")
    table = Table(t("Repeat purchases, added up"), _head(t, modelled=modelled), rows)
    return Figure("cumulative", title, reading, f"{title}. {reading}", chart, table)


def _over_time(weeks: list[Any], actual: Sequence[float], expected: Sequence[float], title: str, t: Language) -> Any:
    xs = [float(date.fromisoformat(w["until"]).toordinal()) for w in weeks]
    up = ticks(max([*actual, *expected]))
    drawn = [Line(t("actual"), "first", actual)]
    drawn += [Line(t("expected"), "second", expected, dash=True)] if expected else []
    across = Axis("", xs[0], xs[-1], date_marks(xs[0], xs[-1], t))
    return lines(xs, drawn, across, Axis(title, 0, up[-1], [(m, t.short(m)) for m in up]))


def date_marks(low: float, high: float, t: Language) -> list[tuple[float, str]]:
    """Some four firsts of a month between two ordinals."""
    first, last = date.fromordinal(int(low)), date.fromordinal(int(high))
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if months / s <= 4), 600)
    starts = [date(k // 12, k % 12 + 1, 1) for k in range(first.year * 12 + first.month, last.year * 12 + last.month)]
    found = [(float(s.toordinal()), t.month(s)) for s in starts if (s.year * 12 + s.month - 1) % step == 0]
    return found or [(low, t.day(first))]
