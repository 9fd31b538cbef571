"""Options of `clv score`."""

from dataclasses import dataclass
from typing import Any

from clvcli.core.options.checks import not_negative
from clvcli.core.options.page import PageOptions
from clvcli.core.options.panels import LOG, MODEL, OUT, TALK
from clvcli.core.options.shared import (
    AttributeOptions,
    JsonOptions,
    ModelOptions,
    RulesOptions,
    TableOptions,
    ValueOptions,
    WaitOptions,
)
from clvcli.core.settings import Options, declared, opt


@dataclass(frozen=True, kw_only=True, repr=False)
class SavedModelOptions(Options):
    """Whether a model is fitted."""

    use_model: str | None = opt(
        None, "Score with this saved model instead of fitting.", metavar="FILE", panel=MODEL, unless=("no_model",)
    )
    no_model: bool = opt(False, "Fit nothing: recency, frequency, monetary value and stages only.", panel=MODEL)


@dataclass(frozen=True, kw_only=True, repr=False)
class CovariateOptions(AttributeOptions):
    """What moves the purchase model."""

    covariates: str | None = opt(
        None, "Columns of --customers, numbers or categories, that move how fast people buy and leave.",
        metavar="COLUMN[,COLUMN...]", panel=MODEL, needs="customers", unless=("no_model",),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class SummaryOptions(Options):
    """What DATA is."""

    summary: bool = opt(
        False, "DATA is no log but a row a customer: frequency, recency and T (in --time-unit), monetary_value.",
        panel=LOG, unless=("engine=spark",),
        instead_of=(
            "source", "date", "amount", "order_id", "line_id", "currency", "date_format", "tz", "calendar", "where",
            "returns", "duplicates", "max_age", "acquired_from", "seasonality",
        ),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class ScoreOptions(
    PageOptions, WaitOptions, JsonOptions, SavedModelOptions, CovariateOptions, RulesOptions, TableOptions,
    SummaryOptions, ModelOptions,
):  # fmt: skip
    """`clv score`."""

    previous: str | None = opt(None, "An earlier scored table, to tell whose stage changed.", metavar="FILE", panel=OUT)
    changed_only: bool = opt(False, "Write only customers whose stage changed.", panel=OUT, needs="previous")
    counts: int | None = opt(
        None, "Add the chance of 0, 1, ... K purchases within the horizon.", metavar="K", check=not_negative, panel=OUT,
        unless=("no_model",),
    )  # fmt: skip
    if_exists: str | None = opt(
        None, "What to do when the table of -o exists in the database (default: fail).",
        choices=("fail", "replace", "append"), panel=OUT, needs="output",
    )  # fmt: skip
    report: str | None = opt(None, "Write the HTML report.", metavar="FILE.html", panel=OUT)
    backtest: str | None = opt(
        None, "A file of `clv backtest -o` for the report.", metavar="FILE", panel=OUT, needs="report"
    )
    manifest: str | None = opt(None, "Where the manifest goes (default: OUTPUT.run.json).", metavar="FILE", panel=OUT)
    rejects: str | None = opt(
        None, "Where rejected records are listed (default: OUTPUT.rejects.csv).", metavar="FILE", panel=OUT
    )
    excel: bool = opt(False, "CSV that Excel opens safely: byte-order mark, no formulas.", panel=OUT)
    redact: str | None = opt(
        None, "Name customers by pseudonyms in page, rejects and manifest; FILE turns them back.", metavar="FILE.csv",
        panel=OUT,
    )  # fmt: skip
    hash_ids: str | None = opt(
        None, "Keyed hashes instead of ids everywhere, the table too; best as CLV_HASH_IDS.", metavar="SALT", panel=OUT,
        unless=("redact",),
    )  # fmt: skip
    dry_run: bool = opt(False, "Do everything but write.", panel=OUT)
    require_model: bool = opt(
        False, "Fail with status 5 when no model can be fitted.", panel=MODEL, unless=("no_model", "use_model")
    )
    engine: str = opt(
        "polars", "What does the heavy work: this machine, or a Spark cluster.", choices=("polars", "spark"), panel=TALK
    )
    remote: str | None = opt(
        None, "Spark Connect address, like sc://host:15002.", metavar="URL", panel=TALK, needs="engine=spark"
    )


def scoring(options: ValueOptions, **more: Any) -> ScoreOptions:
    """The options under which `options` would have the log scored; `more` wins."""
    shared = set(declared(ValueOptions)) | ({"rules", "customers"} & set(declared(type(options))))
    values = {name: getattr(options, name) for name in shared}
    return ScoreOptions(**(values | more), sources=options.sources)
