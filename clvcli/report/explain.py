"""One customer on the terminal: purchases, decision, P(alive) over time, chances, what would change the stage."""

import re
from datetime import date
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clvcli.commands.explain.decision import Check, Reason, nearest
from clvcli.commands.explain.explanation import Explanation
from clvcli.commands.explain.moves import Move
from clvcli.commands.explain.todo import IN_FORCE
from clvcli.core import phrases
from clvcli.core.fields import FIELDS
from clvcli.core.language import marked
from clvcli.core.printable import printable
from clvcli.report.grid import AT_RISK
from clvcli.report.marks import ascii_only, sparkline
from clvcli.report.screen import Screen

LAST = 12
WIDTH = 72
STATES = (
    marked("in force"), marked("in the control group"), marked("has left"), marked("may not be contacted"),
    marked("no consent to the channel"), marked("no address for it"),
)  # fmt: skip
"""What commands/explain/todo.py says of an action."""
SHOWN = (
    "purchases", "total_spend", "days_since_last_purchase", "rfm_score", "p_alive", "p_purchase", "expected_purchases",
    "clv", "clv_pct", "next_purchase_date", "alert_date",
)  # fmt: skip


def explanation_page(found: Explanation, t: Screen) -> RenderableType:
    """The whole page. Data appears as text."""
    parts: list[RenderableType] = [_headline(found, t), Text(""), _facts(found, t)]
    if found.alive:
        parts += [Text(""), _Chart(found, t)]
    if found.counts:
        parts += [Text(""), _chances(found, t)]
    parts += [Text(""), *_decision(found, t)]
    if found.moves:
        parts += [Text(""), *_moves(found, t)]
    return Group(*parts)


def explanation_rows(found: Explanation) -> list[dict[str, Any]]:
    """The customer as rows of `name` and `value`: stage, columns, the chance of each number of purchases."""
    told: dict[str, Any] = {"customer_id": found.customer_id, "as_of": found.as_of, "stage": found.stage.stage}
    told |= {"phase": found.stage.phase, **found.values}
    last = len(found.counts) - 1
    told |= {f"chance of {k}{' or more' if k == last else ''}": p for k, p in enumerate(found.counts)}
    return [{"name": name, "value": value} for name, value in told.items()]


def _headline(found: Explanation, t: Screen) -> Text:
    phase = f" ({t.name(found.stage.phase)})" if found.stage.phase else ""
    text = Text().append(printable(found.customer_id), style="bold")
    text.append(": ").append(t.name(found.stage.stage), AT_RISK if found.stage.at_risk else "")
    text.append(phase + t(", as of {day}", day=t.iso(found.as_of)))
    if found.stage.goal:
        text.append(f"\n{t.name(found.stage.goal, 1000)}")
    why = _why(found, t)
    if why:
        text.append(f"\n{sentence(why)}")
    if found.standing.place is not None:
        place, of = t.count(found.standing.place), t.count(found.standing.of)
        text.append("\n" + t("Number {place} of {of} to turn to (clv top).", place=place, of=of))
    for one in found.standing.todo:
        channel = (printable(one.channel) if t.english else phrases.channel_of(one.channel, t)) if one.channel else ""
        text.append(f"\n- {t.name(one.action, 1000)}" + (f" ({channel})" if channel else ""))
        state = t.name(one.state, 1000)
        text.append(f", {_how(one.how, t)}: {state}", style="" if one.state == IN_FORCE else "dim")
    if found.values.get("in_control"):
        text.append("\n" + t("In the control group: campaigns leave this customer out."), style="bold")
    return text


def _why(found: Explanation, t: Screen) -> str:
    """The sentence of figures in the reader's words: of the columns from which the ranking makes its own."""
    clv, alive = found.values.get("clv"), found.values.get("p_alive")
    kept = clv / alive if clv is not None and alive else clv
    wanted = ("days_since_last_purchase", "avg_days_between_purchases", "total_spend", "clv")
    row = {name: found.values.get(name) for name in wanted} | {"clv_if_kept": kept}
    return phrases.why(row, found.horizon, t)


def _how(text: str, t: Screen) -> str:
    """How often, in the reader's words; what hangs on a day of the customer's own stays as the rules have it."""
    every = re.fullmatch(r"every (\d+[dwmy])", text)
    if t.english or (text != "once" and not every):
        return printable(text)
    return t("every {span}", span=t.span(every[1])) if every else t("once")


def _facts(found: Explanation, t: Screen) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    last = found.purchases[-LAST:]
    earlier = len(found.purchases) - len(last)
    listed = [f"{t.iso(day)} {t.exact(amount)}" for day, amount in last] or [t("none yet")]
    if earlier:
        listed.insert(0, t("{n} earlier", n=t.count(earlier)))
    table.add_row(t("Purchases"), Text(", ".join(listed) if found.from_log else _span_of(found, t)))
    values = [f"{name} {_figure(name, found.values[name], t)}" for name in SHOWN if found.values.get(name) is not None]
    table.add_row(t("Values"), Text(", ".join(values)))
    known = [f"{printable(k)} {shown(v, t)}" for k, v in found.attributes.items() if v not in (None, "")]
    if known:
        table.add_row(t("Attributes"), Text(", ".join(known)))
    return table


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + "."


