"""The rules file, declared once: what load.py checks, what editors complete (`json_schema`)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from clvcli.core.horizon import parse_span
from clvcli.lifecycle.kinds import (
    SCALAR,
    TRUTH,
    checked,
    described,
    either,
    exactly,
    items,
    key,
    mapping,
    maybe,
    number,
    one_of,
    prepared,
    record,
    schema_of,
    text,
    whole,
)

ONCE = "once"


def _named(value: str) -> str:
    if not value.strip() or value != value.strip() or len(value) > 80 or not value.isprintable():
        raise ValueError("must be a short line of text, without blanks at its ends")
    return value


def _span_or_once(value: str) -> str:
    if value != ONCE:
        parse_span(value, infinite=False)
    return value


def _as_condition(value: object) -> object:
    """`when: true` is YAML's way to write the condition TRUE."""
    return str(value).upper() if isinstance(value, bool) else value


TEXT = text()
NAME = text(least=1, most=80)
NAMES = items(NAME, most=100)
SPAN = checked(TEXT, lambda value: str(parse_span(value, infinite=False)))
SQL = prepared(_as_condition, text(description="An SQL expression"))
COST = number(least=0)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What follows an action after a wait, unless the customer bought since."""

    action: str = key(NAME)
    wait: str = key(SPAN, description="How long after the step before: 3d")
    channel: str | None = key(maybe(TEXT), None)
    offer: str | None = key(maybe(TEXT), None)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What an action costs: of each contact, of a click (times response_rate), of a sale (times p_purchase)."""

    contact: float = key(COST, 0.0)
    click: float = key(COST, 0.0)
    sale: float = key(COST, 0.0)


def _anchor(value: object) -> object:
    """`first_purchase: 30d`, one pair, or the day alone."""
    if isinstance(value, str):
        return {value: "0d"}
    if isinstance(value, dict) and (len(value) != 1 or not all(isinstance(v, str) for v in value.values())):
        raise ValueError("is one day and how far from it, like {first_purchase: 30d}")
    return value


