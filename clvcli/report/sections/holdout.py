"""Does it predict? The backtest: figures on purchases that the models had not seen; and how sure a forecast is."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from clvcli.core.language import Language, marked
from clvcli.core.marked import from_json
from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, bars, lines
from clvcli.report.numbers import shown, ticks
from clvcli.report.page import (
    Block,
    Figure,
    Manifest,
    Missing,
    Pair,
    Points,
    Section,
    Table,
    Text,
    expected_total,
    series,
)

COLUMNS = (
    (marked("How often: Poisson deviance"), "deviance"),
    (marked("Who buys: log loss"), "log_loss"),
    (marked("RMSE"), "rmse"),
    (marked("MAE"), "mae"),
)
KINDS = {
    "model": marked("model"), "heuristic": marked("rule of thumb"), "zero": marked("none"),
    "variant": marked("variant"), "challenger": marked("challenger"),
}  # fmt: skip
NAMES = (
    marked("same rate"), marked("last window"), marked("Same rate"), marked("Last window"), marked("total spend"),
    marked("Total spend"), marked("best silence rule"), marked("Best silence rule"), marked("nobody buys"),
    marked("boosting"),
)  # fmt: skip
"""Rules of thumb and the challenger, within a sentence and at its beginning."""
PROPER = {"deviance", "log_loss", "rmse"}
"""Figures of which the best is marked; MAE is not among them: on sparse logs it favours forecasting nothing."""


def certainty(manifest: Manifest, t: Language) -> list[Block]:
    """How sure the forecast is, by what is known of it."""
    facts, portfolio, found = series(manifest, "headline"), manifest.get("portfolio") or {}, []
    if not facts or facts["clv"] is None:
        return []
    single, whole = facts["clv"], expected_total(manifest)
    if abs(whole - single) > single * 0.001:
        values = {"single": t.money(single), "total": t.money(whole)}
        found.append(
            t("Single customers add up to {single}; earlier forecasts ran off, so the total is {total}.", **values)
        )
    left_out = [t.name(word) for word in portfolio.get("excludes") or []]
    found += [t("The range of the total leaves out: {causes}.", causes=t.both(left_out))] if left_out else []
    if facts.get("low_zero"):
        some, everybody = t.count(facts["low_zero"]), t.count(facts["valued"])
        text = t(
            "One customer is hard to foresee: for {some} of {all} it is quite possible that they buy nothing at all. "
            "Groups are much surer: act on stages and on the order of value.",
            some=some,
            all=everybody,
        )
        found.append(text)
    return [Points(tuple(found))] if found else []


def holdout(backtest: Mapping[str, Any] | None, manifest: Manifest, t: Language) -> Section:
    """Counts, calibration and accuracy against rules of thumb, from the output of `clv backtest`."""
    title, sure = t("How sure is this?"), certainty(manifest, t)
    if backtest is None:
        text = t("Not tested yet on purchases that the model had not seen.")
        missing = Missing(text, "clv backtest DATA -o backtest.json; clv report SCORED --backtest backtest.json")
        return Section("holdout", title, (*sure, missing), appendix=True)
    held, latest = backtest["holdout"], max(fold["origin"] for fold in backtest["folds"])
    name, known = (manifest.get("models", {}).get("purchase") or {}).get("name"), backtest["calibration"]
    name = name if name in known else backtest["choice"]["name"]
    text = t.many(
        "Tested {n} time (last on {day}): from earlier purchases alone it predicts the {days} that follow. The charts "
        "show {model}.",
        "Tested {n} times (last on {day}): from earlier purchases alone it predicts the {days} that follow. The charts "
        "show {model}, all tests added up.",
        held["folds"], day=t.day(latest), days=t.span(f"{held['days']}d"), model=shown(name),
    )  # fmt: skip
    points = Points(tuple(_sentences(backtest["verdict"], t)))
    tables = known.get(name) or {}
    pair = [f for f in (_counts(tables.get("counts"), t), _deciles(tables.get("decile"), t)) if f is not None]
    charts: list[Block] = [Pair(tuple(pair))] if pair else []
    return Section(
        "holdout", title, (*sure, Text(text), points, *charts, _methods(backtest["methods"], t)), appendix=True
    )


def _sentences(verdict: Mapping[str, Any], t: Language) -> Iterator[str]:
    """The verdict in the reader's language; as it stands in a file that does not say what it was made of."""
    for line, made_of in zip_longest(verdict["text"], verdict.get("told") or ()):
        if line is not None:
            yield shown(t.retold(from_json(line, made_of or {})) or line, 400)


