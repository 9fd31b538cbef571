"""The jobs of the command line as functions: `import clvcli` offers them. See `clv help python`."""

from clvcli.api.functions import (
    backtest,
    check,
    compare,
    crosssell,
    economics,
    explain,
    fit,
    plan,
    score,
    top,
)
from clvcli.api.results import Result, Run, Table
from clvcli.core.errors import ClvError, ConfigError, InputError, ModelError, Notice, OutputError, UsageError

__all__ = [
    "ClvError",
    "ConfigError",
    "InputError",
    "ModelError",
    "Notice",
    "OutputError",
    "Result",
    "Run",
    "Table",
    "UsageError",
    "backtest",
    "check",
    "compare",
    "crosssell",
    "economics",
    "explain",
    "fit",
    "plan",
    "score",
    "top",
]
