"""Turns a transaction log into customers you understand. The command is `clv`, see README.md; in Python `clvcli.score`
and its companions, see `clv help python`: each is imported when it is asked for."""

TYPE_CHECKING = False  # That of `typing` takes as long as all that comes before signals are watched.
if TYPE_CHECKING:
    from clvcli.api import (
        ClvError,
        ConfigError,
        InputError,
        ModelError,
        Notice,
        OutputError,
        Result,
        Run,
        Table,
        UsageError,
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

__version__ = "0.1.0"
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
    "__version__",
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


if not TYPE_CHECKING:  # checkers would take any name for granted

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'clvcli' has no attribute {name!r}")
        from clvcli import api

        return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
