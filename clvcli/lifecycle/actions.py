"""What the rules want done in each stage: actions with channel, cadence and lead time, and what they may cost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import polars as pl

from clvcli.core.errors import ConfigError, InputError
from clvcli.core.horizon import Span, parse_span
from clvcli.core.language import marked
from clvcli.lifecycle.load import Rules, load_rules
from clvcli.lifecycle.names import CONTACTABLE, type_of
from clvcli.output.scored_table import ScoredTable
from clvcli.sql import SqlError, compile_sql

ONCE = "once"
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Anchor:
    """The day on which an action hangs, and how far after or before it the contact comes."""

    day: str
    span: Span
    after: bool


@dataclass(frozen=True)
class NextStep:
    """What follows after a wait, unless the customer bought."""

    action: str
    wait: str
    channel: str | None


@dataclass(frozen=True)
class StageAction:
    """One action of a stage. `every` None: once; `cost`: of a contact, a click, a sale; `control`: the share of its
    customers whom the campaign leaves out, to compare with; `common`: every stage has it, so that it is no reason to
    turn to anybody now.
    """

    stage: str
    action: str
    channel: str | None
    every: Span | None
    lead: Span | None
    when: str | None = None
    anchor: Anchor | None = None
    times: int | None = None
    steps: tuple[NextStep, ...] = ()
    variants: tuple[str, ...] = ()
    cost: tuple[float, float, float] | None = None
    named_campaign: str | None = None
    control: float | None = None
    common: bool = False

    @property
    def campaign(self) -> str:
        """The campaign of its contacts: by default the action itself."""
        return self.named_campaign or self.action


@dataclass(frozen=True)
class StageActions:
    """`actions` of all stages, in their order; `max_cost`: stage -> most to spend on one of its customers, a number or
    SQL over the scored table; absent: no limit; `consent`: channel -> SQL, see consent.py;
    `types`: attribute -> its type in the rules; `holidays`: see holidays.py.
    """

    actions: tuple[StageAction, ...]
    max_cost: Mapping[str, float | str]
    consent: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    holidays: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stages(self) -> list[str]:
        """Stages in which customers are talked to at all."""
        return list(dict.fromkeys(a.stage for a in self.actions))

    @property
    def channels(self) -> list[str]:
        """The channels that the actions name."""
        named = [c for a in self.actions for c in (a.channel, *(step.channel for step in a.steps))]
        return list(dict.fromkeys(channel for channel in named if channel))

    def of_stage(self, stage: str) -> list[StageAction]:
        """The actions of one stage, in their order."""
        return [a for a in self.actions if a.stage == stage]


def actions_of(table: ScoredTable, rules: str | None) -> StageActions:
    """From the rules that are named, else from the manifest, else from the table's own column `action`, each once."""
    if rules is not None:
        return of_rules(load_rules(rules))
    known = table.manifest.get("rules")
    if isinstance(known, Mapping) and isinstance(known.get("stages"), Mapping):
        more = {name: known.get(name) or {} for name in ("consent", "attributes", "holidays")}
        try:
            return _actions_in(
                known["stages"], more["consent"], more["attributes"], more["holidays"], known.get("actions") or ()
            )
        except (KeyError, ValueError) as problem:
            raise InputError(
                marked("{place}: the rules of its manifest are broken ({problem})", place=table.path, problem=problem),
                "--rules FILE",
            ) from None
    if "action" not in table.frame.columns:
        return StageActions((), {})
    pairs = table.frame.select("stage", "action").drop_nulls().unique().sort("stage", "action")
    return StageActions(tuple(StageAction(stage, action, None, None, None) for stage, action in pairs.iter_rows()), {})


def of_rules(rules: Rules) -> StageActions:
    """The actions of rules that loaded."""
    named = {s.stage: {"max_cost": s.max_cost, "actions": [asdict(a) for a in s.actions]} for s in rules.every_stage}
    days = asdict(rules.holidays) if rules.holidays else {}
    types = {name: a.type for name, a in rules.attributes.items()}
    return _actions_in(named, rules.consent, types, days, [asdict(one) for one in rules.actions])


