"""The main job from top to bottom: what to write where, the log scored, its manifest, all files or none."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

import polars as pl

from clvcli.core.allocator import keep_memory
from clvcli.core.background import meanwhile
from clvcli.core.errors import UsageError
from clvcli.core.options import ScoreOptions
from clvcli.core.run_day import run_day
from clvcli.engines import local as polars_engine
from clvcli.lifecycle.actions import of_rules
from clvcli.lifecycle.control import campaign
from clvcli.lifecycle.previous import Change
from clvcli.log.read import Log, TooManyRejects
from clvcli.log.sources import find_sources
from clvcli.output import OPTION_OF, Outputs, Targets, named_by_file, plan_targets
from clvcli.output.scored_table import read_manifest
from clvcli.output.workbook import look_of
from clvcli.scoring import manifest as manifests
from clvcli.scoring.portfolio import Rehearsals, portfolio_from, portfolio_notices, rehearse
from clvcli.scoring.run_models import acquired_from, margin_rate
from clvcli.scoring.scored import (
    Aside,
    Scored,
    Stage,
    classify_log,
    fit_log,
    overwrites_previous,
    quiet,
    refuse_warnings,
)
from clvcli.scoring.series import Activity, activity_in, rules_of, series_of, series_of_log
from clvcli.scoring.table import finish, write_bytes, write_table
from clvcli.scoring.terms import Scorer


class Told(Protocol):
    """A finished run of any engine, as a page needs it."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...


Renderer = Callable[[Told], bytes]
DRESSED = {"xlsx"}
"""Formats that show more of the run than its table."""
VALUED_BY = ("horizon", "margin", "discount_rate")
"""Options that change what clv means: an earlier table of other ones is not compared by value."""


@dataclass(frozen=True)
class Run:
    """A finished run: the table as written, its manifest, where things went."""

    table: pl.DataFrame
    manifest: Mapping[str, Any]
    scored: Scored
    targets: Targets


def score(options: ScoreOptions, stage: Stage = quiet, report: Renderer | None = None) -> Run:
    """The main job. `stage` hears what is being done, `report` turns the run into a page. Raises ClvError only."""
    started, clock = datetime.now(UTC), time.perf_counter()
    keep_memory()
    refuse_contradictions(options)
    if options.engine != "polars":
        raise UsageError(f"--engine {options.engine}: clv score alone runs on a cluster", hint="--engine polars")
    paths = [source.path for source in find_sources(options.data).sources]
    targets = plan_targets(
        paths, output=options.output, format=options.format, manifest=options.manifest,
        rejects=options.rejects, report=options.report, json=options.json, dry_run=options.dry_run,
    )  # fmt: skip
    read = (options.customers, options.previous, options.use_model, options.config, options.rules, options.backtest)
    replaced = options.previous if overwrites_previous(options) else None
    others = [path for path in (*read, "clv.yaml") if path and path != replaced and os.path.isfile(path)]
    own = {"table"} if targets.default_name else set()
    own |= named_by_file(options.sources, OPTION_OF)
    with Outputs(
        targets.files, [*paths, *others], wait=options.wait, own_only=own, log_file=options.log_file
    ) as outputs:
        try:
            known = fit_log(options, stage, aside=_told_by(acquired_from(options)))
        except TooManyRejects as problem:
            _write_rejects_alone(outputs, targets, problem.rejects)
            raise
        known = known.without_purchases()
        scored = classify_log(options, known, stage)
        if options.strict:
            refuse_warnings(scored.notices)
        stage("writing")
        table = finish(scored.table, scored.people, options)
        with meanwhile(lambda: _write_plain(outputs, table, targets, excel=options.excel)):
            run = _finished(options, scored, known.aside, table, targets, started, clock)
            _write(outputs, run, report, excel=options.excel)
        outputs.commit()
    return run


def _write_rejects_alone(outputs: Outputs, targets: Targets, rejects: pl.DataFrame) -> None:
    if targets.rejects:
        outputs.write("rejects", lambda sink: write_table(rejects, "csv", sink))
        outputs.commit(only={"rejects"})


def _write_plain(outputs: Outputs, table: pl.DataFrame, targets: Targets, *, excel: bool) -> None:
    """The table, where it says nothing of the rest of the run: then it is written while that is computed."""
    if targets.table and targets.format not in DRESSED:
        outputs.write("table", lambda sink: write_table(table, targets.format, sink, excel=excel))


