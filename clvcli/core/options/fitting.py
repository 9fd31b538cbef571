"""Options of the commands beside `clv score` that read a log as it does."""

from dataclasses import dataclass

from clvcli.core.options.checks import a_span, folds
from clvcli.core.options.panels import MODEL, OUT
from clvcli.core.options.scoring import CovariateOptions, SavedModelOptions, SummaryOptions
from clvcli.core.options.shared import (
    AttributeOptions,
    JsonOptions,
    ListOptions,
    LogOptions,
    ModelOptions,
    RulesOptions,
)
from clvcli.core.settings import arg, opt


@dataclass(frozen=True, kw_only=True, repr=False)
class FitOptions(ListOptions, JsonOptions, CovariateOptions, RulesOptions, SummaryOptions, ModelOptions):
    """`clv fit`."""

    output: str | None = opt(
        None, "Where the model goes; - for stdout.", "-o", "--output", metavar="FILE.json", panel=OUT
    )
    strict: bool = False
    alert: float = 0.5


@dataclass(frozen=True, kw_only=True, repr=False)
class BacktestOptions(ListOptions, JsonOptions, CovariateOptions, ModelOptions):
    """`clv backtest`."""

    holdout: str | None = opt(
        None, "Time held out at each origin (default: a quarter of the log, at most the horizon).", metavar="SPAN",
        check=a_span, panel=MODEL,
    )  # fmt: skip
    folds: int | None = opt(
        None, "Origins (default: up to 3 that do not overlap).", metavar="N", check=folds, panel=MODEL
    )
    rules: str | None = opt(None, "Judge the stages of these rules too.", metavar="FILE|PRESET", panel=OUT)
    challenger: bool = opt(False, "Judge gradient boosting, which knows no model of buying, too.", panel=MODEL)
    output: str | None = opt(
        None, "Where the figures go; - for stdout.", "-o", "--output", metavar="FILE.json", panel=OUT
    )
    strict: bool = False


@dataclass(frozen=True, kw_only=True, repr=False)
class CheckOptions(ListOptions, JsonOptions, LogOptions):
    """`clv check`."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ExplainOptions(ListOptions, JsonOptions, SavedModelOptions, AttributeOptions, RulesOptions, ModelOptions):
    """`clv explain`."""

    id: str = arg(..., "The customer.", metavar="ID")
    html: str | None = opt(None, "Write it as a page too.", metavar="FILE.html", panel=OUT)
    svg: str | None = opt(None, "Write the chart of P(alive) over time too.", metavar="FILE.svg", panel=OUT)
    show_currency: str | None = opt(
        None, "Currency that people see beside amounts: EUR (default: what the table's run or the log says).",
        metavar="CODE", panel=OUT,
    )  # fmt: skip
