"""The economics on the terminal: what a customer is worth and costs, and whether to believe it. Computes nothing."""

from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.console import Group as Stack
from rich.table import Table
from rich.text import Text

from clvcli.commands.economics.group import Group
from clvcli.commands.economics.job import Economics
from clvcli.commands.economics.journey import WATCHED_DAYS, Step
from clvcli.commands.economics.ltv import Cac
from clvcli.core.printable import counted
from clvcli.report.economics_tables import (
    Cohorts,
    Groups,
    Periods,
    Retentions,
    traits,
    trusted_cac,
    within,
)
from clvcli.report.grid import NARROW, grid
from clvcli.report.marks import sparkline
from clvcli.report.numbers import money, percent

MOST_TICKS = 24


def page(result: Economics) -> Stack:
    """The whole page, the answer first."""
    everybody = result.groups[0]
    parts: list[Any] = [_headline(result), Text(), _Values(result, everybody), Text()]
    parts += [
        Text(sentence, style="bold" if sentence.startswith("Trust") else "") for sentence in everybody.verdict.why
    ]
    parts += [Text(), _facts(result, everybody)]
    parts += [_title(f"By {result.source.calendar.unit}"), Periods(result)]
    if len(result.groups) > 1:
        parts += [_title("By group"), Groups(result.groups[1:], result.source.scored.rules.at_risk)]
    if result.retention:
        parts += [_title("Contract retention"), Retentions(result)]
    parts += [_title("Cohorts: share that buys again" if not result.retention else "Cohorts: share still there")]
    parts.append(Cohorts(result))
    if any(t.telling and t.index > 1 for t in result.traits):
        parts += [Text(""), traits(result.traits)]
    return Stack(*parts)


def _title(text: str) -> Text:
    return Text("\n" + text, style="bold")


def _headline(result: Economics) -> Text:
    source, figures = result.source, result.groups[0].figures
    text = Text(counted(figures.customers, "customer"), style="bold")
    what = " under contract" if source.contracts is not None else f", {counted(figures.purchases, 'purchase')}"
    text.append(f"{what}, as of {source.log.as_of}", style="not bold")
    return text


class _Values:
    """Lifetime value three ways."""

    def __init__(self, result: Economics, group: Group) -> None:
        self.result, self.group = result, group

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ways, group, horizon = self.group.figures.ways, self.group, self.result.horizon
        wide = options.max_width >= NARROW
        contract = self.result.source.contracts is not None
        heads = ["revenue", "margin", within(horizon)] + (["LTV:CAC", "allowable"] if group.cac and wide else [])
        table = grid("Lifetime value", *heads)
        model = ("contract", "contract retention") if contract else ("model", "model, a new customer")
        rows = [
            ("churn", "ARPA / churn", ways.churn_revenue, ways.churn, ways.churn_within),
            ("sales", "sale x purchases x time", ways.sales_revenue, ways.sales, ways.sales_within),
            (*model, None, None, ways.model.new),
        ]
        for key, name, *values in rows:
            if key == "sales" and contract:
                continue
            cells = [money(v) for v in values]
            if group.cac and wide:
                cost = group.cac["model" if key == "contract" else key]
                cells += ["-" if cost.ratio is None else f"{cost.ratio:.1f}:1", money(cost.allowable)]
            table.add_row(Text(name), *cells, style="bold" if key == group.verdict.way else "")
        yield table


def _facts(result: Economics, group: Group) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    lines = [*_averages(result, group), *_costs(group), *_first_steps(result), *_spread(result), *_future(result)]
    lines += _contracts(result)
    for label, text in lines:
        table.add_row(label, Text(text))
    return table


