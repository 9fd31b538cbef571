"""Rules on a terminal: the list of presets, and one lifecycle on one screen."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.schema import Otherwise, Stage


def preset_table(rules: Sequence[Rules]) -> RenderableType:
    """Name, number of stages, what it is for."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("preset", no_wrap=True)
    table.add_column("stages", justify="right")
    table.add_column("what it is for")
    for each in rules:
        table.add_row(Text(each.name), str(len(each.stages)), Text(" ".join(each.description.split())))
    return table


def rules_page(rules: Rules) -> RenderableType:
    """Description, attributes, and every stage with who is in it, its goal, cap and actions."""
    head = [Text(rules.name, style="bold"), Text(" ".join(rules.description.split())), Text("")]
    if rules.attributes:
        wanted = ", ".join(f"{name} ({a.type})" for name, a in rules.attributes.items())
        head.append(Text(f"From --customers, where there: {wanted}"))
    head += [Text(f"{name} = {' '.join(sql.split())}") for name, sql in rules.fields.items()]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("stage", no_wrap=True)
    for column in ("who", "goal, most to spend, actions"):
        table.add_column(column, overflow="fold")
    phase: str | None = None
    told: set[str] = set()
    for stage in rules.every_stage:
        if stage.phase != phase and stage.phase is not None:
            purpose = "" if stage.phase in told else rules.phases.get(stage.phase, "")
            told.add(stage.phase)
            table.add_row(Text(f"{stage.phase.upper()}", style="bold"), Text(purpose, style="bold"), "")
        phase = stage.phase
        table.add_row(Text(stage.stage), _who(stage), _what(stage))
    return Group(*head, Text(""), table)


def _who(stage: Otherwise) -> Text:
    condition = " ".join(stage.when.split()) if isinstance(stage, Stage) else "everybody else"
    return Text(f"{stage.who} " if stage.who else "").append(condition, style="dim")


def _what(stage: Otherwise) -> Text:
    cap = f" At most {stage.max_cost}." if stage.max_cost is not None else ""
    todo = "; ".join(action.action + (f" ({action.channel})" if action.channel else "") for action in stage.actions)
    return Text(f"{stage.goal or ''}{cap}".strip()).append(f" {todo}." if todo else "", style="dim")
