"""The rules file, declared once: what load.py checks, what editors complete (`json_schema`)."""

import math
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator, model_validator

from clvcli.core.horizon import parse_span

ONCE = "once"


class Strict(BaseModel):
    """No unknown key, no silent conversion, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _named(text: str) -> str:
    if not text.strip() or text != text.strip() or len(text) > 80 or not text.isprintable():
        raise ValueError("must be a short line of text, without blanks at its ends")
    return text


def _span_or_once(text: str) -> str:
    if text != ONCE:
        parse_span(text, infinite=False)
    return text


def _as_condition(value: object) -> object:
    """`when: true` is YAML's way to write the condition TRUE."""
    return str(value).upper() if isinstance(value, bool) else value


Name = Annotated[str, Field(min_length=1, max_length=80)]
Sql = Annotated[str, BeforeValidator(_as_condition), Field(description="An SQL expression")]


class Step(Strict):
    """What follows an action after a wait, unless the customer bought since."""

    action: Name
    wait: str = Field(description="How long after the step before: 3d")
    channel: str | None = None
    offer: str | None = None

    _check_wait = field_validator("wait")(lambda v: str(parse_span(v, infinite=False)))


class Cost(Strict):
    """What an action costs: of each contact, of a click (times response_rate), of a sale (times p_purchase)."""

    contact: float = Field(0.0, ge=0, allow_inf_nan=False)
    click: float = Field(0.0, ge=0, allow_inf_nan=False)
    sale: float = Field(0.0, ge=0, allow_inf_nan=False)


def _anchor(value: object) -> object:
    """`first_purchase: 30d`, one pair, or the day alone."""
    if isinstance(value, str):
        return {value: "0d"}
    if isinstance(value, dict) and (len(value) != 1 or not all(isinstance(v, str) for v in value.values())):
        raise ValueError("is one day and how far from it, like {first_purchase: 30d}")
    return value


def _cost(value: object) -> object:
    return {"contact": float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else value


AnchorDay = Annotated[
    dict[Name, str], BeforeValidator(_anchor),
    Field(description="first_purchase, last_purchase, next_purchase, stage_entry, a column or a holiday: how far"),
]  # fmt: skip


class Action(Strict):
    """One thing to do with the customers of a stage; `every` is a span like 30d, or once; `lead_time` a span before."""

    action: Name
    campaign: Name | None = Field(None, description="The campaign that its contacts belong to (default: the action)")
    control: float | None = Field(
        None, gt=0, lt=1, description="A control group of its own: the share of its customers whom it leaves out"
    )
    channel: str | None = None
    offer: str | None = None
    when: Sql | None = Field(None, description="Only for customers of the stage for whom this SQL condition holds")
    every: str | None = Field(None, description="30d, 4w, 3m, 1y, or once")
    lead_time: str | None = Field(None, description="How long before the moment: 7d")
    after: AnchorDay | None = None
    before: AnchorDay | None = None
    times: int | None = Field(None, ge=1, description="At most so many contacts, counted from the anchor")
    steps: Annotated[tuple[Step, ...], Field(strict=False, max_length=20)] = ()
    variants: Annotated[tuple[Name, ...], Field(strict=False, max_length=100)] = ()
    cost: Annotated[Cost, BeforeValidator(_cost)] | None = Field(None, description="4, or {contact, click, sale}")

    _check_every = field_validator("every")(lambda v: v if v is None else _span_or_once(v))
    _check_lead = field_validator("lead_time")(lambda v: v if v is None else str(parse_span(v, infinite=False)))

    @model_validator(mode="after")
    def _check_anchor(self) -> "Action":
        if self.after is not None and self.before is not None:
            raise ValueError("has both after and before: leave one out")
        for span in (*(self.after or {}).values(), *(self.before or {}).values()):
            if span != "0d":
                parse_span(span, infinite=False)
        if self.times is not None and (self.after or self.before) is None:
            raise ValueError("has times without after or before, from which to count")
        return self


class Otherwise(Strict):
    """The stage of every customer whom no condition matches."""

    stage: Name
    phase: str | None = None
    who: str | None = None
    goal: str | None = None
    max_cost: float | Sql | None = Field(
        None, description="Most to spend on one customer: a number or SQL like 0.05 * clv"
    )
    at_risk: bool = Field(False, description="Whether a report counts its customers as at risk now")
    actions: Annotated[tuple[Action, ...], Field(strict=False)] = ()

    _check_stage = field_validator("stage")(_named)

    @field_validator("max_cost")
    @classmethod
    def _check_cost(cls, value: float | str | None) -> float | str | None:
        if isinstance(value, float) and not 0 <= value < math.inf:
            raise ValueError("must be 0 or more")
        return value


class Stage(Otherwise):
    """One stage. `when`: who is in it, unless an earlier stage has them; `only_with`: an attribute that it needs."""

    when: Sql = ""
    is_: Annotated[tuple[Name, ...], Field(strict=False, max_length=20)] = Field(
        (), alias="is", description="In place of when: names of conditions, one of which holds"
    )
    only_with: str | None = Field(None, description="Leave the stage out of runs that lack this attribute")


class Attribute(Strict):
    """A column that the rules want from --customers (or the log). An absent one takes its default, else null."""

    type: Literal["text", "number", "integer", "date", "boolean"]
    default: str | float | int | bool | None = None

    @model_validator(mode="after")
    def _check_default(self) -> "Attribute":
        kinds: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float), "integer": (int,), "date": (str,)}
        wanted = kinds.get(self.type, (bool,))
        value = self.default
        if value is None:
            return self
        if not isinstance(value, wanted) or (isinstance(value, bool) and self.type != "boolean"):
            raise ValueError(f"the default {value!r} is no {self.type}")
        if self.type == "date":
            date.fromisoformat(str(value))
        return self


