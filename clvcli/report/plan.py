"""The calendar on the terminal: how many contacts, of what, when, and what the limits refused."""

import re
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from clvcli.commands.plan.job import Planned
from clvcli.core import phrases
from clvcli.core.language import marked
from clvcli.report.grid import NARROW, grid, stage_text
from clvcli.report.marks import Sparkline
from clvcli.report.numbers import shown
from clvcli.report.screen import Screen

WORDS = {
    "control_group": marked("in the control group"),
    "stage_without_action": marked("in a stage without an action"),
    "not_contactable": marked("not contactable"),
    "campaign_control": marked("in the control group of the campaign"),
    "no_consent": marked("without consent to the channel"),
    "no_address": marked("without an address for the channel"),
    "cap": marked("over the cap of the customer"),
    "capacity": marked("over the capacity of the days"),
    "budget": marked("over the budget"),
    "max_cost": marked("over max_cost of the stage"),
    "late": marked("after the end of the calendar"),
}
REASONS = {
    r"once in this stage": marked("once in this stage"),
    r"every (?P<span>\d+[dwmy])": marked("every {span}"),
    r"next purchase expected (?P<day>\d{4}-\d\d-\d\d)": marked("next purchase expected {day}"),
    r"(?P<span>\d+[dwmy]) after (?P<name>.+), unless bought": marked("{span} after {name}, unless bought"),
    r"(?P<span>\d+[dwmy]) after (?P<name>.+) (?P<day>\d{4}-\d\d-\d\d)": marked("{span} after {name} {day}"),
    r"(?P<span>\d+[dwmy]) before (?P<name>.+) (?P<day>\d{4}-\d\d-\d\d)": marked("{span} before {name} {day}"),
}
"""Reason of the calendar -> its message."""
NAMES = (marked("first purchase"), marked("last purchase"), marked("no contact in this calendar"))


def page(planned: Planned, t: Screen) -> Group:
    """Headline, contacts by stage and action, the first contacts, what was left out."""
    contacted = planned.contacts["customer_id"].n_unique()
    head = t(
        "{contacts} with {n} of {customers}, {start} to {end}",
        contacts=t.many("{n} contact", "{n} contacts", planned.contacts.height), n=t.count(contacted),
        customers=t.many("{n} customer", "{n} customers", planned.customers),
        start=t.iso(planned.start), end=t.iso(planned.end),
    )  # fmt: skip
    head += t(", cost {amount}", amount=t.money(planned.cost)) if planned.cost else ""
    parts: list[Any] = [Text(head, style="bold")]
    if planned.contacts.height:
        days, most = Text(f"\n{t('Contacts by day')}", style="bold"), Text(f"\n{t('Most at stake')}", style="bold")
        parts += [Text(), _Actions(planned, t), days, Sparkline(_by_day(planned)), most, _First(planned, t)]
    if planned.left_out or planned.dropped:
        parts.append(Text())
    for why, n in planned.left_out.items():
        text = t.many("{n} customer left out: {why}", "{n} customers left out: {why}", n, why=_why(why, t))
        parts.append(Text(text))
    for why, n in planned.dropped.items():
        parts.append(Text(t.many("{n} call left out: {why}", "{n} calls left out: {why}", n, why=_why(why, t))))
    return Group(*parts)


def _why(code: str, t: Screen) -> str:
    return t(WORDS[code]) if code in WORDS else code


def _channel(channel: str | None, t: Screen) -> str:
    return shown(channel or "-") if t.english or not channel else phrases.channel_of(channel, t)


def _reason(text: str, t: Screen) -> str:
    """The calendar's reason in the reader's words."""
    if t.english:
        return shown(text)
    for pattern, message in REASONS.items():
        found = re.fullmatch(pattern, text)
        if found:
            told = found.groupdict()
            known = {"span": t.span(told.get("span") or ""), "name": t.name(told.get("name") or "")}
            known["day"] = t.day(told.get("day"))
            return t(message, **{name: known[name] for name in told})
    return t.name(text)


def _by_day(planned: Planned) -> list[float]:
    """Contacts of each day, or of each of 60 equal parts of a long calendar."""
    days = (planned.end - planned.start).days + 1
    counts = [0.0] * min(days, 60)
    for row in planned.by("date"):
        counts[(row["date"] - planned.start).days * len(counts) // days] += row["contacts"]
    return counts


class _Actions:
    """Contacts by stage, action and channel; on a narrow screen the three in one column."""

    def __init__(self, planned: Planned, t: Screen) -> None:
        self.rows, self.t = planned.by("stage", "action", "channel"), t
        self.at_risk = {t.name(stage) for stage in planned.at_risk}
        self.costs = bool(planned.cost)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide, t = options.max_width >= NARROW, self.t
        table = grid(t("Stage"))
        for name in (t("Action"), t("Channel")) if wide else ():
            table.add_column(name, overflow="fold")
        for name in (t("Contacts"), t("Cost")) if self.costs else (t("Contacts"),):
            table.add_column(name, justify="right", no_wrap=True)
        for row in self.rows:
            stage, action = (t.name(row[name] or "-") for name in ("stage", "action"))
            channel = _channel(row["channel"], t)
            named = stage_text(stage, self.at_risk, "" if wide else f": {action}")
            words = [named, Text(action), Text(channel)] if wide else [named]
            numbers = [t.count(row["contacts"]), *([t.money(row["cost"])] if self.costs else [])]
            table.add_row(*words, *numbers)
        yield table


class _First:
    """The customers who come first: when, who, what, why."""

    def __init__(self, planned: Planned, t: Screen) -> None:
        self.rows, self.t = planned.first, t

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide, t = options.max_width >= NARROW, self.t
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
        table.add_column(t("Day"), no_wrap=True)
        for name in (t("Customer"), t("Action"), *((t("Channel"),) if wide else ()), t("Reason")):
            table.add_column(name, overflow="fold")
        for row in self.rows:
            cells = [
                shown(row["customer_id"]),
                t.name(row["action"] or "-"),
                *([_channel(row["channel"], t)] if wide else []),
                _reason(row["reason"], t),
            ]
            table.add_row(t.iso(row["date"]) if row["date"] else "-", *map(Text, cells))
        yield table
