"""The calendar on the terminal: how many contacts, of what, when, and what the limits refused."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.plan.job import Planned
from clvcli.report.terminal import money, sparkline

WORDS = {
    "control_group": "in the control group",
    "stage_without_action": "in a stage without an action",
    "cap": "over the cap of the customer",
    "capacity": "over the capacity of the days",
    "budget": "over the budget",
    "max_cost": "over max_cost of the stage",
    "late": "after the end of the calendar",
}
FIRST = 10


def page(planned: Planned) -> Group:
    """Headline, contacts by stage and action, the first contacts, what was left out."""
    contacted = planned.contacts["customer_id"].n_unique()
    cost = f", cost {money(planned.cost)}" if planned.cost else ""
    head = f"{planned.contacts.height:,} contacts with {contacted:,} of {planned.customers:,} customers"
    parts: list[Text | Table] = [Text(f"{head}, {planned.start} to {planned.end}{cost}", style="bold")]
    if planned.contacts.height:
        parts += [_actions(planned), Text(f"by day {sparkline(_by_day(planned))}"), _first(planned)]
    for what, counts in (("customers", planned.left_out), ("calls", planned.dropped)):
        parts += [Text(f"{n:,} {what} left out: {WORDS.get(why, why)}") for why, n in counts.items()]
    return Group(*parts)


def _by_day(planned: Planned) -> list[float]:
    """Contacts of each day, or of each of 60 equal parts of a long calendar."""
    days = (planned.end - planned.start).days + 1
    counts = [0.0] * min(days, 60)
    for row in planned.by("date"):
        counts[(row["date"] - planned.start).days * len(counts) // days] += row["contacts"]
    return counts


def _actions(planned: Planned) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("Stage", no_wrap=True, overflow="ellipsis")
    table.add_column("Action", no_wrap=True, overflow="ellipsis", max_width=44)
    table.add_column("Channel", no_wrap=True, overflow="ellipsis")
    table.add_column("Contacts", justify="right", no_wrap=True)
    table.add_column("Cost", justify="right", no_wrap=True)
    for row in planned.by("stage", "action", "channel"):
        texts = (Text(str(row[name] or "-")) for name in ("stage", "action", "channel"))
        table.add_row(*texts, f"{row['contacts']:,}", money(row["cost"]))
    return table


def _first(planned: Planned) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    for name in ("First contacts", "customer", "channel", "reason"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for row in planned.contacts.head(FIRST).iter_rows(named=True):
        cells = (row["customer_id"], row["channel"] or "-", row["reason"])
        table.add_row(str(row["date"]), *(Text(str(cell)) for cell in cells))
    return table