def _span_of(found: Explanation, t: Screen) -> str:
    """The first and the last one, which the table knows; a log behind the table adds the others."""
    first, last = (found.values.get(name) for name in ("first_purchase_date", "last_purchase_date"))
    if first is None or last is None:
        return t("none yet")
    return t(
        "{first} to {last}, {n} in all (clv explain TABLE LOG ID lists them)",
        first=t.iso(first), last=t.iso(last), n=t.count(found.values["purchases"]),
    )  # fmt: skip


MONEY = {f.name for f in FIELDS if f.unit == "currency"}


def _figure(name: str, value: Any, t: Screen) -> str:
    return t.exact(value) if name in MONEY else shown(value, t)


def shown(value: Any, t: Screen) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return str(value).lower() if t.english else t("yes") if value else t("no")
    if isinstance(value, float):
        return t.figure(value)
    if isinstance(value, date):
        return t.iso(value)
    return t("missing") if value is None else printable(str(value))


class _Chart:
    """P(alive) as one line of ticks, even in time; as_of splits what was from what silence would bring."""

    def __init__(self, found: Explanation, t: Screen) -> None:
        self.found, self.t = found, t

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found, t = self.found, self.t
        label = t("P(alive)") + "  "
        cells = max(8, min(WIDTH, options.max_width - cell_len(label) - 2))
        first, last = found.alive[0][0], found.alive[-1][0]
        days = [first + (last - first) * i / cells for i in range(cells + 1)]
        past, ahead = ([_at(found, day) for day in days if (day > found.as_of) == later] for later in (False, True))
        plain = ascii_only(console)
        line = Text(label, style="bold")
        line.append(sparkline(past, top=1.0, ascii_only=plain), style="cyan")
        line.append("|")
        line.append(sparkline(ahead, top=1.0, ascii_only=plain), style="dim")
        yield line
        alert = found.values.get("alert_date")
        days_ = {"first": t.iso(first), "now": t.iso(found.as_of), "last": t.iso(last)}
        words = t("{first} to {now} | then in silence to {last}", **days_)
        level = f"{found.alert:g}" if t.english else t.decimal(found.alert, 4)
        if alert:
            words = t.clauses(words, t("falls below {level} on {day}", level=level, day=shown(alert, t)))
        else:
            words = t.clauses(words, t("never below {level} in silence", level=level))
        table = Table.grid()
        table.add_row(" " * cell_len(label), Text(words, style="dim"))
        yield table


def _at(found: Explanation, day: date) -> float:
    """The last known value up to `day`."""
    return next(p for known, p in reversed(found.alive) if known <= day)


def _chances(found: Explanation, t: Screen) -> Text:
    cells = [f"{k}: {t.percent(p, 0)}" for k, p in enumerate(found.counts[:-1])]
    cells.append(t("more: {share}", share=t.percent(found.counts[-1], 0)))
    span = found.horizon if t.english else t.span(found.horizon)
    label = t("Purchases within {span}", span=span)
    return Text(f"{label}  ", style="bold") + Text("  ".join(cells), style="not bold")


def _decision(found: Explanation, t: Screen) -> list[RenderableType]:
    parts: list[RenderableType] = []
    matched = next((check for check in found.checks if check.outcome == "matched"), None)
    if matched is None:
        parts.append(Text(t("No condition holds: everybody else is here."), style="bold"))
    else:
        parts += [
            Text(t("In {stage}, the first stage whose condition holds:", stage=_quoted(matched, t)), style="bold"),
            _reasons(matched, t),
        ]
    for check in nearest(found.checks):
        parts += [Text(t("Just missed {stage}:", stage=_quoted(check, t)), style="bold"), _reasons(check, t)]
    return parts


def _quoted(check: Check, t: Screen) -> str:
    return repr(check.stage) if t.english else t.name(check.stage)


def _reasons(check: Check, t: Screen) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(style="dim")
    for reason in check.reasons:
        mark = {True: t("yes"), False: t("no"), None: "?"}[reason.holds]
        table.add_row(Text("  " + mark), Text(reason.text), Text(_because(reason, t)))
    return table


def _because(reason: Reason, t: Screen) -> str:
    values = ", ".join(
        t("{name} is {value}", name=name, value=_figure(name, value, t) if value is not None else shown(value, t))
        for name, value in reason.values.items()
    )
    if reason.short is None or reason.holds is True:
        return values
    by = t.figure(abs(reason.short))
    return f"{values}; {t('{by} too low', by=by) if reason.short > 0 else t('{by} too high', by=by)}"


def _moves(found: Explanation, t: Screen) -> list[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for move in found.moves[:8]:
        same = f" {t('(as now)')}" if move.stage == found.stage.stage else ""
        table.add_row(Text(_change(found, move, t)), Text(f"-> {t.name(move.stage)}{same}"))
    return [Text(t("What would change the stage:"), style="bold"), Padding(table, (0, 0, 0, 2))]


def _change(found: Explanation, move: Move, t: Screen) -> str:
    if move.kind == "silence":
        days = t.span(f"{(move.when - found.as_of).days}d")
        return t("no purchase until {day} ({days})", day=t.iso(move.when), days=days)
    values = {"amount": t.exact(move.amount or 0.0), "day": t.iso(move.when)}
    if move.purchases > 1:
        return t.many(
            "{n} purchase of {amount}, one a day up to {day}", "{n} purchases of {amount}, one a day up to {day}",
            move.purchases, **values,
        )  # fmt: skip
    return t("a purchase of {amount} on {day}", **values)
