"""What campaigns brought against the control group, on the terminal. Draws what lift.py and campaigns.py find."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from clvcli.commands.compare.arms import Difference
from clvcli.commands.compare.campaigns import Campaign
from clvcli.commands.compare.lift import TOO_SMALL, Lift, LiftRow
from clvcli.commands.compare.power import EFFECT
from clvcli.core.printable import counted
from clvcli.report.grid import NARROW, grid
from clvcli.report.numbers import money, shown

UNIT = {"bought": " points", "spend": ""}
WHAT = {"bought": "bought, in points", "spend": "spend, a customer"}


def lift_page(lift: Lift, days: int) -> Group:
    """The overall effects in words, one table of what else was found, how to read it."""
    parts: list[Any] = [Text(line) for row in lift.rows if row.scope == "all" for line in _words(row)]
    parts += _found([row for row in lift.rows if row.scope != "all"])
    overall = [row for row in lift.rows if row.scope == "all" and row.nightly is not None]
    for row in overall[:1]:
        nightly = f"{_signed(row, row.nightly[0])} to {_signed(row, row.nightly[1])}{UNIT[row.outcome]}"  # type: ignore[index]
        text = f"The 95 % hold for one look, after {counted(days, 'day')}. Who looks every night goes by {nightly}."
        parts.append(Text(text, style="dim"))
    reading = (
        f"Spend above {money(lift.cap)} counts as that. A verdict stands after correcting for all comparisons; "
        f'"{TOO_SMALL}" means that an effect below the one named would not show.'
    )
    return Group(*parts, Text(reading, style="dim"))


def campaigns_page(campaigns: Sequence[Campaign], variants: Sequence[LiftRow]) -> Group:
    """One line a campaign; its variants where one was found to differ."""
    told = (
        "Among those for whom it was due, contacted or not, against the control group. Result: what was found, or when "
        f"{EFFECT:.0%} more buyers would show in 8 of 10 such trials, and the control group that would show it by now. "
        '"Overlaps": it went to the same people as others; a control group of its own (control: 0.1 in the rules) '
        "parts them."
    )
    return Group(_Campaigns(campaigns), *_found(variants), Text(told, style="dim"))


def _words(row: LiftRow) -> list[str]:
    """The overall effect of one outcome."""
    arms = ((row.mean_treated, row.treated, "treated"), (row.mean_control, row.control, "control"))
    means = ", ".join(f"{_mean(row, mean)} of {count:,} {name}" for mean, count, name in arms)
    if row.plain is None or row.best is None or row.detectable is None:
        return [f"{row.outcome}: {means}: too few buyers in an arm, {TOO_SMALL}"]
    unit = UNIT[row.outcome]
    lines = [f"{row.outcome}: {means}", f"  unadjusted {_effect(row, row.plain)}{unit}, 95 % {_range(row, row.plain)}"]
    if row.adjusted is not None:
        lines.append(f"  adjusted   {_effect(row, row.adjusted)}{unit}, 95 % {_range(row, row.adjusted)}")
    return [*lines, f"  {row.verdict}; an effect of {_plain(row, row.detectable)}{unit} would show in 8 of 10 trials"]


def _found(rows: Sequence[LiftRow]) -> list[Any]:
    """One table of the comparisons that found something, one line for all the others."""
    claimed = [row for row in rows if row.verdict != TOO_SMALL]
    parts: list[Any] = [Text(""), _Rows(claimed)] if claimed else []
    silent = len(rows) - len(claimed)
    if not silent:
        return parts
    words = f"{counted(silent, 'comparison')} of parts {TOO_SMALL}"
    least = []
    for outcome in ("bought", "spend"):
        known = [(row.detectable, row) for row in rows if row.outcome == outcome and row.detectable is not None]
        if known:
            smallest, row = min(known, key=lambda pair: pair[0])
            least.append(f"{_plain(row, smallest)}{UNIT[outcome] or ' of spend'}")
    most = f"; the finest of them would show {' and '.join(least)}" if least else ": too few buyers in an arm"
    return [*parts, Text(f"{words}{most}")]


class _Rows:
    """One line a finding; sizes of the arms where there is room."""

    def __init__(self, rows: Sequence[LiftRow]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        heads = ["treated", "control", "effect (95 %)"] if wide else ["effect (95 %)"]
        table = grid("Found", *heads, left=("what", "verdict"))
        for row in self.rows:
            if row.best is None:
                continue
            arms = [f"{row.treated:,}", f"{row.control:,}"] if wide else []
            effect = f"{_effect(row, row.best)} ({_range(row, row.best)})"
            table.add_row(
                Text(shown(_name(row), 60)), *arms, effect, Text(WHAT[row.outcome]), Text(row.verdict, "bold")
            )
        yield table


class _Campaigns:
    """One line a campaign: arms, buyers, money, result."""

    def __init__(self, campaigns: Sequence[Campaign]) -> None:
        self.campaigns = campaigns
        self.costs = any(c.cost for c in campaigns)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= NARROW
        heads = [*(("treated", "control") if wide else ()), "points (95 %)", *(("brought",) if wide else ())]
        table = grid("Campaign", *heads, *(("cost", "return") if self.costs and wide else ()), left=("result",))
        table.columns[0].overflow = "fold"
        for c in self.campaigns:
            row = next((r for r in c.rows if r.outcome == "bought"), None)
            effect = f"{_effect(row, row.best)} ({_range(row, row.best)})" if row and row.best else "-"
            arms = [f"{c.treated:,}", f"{c.control:,}"] if wide else []
            brought = [money(c.brought[0]) if c.brought else "-"] if wide else []
            cost = [money(c.cost), f"{c.returned[0]:+.0%}" if c.returned else "-"] if self.costs and wide else []
            table.add_row(Text(shown(c.name, 100)), *arms, effect, *brought, *cost, Text(_result(c)))
        yield table


def _result(campaign: Campaign) -> str:
    found = [f"{row.verdict} {row.outcome}" for row in campaign.rows if row.verdict != TOO_SMALL]
    if found:
        return ", ".join(found)
    row = next((r for r in campaign.rows if r.outcome == "bought"), None)
    if row is None or row.plain is None:
        return "too few buyers in an arm"
    if row.adjusted is None:
        return "overlaps"
    when = f"shows after {campaign.waiting_days:,} days" if campaign.waiting_days else "not within 2 years"
    return when + (f", or control {campaign.control_share:.0%}" if campaign.control_share else "")


def _name(row: LiftRow) -> str:
    return f"variant {row.name}" if row.scope == "variant" else row.name


def _mean(row: LiftRow, value: float) -> str:
    return f"{value * 100:.1f}%" if row.outcome == "bought" else f"{value:,.2f}"


def _plain(row: LiftRow, value: float) -> str:
    """The figure in points, or as money."""
    return f"{value * 100:.1f}" if row.outcome == "bought" else f"{value:,.2f}"


def _effect(row: LiftRow, found: Difference) -> str:
    return _signed(row, found.estimate)


def _range(row: LiftRow, found: Difference) -> str:
    return f"{_signed(row, found.low)} to {_signed(row, found.high)}"


def _signed(row: LiftRow, value: float) -> str:
    return f"{value * 100:+.1f}" if row.outcome == "bought" else f"{value:+,.2f}"