def _actions_in(
    stages: Mapping[str, Mapping[str, Any]],
    consent: Mapping[str, str],
    types: Mapping[str, str],
    holidays: Mapping[str, Any],
    common: Sequence[Mapping[str, Any]] = (),
) -> StageActions:
    """`common`: actions of every stage that has one of its own."""
    actions = []
    for stage, what in stages.items():
        own = [_action(stage, one) for one in what.get("actions") or ()]
        actions += [*own, *(replace(_action(stage, one), common=True) for one in common if own)]
    costs = {stage: what["max_cost"] for stage, what in stages.items() if what.get("max_cost") is not None}
    return StageActions(tuple(actions), costs, dict(consent), dict(types), dict(holidays))


def _action(stage: str, one: Mapping[str, Any]) -> StageAction:
    every, lead = one.get("every"), one.get("lead_time")
    return StageAction(
        stage,
        str(one["action"]),
        one.get("channel"),
        parse_span(every, infinite=False) if every and every != ONCE else None,
        parse_span(lead, infinite=False) if lead else None,
        one.get("when"),
        _anchor(one),
        one.get("times"),
        tuple(NextStep(step["action"], step["wait"], step.get("channel")) for step in one.get("steps") or ()),
        tuple(one.get("variants") or ()),
        _cost(one.get("cost")),
        one.get("campaign"),
        one.get("control"),
    )


def _anchor(one: Mapping[str, Any]) -> Anchor | None:
    for key in ("after", "before"):
        for day, text in (one.get(key) or {}).items():
            span = Span(0, "d") if text == "0d" else parse_span(text, infinite=False)
            return Anchor(day, span, after=key == "after")
    return None


def _cost(told: Mapping[str, float] | None) -> tuple[float, float, float] | None:
    if not told:
        return None
    return (told.get("contact", 0.0), told.get("click", 0.0), told.get("sale", 0.0))


def typed(frame: pl.DataFrame, actions: StageActions) -> pl.DataFrame:
    """The table with the attributes of the rules in their types: a CSV has them as text. What is none is null, as is an
    attribute that the table lacks.
    """
    casts: list[pl.Expr] = []
    for name, kind in actions.types.items():
        if name not in frame.columns and name != CONTACTABLE:
            casts.append(pl.lit(None, type_of(kind)).alias(name))
        if name not in frame.columns or frame.schema[name] != pl.String or kind == "text":
            continue
        column = pl.col(name)
        if kind == "boolean":
            casts.append(column.str.to_lowercase().replace_strict(WORDS, default=None, return_dtype=pl.Boolean))
        elif kind == "date":
            casts.append(column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
        else:
            casts.append(column.cast(pl.Int64 if kind == "integer" else pl.Float64, strict=False))
    return frame.with_columns(casts)


def holds(one: StageAction, frame: pl.DataFrame) -> pl.Expr:
    """Where the condition of an action holds. Raises ConfigError for SQL that the table cannot answer."""
    if one.when is None:
        return pl.lit(value=True)
    try:
        return compile_sql(one.when, dict(frame.schema), boolean=True).fill_null(value=False)
    except SqlError as problem:
        raise ConfigError(
            marked("when of action {action}: {text}", action=repr(one.action), text=problem.message),
            hint=problem.hint or "a column of the scored table",
        ) from None


def cost_limits(frame: pl.DataFrame, actions: StageActions) -> pl.Series:
    """What each row's customer may cost; null: no limit. A limit that the row's values leave unknown is 0.

    Raises ConfigError for SQL that the table cannot answer.
    """
    limit = pl.lit(None, pl.Float64)
    for stage, text in actions.max_cost.items():
        limit = pl.when(pl.col("stage") == stage).then(_limit(stage, text, frame)).otherwise(limit)
    return frame.with_columns(max_cost=limit)["max_cost"]


def _limit(stage: str, text: float | str, frame: pl.DataFrame) -> pl.Expr:
    if isinstance(text, int | float):
        return pl.lit(float(text))
    try:
        value = compile_sql(text, dict(frame.schema))
    except SqlError as problem:
        raise ConfigError(
            marked("max_cost of stage {stage}: {text}", stage=repr(stage), text=problem.message), hint=problem.hint
        ) from None
    return value.cast(pl.Float64).fill_null(0.0).fill_nan(0.0).clip(lower_bound=0.0)
