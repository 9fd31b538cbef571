"""The night's work in order: check, score against the last good night, compare, plan; in a folder of the day."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

from clvcli import __version__
from clvcli.commands.check import check
from clvcli.commands.compare.job import compare
from clvcli.commands.compare.pair import rules_of
from clvcli.commands.nightly.gates import FAILED, Gate, drift_gate, feed_gates, jump_gate
from clvcli.commands.nightly.past import CONTACTED, STATUS, Night, contacts_since, last_good
from clvcli.commands.nightly.section import MAX_AGE, OFF, Section
from clvcli.commands.plan.job import plan
from clvcli.core.errors import OutputError
from clvcli.core.language import marked
from clvcli.core.options import CheckOptions, CompareOptions, PlanOptions, ScoreOptions
from clvcli.core.settings import Options
from clvcli.log.read import TooManyRejects
from clvcli.output import Outputs
from clvcli.output.scored_table import ScoredTable, read_manifest
from clvcli.scoring import job as pipeline
from clvcli.scoring.table import write_bytes, write_table

AnyOptions = TypeVar("AnyOptions", bound=Options)


class Build(Protocol):
    """Makes the options of a command from clv.yaml and the environment; `forced` values win."""

    def __call__(self, cls: type[AnyOptions], **forced: Any) -> AnyOptions: ...


Renderers = Callable[[ScoreOptions], pipeline.Renderer]


@dataclass(frozen=True)
class Finished:
    """A night that ran to its end or to a gate. `steps`: name and what came of it."""

    day: date
    folder: str
    against: date | None
    steps: tuple[tuple[str, str], ...]
    gates: tuple[Gate, ...]

    @property
    def failed(self) -> list[Gate]:
        """The gates that did not pass."""
        return [gate for gate in self.gates if gate.status == FAILED]


@dataclass
class _Work:
    """The night while it runs."""

    section: Section
    folder: Path
    earlier: Night | None
    build: Build
    stage: Callable[[str], None]
    steps: list[tuple[str, str]]
    gates: list[Gate]

    def path(self, name: str) -> str:
        return str(self.folder / name)

    @property
    def scored(self) -> str:
        return self.path(f"scored.{self.section.format}")


def run(section: Section, day: date, build: Build, stage: Callable[[str], None], renderers: Renderers) -> Finished:
    """Runs the night of `day`. The same day again does the same again. Gates that fail stand in the result; all else is
    raised. After a gate of the feed nothing more is done; after one of the model there is no calendar.
    """
    folder = Path(section.folder) / day.isoformat()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(
            marked("{place}: {strerror}", place=folder, strerror=problem.strerror),
            hint="run: {folder: ...} in clv.yaml",
        ) from None
    earlier = last_good(Path(section.folder), day)
    work = _Work(section, folder, earlier, build, stage, [], [])
    _write(work.path(STATUS), _status(_finished(work, day), passed=False))  # not successful until finished
    _steps(work, day, renderers)
    done = _finished(work, day)
    _write(work.path(STATUS), _status(done, passed=not done.failed))
    return done


def _steps(work: _Work, day: date, renderers: Renderers) -> None:
    if "check" in work.section.steps:
        _check(work, day)
    manifest = _score(work, renderers)
    if manifest is None or any(gate.status == FAILED for gate in work.gates):
        return
    old = _old_manifest(work)
    same = old is not None and _rules(manifest) == _rules(old)
    work.gates += [
        drift_gate(work.section.gates, manifest, old),
        jump_gate(work.section.gates, manifest, old, same_rules=same),
    ]
    if "compare" in work.section.steps:
        _compare(work, manifest, old)
    if "plan" in work.section.steps:
        if any(gate.status == FAILED for gate in work.gates):
            work.steps.append(("plan", "not made: a gate failed"))
        else:
            _plan(work, day)


def _check(work: _Work, day: date) -> None:
    work.stage("check")
    options = work.build(CheckOptions, **_limits(work))
    found = check(options, day)
    content = json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n"
    _write(work.path("check.json"), content.encode())
    work.steps.append(("check", "enough data" if found.enough else "; ".join(found.reasons)))


def _score(work: _Work, renderers: Renderers) -> Mapping[str, Any] | None:
    """The manifest, or None when there were too many rejects; those are written all the same."""
    work.stage("score")
    forced: dict[str, Any] = {"output": work.scored, "format": work.section.format, "json": False, "dry_run": False}
    forced |= {"manifest": None, "rejects": None, "report": None, **_limits(work)}
    if "report" in work.section.steps:
        forced["report"] = work.path("report.html")
    if work.earlier is not None:
        forced["previous"] = str(work.earlier.scored)
    options = work.build(ScoreOptions, **forced)
    if options.max_age is None and work.section.gates.max_age != OFF:
        options = dataclasses.replace(options, max_age=MAX_AGE)
    try:
        done = pipeline.score(options, work.stage, renderers(options) if options.report else None)
    except TooManyRejects as problem:
        work.gates.append(Gate("rejects", FAILED, problem.message))
        work.steps.append(("score", f"stopped; the rejected records are in {work.scored}.rejects.csv"))
        return None
    work.steps.append(("score", f"{done.manifest['customers']:,} customers, as of {done.manifest['as_of']}"))
    work.gates += feed_gates(done.manifest)
    return done.manifest


def _limits(work: _Work) -> dict[str, Any]:
    gates = work.section.gates
    given = {"max_rejects": gates.max_rejects, "max_age": gates.max_age}
    return {name: value for name, value in given.items() if value not in (None, OFF)}


def _old_manifest(work: _Work) -> Mapping[str, Any] | None:
    if work.earlier is None:
        return None
    return read_manifest(str(work.earlier.scored), None, "remove that day's folder")


def _rules(manifest: Mapping[str, Any]) -> dict[str, Any]:
    import polars as pl

    return rules_of(ScoredTable("", pl.DataFrame(), manifest))


def _compare(work: _Work, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> None:
    if work.earlier is None or old is None:
        work.steps.append(("compare", "no earlier run"))
        return
    if old["as_of"] >= new["as_of"]:
        work.steps.append(("compare", f"nothing new since {old['as_of']}"))
        return
    work.stage("compare")
    options = work.build(
        CompareOptions, old=str(work.earlier.scored), new=work.scored, allow_different=True, json=False,
        output=work.path(f"compare.{work.section.format}"), result_format=work.section.format, old_manifest=None,
        new_manifest=None, first_stage=None, last_stage=None,
    )  # fmt: skip
    compare(options, work.stage)
    work.steps.append(("compare", f"against {work.earlier.day}"))


def _plan(work: _Work, start: date) -> None:
    """The calendar from the night's own day on."""
    work.stage("plan")
    forced: dict[str, Any] = {"scored": work.scored, "output": work.path(f"plan.{work.section.format}"), "json": False}
    forced |= {"format": work.section.format, "table_manifest": None, "start": start.isoformat()}
    options = work.build(PlanOptions, **forced)
    if options.contacted is None:
        made = contacts_since(work.earlier, start)
        with Outputs({"table": work.path(CONTACTED)}) as outputs:
            outputs.write("table", lambda sink: write_table(made, "csv", sink))
            outputs.commit()
        options = dataclasses.replace(options, contacted=work.path(CONTACTED))
    planned = plan(options, work.stage)
    work.steps.append(("plan", f"{planned.contacts.height:,} contacts, {planned.start} to {planned.end}"))


def _finished(work: _Work, day: date) -> Finished:
    against = work.earlier.day if work.earlier else None
    return Finished(day, str(work.folder), against, tuple(work.steps), tuple(work.gates))


def as_json(done: Finished) -> dict[str, Any]:
    """What --json prints and the status file of the night holds."""
    return {
        "schema": 1, "clv": __version__, "command": "run", "run_day": done.day, "against": done.against,
        "passed": not done.failed, "steps": [{"step": name, "result": text} for name, text in done.steps],
        "gates": [dataclasses.asdict(gate) for gate in done.gates],
        "outputs": [f"{done.folder}/{name}" for name in ("check.json", CONTACTED)],
    }  # fmt: skip


def encode(content: Mapping[str, Any]) -> bytes:
    """Encode a document as JSON text."""
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def _status(done: Finished, *, passed: bool) -> bytes:
    return encode({**as_json(done), "passed": passed})


def _write(path: str, content: bytes) -> None:
    with Outputs({"table": path}) as outputs:
        outputs.write("table", lambda sink: write_bytes(content, sink))
        outputs.commit()
