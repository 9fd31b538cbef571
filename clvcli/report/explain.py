"""One customer on the terminal: purchases, decision, P(alive) over time, chances, what would change the stage."""

from datetime import date
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clvcli.commands.explain.decision import Check, Reason, nearest
from clvcli.commands.explain.explanation import Explanation
from clvcli.commands.explain.moves import Move
from clvcli.commands.explain.todo import IN_FORCE
from clvcli.core.fields import FIELDS
from clvcli.core.printable import printable
from clvcli.report.grid import AT_RISK
from clvcli.report.marks import ascii_only, sparkline
from clvcli.report.numbers import figure

LAST = 12
WIDTH = 72
LABEL = "P(alive)  "
SHOWN = (
    "purchases", "total_spend", "days_since_last_purchase", "rfm_score", "p_alive", "p_purchase", "expected_purchases",
    "clv", "clv_pct", "next_purchase_date", "alert_date",
)  # fmt: skip


def explanation_page(found: Explanation) -> RenderableType:
    """The whole page. Data appears as text."""
    parts: list[RenderableType] = [_headline(found), Text(""), _facts(found)]
    if found.alive:
        parts += [Text(""), _Chart(found)]
    if found.counts:
        parts += [Text(""), _chances(found)]
    parts += [Text(""), *_decision(found)]
    if found.moves:
        parts += [Text(""), *_moves(found)]
    return Group(*parts)


def explanation_rows(found: Explanation) -> list[dict[str, Any]]:
    """The customer as rows of `name` and `value`: stage, columns, the chance of each number of purchases."""
    told: dict[str, Any] = {"customer_id": found.customer_id, "as_of": found.as_of, "stage": found.stage.stage}
    told |= {"phase": found.stage.phase, **found.values}
    last = len(found.counts) - 1
    told |= {f"chance of {k}{' or more' if k == last else ''}": p for k, p in enumerate(found.counts)}
    return [{"name": name, "value": value} for name, value in told.items()]


def _headline(found: Explanation) -> Text:
    phase = f" ({found.stage.phase})" if found.stage.phase else ""
    text = Text().append(printable(found.customer_id), style="bold")
    text.append(": ").append(found.stage.stage, AT_RISK if found.stage.at_risk else "")
    text.append(f"{phase}, as of {found.as_of}")
    if found.stage.goal:
        text.append(f"\n{found.stage.goal}")
    if found.standing.why:
        text.append(f"\n{sentence(found.standing.why)}")
    if found.standing.place is not None:
        text.append(f"\nNumber {found.standing.place:,} of {found.standing.of:,} to turn to (clv top).")
    for one in found.standing.todo:
        text.append(f"\n- {printable(one.action)}" + (f" ({printable(one.channel)})" if one.channel else ""))
        text.append(f", {printable(one.how)}: {printable(one.state)}", style="" if one.state == IN_FORCE else "dim")
    if found.values.get("in_control"):
        text.append("\nIn the control group: campaigns leave this customer out.", style="bold")
    return text


def _facts(found: Explanation) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    last = found.purchases[-LAST:]
    earlier = len(found.purchases) - len(last)
    listed = ", ".join(f"{day} {amount:,.2f}" for day, amount in last)
    if found.from_log:
        table.add_row("Purchases", Text((f"{earlier} earlier, " if earlier else "") + (listed or "none yet")))
    else:
        table.add_row("Purchases", Text(_span_of(found)))
    values = [f"{name} {_figure(name, found.values[name])}" for name in SHOWN if found.values.get(name) is not None]
    table.add_row("Values", Text(", ".join(values)))
    known = [f"{printable(k)} {shown(v)}" for k, v in found.attributes.items() if v not in (None, "")]
    if known:
        table.add_row("Attributes", Text(", ".join(known)))
    return table


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + "."


def _span_of(found: Explanation) -> str:
    """The first and the last one, which the table knows; a log behind the table adds the others."""
    first, last = (found.values.get(name) for name in ("first_purchase_date", "last_purchase_date"))
    if first is None:
        return "none yet"
    return f"{first} to {last}, {found.values['purchases']:,} in all (clv explain TABLE LOG ID lists them)"


