"""What can go wrong, as exceptions that know their exit code and what the user can do."""

from dataclasses import dataclass
from typing import Any

from clvcli.core.marked import particulars


class ClvError(Exception):
    """An expected failure: one line that says where and what, a hint that says what to do, an exit code.

    `code` names the entry of `clv help` that says more: one of ERRORS in core/reasons.py, or a topic.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class UsageError(ClvError):
    """Wrong options, a bad CLV_* variable, bad SQL in an option, colliding paths."""

    exit_code = 2


class InputError(ClvError):
    """Missing, empty, unreadable or too dirty data."""

    exit_code = 3


class ConfigError(ClvError):
    """A broken rules or configuration file."""

    exit_code = 4


class ModelError(ClvError):
    """A model that cannot be fitted where the command needs one."""

    exit_code = 5


class OutputError(ClvError):
    """An output that cannot be written."""

    exit_code = 6


class GateError(ClvError):
    """A check of `clv run` that did not pass."""

    exit_code = 7


@dataclass(frozen=True)
class Notice:
    """A warning: a stable code for machines, one plain sentence that names the remedy for people."""

    code: str
    message: str

    def document(self) -> dict[str, Any]:
        """The same as a manifest has it: with message and values apart, for other languages and for machines."""
        return {"code": self.code, "message": str(self.message), **particulars(self.message)}


MOST_WARNINGS = 5
"""So many are shown on a screen; the rest are counted."""


def warning_line(code: str, message: str) -> str:
    """The line of a warning: what is the matter, and the command that shows more of it."""
    return f"warning: {message} [clv help {code}]"


def more_warnings(number: int) -> str:
    """The line that counts the warnings beyond MOST_WARNINGS."""
    return (
        f"and {number} more {'warning' if number == 1 else 'warnings'}: -v shows all, clv help warnings explains them"
    )
