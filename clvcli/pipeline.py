"""The main job from top to bottom: read -> customers -> fits -> predict -> cuts -> classify -> write."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from clvcli import manifest as manifests
from clvcli.calibration import Calibration, calibrate, name_groups
from clvcli.choose import settle
from clvcli.cuts import Cuts, cuts_of
from clvcli.engines import polars as polars_engine
from clvcli.engines.base import Engine
from clvcli.errors import InputError, ModelError, Notice, UsageError
from clvcli.horizon import parse_span
from clvcli.ingest.read import Log, TooManyRejects, read_log
from clvcli.ingest.sources import find_sources
from clvcli.lifecycle.balance import balance_notices
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.control import campaign
from clvcli.lifecycle.derived import Facts, derive
from clvcli.lifecycle.load import load_rules
from clvcli.lifecycle.previous import Change, with_previous
from clvcli.options import ModelOptions, ScoreOptions
from clvcli.output import Outputs, Targets, plan_targets
from clvcli.people import People, join_people, people_of
from clvcli.portfolio import portfolio
from clvcli.run_day import run_day
from clvcli.saved_model import SavedModel, read_model
from clvcli.scored_table import read_manifest, read_scored
from clvcli.scoring import Scorer, predict
from clvcli.season import horizon_season
from clvcli.series import rules_of, series_of
from clvcli.table import finish, write_bytes, write_table
from clvcli.workbook import look_of

Stage = Callable[[str], None]
Renderer = Callable[["Run"], bytes]


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


@dataclass(frozen=True)
class Run:
    """A finished run: the table as written, its manifest, where things went."""

    table: pl.DataFrame
    manifest: Mapping[str, Any]
    scored: Scored
    targets: Targets


def quiet(text: str) -> None:
    """The stage announcer of a run that nobody watches."""


def score(options: ScoreOptions, stage: Stage = quiet, report: Renderer | None = None) -> Run:
    """The main job. `stage` hears what is being done, `report` turns the run into a page. Raises ClvError only."""
    started, clock = datetime.now(UTC), time.perf_counter()
    _refuse_contradictions(options)
    paths = [source.path for source in find_sources(options.data).sources]
    targets = plan_targets(
        paths, output=options.output, format=options.format, manifest=options.manifest,
        rejects=options.rejects, report=options.report, json=options.json, dry_run=options.dry_run,
    )  # fmt: skip
    read = (options.customers, options.previous, options.use_model, options.config, options.rules, options.backtest)
    others = [path for path in (*read, "clv.yaml") if path and os.path.isfile(path)]
    others += [options.log_file] if options.log_file else []
    own = {"table"} if targets.default_name else set()
    with Outputs(targets.files, [*paths, *others], wait=options.wait, own_only=own) as outputs:
        try:
            scored = score_log(options, stage)
        except TooManyRejects as problem:
            _write_rejects_alone(outputs, targets, problem.rejects)
            raise
        if options.strict:
            refuse_warnings(scored.notices)
        stage("writing")
        run = _finished(options, scored, targets, started, clock)
        _write(outputs, run, report, excel=options.excel)
    return run


def refuse_warnings(notices: Sequence[Notice]) -> None:
    """--strict: warnings end the run. Raises InputError."""
    if notices:
        more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
        raise InputError(
            f"--strict: {notices[0].message} [{notices[0].code}]{more}", hint="without --strict it is a warning"
        )


def _write_rejects_alone(outputs: Outputs, targets: Targets, rejects: pl.DataFrame) -> None:
    if targets.rejects:
        outputs.write("rejects", lambda sink: write_table(rejects, "csv", sink))
        outputs.commit(only={"rejects"})


def _write(outputs: Outputs, run: Run, report: Renderer | None, *, excel: bool) -> None:
    """All files of the run or none of them."""
    targets = run.targets
    if targets.table:
        look = look_of(run.manifest, excel=excel)
        outputs.write("table", lambda sink: write_table(run.table, targets.format, sink, look=look))
    if targets.rejects:
        outputs.write("rejects", lambda sink: write_table(run.scored.log.rejects, "csv", sink, excel=excel))
    if targets.report and report is not None:
        page = report(run)
        outputs.write("report", lambda sink: write_bytes(page, sink))
    if targets.manifest:
        content = manifests.encode(run.manifest)
        outputs.write("manifest", lambda sink: write_bytes(content, sink))
    outputs.commit()


def score_log(
    options: ScoreOptions, stage: Stage = quiet, engine: Engine = polars_engine, log: Log | None = None
) -> Scored:
    """Everything of the main job but the outputs. `log`: one that was read (and cut) already."""
    today = run_day()
    rules = load_rules(options.rules)
    saved = read_model(options.use_model) if options.use_model else None
    margin = None if margin_rate(options.margin) is not None else options.margin
    people = people_of(options.customers, rules, group=options.by, margin=margin)
    compiled = compile_rules(rules, people.schema)
    earlier = read_scored(options.previous, None).frame if options.previous else None
    stage("reading")
    log = log or read_log(options, today, keep=people.wanted_of_log)
    choice = None
    if saved is None and not options.no_model:
        options, choice = settle(options, engine, log.purchases, log.as_of)
    stage("grouping")
    customers, leads = join_people(engine.customers(log.purchases, needs_of(options, saved)), people, log.attributes)
    if log.quality.used == 0 and leads == 0:
        raise InputError(f"no usable record among {log.quality.read:,}", hint="clv check DATA says why")
    basis = spend_basis(options, saved)
    stage("fitting")
    calibration = None if options.no_model else fitted(options, saved, engine, customers, log.as_of, basis)
    if calibration is not None and options.require_model and not calibration.pooled.purchase.usable:
        raise ModelError(calibration.pooled.purchase.message or "no model can be fitted", hint="clv check says why")
    if calibration is not None and choice is not None:
        calibration = replace(calibration, choice=choice.as_json())
    customers = name_groups(customers, list(calibration.groups) if calibration else [])
    stage("scoring")
    scorer = scorer_of(options, log.as_of, basis, calibration)
    scorer, of_horizon = with_season(options, scorer, log.purchases, customers)
    predicted = predict(customers, scorer)
    cuts = saved.cuts if saved and saved.cuts else cuts_of(predicted, rules.breakpoints, options.decimals)
    table = classify(predicted, cuts, compiled, log.as_of)
    change = None if earlier is None else with_previous(table, earlier, str(options.previous))
    table = table if change is None else change.table
    of_models = calibration.notices if calibration else ()
    notices = (*log.quality.notices, *people.notices, *of_models, *of_horizon, *balance_notices(compiled, table))
    return Scored(log, table, scorer, calibration, cuts, compiled, people, leads, notices, change)


def classify(predicted: pl.DataFrame, cuts: Cuts, compiled: Compiled, as_of: date) -> pl.DataFrame:
    """Scores, then stages: a function of the batch and frozen values, the same on any slice of the customers."""
    facts = Facts(
        as_of=as_of,
        typical_gap=cuts.typical_gap,
        mean_gap=cuts.mean_gap,
        mean_p_purchase=cuts.mean_p_purchase,
        total_clv=cuts.total_clv,
    )
    return compiled.classify(derive(cuts.score(predicted), compiled.needs, facts))


def fitted(
    options: ModelOptions, saved: SavedModel | None, engine: Engine, customers: pl.DataFrame, as_of: date, basis: str
) -> Calibration:
    """The fits of the run: the saved ones, or fitted now."""
    if saved is not None:
        return Calibration(saved.pooled, dict(saved.groups), basis, ())
    since = date.fromisoformat(options.acquired_from) if options.acquired_from else None
    return calibrate(
        engine, customers, as_of=as_of, model=options.model, basis=basis, decimals=options.decimals, acquired_from=since
    )


def scorer_of(options: ModelOptions, as_of: date, basis: str, calibration: Calibration | None) -> Scorer:
    """What `predict` needs, from the options and the fits."""
    rate = margin_rate(options.margin)
    try:
        horizon = parse_span(options.horizon).days(as_of)
    except ValueError as problem:
        raise UsageError(f"--horizon: {problem}") from None
    return Scorer(
        as_of=as_of,
        horizon_days=horizon,
        time_unit=options.time_unit,
        decimals=options.decimals,
        margin=rate,
        discount_rate=options.discount_rate,
        alert=options.alert,
        basis=basis,
        pooled=calibration.pooled if calibration else None,
        groups=calibration.groups if calibration else {},
        counts=getattr(options, "counts", None),
    )


def with_season(
    options: ModelOptions, scorer: Scorer, purchases: pl.DataFrame, customers: pl.DataFrame
) -> tuple[Scorer, tuple[Notice, ...]]:
    """The scorer with the factor of --seasonality, and what to say of the horizon."""
    factor, notices = horizon_season(
        purchases, customers, scorer.as_of, scorer.pooled.purchase if scorer.pooled else None, scorer.horizon_days,
        wanted=options.seasonality is not None,
    )  # fmt: skip
    return replace(scorer, season=factor), tuple(notices)


def margin_rate(text: str) -> float | None:
    """The rate that `--margin` gives, None where it names a column."""
    try:
        rate = float(text)
    except ValueError:
        return None
    if not 0 <= rate < float("inf"):
        raise UsageError(f"--margin: is a rate of 0 or more, or a column of --customers; got {text!r}")
    return rate


def spend_basis(options: ModelOptions, saved: SavedModel | None) -> str:
    """The file's basis wins over the default; a typed one that differs is an error."""
    if saved is None or saved.basis is None or saved.basis == options.spend_basis:
        return options.spend_basis
    if options.sources.get("spend_basis", "default") != "default":
        raise UsageError(
            f"--spend-basis {options.spend_basis}: the saved model was fitted on {saved.basis}",
            hint=f"--spend-basis {saved.basis}, or fit again",
        )
    return saved.basis


