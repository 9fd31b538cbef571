"""Every option of every command, declared once: name, type, default, flags, help.

Imports nothing heavy: the help is made from it. `clvcli/core/settings.py` says how an option gets its value.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

PARTS = ("scoring", "shared", "fitting", "start", "campaigns")
"""The modules that are looked through for a name: making the classes of all takes longer than those of one command."""

if TYPE_CHECKING:
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
    from clvcli.core.options.fitting import BacktestOptions, CheckOptions, ExplainOptions, FitOptions
    from clvcli.core.options.scoring import ScoreOptions, SummaryOptions
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
else:

    def __getattr__(name: str) -> Any:
        if name in __all__:
            for part in PARTS:
                found = vars(import_module(f"{__name__}.{part}"))
                if name in found:
                    return found[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
]
