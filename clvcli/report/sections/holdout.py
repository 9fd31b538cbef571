"""Does it predict? The backtest: figures on purchases that the models had not seen."""

from collections.abc import Mapping
from typing import Any

from clvcli.report.charts.axis import Axis
from clvcli.report.charts.kinds import Line, Side, bars, lines
from clvcli.report.numbers import count, day, percent, plural, short, shown, ticks
from clvcli.report.page import Block, Figure, Manifest, Missing, Pair, Points, Section, Table, Text

REMEDY = (
    "Not tested yet. `clv backtest DATA -o backtest.json` holds the latest purchases back, predicts them and compares; "
    "`--backtest backtest.json` then shows the result here."
)
COLUMNS = (
    ("How often: Poisson deviance", "deviance"),
    ("Who buys: log loss", "log_loss"),
    ("RMSE", "rmse"),
    ("MAE", "mae"),
)
KINDS = {"heuristic": "rule", "zero": "none", "variant": "variant"}
PROPER = {"deviance", "log_loss", "rmse"}
"""Figures of which the best is marked; MAE is not among them: on sparse logs it favours forecasting nothing."""


def holdout(backtest: Mapping[str, Any] | None, manifest: Manifest) -> Section:
    """Counts, calibration and accuracy against heuristics, from the output of `clv backtest`."""
    title = "Does it predict the future?"
    if backtest is None:
        return Section("holdout", title, (Missing(REMEDY),))
    held, latest = backtest["holdout"], max(fold["origin"] for fold in backtest["folds"])
    name = (manifest.get("models", {}).get("purchase") or {}).get("name")
    known = backtest["calibration"]
    name = name if name in known else backtest["choice"]["name"]
    text = (
        f"The test stands {plural(held['folds'], 'time')} in the past (last on {day(latest)}), predicts the "
        f"{held['days']} days that follow from earlier purchases alone, and compares with what came. The charts show "
        f"{shown(name)}, all tests added up."
    )
    blocks: list[Block] = [Text(text), Points(tuple(shown(t, 400) for t in backtest["verdict"]["text"]))]
    tables = known.get(name) or {}
    pair = [f for f in (_counts(tables.get("counts")), _deciles(tables.get("decile"))) if f is not None]
    if pair:
        blocks.append(Pair(tuple(pair)))
    blocks.append(_methods(backtest["methods"]))
    return Section("holdout", title, tuple(blocks))


def _counts(rows: list[Any] | None) -> Figure | None:
    if not rows:
        return None
    names = [str(r["purchases"]) for r in rows]
    chart = bars(
        [f"{n} purchase{'' if n == '1' else 's'}" for n in names],
        [_side("customers", rows, "actual", "first"), _side("customers predicted", rows, "expected", "second")],
    )
    table = Table(
        "Customers by purchases in the test",
        ("Purchases", "Customers", "Predicted"),
        tuple((n, count(r["actual"]), count(round(r["expected"]))) for n, r in zip(names, rows, strict=True)),
    )
    none = rows[0]
    reading = (
        f"Bought nothing in the test: {count(none['actual'])} customers, predicted {count(round(none['expected']))}."
    )
    return Figure("holdout-counts", "How many bought how often", reading, f"Paired bars. {reading}", chart, table)


def _side(name: str, rows: list[Any], key: str, colour: str) -> Side:
    values = [float(r[key]) for r in rows]
    return Side(name, values, [count(round(v)) for v in values], colour)


def _deciles(rows: list[Any] | None) -> Figure | None:
    if not rows:
        return None
    expected = [r["expected"] / r["customers"] for r in rows]
    actual = [r["actual"] / r["customers"] for r in rows]
    marks = ticks(max(*expected, *actual))
    same = [(m, short(m)) for m in marks]
    chart = lines(
        expected,
        [Line("perfect", "muted", expected, dash=True), Line("tenths of customers", "first", actual, points=True)],
        Axis("purchases predicted per customer", 0, marks[-1], same),
        Axis("purchases made", 0, marks[-1], same),
    )
    table = Table(
        "Predicted and actual purchases by tenth of customers, the least promising first",
        ("Tenth", "Customers", "Predicted each", "Actual each"),
        tuple(
            (str(r["decile"]), count(r["customers"]), f"{e:.2f}", f"{a:.2f}")
            for r, e, a in zip(rows, expected, actual, strict=True)
        ),
    )
    reading = (
        f"The most promising tenth was to buy {expected[-1]:.1f} times each and bought {actual[-1]:.1f} times; "
        f"the least promising {expected[0]:.2f} and {actual[0]:.2f}. Points on the dashed line are right."
    )
    return Figure("calibration", "Predicted against actual", reading, f"Points along a line. {reading}", chart, table)


def _methods(methods: list[Any]) -> Table:
    """Models and rules of thumb in one table."""
    judged = [m for m in methods if m["kind"] != "zero"]
    best = {
        key: min((_rounded(m, key) for m in judged if m.get(key) is not None), key=float, default="") for key in PROPER
    }
    rows = []
    for m in methods:
        figures = [_figure(m, key, best.get(key)) for _, key in COLUMNS]
        gini = next((v["gini"] for v in (m.get("value") or {}).values() if v and v.get("gini") is not None), None)
        bias = "-" if m["bias"] is None else f"{m['bias'] * 100:+.1f}%"
        rows.append((shown(m["name"]), KINDS.get(m["kind"], shown(m["kind"])), bias, *figures, percent(gini)))
    caption = "Models and rules of thumb (heuristics) in the test: less is better, but for the last column"
    head = ("Method", "Kind", "Total off by", *(title for title, _ in COLUMNS), "Finds big spenders (Gini)")
    return Table(caption, head, tuple(rows), frozenset({0, 1}), stack=True)


def _rounded(method: Any, key: str) -> str:
    return "-" if method.get(key) is None else f"{method[key]:.3f}"


def _figure(method: Any, key: str, best: str | None) -> str:
    """A figure; the forecast of nothing has no proper score: it says that what happened cannot happen."""
    text = _rounded(method, key)
    if method["kind"] == "zero" and key in ("deviance", "log_loss"):
        return "-"
    return f"{text} (best)" if text == best and text != "-" else text
