"""The audit of a customer base on the terminal: why sales changed, deciles, cohorts. Computes nothing."""

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.commands.compare.audit import Audit
from clvcli.report.grid import Fitting, grid
from clvcli.report.numbers import money, percent, short, signed

NAMES = {
    "new": "new customers", "back": "back after a pause", "gone": "gone", "kept_frequency": "kept: how often they buy",
    "kept_value": "kept: for how much",
}  # fmt: skip
FACTORS = {"customers": "how many buy", "frequency": "how often", "value": "for how much"}
SHOWN = 6


def audit_page(found: Audit) -> Group:
    """The audit on the terminal: why sales changed, deciles, cohorts."""
    parts: list[Any] = []
    if found.change is not None:
        parts += [*_change(found.change)]
    if found.deciles:
        parts += [Text("\nTenths of the customers of the later period, by spend", style="bold"), _deciles(found)]
    if found.cohorts:
        parts += [Text("\nCohorts: share who bought again, and spend by period since", style="bold"), _cohorts(found)]
    return Group(*parts)


def _change(change: dict[str, Any]) -> list[Any]:
    before, now = change["before"], change["now"]
    head = Text(
        f"\nWhy sales changed: {money(before['spend'])} in the {change['days']} days to {change['middle']}, "
        f"{money(now['spend'])} in those to {change['until']}", style="bold",
    )  # fmt: skip
    table = grid("From", "customers", "change")
    people = {"new": "new", "back": "back", "gone": "gone"}
    for name, effect in change["effects"].items():
        customers = change["kinds"][people.get(name, "kept")]["customers"]
        table.add_row(Text(NAMES[name]), f"{customers:,}", signed(effect))
    table.add_row(Text("together", "bold"), "", signed(now["spend"] - before["spend"]))
    parts: list[Any] = [head, table]
    if change["factors"]:
        told = ", ".join(f"{FACTORS[name]} {signed(value)}" for name, value in change["factors"].items())
        parts.append(Text(f"The same by customers x purchases x amount: {told}"))
    return parts


def _deciles(found: Audit) -> Table:
    table = grid("Tenth", "customers", "spend", "share", "purchases", "a purchase")
    for one in found.deciles:
        cells = (f"{one.customers:,}", money(one.spend), percent(one.share), f"{one.purchases:.1f}", money(one.amount))
        table.add_row(str(one.decile), *cells)
    return table


def _cohorts(found: Audit) -> Fitting:
    return Fitting(lambda shown: _cohort_table(found, shown), SHOWN)


def _cohort_table(found: Audit, shown: int) -> Table:
    """Cohorts with the spend of their first periods."""
    days = [*found.cohorts[0].again]
    table = grid("Began", "customers", *(f"{d} d" for d in days), *(str(k) for k in range(shown)))
    for one in found.cohorts:
        again = (percent(one.again[d], 0) for d in days)
        spend = [short(value) for value in one.spend[:shown]]
        table.add_row(Text(one.cohort), f"{one.customers:,}", *again, *spend, *[""] * (shown - len(spend)))
    return table
