"""Cross-selling on the terminal: profiles, the largest gaps, pairs, due dates. Computes nothing."""

from typing import Any

import polars as pl
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.crosssell.job import EVERYBODY
from clvcli.commands.crosssell.profile import Typical
from clvcli.commands.crosssell.result import Crosssell
from clvcli.core.options import CrosssellOptions
from clvcli.core.printable import counted
from clvcli.report.grid import AT_RISK, NARROW, grid
from clvcli.report.numbers import LONGEST, money, percent, shown

SHOWN = 15
FEW = 6
"""Products of a profile that are named."""


def page(result: Crosssell, options: CrosssellOptions) -> Group:
    """The page of what was asked: suggestions, pairs or due dates."""
    if result.kind == "together":
        return Group(_headline(result), Text(LIFT), Text(), _together(result, options))
    if result.kind == "due":
        return Group(_headline(result), *_due(result))
    return Group(_headline(result), *_suggestions(result, options))


def _headline(result: Crosssell) -> Text:
    text = Text(counted(result.items, "item line"), style="bold")
    baskets = "" if result.baskets is None else f", {counted(result.baskets, 'basket')}"
    text.append(f" of {counted(result.products, 'product')}{baskets}, as of {result.log.as_of}", style="not bold")
    return text


def _suggestions(result: Crosssell, options: CrosssellOptions) -> list[Any]:
    within = "" if result.by == EVERYBODY else f" within each {result.by}"
    floor = f"what at least {options.min_share:.0%} of them buy" if options.min_share else "what most of them buy"
    rule = (
        f"Good customers: the top {options.top:.0%} by {options.value}{within}; their profile: {floor}. "
        "A comparison, not a forecast."
    )
    parts: list[Any] = [Text(rule), Text(""), _Profiles(result), Text(""), *_judged(result)]
    offered = result.table.filter(pl.col("suggestion_1").is_not_null())
    if offered.is_empty():
        return [*parts, Text("Nobody lacks anything that others buy.")]
    chance = f", with the chance that it is bought within {result.holdout.days} days" if result.holdout else ""
    head = Text(f"\nWhom to offer what{chance}", style="bold")
    return [*parts, head, _Customers(offered, result)]


def _judged(result: Crosssell) -> list[Text]:
    """How good suggestions would have been on an earlier day."""
    found = result.holdout
    if found is None:
        return [Text("The log is too short, or too few buy something new, to test suggestions on an earlier day.")]
    who = f"Of {counted(found.customers, 'customer')} who bought something new after {found.cut}"
    rates = (
        f"{percent(found.hit_rate)} had one of five suggestions among it, {percent(found.popular)} one of the five "
        "most popular products"
    )
    chosen = "" if found.better else ": so the most popular are suggested"
    texts = [Text(f"{who}, {rates}{chosen}.")]
    if (more := result.category_holdout) is not None:
        texts.append(Text(f"Of categories: {percent(more.hit_rate)} and {percent(more.popular)}."))
    return texts


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
            bought = ", ".join(_typical(one) for one in profile.products[:FEW]) or "nothing in common"
            bought += f" +{len(profile.products) - FEW}" if len(profile.products) > FEW else ""
            cells = [f"{profile.customers:,}", f"{profile.best:,}", *([money(profile.median_value)] if wide else [])]
            table.add_row(_group(profile.group, self.result), *cells, Text(bought))
        yield table
        if len(self.result.profiles) > SHOWN:
            yield Text(f"and {len(self.result.profiles) - SHOWN} smaller groups (--json)", style="dim")


def _group(name: str | None, result: Crosssell, most: int = LONGEST) -> Text:
    """The name of a group; a stage at risk in its colour."""
    return Text(shown(name or "(none)", most), style=AT_RISK if name in result.at_risk else "")


def _typical(one: Typical) -> str:
    """`mug 81% (x2.1)`: the share of the good customers, and how many times that of the others, where that is sure."""
    sure = one.lift is not None and one.lift_low is not None and one.lift_low > 1
    return f"{shown(one.product, 30)} {one.share:.0%}" + (f" (x{one.lift:.1f})" if sure else "")


class _Customers:
    """What to offer each: the most expected first, where an earlier day could tell."""

    def __init__(self, table: pl.DataFrame, result: Crosssell) -> None:
        self.rows, self.result = table.head(SHOWN).to_dicts(), result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        last = "potential" if self.result.holdout is None else "expected"
        table = grid("Customer", "value", last, left=("group",) if wide else ())
        table.add_column("offer", overflow="fold")
        for row in self.rows:
            group = [_group(row["group"], self.result)] if wide else []
            table.add_row(
                Text(shown(row["customer_id"])), money(row["value"]), money(row[last]), *group, Text(_offers(row))
            )
        yield table


def _offers(row: dict[str, Any]) -> str:
    """`grinder 12% (has espresso beans), mug 9%`."""
    found = []
    for k in (1, 2, 3):
        if row[f"suggestion_{k}"] is None:
            continue
        chance, why = row[f"chance_{k}"], row[f"because_{k}"]
        text = shown(row[f"suggestion_{k}"], 30) + (f" {chance:.0%}" if chance is not None else "")
        found.append(text + (f" (has {shown(why, 30)})" if why else ""))
    return ", ".join(found)


LIFT = "Lift above 1: more often together than by chance; below 1: one rather than the other."


def _together(result: Crosssell, options: CrosssellOptions) -> Table | Text:
    if result.table.is_empty():
        return Text(f"No two products share {percent(options.min_support)} of the baskets (--min-support).")
    within = "group" in result.table.columns
    table = grid("Who buys", "baskets", "support", "confidence", "lift", left=("group",) if within else ())
    table.add_column("also buys", overflow="fold")
    first = pl.int_range(pl.len()).over("group") < FEW
    for row in (result.table.filter(first) if within else result.table.head(SHOWN * 2)).to_dicts():
        cells = (f"{row['baskets']:,}", percent(row["support"]), percent(row["confidence"]), _lift(row))
        group = [_group(row["group"], result, 30)] if within else []
        table.add_row(Text(shown(row["product"], 40)), *cells, *group, Text(shown(row["goes_with"], 40)))
    return table


def _lift(row: dict[str, Any]) -> str:
    return f"{row['lift']:.2f} ({row['lift_low']:.2f} to {row['lift_high']:.2f})"


def _due(result: Crosssell) -> list[Any]:
    if result.table.is_empty():
        return [Text("No product is bought again often enough to say when it is due.")]
    late = result.table.filter(pl.col("overdue_days") > 0).height
    head = Text(f"{result.table.height:,} due dates, {late:,} of them overdue and due at once; the next ones:")
    table = grid("Due", "every", "times", left=("customer",))
    table.add_column("product", overflow="fold")
    for row in result.table.filter(pl.col("overdue_days") <= 0).head(SHOWN).to_dicts():
        customer, product = Text(shown(row["customer_id"])), Text(shown(row["product"], 40))
        table.add_row(str(row["due_date"]), f"{row['usual_gap']:,.0f} d", f"{row['times']:,}", customer, product)
    return [head, Text(""), table]
