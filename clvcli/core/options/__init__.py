"""Every option of every command, declared once: name, type, default, flags, help.

Imports nothing heavy: the help is made from it. `clvcli/core/settings.py` says how an option gets its value.
"""

from clvcli.core.options.loop import (
    CompareOptions,
    CrosssellOptions,
    EconomicsOptions,
    PlanOptions,
    ReportOptions,
    RunOptions,
    TopOptions,
)
from clvcli.core.options.scoring import BacktestOptions, CheckOptions, ExplainOptions, FitOptions, ScoreOptions, scoring
from clvcli.core.options.shared import LogOptions, ModelOptions, TalkOptions, ValueOptions
from clvcli.core.options.start import (
    InitOptions,
    RulesCheckOptions,
    RulesListOptions,
    RulesSchemaOptions,
    RulesShowOptions,
    SchemaOptions,
    SimulateOptions,
)

__all__ = [
    "BacktestOptions",
    "CheckOptions",
    "CompareOptions",
    "CrosssellOptions",
    "EconomicsOptions",
    "ExplainOptions",
    "FitOptions",
    "InitOptions",
    "LogOptions",
    "ModelOptions",
    "PlanOptions",
    "ReportOptions",
    "RulesCheckOptions",
    "RulesListOptions",
    "RulesSchemaOptions",
    "RulesShowOptions",
    "RunOptions",
    "SchemaOptions",
    "ScoreOptions",
    "SimulateOptions",
    "TalkOptions",
    "TopOptions",
    "ValueOptions",
    "scoring",
]
