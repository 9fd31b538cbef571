"""The comparison on the terminal: who moved, before and after, lift. Draws what compare/job.py found."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.compare.job import Compared
from clvcli.commands.compare.months import Series
from clvcli.commands.compare.moves import APPEARED, VANISHED, count_of
from clvcli.commands.compare.sheet import NO_EVIDENCE, Line
from clvcli.core.printable import counted
from clvcli.report.audit import audit_page
from clvcli.report.grid import grid, stage_text
from clvcli.report.lift import campaigns_page, lift_page
from clvcli.report.marks import Sparkline
from clvcli.report.numbers import money, percent

FLOWS = 12


def page(result: Compared | Series) -> Group:
    """Everything of a comparison, or of a series of stages."""
    return _series(result) if isinstance(result, Series) else _compared(result)


def _compared(result: Compared) -> Group:
    head = Text(f"{result.old_as_of} to {result.new_as_of} ({result.days} days)", style="bold")
    parts: list[Any] = [head, Text(), _Matrix(result)]
    if any(mover.at_stake != 0 for mover in result.movers):
        parts += [_title("Movers by value at stake"), _movers(result)]
    parts += [_title(f"Before and after ({NO_EVIDENCE})"), _sheet(result.sheet)]
    if result.lift is None:
        missing = "No control group in OLD: nothing here shows what campaigns brought (control_group in rules)."
        parts += [Text(), Text(missing)]
    else:
        parts += [_title("Lift against the control group"), lift_page(result.lift, result.days)]
    if result.campaigns:
        parts += [_title("Campaigns"), campaigns_page(result.campaigns, result.variants)]
    return Group(*parts)


def _title(text: str) -> Text:
    return Text("\n" + text, style="bold")


class _Matrix:
    """Rows: stages of OLD; columns: where they are in NEW, by number. Where it does not fit: the largest flows."""

    def __init__(self, result: Compared) -> None:
        there = {m.old for m in result.transitions} | {m.new for m in result.transitions}
        self.stages = [s for s in result.stages if s in there]
        self.moves = {(m.old, m.new): m for m in result.transitions}
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = [*self.stages, VANISHED]
        widest = max((len(f"{m.customers:,}") for m in self.result.transitions), default=1)
        names = max((len(s) for s in self.stages), default=5) + 4
        if names + (len(columns) + 1) * (widest + 2) + 8 <= options.max_width:
            yield self._square(columns)
        else:
            yield self._flows()

    def _square(self, columns: Sequence[str]) -> Table:
        table = grid("From \\ to", *[str(n + 1) if s != VANISHED else "gone" for n, s in enumerate(columns)], "stay")
        for number, old in enumerate([*self.stages, APPEARED], start=1):
            row = [self.moves.get((old, new)) for new in columns]
            if old == APPEARED and not any(row):
                continue
            stay = self.moves.get((old, old))
            cells = [Text(f"{m.customers:,}" if m else "·", style="" if m else "dim") for m in row]
            name = Text(old) if old == APPEARED else Text(f"{number} ") + stage_text(old, self.result.at_risk)
            table.add_row(name, *cells, Text(percent(stay.share) if stay else ""))
        return table

    def _flows(self) -> Table:
        table = grid("Stage", "before", "stayed", "after", left=("largest move",))
        for stage in [*self.stages, APPEARED, VANISHED]:
            away = [m for m in self.result.transitions if m.old == stage and m.new != stage]
            before, after = (count_of(self.result.transitions, **{side: stage}) for side in ("old", "new"))
            if not before and not after:
                continue
            most = max(away, key=lambda m: m.customers, default=None)
            text = Text(f"{most.customers:,} to ") + stage_text(most.new, self.result.at_risk) if most else Text()
            stayed = count_of(self.result.transitions, old=stage, new=stage)
            table.add_row(stage_text(stage, self.result.at_risk), f"{before:,}", f"{stayed:,}", f"{after:,}", text)
        return table


def _movers(result: Compared) -> Table:
    table = grid("Customer", "clv before", "after", "at stake", left=("move",))
    for m in result.movers:
        values = (money(v) for v in (m.old_clv, m.new_clv, m.at_stake))
        move = stage_text(m.old_stage, result.at_risk, " to ") + stage_text(m.new_stage, result.at_risk)
        table.add_row(Text(m.customer_id), *values, move)
    return table


def _sheet(lines: Iterable[Line]) -> Table:
    table = grid("Measure", "before", "after", "change")
    for line in lines:
        if line.measure.startswith("in ") and not line.before and not line.after:
            continue
        before, after = (_value(v, line.unit) for v in (line.before, line.after))
        table.add_row(Text(line.measure), before, after, _change(line))
    return table


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "share":
        return percent(value)
    return f"{value:,.0f}" if unit == "customers" else (f"{value:,.1f} days" if unit == "days" else money(value))


def _change(line: Line) -> str:
    """With its sign; shares change by points."""
    if line.change is None:
        return "-"
    if line.unit == "share":
        return f"{line.change * 100:+.1f} points"
    return f"{'+' if line.change > 0 else ''}{_value(line.change, line.unit)}"


def _series(result: Series) -> Group:
    table = grid("Stage", "first", "last", "mean stay", left=("over time",))
    stays = {s.stage: s for s in result.stays}
    for stage in result.stages:
        counts = [int(c) for c in result.counts.filter(result.counts["stage"] == stage)["customers"]]
        if not any(counts):
            continue
        mean = stays[stage].mean_days
        days = f"{mean:,.0f} days" if mean is not None else "-"
        table.add_row(stage_text(stage, result.at_risk), f"{counts[0]:,}", f"{counts[-1]:,}", days, Sparkline(counts))
    parts: list[Any] = [
        Text(f"{counted(len(result.dates), 'step')}, {result.dates[0]} to {result.dates[-1]}", style="bold"),
        Text(),
        table,
    ]
    if result.cycle is not None:
        c = result.cycle
        length = "nobody got there yet"
        if c.mean_days is not None and c.median_days is not None:
            length = (
                f"{c.mean_days:,.0f} days on average, median {c.median_days:,.0f} ({counted(c.completed, 'customer')})"
            )
        text = f"Full cycle, first purchase to {c.last_stage}: {length}; {c.running:,} did not get there."
        parts += [Text(), Text(text)]
    if result.audit is not None:
        parts.append(audit_page(result.audit))
    return Group(*parts)