def _cost(value: object) -> object:
    return {"contact": float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else value


ANCHOR = described(
    prepared(_anchor, mapping(TEXT, keys=NAME)),
    "first_purchase, last_purchase, next_purchase, stage_entry, a column or a holiday: how far",
)


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing to do with the customers of a stage; `every` is a span like 30d, or once; `lead_time` a span before."""

    action: str = key(NAME)
    campaign: str | None = key(maybe(NAME), None, "The campaign that its contacts belong to (default: the action)")
    control: float | None = key(
        maybe(number(above=0, below=1)),
        None,
        "A control group of its own: the share of its customers whom it leaves out",
    )
    channel: str | None = key(maybe(TEXT), None)
    offer: str | None = key(maybe(TEXT), None)
    when: str | None = key(maybe(SQL), None, "Only for customers of the stage for whom this SQL condition holds")
    every: str | None = key(maybe(checked(TEXT, _span_or_once)), None, "30d, 4w, 3m, 1y, or once")
    lead_time: str | None = key(maybe(SPAN), None, "How long before the moment: 7d")
    after: Mapping[str, str] | None = key(maybe(ANCHOR), None)
    before: Mapping[str, str] | None = key(maybe(ANCHOR), None)
    times: int | None = key(maybe(whole(least=1)), None, "At most so many contacts, counted from the anchor")
    steps: tuple[Step, ...] = key(items(record(Step), most=20), ())
    variants: tuple[str, ...] = key(NAMES, ())
    cost: Cost | None = key(maybe(prepared(_cost, record(Cost))), None, "4, or {contact, click, sale}")

    def __post_init__(self) -> None:
        if self.after is not None and self.before is not None:
            raise ValueError("has both after and before: leave one out")
        for span in (*(self.after or {}).values(), *(self.before or {}).values()):
            if span != "0d":
                parse_span(span, infinite=False)
        if self.times is not None and (self.after or self.before) is None:
            raise ValueError("has times without after or before, from which to count")


ACTION = record(Action)


def _most_cost(value: float | str | None) -> float | str | None:
    if isinstance(value, float) and not 0 <= value < math.inf:
        raise ValueError("must be 0 or more")
    return value


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """The stage of every customer whom no condition matches."""

    stage: str = key(checked(NAME, _named))
    phase: str | None = key(maybe(TEXT), None)
    who: str | None = key(maybe(TEXT), None)
    goal: str | None = key(maybe(TEXT), None)
    max_cost: float | str | None = key(
        checked(maybe(either(number(), SQL)), _most_cost),
        None,
        "Most to spend on one customer: a number or SQL like 0.05 * clv",
    )
    at_risk: bool = key(TRUTH, False, "Whether a report counts its customers as at risk now")
    actions: tuple[Action, ...] = key(items(ACTION), ())


@dataclass(frozen=True, kw_only=True)
class Stage(Otherwise):
    """One stage. `when`: who is in it, unless an earlier stage has them; `only_with`: an attribute that it needs."""

    when: str = key(SQL, "")
    is_: tuple[str, ...] = key(
        items(NAME, most=20), (), "In place of when: names of conditions, one of which holds", name="is"
    )
    only_with: str | None = key(maybe(TEXT), None, "Leave the stage out of runs that lack this attribute")


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """A column that the rules want from --customers (or the log). An absent one takes its default, else null."""

    type: str = key(one_of("text", "number", "integer", "date", "boolean"))
    default: str | float | int | bool | None = key(maybe(SCALAR), None)

    def __post_init__(self) -> None:
        kinds: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "integer": (int,), "date": (str,)}
        wanted = kinds.get(self.type, (bool,))
        value = self.default
        if value is None:
            return
        if not isinstance(value, wanted) or (isinstance(value, bool) and self.type != "boolean"):
            raise ValueError(f"the default {value!r} is no {self.type}")
        if self.type == "date":
            date.fromisoformat(str(value))


BOUNDS = maybe(exactly(4, number()))
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Breakpoints:
    """Fixed bounds in place of fifths: r in days, falling; f in purchases and m in money, rising."""

    r: Bounds | None = key(BOUNDS, None)
    f: Bounds | None = key(BOUNDS, None)
    m: Bounds | None = key(BOUNDS, None)

    def __post_init__(self) -> None:
        for name, bounds in (("r", self.r and tuple(-v for v in self.r)), ("f", self.f), ("m", self.m)):
            if bounds and any(a >= b for a, b in pairwise(bounds)):
                raise ValueError(f"{name} must {'fall' if name == 'r' else 'rise'} from bound to bound")


@dataclass(frozen=True, kw_only=True)
class ControlGroup:
    """The share of customers, chosen by a hash of salt and id, whom campaigns leave out."""

    share: float = key(number(least=0, below=1))
    salt: str = key(text(least=1, most=200))


SCHEMA = 1


def _schema(value: object) -> object:
    if value != SCHEMA or isinstance(value, bool):
        raise ValueError(f"is {SCHEMA} in this version of clv, not {str(value)[:40]!r}")
    return value


def _phases(value: object) -> object:
    return dict.fromkeys(value, "") if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def _rfm(value: object) -> object:
    return None if value == "contract" else value


@dataclass(frozen=True, kw_only=True)
class Balance:
    """When a run warns of a lopsided portfolio: a stage without customers, or with more than `max_share` of them."""

    empty: bool = key(TRUTH, False)
    max_share: float | None = key(maybe(number(above=0, most=1)), None)


@dataclass(frozen=True, kw_only=True)
class SharedFile:
    """What rules files can be based on: attributes, fields and named conditions."""

    schema_version: int = key(
        prepared(_schema, whole(least=SCHEMA), {"const": SCHEMA}), SCHEMA, "Version of the rules' language",
        name="schema",
    )  # fmt: skip
    name: str = key(TEXT, "")
    description: str = key(TEXT, "")
    attributes: Mapping[str, Attribute] = key(
        mapping(record(Attribute)), factory=dict, description="What the rules want from --customers"
    )
    fields: Mapping[str, str] = key(
        mapping(SQL, most=200), factory=dict, description="Own columns for conditions, in SQL"
    )
    conditions: Mapping[str, str] = key(mapping(SQL), factory=dict, description="Named conditions, for `is`")


def _dates(value: object) -> object:
    """A name has a day or several."""
    if not isinstance(value, dict):
        return value
    return {name: [str(d) for d in (days if isinstance(days, list) else [days])] for name, days in value.items()}


def _days(value: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    for days in value.values():
        for day in days:
            date.fromisoformat(day)
    return {name: list(days) for name, days in value.items()}


@dataclass(frozen=True, kw_only=True)
class Holidays:
    """Days that everybody has, for `before` and `after`: those of a country, and own ones."""

    country: str | None = key(maybe(TEXT), None, "A code like NL; needs the extra clvcli[calendars]")
    dates: Mapping[str, list[str]] = key(
        checked(prepared(_dates, mapping(items(TEXT), keys=NAME)), _days),
        factory=dict, description="Name: 2026-05-10, or a list of days",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RulesFile(SharedFile):
    """A rules file: ordered stages, first match wins."""

    based_on: str | None = key(maybe(TEXT), None, "A shipped file of attributes, fields and conditions: journey")
    phases: Mapping[str, str] = key(
        prepared(
            _phases, mapping(TEXT), {"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "string"}}]}
        ),
        factory=dict, description="Names of the phases, each with what it is for",
    )  # fmt: skip
    rfm: Breakpoints | None = key(prepared(_rfm, maybe(record(Breakpoints))), None, "Fixed bounds of the scores")
    stages: tuple[Stage, ...] = key(items(record(Stage), least=1, most=200))
    actions: tuple[Action, ...] = key(
        items(ACTION, most=100),
        (),
        "Actions for the customers of every stage that has one, like a birthday or a service",
    )
    otherwise: Otherwise = key(record(Otherwise), Otherwise(stage="otherwise"))
    control_group: ControlGroup | None = key(maybe(record(ControlGroup)), None)
    consent: Mapping[str, str] = key(
        mapping(SQL, keys=NAME),
        factory=dict, description="Channel, or all -> SQL that holds where it may be used",
    )  # fmt: skip
    holidays: Holidays | None = key(maybe(record(Holidays)), None)
    variants: tuple[str, ...] = key(NAMES, ())
    balance: Balance = key(record(Balance), Balance())


PARTS = (Action, Attribute, Balance, Breakpoints, ControlGroup, Cost, Holidays, Otherwise, Stage, Step)
"""The records within a rules file."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a rules file, for editors."""
    parts = {part.__name__: schema_of(part) for part in PARTS}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": parts, **schema_of(RulesFile)}