def _write(outputs: Outputs, run: Run, report: Renderer | None, *, excel: bool) -> None:
    """The other files of the run."""
    targets = run.targets
    if targets.table and targets.format in DRESSED:
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


def refuse_contradictions(options: ScoreOptions) -> None:
    """Raises UsageError for options that cannot stand together."""
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    if options.remote and options.engine == "polars":
        raise UsageError("--remote is an address of Spark Connect", hint="--engine spark beside it")
    if options.use_model and options.no_model:
        raise UsageError("--use-model and --no-model contradict each other", hint="leave one out")
    if options.use_model and options.sources.get("model", "default") == "flag":
        raise UsageError(
            "--use-model and --model contradict each other: the file names its model", hint="leave one out"
        )
    if options.require_model and options.no_model:
        raise UsageError("--require-model and --no-model contradict each other", hint="leave one out")
    if options.changed_only and not options.previous:
        raise UsageError("--changed-only needs --previous", hint="--previous FILE")
    if margin_rate(options.margin) is None and not options.customers:
        raise UsageError(
            f"--margin {options.margin}: is no rate, and without --customers no column", hint="--margin 0.3"
        )


def _earlier(options: ScoreOptions, change: Change) -> pl.DataFrame:
    """The earlier table, without its clv where it was valued in another way."""
    return change.earlier if valued_alike(options, str(options.previous)) else change.earlier.drop("clv", strict=False)


def valued_alike(options: ScoreOptions, earlier: str) -> bool:
    """Whether an earlier table has a clv of the same terms, as far as its manifest says."""
    written = read_manifest(earlier, None, "", required=False) or {}
    then = written.get("arguments") or {}
    return not any(name in then and then[name]["value"] != getattr(options, name) for name in VALUED_BY)


def _campaign(scored: Scored) -> dict[str, Any]:
    """The sizes of the control group and of the variants, where the rules have them."""
    rules = scored.rules.rules
    return {} if rules.control_group is None else {"campaign": campaign(scored.table, rules.variants)}


def _changes(options: ScoreOptions, change: Change | None) -> dict[str, Any]:
    if change is None:
        return {}
    return {"previous": {"path": options.previous, "new": change.new, "changed": change.changed, "left": change.left}}


@dataclass(frozen=True)
class _Told:
    """What a log says before it is scored: its counts, and the model's errors on past days."""

    purchases: int
    activity: Activity | None
    rehearsals: Rehearsals | None


def _told_by(since: date | None) -> Aside:
    def told(log: Log, customers: pl.DataFrame, terms: Scorer, model: str | None) -> _Told:
        counts = activity_in(customers, log.bought.amounts, log.as_of)
        return _Told(log.bought.height, counts, rehearse(polars_engine, log.bought, terms, model, since=since))

    return told


def _finished(
    options: ScoreOptions, scored: Scored, told: _Told, table: pl.DataFrame, targets: Targets, started: datetime,
    clock: float,
) -> Run:  # fmt: skip
    portfolio = portfolio_from(told.rehearsals, scored.table, scored.scorer)
    written = [p for p in (targets.table, targets.report, targets.rejects, targets.manifest) if p and p != "-"]
    content = manifests.manifest(
        command="score",
        options=options,
        as_of=scored.log.as_of,
        quality=scored.log.quality,
        customers=int((scored.table["purchases"] > 0).sum()),
        purchases=told.purchases,
        leads=scored.leads,
        calibration=scored.calibration,
        horizon=options.horizon,
        time_unit=options.time_unit,
        stages=manifests.stages(scored.table, scored.rules.stage_names),
        warnings=(*scored.notices, *portfolio_notices(portfolio, scored.scorer)),
        series=series_of(
            scored.table,
            series_of_log(told.activity, scored.table, scored.calibration, options.decimals, options.horizon),
            scored.calibration,
            as_of=scored.log.as_of,
            decimals=options.decimals,
            stages=[stage for stage, _ in scored.rules.stage_names],
            at_risk=[stage.stage for stage in scored.rules.every_stage if stage.at_risk],
            actions=of_rules(scored.rules.rules),
            horizon=options.horizon,
            margin=scored.scorer.margin,
            previous=None if scored.change is None else _earlier(options, scored.change),
        ),
        more={
            "portfolio": portfolio,
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
