"""A log, scored: read -> customers -> fits -> predict -> cuts -> classify; by any engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from clvcli.core.background import in_background
from clvcli.core.deprecated import column_notices
from clvcli.core.errors import InputError, ModelError, Notice
from clvcli.core.language import marked
from clvcli.core.marked import both, several
from clvcli.core.options import ScoreOptions
from clvcli.core.run_day import run_day
from clvcli.engines import local
from clvcli.engines.base import Carrier, Rows
from clvcli.engines.people import CustomerAttributes
from clvcli.engines.series import Counts, Part
from clvcli.lifecycle.balance import balance_notices
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.derived import cost_read
from clvcli.lifecycle.load import load_rules
from clvcli.lifecycle.names import COST
from clvcli.scoring.before import NO_PREVIOUS, earlier_of, rules_before
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.choose import AUTO, CUSTOMERS, settle
from clvcli.scoring.covaried import covaried, encode, refuse_covariates
from clvcli.scoring.hashed import hashed_log, hashed_people
from clvcli.scoring.portfolio import CUSTOMERS as REHEARSING
from clvcli.scoring.portfolio import Rehearsals, rehearse
from clvcli.scoring.run_models import (
    acquired_from,
    basis_seen,
    fitted,
    margin_rate,
    needs_of,
    scorer_of,
    spend_basis,
    with_season,
)
from clvcli.scoring.saved_model import read_model
from clvcli.scoring.series.activity import Activity, Purchased
from clvcli.scoring.steps import FORMER, Classify, Describe, Predict
from clvcli.scoring.terms import Scorer
from clvcli.scoring.thresholds import Cuts, cut

Stage = Callable[[str], None]
DIGITS = 2**53
"""Whole numbers up to here are exact in a column of floats."""


@dataclass(frozen=True)
class RunResult:
    """What a log says before it is scored: its purchases, what happened in it (None without any), and the model's
    errors on past days."""

    purchases: int
    activity: Activity | None
    rehearsals: Rehearsals | None


SideTask = Callable[[Any, Rows, Scorer, str | None], RunResult]
"""Work beside the fits: on a log, its customers, the terms of the run, the name of its purchase model (None: none)."""


@dataclass(frozen=True)
class FittedLog:
    """A log, its customers (engines/base.py) and the models they are scored by.

    `saved_cuts`: of a saved model that has some; `earlier`: the table of --previous; `aside`: what `aside` gave.
    """

    log: Any
    customers: Rows
    scorer: Scorer
    calibration: Calibration | None
    rules: Compiled
    people: CustomerAttributes
    notices: tuple[Notice, ...]
    saved_cuts: Cuts | None
    earlier: Rows | None
    aside: RunResult | None = None


@dataclass(frozen=True)
class Scored:
    """A scored log. `table` has the columns of the contract and the internal ones of engines/base.py; with `earlier`,
    the table of --previous, those of engines' `beside` too."""

    log: Any
    table: Rows
    scorer: Scorer
    calibration: Calibration | None
    cuts: Cuts
    rules: Compiled
    people: CustomerAttributes
    notices: tuple[Notice, ...]
    earlier: Rows | None = None


def quiet(text: str) -> None:
    """The stage announcer of a run that nobody watches."""


def score_log(options: ScoreOptions, stage: Stage = quiet, engine: Carrier = local, log: Any = None) -> Scored:
    """Everything of the main job but the outputs. `log`: one that was read (and cut) already."""
    return classify_log(options, fit_log(options, stage, engine, log), stage, engine)


def fit_log(
    options: ScoreOptions, stage: Stage = quiet, engine: Carrier = local, log: Any = None,
    aside: SideTask | None = None
) -> FittedLog:  # fmt: skip
    """The first half: read -> customers -> fits. The fits leave a processor idle: there customers are described, and
    `aside` is done."""
    today = run_day()
    rules = load_rules(options.rules)
    saved = read_model(options.use_model) if options.use_model else None
    margin = None if margin_rate(options.margin) is not None else options.margin
    named = engine.people(options.customers, rules, group=options.by, margin=margin)
    people = hashed_people(named, options.hash_ids) if options.hash_ids else named
    compiled = compile_rules(rules, people.schema)
    earlier, of_earlier = earlier_of(options, engine)
    refuse_covariates(options)
    stage("reading")
    log = log or engine.read(options, today, named, needs_of(options, saved))
    log = hashed_log(log, options.hash_ids) if options.hash_ids else log
    choice = None
    if saved is None and not options.no_model and options.model == AUTO:
        options, choice = settle(options, local, engine.few(log, CUSTOMERS), log.as_of)
    stage("grouping")
    customers = engine.everyone(log, people, needs_of(options, saved))
    basis = basis_seen(spend_basis(options, saved), log.basis)
    since = acquired_from(options)
    known, of_covariates = encode(options, saved.covariates if saved else None, customers, since)
    stage("fitting")
    terms = scorer_of(options, log.as_of, basis, None)
    first = engine.first_day(log, customers)
    name = None if options.no_model else saved.pooled.purchase.name if saved else options.model
    with in_background(
        lambda: (
            engine.ahead(known.customers if known else customers, Describe(terms)),
            aside and aside(log, customers, terms, name),
        )
    ) as done:
        calibration = None if options.no_model else fitted(options, saved, engine, customers, log.as_of, basis, first)
    if calibration is not None and known is not None:
        calibration = covaried(calibration, known, engine, log.as_of, since, saved.covariates if saved else None)
    if calibration is not None and options.require_model and not calibration.pooled.purchase.usable:
        raise ModelError(
            calibration.pooled.purchase.message or "no model can be fitted",
            hint="clv check says why",
            code="too_little_data",
        )
    if calibration is not None and choice is not None:
        calibration = replace(calibration, choice=choice.as_json())
    described, told = done.value
    scorer = scorer_of(options, log.as_of, basis, calibration)

    def activity() -> Activity:
        assert first is not None
        known = told.activity if told else None
        return known or engine.purchased(log, customers, Purchased(first, log.as_of))

    def rehearsed() -> Rehearsals | None:
        return told.rehearsals if told else rehearse(local, engine.few(log, REHEARSING), terms, name, since=since)

    scorer, of_horizon, minds = with_season(options, scorer, first, lambda: activity().days, rehearsed)
    if minds and told and told.rehearsals:
        told = replace(told, rehearsals=told.rehearsals.seasoned())
    of_models = calibration.notices if calibration else ()
    notices = (
        *of_earlier,
        *column_notices(),
        *_about_summary(options, compiled),
        *log.quality.notices,
        *people.notices,
        *of_covariates,
        *of_models,
        *of_horizon,
    )
    saved_cuts = saved.cuts if saved else None
    return FittedLog(log, described, scorer, calibration, compiled, people, notices, saved_cuts, earlier, told)


