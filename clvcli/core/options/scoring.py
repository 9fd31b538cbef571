"""Options of the commands that fit and score a log."""

from dataclasses import dataclass
from typing import Any

from clvcli.core.options.checks import (
    a_span,
    folds,
    not_negative,
)
from clvcli.core.options.page import PageOptions
from clvcli.core.options.panels import MODEL, OUT, TALK
from clvcli.core.options.shared import LogOptions, ModelOptions, ValueOptions
from clvcli.core.settings import arg, declared, opt


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(PageOptions, ModelOptions):
    """`clv score`."""

    output: str | None = opt(
        None, "Where the scored table goes; - for stdout.", "-o", "--output", metavar="FILE", panel=OUT
    )
    format: str | None = opt(
        None,
        "Format of the table (default: by the suffix of -o, else csv).",
        "-f",
        "--format",
        choices=("csv", "parquet", "ndjson", "xlsx"),
        panel=OUT,
    )
    rules: str = opt(
        "rfm-lifecycle", "Lifecycle rules: a YAML file or a preset (clv rules list).", metavar="FILE|PRESET", panel=OUT
    )
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=OUT)
    previous: str | None = opt(
        None, "An earlier scored table: adds previous_stage and stage_changed.", metavar="FILE", panel=OUT
    )
    changed_only: bool = opt(False, "With --previous: write only customers whose stage changed.", panel=OUT)
    counts: int | None = opt(
        None, "Add the chance of 0, 1, ... K purchases within the horizon.", metavar="K", check=not_negative, panel=OUT
    )
    report: str | None = opt(None, "Write the HTML report.", metavar="FILE.html", panel=OUT)
    backtest: str | None = opt(None, "A file of `clv backtest -o` for the report.", metavar="FILE", panel=OUT)
    json: bool = opt(False, "Print the manifest on stdout.", "--json", panel=OUT)
    manifest: str | None = opt(None, "Where the manifest goes (default: OUTPUT.run.json).", metavar="FILE", panel=OUT)
    rejects: str | None = opt(
        None, "Where rejected records are listed (default: OUTPUT.rejects.csv).", metavar="FILE", panel=OUT
    )
    excel: bool = opt(False, "CSV that Excel opens safely: byte-order mark, no formulas.", panel=OUT)
    dry_run: bool = opt(False, "Do everything but write.", panel=OUT)
    use_model: str | None = opt(None, "Score with this saved model instead of fitting.", metavar="FILE", panel=MODEL)
    require_model: bool = opt(False, "Fail with status 5 when no model can be fitted.", panel=MODEL)
    no_model: bool = opt(False, "Fit nothing: recency, frequency, monetary value and stages only.", panel=MODEL)
    engine: str = opt(
        "polars", "What does the heavy work: this machine, or a Spark cluster.", choices=("polars", "spark"), panel=TALK
    )
    remote: str | None = opt(None, "Spark Connect address, like sc://host:15002.", metavar="URL", panel=TALK)
    wait: float | None = opt(
        None,
        "Wait this many seconds for an output that another run is writing.",
        metavar="SECONDS",
        check=not_negative,
        panel=TALK,
    )


@dataclass(frozen=True, kw_only=True)
class FitOptions(ModelOptions):
    """`clv fit`."""

    output: str | None = opt(
        None, "Where the model goes; - for stdout.", "-o", "--output", metavar="FILE.json", panel=OUT
    )
    rules: str = opt("rfm-lifecycle", "Rules whose breakpoints the saved scores use.", metavar="FILE|PRESET", panel=OUT)
    json: bool = opt(False, "Print the model on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class BacktestOptions(ModelOptions):
    """`clv backtest`."""

    holdout: str | None = opt(
        None,
        "Time held out at each origin (default: a quarter of the log, at most the horizon).",
        metavar="SPAN",
        check=a_span,
        panel=MODEL,
    )
    folds: int | None = opt(
        None, "Origins (default: up to 3 that do not overlap).", metavar="N", check=folds, panel=MODEL
    )
    rules: str | None = opt(None, "Judge the stages of these rules too.", metavar="FILE|PRESET", panel=OUT)
    output: str | None = opt(
        None, "Where the figures go; - for stdout.", "-o", "--output", metavar="FILE.json", panel=OUT
    )
    json: bool = opt(False, "Print the figures on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class CheckOptions(LogOptions):
    """`clv check`."""

    json: bool = opt(False, "Print what was found as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(ModelOptions):
    """`clv explain`."""

    id: str = arg(..., "The customer.", metavar="ID")
    rules: str = opt("rfm-lifecycle", "Lifecycle rules: a YAML file or a preset.", metavar="FILE|PRESET", panel=OUT)
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=OUT)
    use_model: str | None = opt(None, "Score with this saved model instead of fitting.", metavar="FILE", panel=MODEL)
    no_model: bool = opt(False, "Fit nothing: stages only.", panel=MODEL)
    json: bool = opt(False, "Print the explanation as JSON.", "--json", panel=OUT)


def scoring(options: ValueOptions, **more: Any) -> ScoreOptions:
    """The options under which `options` would have the log scored; `more` wins."""
    shared = set(declared(ValueOptions)) | ({"rules", "customers"} & set(declared(type(options))))
    values = {name: getattr(options, name) for name in shared}
    return ScoreOptions(**(values | more), sources=options.sources)
