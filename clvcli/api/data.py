"""What a caller hands over as data: paths, addresses, frames, results of earlier calls."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from clvcli.core.errors import InputError, UsageError
from clvcli.core.held import Held

if TYPE_CHECKING:
    import polars as pl

    from clvcli.api.results import Result, Run


class Frame(Protocol):
    """A table in memory with the Arrow C interface: of Polars, pandas, PyArrow, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


Path: TypeAlias = "str | os.PathLike[str]"
One: TypeAlias = "Path | Frame | pl.LazyFrame"
"""A path, a glob, a folder, an address, or a frame."""
Data: TypeAlias = "One | Sequence[One]"
Scored: TypeAlias = "Path | Frame | pl.LazyFrame | Run"
"""A table that `score` made: its file, its frame, or the run itself, which brings its manifest."""
Document: TypeAlias = "Path | Mapping[str, Any] | Result | Run"
"""A JSON file, or its content: of a manifest, a model, a backtest."""


def log_of(data: Any) -> tuple[str, ...]:
    """DATA as its parts. Raises UsageError for what is no data, InputError for a frame that cannot be taken over."""
    parts = [data] if _is_one(data) or not isinstance(data, Sequence) else list(data)
    return tuple(table_of(part, "data", "<frame>" if n == 1 else f"<frame {n}>") for n, part in enumerate(parts, 1))


def _is_one(data: Any) -> bool:
    return isinstance(data, (str, os.PathLike)) or hasattr(data, "__arrow_c_stream__")


def table_of(value: Any, what: str, name: str) -> str:
    """The path of a table, or the table itself under a name. `what`: the argument, for messages."""
    if isinstance(value, (str, os.PathLike)):
        return path_of(value, what)
    manifest = getattr(value, "manifest", None)
    frame = value.table if manifest is not None and hasattr(value, "table") else value
    return Held(name, _polars(frame, what), manifest)


def document_of(value: Any, what: str) -> str:
    """The path of a JSON file, or its content under a name."""
    if isinstance(value, (str, os.PathLike)):
        return path_of(value, what)
    content = next((getattr(value, name) for name in ("document", "manifest") if hasattr(value, name)), value)
    if not isinstance(content, Mapping):
        hint = "a path, a result of clvcli, or a mapping"
        raise UsageError(f"{what}: is a path, or the content of such a file; got {type(value).__name__}", hint=hint)
    return Held(f"<{what}>", content)


def path_of(value: Any, what: str) -> str:
    """A path as text. Raises UsageError for bytes."""
    path = os.fspath(value)
    if not isinstance(path, str):
        raise UsageError(f"{what}: a path is text; got {type(path).__name__}", hint="os.fsdecode(path)")
    return path


def _polars(value: Any, what: str) -> "pl.DataFrame":
    """A frame as a Polars frame. Raises UsageError for what is none, InputError for what cannot be taken over."""
    import polars as pl

    if isinstance(value, pl.LazyFrame):
        try:
            return value.collect()
        except (pl.exceptions.PolarsError, OSError) as problem:
            raise InputError(f"{what}: the frame cannot be computed ({_first_line(problem)})") from problem
    if isinstance(value, pl.DataFrame):
        return value
    if not hasattr(value, "__arrow_c_stream__"):
        hint = "a path, an address, or a frame of Polars, pandas or Arrow"
        raise UsageError(f"{what}: is no data: {type(value).__name__}", hint=hint)
    try:
        return pl.DataFrame(value)
    except ImportError as problem:
        raise UsageError(f"{what}: {problem}", hint="pip install pyarrow, or hand over a Polars frame") from problem
    except Exception as problem:  # every library has errors of its own for columns of mixed types
        hint = "give each column one type: text, numbers or dates"
        raise InputError(f"{what}: the frame cannot be taken over ({_first_line(problem)})", hint=hint) from problem


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:150]
