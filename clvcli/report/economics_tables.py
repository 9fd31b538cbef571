"""The tables of `clv economics`: periods, groups, cohorts, contract retention, traits."""

from collections.abc import Callable, Collection, Sequence

import polars as pl
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.economics.best import Trait
from clvcli.commands.economics.group import Group
from clvcli.commands.economics.job import Economics
from clvcli.commands.economics.ltv import Cac
from clvcli.models.base import CONVERGED
from clvcli.report.grid import AT_RISK, NARROW, grid
from clvcli.report.numbers import money, percent, shown

PERIODS = 12
COHORTS = 8
GROUPS = 20
TRAITS = 8
DISAGREE = 1.5
"""Values further apart than this are explained."""
HALF = 0.5


class Periods:
    """The last periods of everybody. A period that is not over is marked."""

    def __init__(self, result: Economics) -> None:
        self.rows = result.rows.filter(pl.col("by") == "all").tail(PERIODS).to_dicts()
        self.unit = result.source.calendar.unit
        self.contracts = result.source.contracts is not None
        self.spend = "cac" in result.rows.columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        heads = ["active", "new", *(["back"] if wide else []), "gone", "churn", "MRR" if self.contracts else "revenue"]
        heads += ["ARPA", *(["CAC"] if self.spend and wide else [])]
        table = grid(self.unit.capitalize(), *heads)
        for row in self.rows:
            gone = "-" if row["churned"] is None else f"{row['churned']:,}"
            cells = [f"{row['active']:,}", f"{row['new']:,}", *([f"{row['returned']:,}"] if wide else []), gone]
            cells += [percent(row["churn"]), money(row["revenue"]), money(row["arpa"])]
            cells += [money(row["cac"])] if self.spend and wide else []
            name = row["period"] + ("" if row["complete"] else " so far")
            table.add_row(Text(name), *cells, style="" if row["complete"] else "dim")
        yield table


class Groups:
    """The groups of --by: one line each."""

    def __init__(self, groups: Sequence[Group], at_risk: Collection[str]) -> None:
        self.groups, self.at_risk = groups, at_risk

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shared = {g.column for g in self.groups}
        only = shared.pop() if len(shared) == 1 else None
        free, left_out = options.update(width=1000), list(SPARED)
        while (table := self._table(only, left_out)) and left_out:
            wider = self._table(only, left_out[:-1])
            if console.measure(wider, options=free).maximum > options.max_width:
                break
            left_out.pop()
        yield table
        notes: dict[str, list[str]] = {}
        for group in self.groups[:GROUPS]:
            for note, of in _notes(group):
                notes.setdefault(note, []).append(f"{_name(group, only)}{of}")
        for note, names in notes.items():
            yield Text(f"{note}: {', '.join(names)}", style="dim")
        if len(self.groups) > GROUPS:
            yield Text(f"and {len(self.groups) - GROUPS} smaller groups (--json, -o)", style="dim")

    def _table(self, only: str | None, left_out: Sequence[str]) -> Table:
        costs = any(g.cac for g in self.groups)
        names = [n for n in GROUP_CELLS if n not in left_out and (costs or n not in ("CAC", "ratio"))]
        table = grid("Group" if only is None else only.capitalize().replace("_", " "), *names)
        for group in self.groups[:GROUPS]:
            table.add_row(_name(group, only, self.at_risk), *(GROUP_CELLS[name](group) for name in names))
        return table


def _name(group: Group, only: str | None, at_risk: Collection[str] = ()) -> Text:
    """The value of a group, with its column where there are several; a stage at risk in its colour."""
    value = "(none)" if group.value is None else group.value
    colour = AT_RISK if group.column == "stage" and value in at_risk else ""
    return Text(shown(value if only is not None else f"{group.column} = {value}"), style=colour)


def _range(group: Group) -> str:
    """The interval of the value of a new customer, where the verdict trusts the model."""
    model = group.figures.ways.model
    if group.verdict.way != "model" or model.new_low is None or model.new_high is None:
        return "-"
    return f"{money(model.new_low)} to {money(model.new_high)}"


def _notes(group: Group) -> list[tuple[str, str]]:
    """What must be known before a group's value decides a budget, and the figure of this group."""
    found, cost, model = [], trusted_cac(group), group.figures.ways.model
    if cost is not None and cost.ratio is not None and cost.reaches_target is None:
        found.append(("LTV:CAC cannot be told from 3:1", f" ({cost.ratio_low:.1f}:1 to {cost.ratio_high:.1f}:1)"))
    churn = group.figures.ways.churn_within
    if model.new and churn and max(model.new / churn, churn / model.new) > DISAGREE:
        told = [sentence for sentence in group.verdict.why if "disagree" in sentence or "window" in sentence]
        found += [(sentence.rstrip("."), "") for sentence in told[:2]]
    if group.verdict.way == "model" and model.own < HALF:
        found.append(("Share of its model that rests on its own customers, not on all", f" {model.own:.0%}"))
    return found


