"""The jobs, each as a function: data and the options of its command in, a result out. Nothing is printed; a file is
written only where an option names it. Each raises ClvError with a `hint`, and nothing else that can be expected."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clvcli.api.data import AnyTable, Data, log_of, table_of
from clvcli.api.options import options_from, takes
from clvcli.api.results import Result, Run, Table
from clvcli.core.errors import InputError, UsageError
from clvcli.core.held import Held
from clvcli.core.language import ENGLISH, marked
from clvcli.core.options import (
    BacktestOptions,
    CheckOptions,
    CompareOptions,
    CrosssellOptions,
    EconomicsOptions,
    ExplainOptions,
    FitOptions,
    PlanOptions,
    ScoreOptions,
    TalkOptions,
    TopOptions,
)

if TYPE_CHECKING:
    from typing import Unpack

    from clvcli.api import keywords
    from clvcli.report.screen import Screen


def _screen(options: TalkOptions) -> "Screen":
    """The language in which the result speaks."""
    from clvcli.report.screen import Screen

    return Screen(options.lang or ENGLISH)


def _unwatched(stage: str) -> None:
    """Nobody watches the stages of a call."""


@takes(ScoreOptions)
def score(data: Data, **options: "Unpack[keywords.ScoreKeywords]") -> Run:
    """Scores every customer of a transaction log: value, lifecycle stage, next action. As `clv score`.

    `data`: a path, a glob, a folder, an address, a frame (Polars, pandas, Arrow), or several of these as one log.
    """
    from clvcli.output.formats.base import with_texts
    from clvcli.scoring import job, manifest

    asked = options_from(ScoreOptions, options, data=log_of(data))
    _refuse_frames_on_a_cluster(asked)
    renderer = None
    if asked.report:
        from clvcli.report.html import renderer_of

        renderer = renderer_of(asked)
    done = job.score(asked, report=renderer, named_only=True)
    content = json.loads(manifest.encode(done.manifest))
    table = done.table
    if asked.engine != "polars":
        from clvcli.output.scored_table import read_own

        table = read_own(str(asked.output))
    return Run(with_texts(table), content, tuple(done.scored.notices), done.scored.log.rejects)


def _refuse_frames_on_a_cluster(options: ScoreOptions) -> None:
    if options.engine == "polars":
        return
    for name in ("data", "customers", "previous"):
        values = getattr(options, name)
        if any(isinstance(value, Held) for value in (values if isinstance(values, tuple) else (values,))):
            hint = marked("write it as Parquet where the workers can read it")
            raise UsageError(
                marked("{place}: a cluster reads files, not frames of this process", place=name), hint=hint
            )
    if not options.output:
        raise UsageError(
            marked("engine={engine} needs an output: the workers write the table", engine=repr(options.engine)),
            hint="output=...",
        )


@takes(CheckOptions)
def check(data: Data, **options: "Unpack[keywords.CheckKeywords]") -> Result:
    """Looks at a log: columns, problems by line, is there enough data? Fits nothing. As `clv check`.

    `document["usable"]` says whether `score` would stop over it; no error is raised for that.
    """
    from clvcli.commands.check import check as job
    from clvcli.core.run_day import run_day
    from clvcli.report.check import check_page

    asked = options_from(CheckOptions, options, data=log_of(data))
    found = job(asked, run_day())
    if asked.strict and found.warnings:
        first = found.warnings[0]
        raise InputError(
            marked("strict: {text} [{code}]", text=first.message, code=first.code),
            hint="without strict it is a warning",
        )
    content = found.as_json()
    return Result(_plain(content), found.warnings, lambda: check_page(content))


@takes(FitOptions)
def fit(data: Data, **options: "Unpack[keywords.FitKeywords]") -> Result:
    """Fits the models of a log; `score(..., use_model=...)` takes the result. As `clv fit`."""
    from clvcli.commands.fit import fit as job
    from clvcli.report.model_table import model_table

    done = job(options_from(FitOptions, options, data=log_of(data)), _unwatched)
    return Result(json.loads(done.content), done.notices, lambda: model_table(done.model))


@takes(BacktestOptions)
def backtest(data: Data, **options: "Unpack[keywords.BacktestKeywords]") -> Result:
    """Judges models, heuristics and rules on the customers' own past. As `clv backtest`."""
    from clvcli.commands.backtest.job import backtest as job
    from clvcli.report.backtest_table import backtest_page

    done = job(options_from(BacktestOptions, options, data=log_of(data)), _unwatched)
    return Result(json.loads(done.encoded), done.notices, lambda: backtest_page(done.content))


