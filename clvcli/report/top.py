"""The customers to turn to now, on a terminal or as Markdown: who, what to do, and why in one sentence."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from clvcli.commands.top.job import Top
from clvcli.report.grid import stage_text
from clvcli.report.numbers import plural, shown


def page(found: Top) -> Group:
    """A headline, then two lines a customer."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for place, row in enumerate(found.rows, 1):
        stage = stage_text(shown(row["stage"] or "-"), found.at_risk, f": {_what(row)}")
        told = Text().append(_who(row), "bold").append("  ").append(stage).append(f"\n{row['why']}")
        table.add_row(Text(f"{place}."), told)
    head = Text(_headline(found), style="bold")
    return Group(head, Text(), table) if found.rows else Group(head)


def markdown(found: Top) -> str:
    """The same as a table."""
    lines = [f"**{_headline(found)}**", "", "| | customer | stage | what to do | why |", "|---|---|---|---|---|"]
    for place, row in enumerate(found.rows, 1):
        cells = (str(place), _who(row), row["stage"] or "-", _what(row), row["why"])
        lines.append("| " + " | ".join(shown(cell, 200).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _headline(found: Top) -> str:
    if not found.rows:
        return f"Nobody of {plural(found.customers, 'customer')} to turn to"
    of = f"{found.open_to:,} who may be contacted" if found.open_to > len(found.rows) else "all who may be contacted"
    day = f", as of {found.as_of}" if found.as_of else ""
    return f"{plural(len(found.rows), 'customer')} to turn to now, of {of}{day}: most value at stake first"


def _who(row: Mapping[str, Any]) -> str:
    return shown(f"{row['name']} ({row['customer_id']})" if row["name"] else row["customer_id"])


def _what(row: Mapping[str, Any]) -> str:
    action = shown(row["action"] or "-", 200)
    return f"{action} ({shown(row['channel'])})" if row["channel"] else action
