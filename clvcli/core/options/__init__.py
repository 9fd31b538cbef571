"""Every option of every command, declared once: name, type, default, flags, help.

Imports nothing heavy: the help is made from it. `clvcli/core/settings.py` says how an option gets its value.
"""

from clvcli.core.options.campaigns import (
    CompareOptions,
    CrosssellOptions,
    EconomicsOptions,
    HistoryOptions,
    PlanOptions,
    ReportOptions,
    RunOptions,
    TopOptions,
)
from clvcli.core.options.scoring import (
    BacktestOptions,
    CheckOptions,
    ExplainOptions,
    FitOptions,
    ScoreOptions,
    SummaryOptions,
    scoring,
)
from clvcli.core.options.shared import LogOptions, ModelOptions, ResultOptions, TalkOptions, ValueOptions
from clvcli.core.options.start import (
    ColumnsOptions,
    ConfigOptions,
    HelpOptions,
    InitOptions,
    RulesCheckOptions,
    RulesListOptions,
    RulesSchemaOptions,
    RulesShowOptions,
    SimulateOptions,
    SourcesListOptions,
    SourcesShowOptions,
)

__all__ = [
    "BacktestOptions",
    "CheckOptions",
    "ColumnsOptions",
    "CompareOptions",
    "ConfigOptions",
    "CrosssellOptions",
    "EconomicsOptions",
    "ExplainOptions",
    "FitOptions",
    "HelpOptions",
    "HistoryOptions",
    "InitOptions",
    "LogOptions",
    "ModelOptions",
    "PlanOptions",
    "ReportOptions",
    "ResultOptions",
    "RulesCheckOptions",
    "RulesListOptions",
    "RulesSchemaOptions",
    "RulesShowOptions",
    "RunOptions",
    "ScoreOptions",
    "SimulateOptions",
    "SourcesListOptions",
    "SourcesShowOptions",
    "SummaryOptions",
    "TalkOptions",
    "TopOptions",
    "ValueOptions",
    "scoring",
]
