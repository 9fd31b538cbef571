"""Cross-selling on the terminal: profiles, the largest gaps, pairs, due dates. Computes nothing."""

from typing import Any

import polars as pl
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.crosssell.job import EVERYBODY, Crosssell
from clvcli.core.options import CrosssellOptions
from clvcli.report.grid import NARROW, grid
from clvcli.report.numbers import money, percent, plural, shown

SHOWN = 15


def page(result: Crosssell, options: CrosssellOptions) -> Group:
    """The page of what was asked: suggestions, pairs or due dates."""
    if result.kind == "together":
        return Group(_headline(result), Text(LIFT), _together(result, options))
    if result.kind == "due":
        return Group(_headline(result), *_due(result))
    return Group(_headline(result), *_suggestions(result, options))


def _headline(result: Crosssell) -> Text:
    text = Text(plural(result.items, "item line"), style="bold")
    baskets = "" if result.baskets is None else f", {plural(result.baskets, 'basket')}"
    text.append(f" of {plural(result.products, 'product')}{baskets}, as of {result.log.as_of}", style="not bold")
    return text


def _suggestions(result: Crosssell, options: CrosssellOptions) -> list[Any]:
    within = "" if result.by == EVERYBODY else f" within each {result.by}"
    rule = (
        f"Good customers: the top {options.top:.0%} by {options.value}{within}; their profile: what at least "
        f"{options.min_share:.0%} of them buy. A comparison, not a forecast."
    )
    parts: list[Any] = [Text(rule), Text(""), _Profiles(result)]
    lacking = result.table.filter(pl.col("gap") > 0)
    if lacking.is_empty():
        return [*parts, Text("\nNobody lacks anything of a profile. A lower --min-share widens the profiles.")]
    total = float(lacking["potential"].sort().sum())
    who = plural(lacking.height, "customer")
    head = f"\nLargest potential ({who} with a gap, {money(total)} if each came up to the median)"
    return [*parts, Text(head, style="bold"), _Customers(lacking)]


class _Profiles:
    """One line a group; what the good customers buy, as far as it fits."""

    def __init__(self, result: Crosssell) -> None:
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        heads = ["customers", "good", *(["median"] if wide else [])]
        table = grid((self.result.by or "group").capitalize(), *heads)
        table.add_column("what they buy", overflow="fold")
        for profile in self.result.profiles[:SHOWN]:
            bought = ", ".join(f"{shown(p, 30)} {share:.0%}" for p, share, _ in profile.products) or "nothing in common"
            cells = [f"{profile.customers:,}", f"{profile.best:,}", *([money(profile.median_value)] if wide else [])]
            table.add_row(Text(shown(profile.group or "(none)")), *cells, Text(bought))
        yield table
        if len(self.result.profiles) > SHOWN:
            yield Text(f"and {len(self.result.profiles) - SHOWN} smaller groups (--json)", style="dim")


class _Customers:
    """Who is furthest from the good customers of their group."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.rows = table.head(SHOWN).to_dicts()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        table = grid("Customer", "value", "potential", left=("group",) if wide else ())
        table.add_column("suggest", overflow="fold")
        for row in self.rows:
            names = [row[f"suggestion_{i}"] for i in (1, 2, 3) if row[f"suggestion_{i}"] is not None]
            more = f" +{row['gap'] - len(names)}" if row["gap"] > len(names) else ""
            group = [Text(shown(row["group"] or "(none)"))] if wide else []
            suggested = Text(", ".join(shown(n, 30) for n in names) + more)
            table.add_row(
                Text(shown(row["customer_id"])), money(row["value"]), money(row["potential"]), *group, suggested
            )
        yield table


LIFT = "Lift above 1: more often together than by chance; below 1: one rather than the other."


def _together(result: Crosssell, options: CrosssellOptions) -> Table | Text:
    if result.table.is_empty():
        return Text(f"No two products share {percent(options.min_support)} of the baskets (--min-support).")
    table = grid("Who buys", "baskets", "support", "confidence", "lift")
    table.add_column("also buys", overflow="fold")
    for row in result.table.head(SHOWN * 2).to_dicts():
        cells = (f"{row['baskets']:,}", percent(row["support"]), percent(row["confidence"]), f"{row['lift']:.2f}")
        table.add_row(Text(shown(row["product"], 40)), *cells, Text(shown(row["goes_with"], 40)))
    return table


def _due(result: Crosssell) -> list[Any]:
    if result.table.is_empty():
        return [Text("No product is bought again often enough to say when it is due.")]
    late = result.table.filter(pl.col("overdue_days") > 0).height
    head = Text(f"{result.table.height:,} due dates, {late:,} of them past; the next ones:")
    table = grid("Due", "every", "times", left=("customer",))
    table.add_column("product", overflow="fold")
    for row in result.table.filter(pl.col("overdue_days") <= 0).head(SHOWN).to_dicts():
        customer, product = Text(shown(row["customer_id"])), Text(shown(row["product"], 40))
        table.add_row(str(row["due_date"]), f"{row['usual_gap']:,.0f} d", f"{row['times']:,}", customer, product)
    return [head, Text(""), table]