def needs_of(options: ModelOptions, saved: SavedModel | None) -> tuple[str, ...]:
    """Statistics beyond (x, t_x, T) that the run's purchase models need."""
    from clvcli.models.registry import purchase_model

    if saved is not None:
        return purchase_model(saved.pooled.purchase.name).needs
    return () if getattr(options, "no_model", False) else purchase_model(options.model).needs


def _refuse_contradictions(options: ScoreOptions) -> None:
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    if options.use_model and options.no_model:
        raise UsageError("--use-model and --no-model contradict each other", hint="leave one out")
    if options.require_model and options.no_model:
        raise UsageError("--require-model and --no-model contradict each other", hint="leave one out")
    if options.changed_only and not options.previous:
        raise UsageError("--changed-only needs --previous", hint="--previous FILE")
    if margin_rate(options.margin) is None and not options.customers:
        raise UsageError(
            f"--margin {options.margin}: is no rate, and without --customers no column", hint="--margin 0.3"
        )


VALUED_BY = ("horizon", "margin", "discount_rate")


def _earlier(options: ScoreOptions, change: Change) -> pl.DataFrame:
    """The earlier table, without its clv where its manifest says that it was valued in another way."""
    written = read_manifest(str(options.previous), None, "", required=False) or {}
    then = written.get("arguments") or {}
    differs = any(name in then and then[name]["value"] != getattr(options, name) for name in VALUED_BY)
    return change.earlier.drop("clv", strict=False) if differs else change.earlier


