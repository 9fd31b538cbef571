"""The one look of tables on a terminal: no lines, words to the left, numbers to the right."""

from collections.abc import Callable, Collection, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

NARROW = 80
"""Columns of the screen below which tables leave out what is only nice to have."""


AT_RISK = "red"
"""Stages that the rules mark as at risk, wherever one is named."""


def stage_text(stage: str, at_risk: Collection[str], rest: str = "") -> Text:
    """The name of a stage, in the colour of AT_RISK where it is one of these."""
    return Text().append(stage, AT_RISK if stage in at_risk else "").append(rest)


class Fitting:
    """The table of as many columns, of `most`, as fit on the screen: no figure is cut in two."""

    def __init__(self, make: Callable[[int], Table], most: int) -> None:
        self.make, self.most = make, most

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        free, shown = options.update(width=1000), self.most
        while shown and console.measure(self.make(shown), options=free).maximum > options.max_width:
            shown -= 1
        yield self.make(shown)


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
