"""What campaigns brought against the control group, on the terminal. Draws what compare/lift.py found."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from clvcli.commands.compare.arms import Difference
from clvcli.commands.compare.lift import TOO_SMALL, Lift, LiftRow
from clvcli.report.grid import NARROW, grid
from clvcli.report.numbers import money, plural

OUTCOMES = (("bought", "Bought, in points"), ("spend", "Spend, a customer"))


def lift_page(lift: Lift) -> Group:
    """The overall effects in words, stages, actions and variants in a table, how to read them."""
    parts: list[Any] = [Text(line) for row in lift.rows if row.scope == "all" for line in _words(row)]
    for outcome, title in OUTCOMES:
        rows = [row for row in lift.rows if row.scope != "all" and row.outcome == outcome and row.best]
        if rows:
            parts += [Text(""), _Rows(title, rows)]
    silent = sum(row.best is None for row in lift.rows)
    if silent:
        text = f"{plural(silent, 'comparison')} with too few buyers in an arm not shown: {TOO_SMALL}"
        parts.append(Text(text, style="dim"))
    reading = (
        f"Spend above {money(lift.cap)} counts as that. A verdict stands after correcting for all comparisons;"
        f' "{TOO_SMALL}" means that effects below the detectable one would not show.'
    )
    return Group(*parts, Text(reading, style="dim"))


def _words(row: LiftRow) -> list[str]:
    """The overall effect of one outcome."""
    arms = ((row.mean_treated, row.treated, "treated"), (row.mean_control, row.control, "control"))
    means = ", ".join(f"{_mean(row, mean)} of {count:,} {name}" for mean, count, name in arms)
    if row.plain is None or row.best is None or row.detectable is None:
        return [f"{row.outcome}: {means}: too few buyers in an arm, {TOO_SMALL}"]
    unit = " points" if row.outcome == "bought" else ""
    lines = [f"{row.outcome}: {means}", f"  unadjusted {_effect(row, row.plain)}{unit}, 95 % {_range(row, row.plain)}"]
    if row.adjusted is not None:
        lines.append(f"  adjusted   {_effect(row, row.adjusted)}{unit}, 95 % {_range(row, row.adjusted)}")
    return [*lines, f"  {row.verdict}; an effect of {_plain(row, row.detectable)}{unit} would show in 8 of 10 trials"]


class _Rows:
    """One line a comparison; sizes of the arms and what could be detected where there is room."""

    def __init__(self, title: str, rows: Sequence[LiftRow]) -> None:
        self.title, self.rows = title, rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        heads = ["treated", "control", "adjusted (95 %)", "detectable"] if wide else ["adjusted (95 %)"]
        table = grid(self.title, *heads, left=("verdict",))
        for row in self.rows:
            if row.best is None or row.detectable is None:
                continue
            arms = [f"{row.treated:,}", f"{row.control:,}"] if wide else []
            least = [_plain(row, row.detectable)] if wide else []
            effect = f"{_effect(row, row.best)} ({_range(row, row.best)})"
            verdict = Text(row.verdict, style="dim" if row.verdict == TOO_SMALL else "bold")
            table.add_row(Text(_name(row)), *arms, effect, *least, verdict)
        yield table


def _name(row: LiftRow) -> str:
    return row.name if row.scope in {"stage", "action", "variants"} else f"variant {row.name}"


def _mean(row: LiftRow, value: float) -> str:
    return f"{value * 100:.1f}%" if row.outcome == "bought" else f"{value:,.2f}"


def _plain(row: LiftRow, value: float) -> str:
    """Points, or money."""
    return f"{value * 100:.1f}" if row.outcome == "bought" else f"{value:,.2f}"


def _effect(row: LiftRow, found: Difference) -> str:
    return _signed(row, found.estimate)


def _range(row: LiftRow, found: Difference) -> str:
    return f"{_signed(row, found.low)} to {_signed(row, found.high)}"


def _signed(row: LiftRow, value: float) -> str:
    return f"{value * 100:+.1f}" if row.outcome == "bought" else f"{value:+,.2f}"