UNKNOWN_OF_SUMMARY = {"typical_gap", "spend_trend"}
"""Derived fields that come from single purchases."""


def _about_summary(options: ScoreOptions, compiled: Compiled) -> list[Notice]:
    """What the rules read and a summary does not tell."""
    read = sorted(UNKNOWN_OF_SUMMARY & compiled.needs) if options.summary else []
    if not read:
        return []
    text = marked(
        "{rules} reads {fields}, which a summary does not tell: such conditions hold for nobody",
        rules=options.rules, fields=both(read),
    )  # fmt: skip
    return [Notice("summary_without_days", text)]


def classify_log(options: ScoreOptions, known: FittedLog, stage: Stage = quiet, engine: Carrier = local) -> Scored:
    """The second half: predict -> cuts -> classify."""
    stage("scoring")
    predicted, cuts = engine.map(known.customers, Predict(known.scorer), keep=True), known.saved_cuts
    if cuts is None:
        predicted, cuts = cut(engine, predicted, known.rules.rules.breakpoints, options.decimals)
    former = None if known.earlier is None else rules_before(options, known.rules.rules)
    then = None if former is None else compile_rules(former, known.people.schema)
    step = Classify(cuts, known.rules, known.log.as_of, then)
    if known.earlier is None:
        table = engine.map(predicted, step, keep=True, ordered=True)
    else:
        table = engine.beside(engine.map(predicted, step), known.earlier, str(options.previous))
    found = engine.reduce(table, _Staged())
    moved = marked(
        "{n:,} customers moved because the rules are others than those of {previous}",
        n=found["moved"], previous=options.previous,
    )  # fmt: skip
    of_rules = [] if former is None else [Notice("other_rules", moved)]
    balance = balance_notices(known.rules, found["stages"])
    balance += _about_digits(found["beyond"]) + _about_costs(found["costs"])
    return Scored(
        known.log, table, known.scorer, known.calibration, cuts, known.rules, known.people,
        (*known.notices, *of_rules, *balance), known.earlier,
    )  # fmt: skip


def _about_digits(customers: int) -> list[Notice]:
    if not customers:
        return []
    text = several(
        "{n:,} customer spent more than a column of numbers holds to the last digit ({most:,} of the smallest unit): "
        "total_spend is rounded; fewer --decimals hold more",
        "{n:,} customers spent more than a column of numbers holds to the last digit ({most:,} of the smallest unit): "
        "total_spend is rounded; fewer --decimals hold more",
        customers, most=DIGITS,
    )  # fmt: skip
    return [Notice("spend_beyond_digits", text)]


def _about_costs(customers: int) -> list[Notice]:
    if not customers:
        return []
    text = several(
        "{n:,} customer has an {column} that is no number of 0 or more: it counts as unknown; correct it in "
        "--customers, like 12.50",
        "{n:,} customers have an {column} that is no number of 0 or more: it counts as unknown; correct it in "
        "--customers, like 12.50",
        customers, column=COST,
    )  # fmt: skip
    return [Notice("unread_costs", text)]


class _Staged(Counts):
    """The scored table -> how many customers each stage has, how many of those who were there before are in another one
    because the rules are others, how many spent more than DIGITS, and how many costs cannot be read."""

    def of(self, batch: pl.DataFrame) -> Part:
        """Counts of a batch, by name."""
        stages = {str(stage): n for stage, n in batch["stage"].value_counts().iter_rows()}
        beyond = int((batch["total"] > DIGITS).sum())
        unread = pl.col(COST).is_not_null() & cost_read().is_null()
        costs = int(batch.select(unread.sum()).item()) if COST in batch.columns else 0
        if FORMER not in batch.columns:
            return {"stages": stages, "moved": 0, "beyond": beyond, "costs": costs}
        moved = batch["stage"].cast(pl.String).ne_missing(batch[FORMER]) & batch["_known"].is_not_null()
        return {"stages": stages, "moved": int(moved.sum()), "beyond": beyond, "costs": costs}


def refuse_warnings(notices: Sequence[Notice]) -> None:
    """--strict: warnings end the run. Raises InputError."""
    # Notes: neither the first night's run nor the second's must fail.
    notices = [n for n in notices if n.code not in ("skipped_outputs", NO_PREVIOUS)]
    if notices:
        told = notices[0].message
        if len(notices) > 1:
            told = marked("{told} (and {n:d} more)", told=told, n=len(notices) - 1)
        raise InputError(
            marked("--strict: {text}", text=told),
            hint="without --strict it is a warning",
            code=notices[0].code,
        )
