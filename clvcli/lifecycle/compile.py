"""Rules to one vectorised when/then chain."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from clvcli.core.deprecated import old_columns, with_new_names
from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.lifecycle import control
from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.names import COLUMNS, CONTACTABLE, DERIVED, type_of
from clvcli.lifecycle.schema import Attribute, Otherwise, Stage
from clvcli.sql import Grown, SqlError, columns_of, compile_sql, result_type

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Compiled:
    """Rules ready to classify. Plain values and expressions: it travels to workers.

    `stages` are those that this run has, each with its condition; `needs` names every column, derived field and
    attribute that conditions read; `schema` the types under which they were compiled; `defaults` the attributes that no
    file gave; `actions` the conditions of the actions of a stage that has any.
    """

    rules: Rules
    stages: tuple[tuple[Stage, pl.Expr], ...]
    actions: Mapping[str, tuple[pl.Expr | None, ...]]
    fields: tuple[tuple[str, pl.Expr], ...]
    needs: frozenset[str]
    schema: Mapping[str, pl.DataType]
    defaults: Mapping[str, pl.Expr]

    @property
    def every_stage(self) -> tuple[Otherwise, ...]:
        """The stages of this run, then `otherwise`."""
        return (*(stage for stage, _ in self.stages), self.rules.otherwise)

    @property
    def stage_names(self) -> tuple[tuple[str, str | None], ...]:
        """(stage, phase) in order, `otherwise` last."""
        return tuple((stage.stage, stage.phase) for stage in self.every_stage)

    @property
    def at_risk(self) -> tuple[str, ...]:
        """The names of the stages whose customers count as at risk."""
        return tuple(stage.stage for stage in self.every_stage if stage.at_risk)

    def prepared(self, batch: pl.DataFrame) -> pl.DataFrame:
        """`batch` with what conditions read, in the types they were compiled for: attributes, defaults, fields."""
        return self._prepared(batch).collect()

    def _prepared(self, batch: pl.DataFrame) -> pl.LazyFrame:
        """As a plan: with the conditions in one, what they share is computed once and what none reads never."""
        missing = [expr.alias(name) for name, expr in self.defaults.items() if name not in batch.columns]
        columns = [*batch.columns, *(name for name in self.defaults if name not in batch.columns)]
        renamed = {old: new for old, new in old_columns(columns).items() if old in self.needs}
        columns += renamed
        frame = batch.lazy().with_columns(missing).with_columns(pl.col(new).alias(o) for o, new in renamed.items())
        casts = [pl.col(n).cast(t) for n, t in self.schema.items() if n in self.needs and n in columns]
        absent = {name: _default(a) for name, a in self.rules.attributes.items() if a.default is not None}
        absent.setdefault(CONTACTABLE, pl.lit(False))
        filled = [pl.col(n).fill_null(value) for n, value in absent.items() if n in self.needs]
        frame = frame.with_columns(casts).with_columns(filled)
        for name, expression in self.fields:
            frame = frame.with_columns(expression.alias(name))
        return frame

    def stage_index(self) -> pl.Expr:
        """The position of the first stage whose condition is true; that of `otherwise` where none is."""
        chain = pl.lit(len(self.stages), pl.UInt32)
        for index in range(len(self.stages) - 1, -1, -1):
            chain = pl.when(self.stages[index][1]).then(pl.lit(index, pl.UInt32)).otherwise(chain)
        return chain

    def classify(self, batch: pl.DataFrame) -> pl.DataFrame:
        """`batch` with stage, phase, action (each an Enum), in_control, variant. Depends on no other row. A null is no
        match.

        `batch` has customer_id, the output columns and derived fields of `needs`, and the attributes that `schema` was
        given; other attributes take their defaults. Raises KeyError-like Polars errors only for a caller's mistake.
        """
        index = self._prepared(batch).select(self.stage_index().alias("_stage")).collect()["_stage"]
        if index.len() != batch.height:  # every condition is a constant
            index = index.new_from_index(0, batch.height)
        stages = self.every_stage
        named: dict[str, list[str | None]] = {
            "stage": [stage.stage for stage in stages],
            "phase": [stage.phase for stage in stages],
            "action": [stage.actions[0].action if stage.actions else None for stage in stages],
        }
        columns = [_words(name, values).gather(index) for name, values in named.items()]
        if self.actions:
            columns[-1] = self._actions(batch, columns[0])
        return batch.with_columns(columns).with_columns(self._campaign(batch))

    def _actions(self, batch: pl.DataFrame, stage: pl.Series) -> pl.Series:
        """The first action of each customer's stage whose condition holds, or that has none."""
        words = [one.action for stage in self.every_stage for one in stage.actions]
        kind = pl.Enum(list(dict.fromkeys(words)))
        chain = pl.lit(None, kind)
        for each in self.every_stage:
            here = pl.lit(None, kind)
            for one, condition in reversed([*zip(each.actions, self._conditions(each), strict=True)]):
                word = pl.lit(one.action, kind)
                here = word if condition is None else pl.when(condition).then(word).otherwise(here)
            chain = pl.when(pl.col("_stage") == each.stage).then(here).otherwise(chain)
        frame = self._prepared(batch).with_columns(stage.alias("_stage"))
        return frame.select(chain.alias("action")).collect()["action"]

    def _conditions(self, stage: Otherwise) -> tuple[pl.Expr | None, ...]:
        return self.actions.get(stage.stage) or (None,) * len(stage.actions)

    def _campaign(self, batch: pl.DataFrame) -> list[pl.Series | pl.Expr]:
        group = self.rules.control_group
        if group is None:
            return [pl.lit(False).alias("in_control"), pl.lit(None, pl.String).alias("variant")]
        ids, variants = batch["customer_id"], self.rules.variants
        chosen = control.variant(ids, variants, group.salt) if variants else pl.lit(None, pl.String).alias("variant")
        return [control.in_control(ids, group.share, group.salt), chosen]