@takes(ExplainOptions)
def explain(data: Data, id: str, **options: "Unpack[keywords.ExplainKeywords]") -> Result:  # noqa: A002  # of the option
    """One customer: history, chances, why this stage, what would change it. As `clv explain`."""
    from clvcli.commands.explain import explain as job
    from clvcli.report.explain import explanation_page

    asked = options_from(ExplainOptions, options, data=log_of(data), id=str(id))
    found = job(asked, _unwatched)
    return Result(_plain(found.as_json()), (), lambda: explanation_page(found, _screen(asked)))


@takes(CompareOptions)
def compare(old: AnyTable, new: AnyTable, **options: "Unpack[keywords.CompareKeywords]") -> Table:
    """Compares two scored tables: who moved, before and after, lift of campaigns. As `clv compare`."""
    from clvcli.commands.compare.job import as_json
    from clvcli.commands.compare.job import compare as job
    from clvcli.report.compare import page

    tables = {"old": table_of(old, "old", "old table"), "new": table_of(new, "new", "new table")}
    done = job(options_from(CompareOptions, options, **tables), _unwatched)
    return Table(json.loads(as_json(done)), done.notices, lambda: page(done), done.table)


@takes(PlanOptions)
def plan(scored: AnyTable, **options: "Unpack[keywords.PlanKeywords]") -> Table:
    """Plans contacts: who, when, how and why, within caps, capacity and budget. As `clv plan`."""
    from clvcli.commands.plan.job import as_json
    from clvcli.commands.plan.job import plan as job
    from clvcli.report.plan import page

    asked = options_from(PlanOptions, options, scored=table_of(scored, "scored", "scored table"))
    done = job(asked, _unwatched, named_only=True)
    return Table(json.loads(as_json(done)), done.notices, lambda: page(done, _screen(asked)), done.contacts)


@takes(EconomicsOptions)
def economics(data: Data, **options: "Unpack[keywords.EconomicsKeywords]") -> Table:
    """What customers are worth, cost and keep: LTV, churn, CAC, payback, MRR. As `clv economics`."""
    from clvcli.commands.economics.document import as_json
    from clvcli.commands.economics.job import economics as job
    from clvcli.report.economics import page

    asked = options_from(EconomicsOptions, options, data=log_of(data))
    done = job(asked, _unwatched)
    return Table(json.loads(as_json(done, asked)), done.notices, lambda: page(done), done.table)


@takes(CrosssellOptions)
def crosssell(data: Data, **options: "Unpack[keywords.CrosssellKeywords]") -> Table:
    """What comparable good customers buy that this one does not. As `clv crosssell`."""
    from clvcli.commands.crosssell.document import as_json
    from clvcli.commands.crosssell.job import crosssell as job
    from clvcli.report.crosssell import page

    asked = options_from(CrosssellOptions, options, data=log_of(data))
    done = job(asked, _unwatched, named_only=True)
    return Table(json.loads(as_json(done, asked)), done.notices, lambda: page(done, asked), done.table)


@takes(TopOptions)
def top(scored: AnyTable, **options: "Unpack[keywords.TopKeywords]") -> Table:
    """Whom to turn to now, what to do, and why in one sentence of figures. As `clv top`."""
    from clvcli.commands.top.job import as_json, as_table
    from clvcli.commands.top.job import top as job
    from clvcli.report.top import page

    asked = options_from(TopOptions, options, scored=table_of(scored, "scored", "scored table"))
    found = job(asked, _unwatched)
    return Table(json.loads(as_json(found, asked)), found.notices, lambda: page(found, _screen(asked)), as_table(found))


def _plain(content: Mapping[str, Any]) -> Any:
    """A document as it reads back from its JSON text."""
    return json.loads(json.dumps(content, default=str))
