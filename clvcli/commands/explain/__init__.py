"""The job of `clv explain`: one customer, from the purchases to the stage, and what comes next."""

import dataclasses
from collections.abc import Sequence
from datetime import date

import polars as pl

from clvcli.commands.explain.decision import checks
from clvcli.commands.explain.explanation import Explanation, values_of
from clvcli.commands.explain.from_table import explain_row, near
from clvcli.commands.explain.future import alive_over_time, counts
from clvcli.commands.explain.moves import moves
from clvcli.commands.explain.todo import standing
from clvcli.core.currency import currency_of
from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import ExplainOptions, ModelOptions, ScoreOptions
from clvcli.engines import local as polars_engine
from clvcli.lifecycle.actions import of_rules
from clvcli.output.formats.base import with_texts
from clvcli.output.scored_table import is_scored
from clvcli.scoring.scored import Stage, quiet, score_log
from clvcli.scoring.terms import Fits


def explain(options: ExplainOptions, stage: Stage = quiet) -> Explanation:
    """Explains a customer of a scored table, or scores the log and explains one of its customers.

    Raises InputError for an id that it does not have.
    """
    if len(options.data) and is_scored(options.data[0]):
        return explain_row(options)
    scored = score_log(_score_options(options), stage)
    row = scored.table.filter(pl.col("customer_id") == options.id)
    if row.is_empty():
        raise InputError(
            marked("no customer {id} in the data", id=repr(options.id)), hint=near(options.id, scored.table)
        )
    bought = scored.log.purchases.filter(pl.col("customer_id") == options.id)
    fits = scored.scorer.groups.get(_group(row), scored.scorer.pooled)
    money = 10.0**options.decimals
    days = [(day, amount / money) for day, amount in bought.select("day", "amount").iter_rows()]
    name = row["stage"][0]
    return Explanation(
        customer_id=options.id,
        as_of=scored.log.as_of,
        horizon=options.horizon,
        purchases=tuple(days),
        values=values_of(scored.rules, row),
        stage=next(s for s in scored.rules.every_stage if s.stage == name),
        checks=checks(scored.rules, row),
        alive=_alive([day for day, _ in days], scored.log.as_of, fits),
        alert=options.alert,
        counts=counts(row, scored),
        moves=moves(row, bought, scored, polars_engine),
        attributes={name: row[name][0] for name in scored.people.shown if name in row.columns},
        standing=standing(with_texts(scored.table), options.id, of_rules(scored.rules.rules), options.horizon),
        currency=currency_of(scored.log.quality.facts, options.show_currency),
    )


def _alive(days: Sequence[date], as_of: date, fits: Fits | None) -> tuple[tuple[date, float], ...]:
    if fits is None or not fits.purchase.usable:
        return ()
    return alive_over_time(days, as_of, fits.purchase.name, fits.purchase.params)


def _score_options(options: ExplainOptions) -> ScoreOptions:
    inherited = {f.name: getattr(options, f.name) for f in dataclasses.fields(ModelOptions)}
    own = {name: getattr(options, name) for name in ("rules", "customers", "use_model", "no_model")}
    return ScoreOptions(**inherited, **own)


def _group(row: pl.DataFrame) -> str:
    return str(row["model_group"][0]) if "model_group" in row.columns else ""
