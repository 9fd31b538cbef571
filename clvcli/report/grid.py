"""The one look of tables on a terminal: no lines, words to the left, numbers to the right."""

from collections.abc import Collection, Sequence

from rich.table import Table
from rich.text import Text

NARROW = 80
"""Columns of the screen below which tables leave out what is only nice to have."""


AT_RISK = "red"
"""Stages that the rules mark as at risk, wherever one is named."""


def stage_text(stage: str, at_risk: Collection[str], rest: str = "") -> Text:
    """The name of a stage, in the colour of AT_RISK where it is one of these."""
    return Text().append(stage, AT_RISK if stage in at_risk else "").append(rest)


def grid(first: str, *right: str, left: Sequence[str] = ()) -> Table:
    """A table: the first column and those of `left` are words, the others numbers.

    Words wrap where room is short, so that a number is never cut.
    """
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column(first, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    for name in left:
        table.add_column(name, overflow="fold")
    return table