Bounds = Annotated[tuple[float, float, float, float], Field(strict=False)]


class Breakpoints(Strict):
    """Fixed bounds in place of fifths: r in days, falling; f in purchases and m in money, rising."""

    r: Bounds | None = None
    f: Bounds | None = None
    m: Bounds | None = None

    @model_validator(mode="after")
    def _check_order(self) -> "Breakpoints":
        for name, bounds in (("r", self.r and tuple(-v for v in self.r)), ("f", self.f), ("m", self.m)):
            if bounds and any(a >= b for a, b in pairwise(bounds)):
                raise ValueError(f"{name} must {'fall' if name == 'r' else 'rise'} from bound to bound")
        return self


class ControlGroup(Strict):
    """The share of customers, chosen by a hash of salt and id, whom campaigns leave out."""

    share: float = Field(ge=0, lt=1)
    salt: str = Field(min_length=1, max_length=200)


SCHEMA = 1


def _schema(value: object) -> object:
    if value != SCHEMA or isinstance(value, bool):
        raise ValueError(f"is {SCHEMA} in this version of clv, not {str(value)[:40]!r}")
    return value


def _phases(value: object) -> object:
    return dict.fromkeys(value, "") if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def _rfm(value: object) -> object:
    return None if value == "contract" else value


class Balance(Strict):
    """When a run warns of a lopsided portfolio: a stage without customers, or with more than `max_share` of them."""

    empty: bool = False
    max_share: float | None = Field(None, gt=0, le=1)


class SharedFile(Strict):
    """What rules files can be based on: attributes, fields and named conditions."""

    schema_version: Annotated[int, BeforeValidator(_schema), WithJsonSchema({"const": SCHEMA})] = Field(
        SCHEMA, alias="schema", description="Version of the rules' language"
    )
    name: str = ""
    description: str = ""
    attributes: dict[str, Attribute] = Field(default_factory=dict, description="What the rules want from --customers")
    fields: dict[str, Sql] = Field(
        default_factory=dict, max_length=200, description="Own columns for conditions, in SQL"
    )
    conditions: dict[str, Sql] = Field(default_factory=dict, description="Named conditions, for `is`")


def _dates(value: object) -> object:
    """A name has a day or several."""
    if not isinstance(value, dict):
        return value
    return {name: [str(d) for d in (days if isinstance(days, list) else [days])] for name, days in value.items()}


class Holidays(Strict):
    """Days that everybody has, for `before` and `after`: those of a country, and own ones."""

    country: str | None = Field(None, description="A code like NL; needs the extra clvcli[calendars]")
    dates: Annotated[dict[Name, list[str]], BeforeValidator(_dates)] = Field(
        default_factory=dict, description="Name: 2026-05-10, or a list of days"
    )

    @field_validator("dates")
    @classmethod
    def _check_dates(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for days in value.values():
            for day in days:
                date.fromisoformat(day)
        return value


class RulesFile(SharedFile):
    """A rules file: ordered stages, first match wins."""

    based_on: str | None = Field(None, description="A shipped file of attributes, fields and conditions: journey")
    phases: Annotated[
        dict[str, str],
        BeforeValidator(_phases),
        WithJsonSchema({"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = Field(default_factory=dict, description="Names of the phases, each with what it is for")
    rfm: Annotated[Breakpoints | None, BeforeValidator(_rfm)] = Field(None, description="Fixed bounds of the scores")
    stages: Annotated[tuple[Stage, ...], Field(strict=False, min_length=1, max_length=200)]
    actions: Annotated[tuple[Action, ...], Field(strict=False, max_length=100)] = Field(
        (), description="Actions for the customers of every stage that has one, like a birthday or a service"
    )
    otherwise: Otherwise = Otherwise(stage="otherwise", max_cost=None, at_risk=False)
    control_group: ControlGroup | None = None
    consent: dict[Name, Sql] = Field(
        default_factory=dict, description="Channel, or all -> SQL that holds where it may be used"
    )
    holidays: Holidays | None = None
    variants: Annotated[tuple[Name, ...], Field(strict=False, max_length=100)] = ()
    balance: Balance = Balance(max_share=None)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a rules file, for editors."""
    schema = RulesFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