def compile_rules(rules: Rules, schema: Mapping[str, pl.DataType]) -> Compiled:
    """Compiles every condition and field. Raises ConfigError with the place in the file.

    `schema`: the columns of the run beyond the contract: the attributes that --customers or the log gave. One that
    the rules declare and `schema` lacks takes its default; a stage whose `only_with` it lacks is left out.
    """
    known: dict[str, pl.DataType] = {**COLUMNS, **{name: kind for name, (kind, _) in DERIVED.items()}}
    known |= {old: known[new] for old, new in old_columns(known).items()}
    known |= {name: kind for name, kind in schema.items() if name not in known}
    known |= {name: type_of(attribute.type) for name, attribute in rules.attributes.items()}
    known[CONTACTABLE] = pl.Boolean()
    defaults = {name: _default(a) for name, a in rules.attributes.items() if name not in schema}
    if CONTACTABLE not in schema:
        defaults[CONTACTABLE] = _default(rules.attributes.get(CONTACTABLE) or Attribute(type="boolean", default=False))
    needs: set[str] = set()
    grown = Grown()
    fields = []
    for name, text in rules.fields.items():
        expression = _compiled(rules, ("fields", name), f"field {name}", text, known, needs, grown, name)
        known[name] = result_type(expression, columns_of(text), known)
        fields.append((name, expression))
    stages = []
    for i, stage in enumerate(rules.stages):
        path, what = ("stages", i, "when"), f"stage {stage.stage!r}"
        condition = _compiled(rules, path, what, stage.when, known, needs, grown)
        if stage.only_with is None or stage.only_with in schema:
            stages.append((stage, condition))
    actions = {}
    for i, each in enumerate(rules.every_stage):
        if any(one.when for one in each.actions):
            actions[each.stage] = tuple(
                None if one.when is None else
                _compiled(rules, (*_place(rules, i), "actions", k, "when"), f"action {one.action!r}", one.when, known,
                          needs, grown)
                for k, one in enumerate(each.actions)
            )  # fmt: skip
    _check_costs(rules, known)
    for channel, text in rules.consent.items():
        _compiled(rules, ("consent", channel), f"consent of {channel!r}", text, known, set(), grown)
    return Compiled(rules, tuple(stages), actions, tuple(fields), frozenset(needs - set(rules.fields)), known, defaults)


def _words(name: str, values: list[str | None]) -> pl.Series:
    """Texts of which there are few, as an Enum: a byte a customer, and no text to hash."""
    return pl.Series(name, values, dtype=pl.Enum(list(dict.fromkeys(value for value in values if value is not None))))


def _compiled(
    rules: Rules,
    path: Place,
    what: str,
    text: str,
    known: Mapping[str, pl.DataType],
    needs: set[str],
    grown: Grown,
    field: str | None = None,
) -> pl.Expr:
    """The text of the field of that name, or a condition."""
    try:
        needs |= with_new_names(columns_of(text))
        return compile_sql(text, known, boolean=field is None, grown=grown, name=field)
    except SqlError as problem:
        raise _at(rules, path, what, problem) from None


def _place(rules: Rules, index: int) -> Place:
    """Where the stage stands in the file."""
    return ("otherwise",) if index == len(rules.stages) else ("stages", index)


def _check_costs(rules: Rules, known: Mapping[str, pl.DataType]) -> None:
    """A max_cost in SQL must be a number."""
    for index, stage in enumerate(rules.every_stage):
        path: Place = (*_place(rules, index), "max_cost")
        if not isinstance(stage.max_cost, str):
            continue
        try:
            compile_sql(f"({stage.max_cost}) >= 0", known, boolean=True)
        except SqlError as problem:
            raise _at(rules, path, f"max_cost of {stage.stage!r}", problem) from None


def _at(rules: Rules, path: Place, what: str, problem: SqlError) -> ConfigError:
    hint = problem.hint
    later = problem.message.removeprefix("unknown column ")
    if later in rules.fields:
        hint = marked("a field sees the fields above it: move {later} up", later=later)
    elif problem.message.startswith("unknown column") and "did you mean" not in str(hint):
        hint = marked("a column of --customers is declared under attributes: {name: {type: text}}")
    return rules.error(path, marked("{place}: {text}", place=what, text=problem.message), hint)


def _default(attribute: Attribute) -> pl.Expr:
    value = pl.lit(attribute.default)
    if attribute.type == "date" and attribute.default is not None:
        return value.str.to_date("%Y-%m-%d")
    return value.cast(type_of(attribute.type))
