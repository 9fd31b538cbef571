"""The first screen: the result in a sentence, sales with the forecast, ten people to turn to, three decisions."""

from dataclasses import dataclass
from typing import Any

from clvcli.core.language import Language
from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Side, columns
from clvcli.report.numbers import every, ticks
from clvcli.report.page import (
    Block,
    Cards,
    Figure,
    Halves,
    Heading,
    Manifest,
    Missing,
    Section,
    Table,
    Text,
    argument,
    expected_total,
    is_margin,
    series,
    total_range,
)
from clvcli.report.sections.cards import decisions
from clvcli.report.sections.people import people
from clvcli.report.sections.trust import trust

MOST_PERIODS = 24


def decision(manifest: Manifest, t: Language) -> Section:
    """What a reader with three minutes needs."""
    title, facts = t("The decision"), series(manifest, "headline")
    if not facts or not facts["buyers"]:
        return Section("decision", title, (Missing(t("There is no customer with a purchase in this run.")),))
    sales = sales_figure(manifest, t)
    cards = decisions(manifest, t)
    told: list[Block] = [Heading(t("Three decisions")), Cards(cards)] if cards else []
    halves: list[Block] = [Halves((sales,), tuple(told))] if sales else told
    sure = trust(manifest, t)
    lead = (Text(result(manifest, t), "lead"), *((Text(sure, "sure"),) if sure else ()))
    return Section("decision", title, (*lead, *halves, *people(manifest, t)))


def result(manifest: Manifest, t: Language) -> str:
    """The whole run in a sentence or two."""
    facts, span = series(manifest, "headline"), t.span(manifest["horizon"])
    buyers = t.many("**{n} customer** with a purchase", "**{n} customers** with a purchase", facts["buyers"])
    if facts["clv"] is None:
        spent = t(
            "Up to {day} they have spent **{amount}**.", day=t.day(manifest["as_of"]), amount=t.money(facts["spend"])
        )
        return f"{buyers}. {spent} {t('No model was fitted, so nothing is predicted.')}"
    values = {"who": buyers, "amount": t.money(expected_total(manifest)), "span": span}
    if is_margin(manifest):
        text = t("{who} are expected to bring a margin of **{amount}** within {span}", **values)
    else:
        text = t("{who} are expected to spend **{amount}** within {span}", **values)
    total = total_range(manifest)
    text += f" ({t('{low} to {high}', low=t.money(total[0]), high=t.money(total[1]))}). " if total else ". "
    return text + _compared(manifest, t) + t("Customers yet to be won are not included.")


def _compared(manifest: Manifest, t: Language) -> str:
    """What the forecast can be held against; nothing where the log is too short for it, or margin is forecast."""
    past = series(manifest, "like_for_like")
    if not past or is_margin(manifest):
        return ""
    text = t.many(
        "Like for like: the {n} customer won before {day} spent {amount} in the {span} from then on, "
        "when all sales were {sales}.",
        "Like for like: the {n} customers won before {day} spent {amount} in the {span} from then on, "
        "when all sales were {sales}.",
        past["customers"],
        day=t.day(past["from"]),
        span=t.span(manifest["horizon"]),
        amount=t.money(past["spend"]),
        sales=t.money(past["sales"]),
    )
    return f"{text} "


def sales_figure(manifest: Manifest, t: Language) -> Figure | None:
    """Sales by month, of new and of returning customers, with what today's customers are expected to spend."""
    cohorts = series(manifest, "cohorts")
    if not cohorts or not cohorts["rows"] or cohorts["rows"][0]["complete"] < 2:
        return None
    rows, done = cohorts["rows"], cohorts["rows"][0]["complete"]
    new = [row["revenue"][0] for row in rows[:done]]
    back = [sum(rows[i]["revenue"][p - i] for i in range(p)) for p in range(done)]
    names, first = [row["cohort"] for row in rows[:done]], max(0, done - MOST_PERIODS)
    new, back, names = new[first:], back[first:], names[first:]
    expected = _expected(manifest, cohorts["months"])
    chart = _sales_chart(names, back, new, expected, cohorts["months"], t)
    rows_ = [(t.month(m), t.money(b), t.money(n), t.money(b + n)) for m, b, n in zip(names, back, new, strict=True)]
    head = (t("Month"), t("Returning customers"), t("New customers"), t("Together"))
    recent = slice(-min(len(names), max(1, 12 // cohorts["months"])), None)
    total = sum(back[recent]) + sum(new[recent])
    share = t.percent(sum(back[recent]) / total if total else 0.0)
    title = t("Returning customers made {share} of the latest year's sales", share=share)
    reading = t("A customer is new in the month of the first purchase, and returning from the next one on.")
    if expected:
        low, high = t.money(expected.low), t.money(expected.high)
        reading += " " + t(
            "Forecast of today's customers alone: {mean} a month on average, between {low} and {high}.",
            mean=t.money(expected.mean), low=low, high=high,
        )  # fmt: skip
    table = Table(t("Sales by month"), head, tuple(rows_))
    return Figure("sales", title, reading, f"{title}. {reading}", chart, table)


@dataclass(frozen=True)
class Expected:
    """Spend of today's customers in a period of the horizon: the mean with its range, and how many such periods."""

    mean: float
    low: float
    high: float
    periods: int


def _expected(manifest: Manifest, months: int) -> Expected | None:
    portfolio, total = manifest.get("portfolio") or {}, total_range(manifest)
    if not total or is_margin(manifest) or argument(manifest, "discount_rate"):
        return None
    periods = max(1, round(portfolio["horizon_days"] / 30.4375 / months))
    return Expected(expected_total(manifest) / periods, total[0] / periods, total[1] / periods, periods)


def _sales_chart(
    names: list[str], back: list[float], new: list[float], expected: Expected | None, months: int, t: Language
) -> Any:
    ahead = min(expected.periods, 12) if expected else 0
    n = len(names)
    highest = max([*(a + b for a, b in zip(back, new, strict=True)), expected.high if expected else 0.0])
    marks = ticks(highest)
    labels = [(i + 0.5, t.month(name)) for i, name in every(names, 4)]
    labels += [(n + ahead / 2, t("forecast"))] if expected else []
    labels = [(x, text) for x, text in labels if not expected or x < n - 2 or text == t("forecast")]
    sides = [Side(t("returning customers"), back), Side(t("new customers"), new, colour="third")]
    spans: list[tuple[float, float] | None] = [None] * n
    if expected:
        said = [""] * (n + ahead // 2) + [t.short(expected.mean)]
        sides.append(Side(t("today's customers, forecast"), [None] * n + [expected.mean] * ahead, said, "soft"))
        spans += [None] * (ahead // 2) + [(expected.low, expected.high)]
    unit = t("sales a month") if months == 1 else t.many("sales in {n} month", "sales in {n} months", months)
    up = Axis(f"{unit}, {t.currency}" if t.currency else unit, 0, marks[-1], [(m, t.short(m)) for m in marks])
    return columns(sides, Axis("", 0, n + ahead, labels), up, spans=spans)
