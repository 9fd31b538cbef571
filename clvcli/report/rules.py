"""Rules on a terminal: the list of presets, and one lifecycle on one screen."""

import re
from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.check_rules import Checked
from clvcli.core.printable import counted, printable
from clvcli.lifecycle.lint import Finding
from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.schema import ONCE, Action, Otherwise, Stage
from clvcli.report.grid import AT_RISK, grid
from clvcli.report.numbers import money, percent

LEVELS = {"error": "red", "warning": "yellow"}
MOVES = 10


def preset_table(rules: Sequence[Rules]) -> RenderableType:
    """Name, number of stages, what it is for."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("preset", no_wrap=True)
    table.add_column("stages", justify="right")
    table.add_column("what it is for")
    for each in rules:
        table.add_row(Text(each.name), str(len(each.stages)), Text(" ".join(each.description.split())))
    return table


def rules_page(rules: Rules, *, conditions: bool = False) -> RenderableType:
    """Description, attributes, and phase by phase every stage with who is in it, its goal, cap and actions.

    With `conditions` it is no longer one screen: each stage has its place in the order in which they are tried and its
    condition, each action its channel and cadence.
    """
    head = [Text(rules.name, style="bold")]
    head += [Text(" ".join(rules.description.split()))] if rules.description else []
    if rules.attributes:
        wanted = ", ".join(f"{name} ({a.type})" for name, a in rules.attributes.items())
        head.append(Text(f"From --customers, where there: {wanted}"))
    if conditions:
        head += [Text(f"{name} = {' '.join(sql.split())}") for name, sql in rules.fields.items()]
    more = "" if conditions else "-v adds conditions, channels, how often; --yaml prints the file."
    tail = [Text(f"\n{more}", style="dim")] if more else []
    return Group(*head, *_bounds(rules), *_campaign(rules), _Stages(rules, conditions=conditions), *tail)


def stage_rows(rules: Rules) -> list[dict[str, Any]]:
    """Every stage as a row, in the order in which they are tried."""
    return [
        {
            "stage": s.stage, "phase": s.phase, "who": s.who, "when": s.when if isinstance(s, Stage) else None,
            "goal": s.goal, "max_cost": s.max_cost, "at_risk": s.at_risk,
            "actions": "; ".join(_action(action) for action in s.actions),
        }
        for s in rules.every_stage
    ]  # fmt: skip


def findings_page(findings: Sequence[Finding]) -> Text:
    """One finding a line, as compilers write them: place, level, message, code. Text of the rules is never markup."""
    lines = (
        Text(printable(f"{f.where}: {f.level}: {f.message} [{f.code}]"), style=LEVELS.get(f.level, ""))
        for f in findings
    )
    return Text("\n").join(lines)


def coverage(checked: Checked) -> RenderableType:
    """Customers and value of every stage; the largest moves against the other rules."""
    table = grid("Stage", "customers", "share", "value", "of value", left=("phase",))
    for one in checked.stages:
        numbers = (f"{one.customers:,}", percent(one.share), money(one.clv), percent(one.clv_share))
        table.add_row(Text(one.stage), *numbers, Text(one.phase or ""))
    if checked.against is None:
        return table
    head = Text(
        f"\n{checked.moved:,} of {counted(checked.customers, 'customer')} stand elsewhere than by {checked.against}"
    )
    moves = [Text(f"  {flow.customers:,} from {flow.before} to {flow.stage}") for flow in checked.flows[:MOVES]]
    rest = sum(flow.customers for flow in checked.flows[MOVES:])
    return Group(table, head, *moves, *([Text(f"  {rest:,} otherwise")] if rest else []), Text(""))


class _Stages:
    """One table a phase, all with the same columns."""

    def __init__(self, rules: Rules, *, conditions: bool) -> None:
        self.rules, self.conditions = rules, conditions
        self.names = {s.stage: f"{i}. {s.stage}" if conditions else s.stage for i, s in enumerate(rules.every_stage, 1)}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        stages = self.rules.every_stage
        width = min(24, max(map(len, self.names.values())), options.max_width // 3)
        for phase in dict.fromkeys([*self.rules.phases, *(stage.phase for stage in stages)]):
            members = [stage for stage in stages if stage.phase == phase]
            if members and phase:
                purpose = self.rules.phases.get(phase, "")
                yield Text("\n" + phase.upper(), style="bold").append(f"  {purpose}", style="not bold")
            if members:
                yield self._table(members, width)

    def _table(self, members: Sequence[Otherwise], width: int) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=width, overflow="fold")
        table.add_column(ratio=4, overflow="fold")
        table.add_column(ratio=5, overflow="fold")
        for stage in members:
            table.add_row(
                Text(self.names[stage.stage], AT_RISK if stage.at_risk else ""), self._who(stage), self._what(stage)
            )
        return table

    def _who(self, stage: Otherwise) -> Text:
        condition = " ".join(stage.when.split()) if isinstance(stage, Stage) else "everybody else"
        if not stage.who:
            return Text(condition, style="dim")
        return Text(stage.who).append(f" {condition}" if self.conditions else "", style="dim")

    def _what(self, stage: Otherwise) -> Text:
        """Goal, cap, whether at risk, actions."""
        cap = stage.max_cost if isinstance(stage.max_cost, str) or stage.max_cost is None else f"{stage.max_cost:g}"
        cap = re.sub(r"^(0\.\d+) \* value_at_stake$", lambda m: f"{float(m[1]):.0%} of stake", cap) if cap else cap
        told = [stage.goal, f"Up to {cap}." if cap is not None else None, "At risk." if stage.at_risk else None]
        todo = "; ".join(_action(action) if self.conditions else action.action for action in stage.actions)
        return Text(" ".join(text for text in told if text)).append(
            f" {todo[:1].upper()}{todo[1:]}." if todo else "", style="dim"
        )


def _bounds(rules: Rules) -> list[Text]:
    """Fixed bounds of the scores, where the file has them."""
    found = [f"{name} at {', '.join(f'{b:g}' for b in bounds)}" for name, bounds in (rules.breakpoints or {}).items()]
    return [Text(f"Scores change {'; '.join(found)}")] if found else []


def _campaign(rules: Rules) -> list[Text]:
    group = rules.control_group
    if group is None:
        return []
    variants = f"; the others get a variant: {', '.join(rules.variants)}" if rules.variants else ""
    return [Text(f"Control group: {group.share:.1%} of all get no campaign{variants}")]


def _action(action: Action) -> str:
    """The action with its channel and cadence: `call (phone, every 60d)`."""
    every = action.every and (action.every if action.every == ONCE else f"every {action.every}")
    extras = ", ".join(text for text in (action.channel, every) if text)
    return action.action + (f" ({extras})" if extras else "")
