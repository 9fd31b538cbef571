"""Where the outputs of a run go: all of them or none."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol, Self

from clvcli.core.options import ScoreOptions
from clvcli.output import Targets

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")
"""The start of the name of an output that is no file of this machine."""
Writer = Callable[[BinaryIO], None]


class Place(Protocol):
    """The outputs of a run, as a context manager: leaving it without `commit` leaves everything as it was."""

    targets: Targets

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...

    def filling(self, table: Any) -> AbstractContextManager[None]:
        """A block at whose end the table is written, for nobody to see yet. `table`: rows, in order."""

    def dressed(self, table: Any, manifest: Mapping[str, Any]) -> None:
        """Writes a table that shows more of the run than its rows."""

    def write(self, role: str, writer: Writer) -> None:
        """Writes another output, where it is wanted; for nobody to see yet."""

    def commit(self, only: set[str] | None = None) -> None:
        """Puts everything in place, or the outputs of some roles. Raises OutputError, and then every old output is
        back."""


def other_files(options: ScoreOptions) -> list[str]:
    """The files that a run reads beside its log: no output may replace one."""
    previous = None if overwrites_previous(options) else options.previous
    read = (options.customers, previous, options.use_model, options.config, options.rules, options.backtest)
    return [path for path in (*read, "clv.yaml") if path and os.path.isfile(path)]


def overwrites_previous(options: ScoreOptions) -> bool:
    """Whether --previous and --output name one file: the table is compared with what that file held."""
    if not options.previous or not options.output or "-" in (options.previous, options.output):
        return False
    return os.path.realpath(options.previous) == os.path.realpath(options.output)