def _campaign(scored: Scored) -> dict[str, Any]:
    """The sizes of the control group and of the variants, where the rules have them."""
    rules = scored.rules.rules
    return {} if rules.control_group is None else {"campaign": campaign(scored.table, rules.variants)}


def _changes(options: ScoreOptions, change: Change | None) -> dict[str, Any]:
    if change is None:
        return {}
    return {"previous": {"path": options.previous, "new": change.new, "changed": change.changed, "left": change.left}}


def _portfolio(options: ScoreOptions, scored: Scored) -> dict[str, Any] | None:
    since = date.fromisoformat(options.acquired_from) if options.acquired_from else None
    return portfolio(polars_engine, scored.log.purchases, scored.table, scored.scorer, since=since)


def _finished(options: ScoreOptions, scored: Scored, targets: Targets, started: datetime, clock: float) -> Run:
    table = finish(scored.table, scored.people, options)
    written = [p for p in (targets.table, targets.report, targets.rejects, targets.manifest) if p and p != "-"]
    content = manifests.manifest(
        command="score",
        options=options,
        as_of=scored.log.as_of,
        quality=scored.log.quality,
        customers=scored.table.filter(pl.col("purchases") > 0).height,
        purchases=scored.log.purchases.height,
        leads=scored.leads,
        calibration=scored.calibration,
        horizon=options.horizon,
        time_unit=options.time_unit,
        stages=manifests.stages(scored.table, scored.rules.stage_names),
        warnings=scored.notices,
        series=series_of(
            scored.table,
            scored.log.purchases,
            scored.calibration,
            as_of=scored.log.as_of,
            decimals=options.decimals,
            stages=[stage for stage, _ in scored.rules.stage_names],
            margin=scored.scorer.margin,
            previous=None if scored.change is None else _earlier(options, scored.change),
        ),
        more={
            "portfolio": _portfolio(options, scored),
            "rules": rules_of(scored.rules),
            **_changes(options, scored.change),
            **_campaign(scored),
        },
        outputs=written,
        run={
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - clock, 3),
            "run_day": run_day().isoformat(),
        },
    )
    return Run(table, content, scored, targets)
