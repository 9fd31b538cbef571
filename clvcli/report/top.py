"""The customers to turn to now, on a terminal or as Markdown: who, what to do, and why in one sentence."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.commands.top.job import Top
from clvcli.core.phrases import channel_of, why
from clvcli.report.grid import stage_text
from clvcli.report.numbers import shown
from clvcli.report.screen import Screen


def page(found: Top, t: Screen) -> Group:
    """A headline, then two lines a customer."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for place, row in enumerate(found.rows, 1):
        at_risk = {t.name(stage) for stage in found.at_risk}
        stage = stage_text(t.name(row["stage"] or "-"), at_risk, f": {_what(row, t)}")
        told = Text().append(_who(row), "bold").append("  ").append(stage).append(f"\n{why(row, found.horizon, t)}")
        table.add_row(Text(f"{place}."), told)
    head = Text(_headline(found, t), style="bold")
    return Group(head, Text(), table) if found.rows else Group(head)


def markdown(found: Top, t: Screen) -> str:
    """The same as a table."""
    names = (t("customer"), t("stage"), t("what to do"), t("why"))
    lines = [f"**{_headline(found, t)}**", "", f"| | {' | '.join(names)} |", "|---|---|---|---|---|"]
    for place, row in enumerate(found.rows, 1):
        cells = (
            str(place),
            _who(row),
            t.name(row["stage"] or "-", 200),
            _what(row, t),
            why(row, found.horizon, t),
        )
        lines.append("| " + " | ".join(shown(cell, 200).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _headline(found: Top, t: Screen) -> str:
    if not found.rows:
        who = t.many("{n} customer", "{n} customers", found.customers)
        return t("Nobody of {customers} to turn to", customers=who)
    some = found.open_to > len(found.rows)
    of = t("{n} who may be contacted", n=t.count(found.open_to)) if some else t("all who may be contacted")
    day = t(", as of {day}", day=t.iso(found.as_of)) if found.as_of else ""
    staked = any(row["value_at_stake"] for row in found.rows)
    order = t("most value at stake first") if staked else t("highest value first")
    return t.many(
        "{n} customer to turn to now, of {those}{day}: {order}",
        "{n} customers to turn to now, of {those}{day}: {order}",
        len(found.rows), those=of, day=day, order=order,
    )  # fmt: skip


def _who(row: Mapping[str, Any]) -> str:
    return shown(f"{row['name']} ({row['customer_id']})" if row["name"] else row["customer_id"])


def _what(row: Mapping[str, Any], t: Screen) -> str:
    action = t.name(row["action"] or "-", 200)
    if not row["channel"]:
        return action
    return f"{action} ({shown(row['channel']) if t.english else channel_of(row['channel'], t)})"
