"""What a caller hands over as data: paths, addresses, frames, results of earlier calls."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from clvcli.core.errors import UsageError
from clvcli.core.held import Held
from clvcli.core.language import marked

if TYPE_CHECKING:
    import polars as pl

    from clvcli.api.results import Result, Run, Table


class ArrowFrame(Protocol):
    """A table in memory with the Arrow C interface: of Polars, pandas, PyArrow, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


FRAME = "data frame"
"""The name of a frame in messages and manifests."""
Path: TypeAlias = "str | os.PathLike[str]"
One: TypeAlias = "Path | ArrowFrame | pl.LazyFrame"
"""A path, a glob, a folder, an address, or a frame."""
Data: TypeAlias = "One | Sequence[One]"
AnyTable: TypeAlias = "Path | ArrowFrame | pl.LazyFrame | Run | Table"
"""A table: its file, its frame, or the result that has it; a run brings its manifest."""
Document: TypeAlias = "Path | Mapping[str, Any] | Result | Run"
"""A JSON file, or its content: of a manifest, a model, a backtest."""


def log_of(data: Any) -> tuple[str, ...]:
    """DATA as its parts. Raises UsageError for what is no data, InputError for a frame that cannot be taken over."""
    parts = list(data) if isinstance(data, Sequence) and not isinstance(data, str) else [data]
    return tuple(table_of(part, "data", FRAME if n == 1 else f"{FRAME} {n}") for n, part in enumerate(parts, 1))


def table_of(value: Any, what: str, name: str) -> str:
    """The path of a table, or the table itself under a name. `what`: the argument, for messages."""
    from clvcli.log.inputs.frames import Frame, is_frame

    if isinstance(value, (str, os.PathLike)):
        return path_of(value, what)
    frame, manifest = getattr(value, "table", None), getattr(value, "manifest", None)
    if frame is not None and not is_frame(value):
        return Frame(frame, name, manifest)
    if not is_frame(value):
        hint = marked("a path, an address, or a frame of Polars, pandas or Arrow")
        raise UsageError(marked("{place}: is no table: {name}", place=what, name=type(value).__name__), hint=hint)
    return Frame(value, name)


def document_of(value: Any, what: str) -> str:
    """The path of a JSON file, or its content under a name."""
    if isinstance(value, (str, os.PathLike)):
        return path_of(value, what)
    content = next((getattr(value, name) for name in ("document", "manifest") if hasattr(value, name)), value)
    if not isinstance(content, Mapping):
        hint = marked("a path, a result of clvcli, or a mapping")
        raise UsageError(
            marked(
                "{place}: is a path, or the content of such a file; got {name}", place=what, name=type(value).__name__
            ),
            hint=hint,
        )
    return Held(f"{what} in memory", content)


def path_of(value: Any, what: str) -> str:
    """A path as text. Raises UsageError for bytes."""
    path = os.fspath(value)
    if not isinstance(path, str):
        raise UsageError(
            marked("{place}: a path is text; got {name}", place=what, name=type(path).__name__),
            hint="os.fsdecode(path)",
        )
    return path