def _averages(result: Economics, group: Group) -> list[tuple[str, str]]:
    figures, unit = group.figures, result.source.calendar.unit
    churn, window = figures.churn, result.source.window
    per = f"ARPA {money(figures.arpa)}, AMPU {money(figures.ampu)} a {unit}"
    if figures.average_order_value is not None:
        per += (
            f"; average order {money(figures.average_order_value)}, {figures.purchases_per_customer:.2f} purchases each"
        )
    lines = [("Averages", per)]
    if churn.rate is None:
        lines.append(("Churn", f"cannot be told: {churn.reason}"))
    else:
        life = f"; a lifetime of {figures.lifetime_months:.1f} months" if figures.lifetime_months else ""
        lines.append(("Churn", f"{percent(churn.rate)} a {unit} ({churn.left:,} of {churn.at_risk:,} left){life}"))
    if result.source.contracts is None:
        ending = "s" if window > 1 else ""
        text = f"within {window} {unit}{ending} of a purchase ({result.source.window_source}; --active-window)"
        lines.append(("Active", text))
    if group.mrr is not None:
        lines.append(
            ("MRR churn", f"{percent(group.mrr.gross)} a {unit} gross, {percent(group.mrr.net)} net of upgrades")
        )
    if group.what_if is not None:
        what = group.what_if
        text = what.reason or (
            f"churn {percent(what.churn)}: {money(what.ltv_revenue)} in revenue, {money(what.ltv)} in margin"
        )
        lines.append((f"If {what.retention}", text))
    return lines


def _costs(group: Group) -> list[tuple[str, str]]:
    cost: Cac | None = trusted_cac(group)
    if cost is None:
        return []
    if cost.cac is None:
        return [("CAC", f"cannot be told: {cost.reason}")]
    text = f"{money(cost.cac)} ({money(cost.spend)} for {cost.new:,} new)"
    if cost.ratio is not None:
        mark = {True: "reaches", False: "below", None: "cannot tell from"}[cost.reaches_target]
        between = "" if cost.ratio_low is None else f" ({cost.ratio_low:.1f}:1 to {cost.ratio_high:.1f}:1)"
        text += f"; LTV:CAC {cost.ratio:.1f}:1{between}, {mark} 3:1; up to {money(cost.allowable)} may be spent"
    if cost.payback_months is not None:
        text += f"; paid back in {cost.payback_months:.1f} months"
    return [("CAC", text)]


def _first_steps(result: Economics) -> list[tuple[str, str]]:
    steps = [
        ("Lead to first", result.lead_to_first),
        ("First to second", result.first_to_second),
        ("Back for service", result.service),
    ]
    return [(label, _step(step)) for label, step in steps if step is not None]


def _step(step: Step) -> str:
    text = f"{percent(step.rate)} ({step.made:,} of {step.of:,})"
    if step.median_wait is not None:
        text += f", median wait {step.median_wait:,.0f} days"
    if step.within is not None:
        text += f"; within {WATCHED_DAYS} days {percent(step.within)} of the {step.watched:,} watched that long"
    return text


def _contracts(result: Economics) -> list[tuple[str, str]]:
    """What runs is still worth: none of it where no curve could be fitted."""
    found = result.contracts
    if found is None or found.revenue is None:
        return []
    few = "" if found.valued == found.running else f" of {found.valued:,} whose retention has a shape"
    text = f"{found.running:,} run; {money(found.revenue)} of payments{few} expected {within(result.horizon)}"
    if found.low is not None:
        text += f" ({money(found.low)} to {money(found.high)})"
    if found.elasticity is not None:
        text += f"; 1% more retention makes it {found.elasticity:.1f}% more"
    return [("Contracts", text)]


def _spread(result: Economics) -> list[tuple[str, str]]:
    words = {"total_spend": "spend", "clv": "clv", "revenue": "revenue"}
    parts = [
        f"best fifth {percent(top)} of {words[name]} (Gini {gini:.2f})"
        for name, (top, gini) in result.concentration.items()
        if top is not None and gini is not None
    ]
    return [("Concentration", "; ".join(parts))] if parts else []


def _future(result: Economics) -> list[tuple[str, str]]:
    months = result.forecast
    if not months:
        return []
    total = sum(m.total for m in months)
    line = sparkline([m.total for m in months[:: -(-len(months) // MOST_TICKS)]])
    text = f"{money(total)} in {len(months)} months, {money(months[0].total)} in the next {line}"
    if months[0].new is not None:
        text += f"; {money(sum(m.new or 0.0 for m in months))} of it from new customers"
    else:
        text += " (today's customers; --new-per-month adds others)"
    return [("Revenue ahead", text)]
