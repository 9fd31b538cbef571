"""A log, scored in memory: read -> customers -> fits -> predict -> cuts -> classify."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from clvcli.core.background import meanwhile
from clvcli.core.deprecated import column_notices
from clvcli.core.errors import InputError, ModelError, Notice
from clvcli.core.options import ScoreOptions
from clvcli.core.run_day import run_day
from clvcli.engines import local as polars_engine
from clvcli.engines.base import Engine
from clvcli.lifecycle.balance import balance_notices
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.former import former_rules
from clvcli.lifecycle.load import load_rules
from clvcli.lifecycle.previous import Change, with_previous
from clvcli.log.purchases import Purchases
from clvcli.log.read import Log, read_log
from clvcli.output.scored_table import read_manifest, read_scored
from clvcli.scoring.attributes import People, join_people, people_of
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.choose import settle
from clvcli.scoring.classify import classify
from clvcli.scoring.describe import describe, with_models
from clvcli.scoring.groups import name_groups
from clvcli.scoring.run_models import fitted, margin_rate, needs_of, scorer_of, season_terms, spend_basis, with_season
from clvcli.scoring.saved_model import read_model
from clvcli.scoring.terms import Scorer
from clvcli.scoring.thresholds import Cuts, cuts_of

NO_PREVIOUS = "no_previous"
Stage = Callable[[str], None]
Aside = Callable[[Log, pl.DataFrame, Scorer, str | None], Any]
"""Work beside the fits: on a log, its customers, the terms of the run, the name of its purchase model (None: none)."""


@dataclass(frozen=True)
class FittedLog:
    """A log, its customers (engines/base.py, with the columns that need no model) and the models they are scored by.

    `saved_cuts`: of a saved model that has some; `earlier`: the table of --previous; `aside`: what `aside` gave.
    """

    log: Log
    customers: pl.DataFrame
    scorer: Scorer
    calibration: Calibration | None
    rules: Compiled
    people: People
    leads: int
    notices: tuple[Notice, ...]
    saved_cuts: Cuts | None
    earlier: pl.DataFrame | None
    aside: Any = None

    def without_purchases(self) -> "FittedLog":
        """The same, its log without purchases: nothing that follows needs them, and they are a tenth of all memory."""
        return replace(self, log=replace(self.log, bought=Purchases.none()))


@dataclass(frozen=True)
class Scored:
    """A scored log in memory. `table` has the columns of the contract and the internal ones of engines/base.py."""

    log: Log
    table: pl.DataFrame
    scorer: Scorer
    calibration: Calibration | None
    cuts: Cuts
    rules: Compiled
    people: People
    leads: int
    notices: tuple[Notice, ...]
    change: Change | None = None


def quiet(text: str) -> None:
    """The stage announcer of a run that nobody watches."""


def nothing(log: Log, customers: pl.DataFrame, terms: Scorer, model: str | None) -> None:
    """No work beside the fits."""


def score_log(
    options: ScoreOptions, stage: Stage = quiet, engine: Engine = polars_engine, log: Log | None = None
) -> Scored:
    """Everything of the main job but the outputs. `log`: one that was read (and cut) already."""
    return classify_log(options, fit_log(options, stage, engine, log), stage)


def fit_log(
    options: ScoreOptions, stage: Stage = quiet, engine: Engine = polars_engine, log: Log | None = None,
    aside: Aside = nothing,
) -> FittedLog:  # fmt: skip
    """The first half: read -> customers -> fits. The fits leave a processor idle: there customers are described, and
    `aside` is done."""
    today = run_day()
    rules = load_rules(options.rules)
    saved = read_model(options.use_model) if options.use_model else None
    margin = None if margin_rate(options.margin) is not None else options.margin
    people = people_of(options.customers, rules, group=options.by, margin=margin)
    compiled = compile_rules(rules, people.schema)
    earlier, of_earlier = earlier_of(options)
    stage("reading")
    log = log or read_log(options, today, keep=people.wanted_of_log)
    choice = None
    if saved is None and not options.no_model:
        options, choice = settle(options, engine, log.bought, log.as_of)
    stage("grouping")
    customers, leads = join_people(engine.customers(log.bought, needs_of(options, saved)), people, log.attributes)
    if leads == 0:
        log.quality.refuse_nothing_used()
    basis = spend_basis(options, saved)
    stage("fitting")
    terms = scorer_of(options, log.as_of, basis, None)
    name = None if options.no_model else saved.pooled.purchase.name if saved else options.model
    with meanwhile(lambda: (describe(customers, terms), aside(log, customers, terms, name))) as done:
        calibration = None if options.no_model else fitted(options, saved, engine, customers, log.as_of, basis)
    if calibration is not None and options.require_model and not calibration.pooled.purchase.usable:
        raise ModelError(calibration.pooled.purchase.message or "no model can be fitted", hint="clv check says why")
    if calibration is not None and choice is not None:
        calibration = replace(calibration, choice=choice.as_json())
    customers = name_groups(done.value[0], list(calibration.groups) if calibration else [])
    scorer = scorer_of(options, log.as_of, basis, calibration)
    scorer, of_horizon = with_season(options, scorer, *season_terms(log.bought.amounts, customers))
    of_models = calibration.notices if calibration else ()
    notices = (*of_earlier, *column_notices(), *log.quality.notices, *people.notices, *of_models, *of_horizon)
    saved_cuts = saved.cuts if saved else None
    return FittedLog(
        log, customers, scorer, calibration, compiled, people, leads, notices, saved_cuts, earlier, done.value[1]
    )


def earlier_of(options: ScoreOptions) -> tuple[pl.DataFrame | None, tuple[Notice, ...]]:
    """The table of --previous. It may be the very output: where that does not exist yet, it is a table of nobody."""
    if not options.previous:
        return None, ()
    if overwrites_previous(options) and not os.path.lexists(options.previous):
        text = f"{options.previous}: there is no earlier table yet, so every customer is new"
        return pl.DataFrame(schema={"customer_id": pl.String, "stage": pl.String}), (Notice(NO_PREVIOUS, text),)
    return read_scored(options.previous, None).frame, ()


def overwrites_previous(options: ScoreOptions) -> bool:
    """Whether --previous and --output name one file: the table is compared with what that file held."""
    if not options.previous or not options.output or "-" in (options.previous, options.output):
        return False
    return os.path.realpath(options.previous) == os.path.realpath(options.output)


def classify_log(options: ScoreOptions, known: FittedLog, stage: Stage = quiet) -> Scored:
    """The second half: predict -> cuts -> classify."""
    stage("scoring")
    predicted = with_models(known.customers, known.scorer)
    cuts = known.saved_cuts or cuts_of(predicted, known.rules.rules.breakpoints, options.decimals)
    table = classify(predicted, cuts, known.rules, known.log.as_of)
    change = None if known.earlier is None else with_previous(table, known.earlier, str(options.previous))
    table = table if change is None else change.table
    of_rules = _by_rules(options, known, predicted, cuts, table)
    balance = balance_notices(known.rules, dict(table["stage"].value_counts().iter_rows()))
    return Scored(
        known.log, table, known.scorer, known.calibration, cuts, known.rules, known.people, known.leads,
        (*known.notices, *of_rules, *balance), change,
    )  # fmt: skip


def _by_rules(
    options: ScoreOptions, known: FittedLog, predicted: pl.DataFrame, cuts: Cuts, table: pl.DataFrame
) -> list[Notice]:
    """How many of the customers who were there before are in another stage because the rules are others since."""
    if known.earlier is None or not options.previous:
        return []
    manifest = read_manifest(options.previous, None, "", required=False)
    rules = former_rules(manifest or {}, known.rules.rules)
    if rules is None:
        return []
    then = classify(predicted, cuts, compile_rules(rules, known.people.schema), known.log.as_of)
    moved = table["stage"].cast(pl.String).ne_missing(then["stage"].cast(pl.String))
    there = table["customer_id"].is_in(known.earlier["customer_id"].implode())
    text = (
        f"{int((moved & there).sum()):,} customers moved because the rules are others than those of {options.previous}"
    )
    return [Notice("other_rules", text)]


def refuse_warnings(notices: Sequence[Notice]) -> None:
    """--strict: warnings end the run. Raises InputError."""
    # Notes: neither the first night's run nor the second's must fail.
    notices = [n for n in notices if n.code not in ("skipped_outputs", NO_PREVIOUS)]
    if notices:
        more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
        raise InputError(
            f"--strict: {notices[0].message} [{notices[0].code}]{more}", hint="without --strict it is a warning"
        )
