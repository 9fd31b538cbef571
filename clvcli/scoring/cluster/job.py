"""The main job on a cluster, from top to bottom: read, customers, fits, predict, cuts, classify, write.

It writes the same table, manifest and rejects as pipeline.score. The driver holds distinct histories, counts and sums,
never a row a customer.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from clvcli.core.errors import ModelError, UsageError
from clvcli.core.fields import FIELDS
from clvcli.core.options import ScoreOptions
from clvcli.core.run_day import run_day
from clvcli.engines import spark
from clvcli.engines.spark.frames import mapped
from clvcli.engines.spark.session import failures, shown
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.load import Rules, load_rules
from clvcli.lifecycle.names import type_of
from clvcli.log.quality import TooManyRejects
from clvcli.output.scored_table import TYPES
from clvcli.scoring.cluster.fits import chosen_model, day_counts, fitted_on_cluster, statistics_of, with_choice
from clvcli.scoring.cluster.output import ADDRESS, place_of
from clvcli.scoring.cluster.people import Everyone, people_on_cluster
from clvcli.scoring.cluster.previous import Earlier, read_earlier
from clvcli.scoring.cluster.steps import Classify, Predict
from clvcli.scoring.cluster.summary import Parts, Predicted, summary_of
from clvcli.scoring.cluster.thresholds import Ranks, cuts_on_cluster, ranked, ranks_of
from clvcli.scoring.job import Renderer, refuse_contradictions, valued_alike
from clvcli.scoring.run_models import scorer_of, spend_basis, with_season
from clvcli.scoring.saved_model import SavedModel, read_model
from clvcli.scoring.scored import Stage, quiet, refuse_warnings
from clvcli.scoring.terms import count_columns
from clvcli.scoring.thresholds import Cuts

REFUSED = {
    "excel": "CSV for Excel",
}  # fmt: skip


@dataclass(frozen=True)
class ClusterRun:
    """A finished run: its manifest."""

    manifest: Mapping[str, Any]


def score(options: ScoreOptions, stage: Stage = quiet, report: Renderer | None = None) -> ClusterRun:
    """The main job on the cluster that `--remote`, SPARK_REMOTE or spark-submit names; `report` turns the run into a
    page. Raises ClvError only."""
    started, clock = datetime.now(UTC), time.perf_counter()
    refuse_contradictions(options)
    _refuse(options)
    rules = load_rules(options.rules)
    saved = read_model(options.use_model) if options.use_model else None
    with place_of(options) as place:
        stage("connecting")
        session = spark.connect(options.remote)
        try:
            earlier = _earlier(session, options)
            parts = score_parts(session, options, rules, saved, stage)
        except TooManyRejects as problem:
            place.write_rejects_alone(problem.rejects)
            raise
        stage("writing")
        run: dict[str, Any] = {"started": started.isoformat(timespec="seconds"), "run_day": run_day().isoformat()}
        run |= {"spark": session.version}
        told = replace(options, remote=options.remote and shown(options.remote))
        table = parts.table if earlier is None else earlier.beside(parts.table)
        written = place.fill(session, table, only="stage_changed" if options.changed_only else None)
        with failures("adding up"):
            summary = summary_of(session, told, parts, written, earlier)
        if options.strict:
            refuse_warnings(summary.notices)
        run |= {"seconds": round(time.perf_counter() - clock, 3)}
        done = ClusterRun(summary.manifest(place.outputs, run))
        place.commit(done.manifest, parts.log.rejects, report and report(done))
        for held in (parts.predicted.everyone, parts.people.frame, parts.log.held):
            if held is not None:
                held.unpersist()
    return done


def _earlier(session: Any, options: ScoreOptions) -> Earlier | None:
    """The table of --previous. The manifest of one at an address is in the current folder."""
    if options.previous is None:
        return None
    path = options.previous.rstrip("/")
    name = path.rsplit("/", 1)[-1] if ADDRESS.match(path) else path
    return read_earlier(session, path, valued_alike=valued_alike(options, name))


def score_parts(
    session: Any, options: ScoreOptions, rules: Rules, saved: SavedModel | None, stage: Stage = quiet
) -> Parts:
    """Everything of the job but the outputs."""
    stage("reading")
    people = people_on_cluster(session, options, rules)
    compiled = compile_rules(rules, people.told.schema)
    needs = statistics_of(options, saved)
    log = spark.read(session, options, run_day(), needs, people.group_of_log)
    log.quality.refuse_nothing_used()
    log = people.beside(log)
    basis = spend_basis(options, saved)
    stage("fitting")
    with failures("choosing a model"):
        options, choice = chosen_model(session, options, saved, log)
    calibration = None if options.no_model else with_choice(fitted_on_cluster(options, saved, log, basis), choice)
    if calibration is not None and options.require_model and not calibration.pooled.purchase.usable:
        raise ModelError(calibration.pooled.purchase.message or "no model can be fitted", hint="clv check says why")
    stage("scoring")
    scorer = scorer_of(options, log.as_of, basis, calibration)
    scorer, of_horizon = with_season(options, scorer, log.first, lambda: day_counts(log))
    with failures("scoring"):
        step = Predict(scorer)
        schema = step.schema(needs, people.group_of_log, people.columns)
        predicted = Predicted.of(mapped(log.customers, step, schema).persist())
        cuts, ranks = _cuts(saved, predicted, rules, options.decimals)
        placed = predicted.everyone if ranks is None else _placed(predicted, schema, ranks)
        columns = _columns(options, people)
        table = mapped(placed, Classify(cuts, ranks, compiled, log.as_of, tuple(columns)), columns)
    return Parts(log, people, predicted, table, scorer, calibration, cuts, compiled, of_horizon)


def _placed(predicted: Predicted, schema: Mapping[str, Any], ranks: Ranks) -> Any:
    """Buyers with their place among all values of clv; leads have none."""
    buyers = ranked(predicted.buyers, schema, "clv", ranks)
    if not predicted.leads:
        return buyers
    none = [f"cast(null as bigint) as {name}" for name in ("bucket", "within", "place")]
    return buyers.unionByName(predicted.everyone.where("purchases = 0").selectExpr("*", *none))


def _cuts(saved: SavedModel | None, predicted: Predicted, rules: Rules, decimals: int) -> tuple[Cuts, Ranks | None]:
    if saved and saved.cuts:
        return saved.cuts, None
    buyers, customers = predicted.buyers, predicted.customers
    cuts = cuts_on_cluster(buyers, customers, rules.breakpoints, decimals)
    return cuts, None if cuts.total_clv is None else ranks_of(buyers, customers, "clv")


def _columns(options: ScoreOptions, people: Everyone) -> dict[str, Any]:
    """The columns of the table with their types."""
    always = {f.name: TYPES[f.type] for f in FIELDS if f.when == "always"}
    counts = dict.fromkeys(count_columns(options.counts), type_of("number"))
    shown = {name: people.columns[name] for name in people.told.shown}
    return {**always, **counts, **shown, **({"model_group": pl.String()} if options.by else {})}


def _refuse(options: ScoreOptions) -> None:
    for name, what in REFUSED.items():
        if getattr(options, name):
            flag = "--" + name.replace("_", "-")
            raise UsageError(f"--engine spark does not do {what} yet ({flag})", hint="--engine polars, or leave it out")
    if options.output == "-" or options.format not in (None, "parquet"):
        raise UsageError("--engine spark writes a folder of Parquet files", hint="-o NAME, -f parquet")