MONEY = {f.name for f in FIELDS if f.unit == "currency"}


def _figure(name: str, value: Any) -> str:
    return f"{value:,.2f}" if name in MONEY else shown(value)


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return figure(value)
    return "missing" if value is None else printable(str(value))


class _Chart:
    """P(alive) as one line of ticks, even in time; as_of splits what was from what silence would bring."""

    def __init__(self, found: Explanation) -> None:
        self.found = found

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found, cells = self.found, max(8, min(WIDTH, options.max_width - len(LABEL) - 2))
        first, last = found.alive[0][0], found.alive[-1][0]
        days = [first + (last - first) * i / cells for i in range(cells + 1)]
        past, ahead = ([_at(found, day) for day in days if (day > found.as_of) == later] for later in (False, True))
        plain = ascii_only(console)
        line = Text(LABEL, style="bold")
        line.append(sparkline(past, top=1.0, ascii_only=plain), style="cyan")
        line.append("|")
        line.append(sparkline(ahead, top=1.0, ascii_only=plain), style="dim")
        yield line
        alert = found.values.get("alert_date")
        words = f"{first} to {found.as_of} | then in silence to {last}"
        sentence = f"; falls below {found.alert:g} on {alert}" if alert else f"; never below {found.alert:g} in silence"
        table = Table.grid()
        table.add_row(" " * len(LABEL), Text(words + sentence, style="dim"))
        yield table


def _at(found: Explanation, day: date) -> float:
    """The last known value up to `day`."""
    return next(p for known, p in reversed(found.alive) if known <= day)


def _chances(found: Explanation) -> Text:
    cells = [f"{k}: {p:.0%}" for k, p in enumerate(found.counts[:-1])] + [f"more: {found.counts[-1]:.0%}"]
    return Text(f"Purchases within {found.horizon}  ", style="bold") + Text("  ".join(cells), style="not bold")


def _decision(found: Explanation) -> list[RenderableType]:
    parts: list[RenderableType] = []
    matched = next((check for check in found.checks if check.outcome == "matched"), None)
    if matched is None:
        parts.append(Text("No condition holds: everybody else is here.", style="bold"))
    else:
        parts += [
            Text(f"In {matched.stage!r}, the first stage whose condition holds:", style="bold"),
            _reasons(matched),
        ]
    for check in nearest(found.checks):
        parts += [Text(f"Just missed {check.stage!r}:", style="bold"), _reasons(check)]
    return parts


def _reasons(check: Check) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(style="dim")
    for reason in check.reasons:
        mark = {True: "yes", False: "no", None: "?"}[reason.holds]
        table.add_row(Text("  " + mark), Text(reason.text), Text(_because(reason)))
    return table


def _because(reason: Reason) -> str:
    values = ", ".join(
        f"{name} is {_figure(name, value) if value is not None else shown(value)}"
        for name, value in reason.values.items()
    )
    if reason.short is None or reason.holds is True:
        return values
    return f"{values}; {figure(abs(reason.short))} too {'low' if reason.short > 0 else 'high'}"


def _moves(found: Explanation) -> list[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for move in found.moves[:8]:
        same = " (as now)" if move.stage == found.stage.stage else ""
        table.add_row(Text(_change(found, move)), Text(f"-> {move.stage}{same}"))
    return [Text("What would change the stage:", style="bold"), Padding(table, (0, 0, 0, 2))]


def _change(found: Explanation, move: Move) -> str:
    if move.kind == "silence":
        return f"no purchase until {move.when} ({_days(found.as_of, move.when)})"
    if move.purchases > 1:
        return f"{move.purchases} purchases of {move.amount:,.2f}, one a day up to {move.when}"
    return f"a purchase of {move.amount:,.2f} on {move.when}"


def _days(start: date, end: date) -> str:
    days = (end - start).days
    return f"{days} day{'s' if days != 1 else ''}"
