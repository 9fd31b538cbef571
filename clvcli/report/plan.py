"""The calendar on the terminal: how many contacts, of what, when, and what the limits refused."""

from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.plan.job import Planned
from clvcli.report.grid import NARROW, grid, stage_text
from clvcli.report.marks import Sparkline
from clvcli.report.numbers import money, plural, shown

WORDS = {
    "control_group": "in the control group",
    "stage_without_action": "in a stage without an action",
    "not_contactable": "not contactable",
    "campaign_control": "in the control group of the campaign",
    "no_consent": "without consent to the channel",
    "no_address": "without an address for the channel",
    "cap": "over the cap of the customer",
    "capacity": "over the capacity of the days",
    "budget": "over the budget",
    "max_cost": "over max_cost of the stage",
    "late": "after the end of the calendar",
}


def page(planned: Planned) -> Group:
    """Headline, contacts by stage and action, the first contacts, what was left out."""
    contacted = planned.contacts["customer_id"].n_unique()
    cost = f", cost {money(planned.cost)}" if planned.cost else ""
    head = f"{plural(planned.contacts.height, 'contact')} with {contacted:,} of {plural(planned.customers, 'customer')}"
    parts: list[Any] = [Text(f"{head}, {planned.start} to {planned.end}{cost}", style="bold")]
    if planned.contacts.height:
        parts += [Text(), _Actions(planned), Text("\nContacts by day", style="bold"), Sparkline(_by_day(planned))]
        parts += [Text("\nMost at stake", style="bold"), _First(planned)]
    if planned.left_out or planned.dropped:
        parts.append(Text())
    for what, counts in (("customer", planned.left_out), ("call", planned.dropped)):
        parts += [Text(f"{plural(n, what)} left out: {WORDS.get(why, why)}") for why, n in counts.items()]
    return Group(*parts)


def _by_day(planned: Planned) -> list[float]:
    """Contacts of each day, or of each of 60 equal parts of a long calendar."""
    days = (planned.end - planned.start).days + 1
    counts = [0.0] * min(days, 60)
    for row in planned.by("date"):
        counts[(row["date"] - planned.start).days * len(counts) // days] += row["contacts"]
    return counts


class _Actions:
    """Contacts by stage, action and channel; on a narrow screen the three in one column."""

    def __init__(self, planned: Planned) -> None:
        self.rows = planned.by("stage", "action", "channel")
        self.at_risk = planned.at_risk
        self.costs = bool(planned.cost)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        table = grid("Stage")
        for name in ("Action", "Channel") if wide else ():
            table.add_column(name, overflow="fold")
        for name in ("Contacts", "Cost") if self.costs else ("Contacts",):
            table.add_column(name, justify="right", no_wrap=True)
        for row in self.rows:
            stage, action, channel = (shown(row[name] or "-") for name in ("stage", "action", "channel"))
            named = stage_text(stage, self.at_risk, "" if wide else f": {action}")
            words = [named, Text(action), Text(channel)] if wide else [named]
            numbers = [f"{row['contacts']:,}", *([money(row["cost"])] if self.costs else [])]
            table.add_row(*words, *numbers)
        yield table


class _First:
    """The customers who come first: when, who, what, why."""

    def __init__(self, planned: Planned) -> None:
        self.rows = planned.first

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
        table.add_column("Day", no_wrap=True)
        for name in ("Customer", "Action", *(("Channel",) if wide else ()), "Reason"):
            table.add_column(name, overflow="fold")
        for row in self.rows:
            cells = [
                row["customer_id"],
                row["action"] or "-",
                *([row["channel"] or "-"] if wide else []),
                row["reason"],
            ]
            table.add_row(str(row["date"] or "-"), *(Text(shown(cell)) for cell in cells))
        yield table
