"""What the model believes: who is still a customer, how customers differ, whether it fits the past."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, columns, grid, lines
from clvcli.report.numbers import MONTHS, count, day, every, percent, plural, short, ticks
from clvcli.report.page import Block, Figure, Manifest, Missing, Pair, Section, Table, Text, series

NO_MODEL = "No purchase model was fitted in this run. `clv check DATA` says what the log lacks."


def still_customers(manifest: Manifest) -> Section:
    """P(alive) by number of purchases and silence."""
    title = "Who is still a customer"
    alive = series(manifest, "alive")
    if not alive:
        return Section("alive", title, (Missing(NO_MODEL),))
    silences, counts = alive["silent_days"], alive["purchases"]
    rows = [plural(n, "purchase") for n in counts]
    texts = [["" if p is None else f"{p * 100:.0f}" for p in line] for line in alive["p_alive"]]
    half = slice(None, None, 2)  # every second column: the figures stay legible on a phone, the table has all
    drawn = [line[half] for line in alive["p_alive"]]
    labels, words = [f"{s:,}" for s in silences[half]], [line[half] for line in texts]
    chart = grid(rows, labels, drawn, words, ("", "chance in %, by days since the last purchase"), top=1.0)
    table = Table(
        "Chance in percent that a customer still buys, by purchases and days since the last one",
        ("Purchases", *(f"{s} days" for s in silences)),
        tuple((str(n), *texts[i]) for i, n in enumerate(counts)),
        frozenset(),
    )
    reading = _where_it_turns(alive)
    lead: list[Block] = [
        Text(
            "Customers never say that they leave. The model infers it from silence: a week without a purchase means "
            "much for one who bought every week, and nothing for one who buys twice a year. The figures are chances in "
            f"percent, for somebody who first bought {alive['age_days']:,} days before {day(manifest['as_of'])}."
        )
    ]
    if all(p == 1 for p in alive["p_alive"][0]):
        lead.append(
            Text(
                "**Mind the first row:** this model cannot tell whether somebody who bought once has left; it says 100 "
                "for all of them. Nothing in this report decides on that figure; the chance to buy is the better guide."
            )
        )
    figure = Figure(
        "alive", "Chance that a customer still buys", reading, "Grid of chances in percent. " + reading, chart, table
    )
    return Section("alive", title, (*lead, figure))


def _where_it_turns(grid: Any) -> str:
    found = []
    for n, line in zip(grid["purchases"], grid["p_alive"], strict=True):
        low = next((s for s, p in zip(grid["silent_days"], line, strict=True) if p is not None and p < 0.5), None)
        if low is not None:
            found.append(f"{plural(n, 'purchase')}: after some {low:,} days")
    if not found:
        return "The chance stays above 50% everywhere: in this log hardly anybody leaves for good."
    step = max(1, len(found) // 3)
    return f"The chance falls below 50% with {'; '.join(found[::step][:4])}."


def differences(manifest: Manifest) -> Section:
    """The fitted spread of purchase rates and of dropout."""
    title = "How customers differ"
    rates, leaving = series(manifest, "rates"), series(manifest, "dropout")
    figures = [f for f in (_rates(rates) if rates else None, _dropout(leaving) if leaving else None) if f]
    if not figures:
        return Section("spread", title, (Missing(NO_MODEL),))
    lead = Text(
        "The model gives every customer a rate of buying and a chance of leaving. It estimates how both spread over "
        "all customers, and then weighs this against what each one did."
    )
    return Section("spread", title, (lead, Pair(tuple(figures))))


def _rates(rates: list[Any]) -> Figure:
    edges = [b["from"] for b in rates]
    places = [(float(i), short(e)) for i, e in every([f"{e:g}" for e in edges], 6) for e in [edges[i]]]
    chart = _share_columns(rates, Axis("purchases a year while a customer", 0, len(rates), places), "first")
    rows = tuple((_bounds(b, ""), percent(b["share"])) for b in rates)
    first = rates[0]
    reading = (
        f"{percent(first['share'], 0)} would buy {_fewer(first['to'])} a year, "
        f"{percent(rates[-1]['share'])} {short(rates[-1]['from'])} times or more."
    )
    table = Table("Share of customers by purchases a year", ("Purchases a year", "Share of customers"), rows)
    return Figure("rates", "How often they buy while they stay", reading, "Columns. " + reading, chart, table)


def _fewer(times: float) -> str:
    return "less than once" if times == 1 else f"fewer than {short(times)} times"


def _dropout(leaving: Any) -> Figure:
    bins, when = leaving["bins"], "after a purchase" if leaving["per"] == "purchase" else "within a year"
    places = [(float(i), percent(b["from"], 0)) for i, b in enumerate(bins) if i % 5 == 0]
    places.append((float(len(bins)), percent(1.0, 0)))
    chart = _share_columns(bins, Axis(f"chance of leaving {when}", 0, len(bins), places), "second")
    rows = tuple((f"{percent(b['from'], 0)} to {percent(b['to'], 0)}", percent(b["share"])) for b in bins)
    table = Table(f"Share of customers by chance of leaving {when}", ("Chance", "Share of customers"), rows)
    loyal = sum(b["share"] for b in bins if b["to"] <= 0.1001)
    fickle = sum(b["share"] for b in bins if b["from"] >= 0.4999)
    reading = (
        f"{percent(loyal, 0)} of customers leave {when} with a chance of at most 10%, "
        f"{percent(fickle, 0)} with one of 50% or more."
    )
    return Figure("dropout", "How readily they leave", reading, "Columns. " + reading, chart, table)


def _share_columns(bins: list[Any], across: Axis, colour: str) -> Any:
    shares = [max(0.0, b["share"]) for b in bins]
    marks = ticks(max(shares))
    up = Axis("share of customers", 0, marks[-1], [(m, f"{m * 100:.3g}%") for m in marks])
    return columns([Side("", shares, colour=colour)], across, up)


def _bounds(one: Any, unit: str) -> str:
    return (
        f"{short(one['from'])} and more{unit}" if one["to"] is None else f"{short(one['from'])} to {short(one['to'])}"
    )


def fit_of_the_past(manifest: Manifest) -> Section:
    """Repeat purchases week by week and cumulated, actual against expected."""
    title = "Does the model fit the past?"
    weeks = series(manifest, "weekly") or []
    if len(weeks) < 3:
        return Section("tracking", title, (Missing("The log is too short for a curve over time."),))
    modelled = all(w["expected"] is not None for w in weeks)
    step = weeks[-1]["days"]
    words = "week" if step == 7 else f"{step // 7} weeks"
    blocks: list[Block] = [] if modelled else [Missing(NO_MODEL)]
    if weeks[0]["days"] < step:
        weeks = weeks[1:] if len(weeks) > 3 else weeks
    actual = [float(w["repeat"]) for w in weeks]
    expected = [w["expected"] for w in weeks] if modelled else None
    blocks.insert(
        0,
        Text(
            "Repeat purchases of all customers, as they happened and as the model expects them from the mere days "
            "of the first purchases. A model that follows the line has understood the rhythm of the shop; peaks it "
            "misses are season and campaigns, which it does not know."
        ),
    )
    pair = Pair((_weekly(weeks, actual, expected, words), _cumulative(weeks, actual, expected)))
    return Section("tracking", title, (*blocks, pair))


def _weekly(weeks: list[Any], actual: list[float], expected: list[float] | None, words: str) -> Figure:
    drawn = [Line("actual", "first", actual)]
    drawn += [Line("expected", "second", expected, dash=True)] if expected else []
    top = max([*actual, *(expected or [])])
    chart = _over_time(weeks, drawn, top, f"purchases per {words}")
    head = ("Up to", "Repeat purchases", *(("Expected",) if expected else ()))
    rows = tuple(_week_row(w, expected is not None) for w in weeks)
    highest = max(weeks, key=lambda w: w["repeat"])
    reading = f"The highest: {highest['repeat']:,} repeat purchases per {words} up to {day(highest['until'])}."
    if expected:
        off = _mean_miss(actual, expected)
        reading += f" In a typical {words.removesuffix('s')} the model is off by {percent(off, 0)}."
    table = Table(f"Repeat purchases per {words}", head, rows)
    return Figure("weekly", f"Repeat purchases per {words}", reading, f"Lines over time. {reading}", chart, table)


def _mean_miss(actual: Sequence[float], expected: Sequence[float]) -> float:
    return sum(abs(a - e) for a, e in zip(actual, expected, strict=True)) / max(1.0, sum(actual))


def _week_row(week: Any, modelled: bool) -> tuple[str, ...]:
    return (day(week["until"]), f"{week['repeat']:,}", *((count(week["expected"]),) if modelled else ()))


def _cumulative(weeks: list[Any], actual: list[float], expected: list[float] | None) -> Figure:
    done, model = _sums(actual), _sums(expected) if expected else None
    drawn = [Line("actual", "first", done)]
    drawn += [Line("expected", "second", model, dash=True)] if model else []
    chart = _over_time(weeks, drawn, max([*done, *(model or [])]), "purchases since the start")
    picked = every([w["until"] for w in weeks], 30)
    rows = tuple((day(until), count(done[i]), *((count(round(model[i])),) if model else ())) for i, until in picked)
    head = ("Up to", "Repeat purchases so far", *(("Expected so far",) if model else ()))
    reading = f"{count(done[-1])} repeat purchases by {day(weeks[-1]['until'])}"
    reading += (
        f", {count(round(model[-1]))} expected ({(model[-1] / done[-1] - 1) * 100:+.1f}%)."
        if model and done[-1]
        else "."
    )
    table = Table("Repeat purchases, cumulated", head, rows)
    return Figure("cumulative", "The same, added up", reading, f"Rising lines. {reading}", chart, table)


def _sums(values: Sequence[float]) -> list[float]:
    found, total = [], 0.0
    for value in values:
        total += value
        found.append(total)
    return found


def _over_time(weeks: list[Any], drawn: list[Line], top: float, title: str) -> Any:
    xs = [float(date.fromisoformat(w["until"]).toordinal()) for w in weeks]
    up = ticks(top)
    return lines(
        xs,
        drawn,
        Axis("", xs[0], xs[-1], date_marks(xs[0], xs[-1])),
        Axis(title, 0, up[-1], [(m, short(m)) for m in up]),
    )


def date_marks(low: float, high: float) -> list[tuple[float, str]]:
    """Some five firsts of a month between two ordinals, with the year where it changes."""
    first, last = date.fromordinal(int(low)), date.fromordinal(int(high))
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if months / s <= 5), 600)
    found = []
    for k in range(first.year * 12 + first.month, last.year * 12 + last.month):
        if k % step == 0:
            start = date(k // 12, k % 12 + 1, 1)
            found.append(
                (float(start.toordinal()), f"{MONTHS[start.month - 1]} {start.year}" if step < 12 else str(start.year))
            )
    return found or [(low, day(first.isoformat()))]