def trusted_cac(group: Group) -> Cac | None:
    """The cost of acquisition against the value that the verdict trusts."""
    if group.cac is None:
        return None
    way = "model" if group.verdict.way == "contract" else group.verdict.way
    return group.cac.get(way or "churn")


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.1f}:1"


GROUP_CELLS: dict[str, Callable[[Group], str]] = {
    "customers": lambda g: f"{g.figures.customers:,}",
    "revenue": lambda g: money(g.figures.revenue),
    "order": lambda g: money(g.figures.average_order_value),
    "ARPA": lambda g: money(g.figures.arpa),
    "churn": lambda g: percent(g.figures.churn.rate),
    "CLV": lambda g: money(g.verdict.clv),
    "90 %": _range,
    "CAC": lambda g: money(chosen.cac if (chosen := trusted_cac(g)) else None),
    "ratio": lambda g: _ratio(chosen.ratio if (chosen := trusted_cac(g)) else None),
}
SPARED = ("90 %", "order", "revenue")
"""The columns that a narrow screen leaves out; the last of them comes back first."""


class Cohorts:
    """Share of each cohort that buys (or pays) at each age: cohorts evenly spread, as many ages as fit."""

    def __init__(self, result: Economics) -> None:
        self.frame, self.calendar = result.cohorts, result.source.calendar

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ages = min(max(3, (options.max_width - 22) // 6), self.calendar.count)
        cohorts = self.frame.filter(pl.col("complete") & (pl.col("age") == 1))["cohort"].unique().sort().to_list()
        names = cohorts[:: max(1, -(-len(cohorts) // COHORTS))]
        table = grid(f"First {self.calendar.unit}", "customers", *(f"+{a}" for a in range(1, ages)))
        for cohort in names:
            rows = self.frame.filter((pl.col("cohort") == cohort) & pl.col("complete")).sort("age").to_dicts()
            if not rows:
                continue
            shares = {row["age"]: row["retention"] for row in rows}
            cells = [f"{shares[a]:.0%}" if a in shares else "" for a in range(1, ages)]
            table.add_row(self.calendar.name(cohort), f"{rows[0]['customers']:,}", *cells)
        yield table


def traits(found: Sequence[Trait]) -> Table:
    """What marks the best fifth, chance allowed for."""
    table = grid("Among the best fifth", "customers", "of best", "of all", "times")
    for trait in [t for t in found if t.telling and t.index > 1][:TRAITS]:
        cells = (
            f"{trait.customers:,}",
            percent(trait.share_of_best),
            percent(trait.share_of_all),
            f"{trait.index:.2f}",
        )
        table.add_row(Text(shown(f"{trait.attribute} = {trait.value}")), *cells)
    return table


class Retentions:
    """Contract retention by renewal length; the parameters where there is room."""

    def __init__(self, result: Economics) -> None:
        self.curves, self.horizon = result.retention, result.horizon

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        heads = [
            "contracts",
            "left",
            *(["alpha", "beta", "c"] if wide else []),
            "S(1)",
            *(["S(3)"] if wide else []),
            "S(12)",
        ]
        table = grid("Renewal", *heads, f"value {within(self.horizon)}")
        for curve in self.curves:
            params = curve.fit.params if curve.fit.status == CONVERGED else {}
            numbers = [f"{params[n]:.3f}" if n in params else "-" for n in ("alpha", "beta", "c")] if wide else []
            shares = [percent(curve.fitted[n]) if curve.fitted else "-" for n in ((1, 3, 12) if wide else (1, 12))]
            table.add_row(
                _months(curve.renewal_months),
                f"{curve.contracts:,}",
                f"{curve.left:,}",
                *numbers,
                *shares,
                money(curve.value),
            )
        yield table
        for curve in self.curves:
            if curve.fit.message:
                yield Text(f"{_months(curve.renewal_months)}: {curve.fit.message}", style="dim")


def _months(number: int) -> str:
    return "1 month" if number == 1 else f"{number} months"


def within(horizon: str) -> str:
    """`in 12m`, or `for ever`."""
    return "for ever" if horizon.strip().lower() == "inf" else f"in {horizon}"
