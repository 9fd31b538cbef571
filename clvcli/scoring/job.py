"""The main job from top to bottom, by any engine: the log scored, its manifest, what to write where; all files or
none."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from clvcli.core.allocator import keep_memory
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import ScoreOptions
from clvcli.core.run_day import run_day
from clvcli.engines import local
from clvcli.engines.base import Carrier, Rows
from clvcli.engines.place import Place
from clvcli.engines.registry import engine_of
from clvcli.log.read import TooManyRejects
from clvcli.scoring import manifest as manifests
from clvcli.scoring.portfolio import CUSTOMERS, portfolio_from, portfolio_notices, rehearse
from clvcli.scoring.redact import Key, redacted, without_values
from clvcli.scoring.run_models import acquired_from, margin_rate
from clvcli.scoring.scored import RunResult, Scored, SideTask, Stage, classify_log, fit_log, quiet, refuse_warnings
from clvcli.scoring.series.activity import Purchased
from clvcli.scoring.summary import rules_of, summary_of, told_facts
from clvcli.scoring.table import columns_of, write_bytes, write_table
from clvcli.scoring.terms import Scorer


class Finished(Protocol):
    """A finished run, as a page needs it."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...


Renderer = Callable[[Finished], bytes]


@dataclass(frozen=True)
class Run:
    """A finished run: the table as written, its manifest, what it was made of."""

    table: Rows
    manifest: Mapping[str, Any]
    scored: Scored


def score(
    options: ScoreOptions, stage: Stage = quiet, report: Renderer | None = None, *, named_only: bool = False
) -> Run:
    """The main job. `stage` hears what is being done, `report` turns the run into a page. `named_only`: a table whose
    name nobody gave is not written. Raises ClvError only."""
    started, clock = datetime.now(UTC), time.perf_counter()
    keep_memory()
    refuse_contradictions(options)
    key = Key(options.redact) if options.redact else None
    engine = engine_of(options)
    with engine.place(options, named_only=named_only) as place:
        try:
            engine.open(stage)
            known = fit_log(options, stage, engine, aside=_asked(engine, options))
        except TooManyRejects as problem:
            _write_rejects_alone(place, problem, hidden=key is not None or options.hash_ids is not None)
            raise
        told, known = known.aside, replace(known, log=engine.without_purchases(known.log))
        scored = classify_log(options, known, stage, engine)
        rehearsals = told.rehearsals if told else None
        scored = replace(scored, notices=(*scored.notices, *portfolio_notices(rehearsals, scored.scorer)))
        if options.strict:
            refuse_warnings(scored.notices)
        stage("writing")
        columns = columns_of(engine.columns(scored.table), scored.people, options)
        table = engine.select(scored.table, columns, only="stage_changed" if options.changed_only else None)
        with place.filling(table):
            content = _manifest(engine, options, scored, told, place)
            if key is not None:
                content = redacted(content, key)
                scored = replace(scored, log=replace(scored.log, rejects=without_values(scored.log.rejects)))
        content["run"] = _run(engine, started, clock)
        run = Run(table, content, scored)
        _write(place, run, report, excel=options.excel)
        if key is not None:
            place.write("key", lambda sink: write_bytes(key.content(), sink))
        place.commit()
        engine.close()
    return run


def _write_rejects_alone(place: Place, problem: TooManyRejects, *, hidden: bool) -> None:
    rejects = without_values(problem.rejects) if hidden else problem.rejects
    if place.targets.rejects:
        place.write("rejects", lambda sink: write_table(rejects, "csv", sink))
        place.commit(only={"rejects"})


def _write(place: Place, run: Run, report: Renderer | None, *, excel: bool) -> None:
    """The files beside the table, or with it."""
    place.dressed(run.table, run.manifest)
    place.write("rejects", lambda sink: write_table(run.scored.log.rejects, "csv", sink, excel=excel))
    if place.targets.report and report is not None:
        page = report(run)
        place.write("report", lambda sink: write_bytes(page, sink))
    content = manifests.encode(run.manifest)
    place.write("manifest", lambda sink: write_bytes(content, sink))


def refuse_contradictions(options: ScoreOptions) -> None:
    """Raises UsageError for options that cannot stand together."""
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    if options.remote and options.engine == local.name:
        raise UsageError("--remote is an address of Spark Connect", hint="--engine spark beside it")
    if options.covariates and options.engine != local.name:
        raise UsageError("--engine spark does not fit --covariates", hint="leave out --engine, or --covariates")
    if options.use_model and options.covariates:
        raise UsageError(
            "--use-model and --covariates contradict each other: the file names its covariates", hint="leave one out"
        )
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
            marked("--margin {margin}: is no rate, and without --customers no column", margin=options.margin),
            hint="--margin 0.3",
        )


def _asked(engine: Carrier, options: ScoreOptions) -> SideTask:
    """What a log is asked beside the fits."""
    since = acquired_from(options)

    def asked(log: Any, customers: Rows, terms: Scorer, model: str | None) -> RunResult:
        first = engine.first_day(log, customers)
        if first is None:
            return RunResult(engine.bought(log), None, None)
        activity = engine.purchased(log, customers, Purchased(first, log.as_of))
        some = None if model is None else engine.few(log, CUSTOMERS)
        rehearsals = None if some is None else rehearse(local, some, terms, model, since=since)
        return RunResult(engine.bought(log), activity, rehearsals)

    return asked


def _manifest(
    engine: Carrier, options: ScoreOptions, scored: Scored, told: RunResult | None, place: Place
) -> dict[str, Any]:
    """The manifest, `run` left empty."""
    assert told is not None
    summary = summary_of(engine, scored, told, options)
    forecast, rehearsals = None, told.rehearsals
    if rehearsals is not None:
        few = engine.some(scored.table, rehearsals.purchases.ids)
        forecast = portfolio_from(rehearsals, few, summary.customers, summary.totals, scored.scorer)
    more: dict[str, Any] = {"portfolio": forecast, "rules": {**rules_of(scored.rules), "facts": told_facts(scored)}}
    if summary.change is not None:
        more["previous"] = {"path": options.previous, **summary.change}
    if summary.campaign is not None:
        more["campaign"] = summary.campaign
    return manifests.manifest(
        command="score",
        options=engine.told(options),
        as_of=scored.log.as_of,
        quality=scored.log.quality,
        customers=summary.customers,
        purchases=told.purchases,
        leads=summary.leads,
        calibration=scored.calibration,
        horizon=options.horizon,
        time_unit=options.time_unit,
        stages=summary.stages,
        warnings=scored.notices,
        series=summary.series,
        more=more,
        outputs=[path for path in place.targets.files.values() if path != "-"],
        run={},
    )


def _run(engine: Carrier, started: datetime, clock: float) -> dict[str, Any]:
    return {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - clock, 3),
        "run_day": run_day().isoformat(),
        **engine.facts(),
    }