def _counts(rows: list[Any] | None, t: Language) -> Figure | None:
    if not rows:
        return None
    names = [t.name(r["purchases"]) for r in rows]
    sides = [_side(t("customers"), rows, "actual", "first", t), _side(t("predicted"), rows, "expected", "second", t)]
    head = (t("Purchases"), t("Customers"), t("Predicted"))
    cells = tuple((n, t.count(r["actual"]), t.count(round(r["expected"]))) for n, r in zip(names, rows, strict=True))
    none = {"actual": t.count(rows[0]["actual"]), "expected": t.count(round(rows[0]["expected"]))}
    title = t("{actual} customers bought nothing in the test, {expected} were predicted", **none)
    reading = t("Customers by their number of purchases in the test.")
    table = Table(reading, head, cells)
    return Figure("holdout-counts", title, reading, f"{title}. {reading}", bars(names, sides), table)


def _side(name: str, rows: list[Any], key: str, colour: str, t: Language) -> Side:
    values = [float(r[key]) for r in rows]
    return Side(name, values, [t.count(round(v)) for v in values], colour)


def _deciles(rows: list[Any] | None, t: Language) -> Figure | None:
    if not rows:
        return None
    expected = [r["expected"] / r["customers"] for r in rows]
    actual = [r["actual"] / r["customers"] for r in rows]
    marks = ticks(max(*expected, *actual))
    same = [(m, t.short(m)) for m in marks]
    drawn = [
        Line(t("perfect"), "muted", expected, dash=True),
        Line(t("tenths of customers"), "first", actual, points=True),
    ]
    across = Axis(t("purchases predicted per customer"), 0, marks[-1], same)
    chart = lines(expected, drawn, across, Axis(t("purchases made per customer"), 0, marks[-1], same))
    cells = tuple(
        (t.name(r["decile"]), t.count(r["customers"]), t.decimal(e, 2), t.decimal(a, 2))
        for r, e, a in zip(rows, expected, actual, strict=True)
    )
    head = (t("Tenth"), t("Customers"), t("Predicted each"), t("Actual each"))
    table = Table(t("Predicted and actual purchases by tenth of customers"), head, cells)
    best = {"expected": t.decimal(expected[-1], 1), "actual": t.decimal(actual[-1], 1)}
    title = t("The most promising tenth was to buy {expected} times each and bought {actual} times", **best)
    reading = t("Points on the dashed line are right.")
    return Figure("calibration", title, reading, f"{title}. {reading}", chart, table)


def _methods(methods: list[Any], t: Language) -> Table:
    """Models and rules of thumb in one table."""
    judged = [m for m in methods if m["kind"] != "zero"]
    best = {key: min((m[key] for m in judged if m.get(key) is not None), default=None) for key in PROPER}
    rows = []
    for m in methods:
        figures = [_figure(m, key, best.get(key), t) for _, key in COLUMNS]
        gini = next((v["gini"] for v in (m.get("value") or {}).values() if v and v.get("gini") is not None), None)
        bias = t.percent(m["bias"], 1)
        rows.append((t.name(m["name"]), t(KINDS.get(m["kind"], "model")), bias, *figures, t.percent(gini, 1)))
    caption = t("Models and rules of thumb in the test: less is better, but for the last column")
    names = [t(name) for name, _ in COLUMNS]
    head = (t("Method"), t("Kind"), t("Total off by"), *names, t("Finds big spenders (Gini)"))
    return Table(caption, head, tuple(rows), frozenset({0, 1}), stack=True)


def _figure(method: Any, key: str, best: float | None, t: Language) -> str:
    """A figure; the forecast of nothing has no proper score: it says that what happened cannot happen."""
    value = method.get(key)
    if value is None or (method["kind"] == "zero" and key in ("deviance", "log_loss")):
        return "-"
    text = t.decimal(value, 3)
    return t("{figure} (best)", figure=text) if best is not None and round(value, 3) == round(best, 3) else text
