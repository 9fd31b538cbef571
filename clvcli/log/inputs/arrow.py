"""Arrow files (IPC, Feather 2) and streams."""

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened

if TYPE_CHECKING:
    import polars as pl

FILE, STREAM = b"ARROW1", b"\xff\xff\xff\xff"


class Arrow:
    """A file is read where it lies; a stream is held in memory."""

    suffixes = (".arrow", ".feather", ".ipc")
    schemes = ()

    def is_it(self, content: Content) -> bool:
        return content.head(8).startswith((FILE, STREAM))

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.stored import open_stored

        name = content.source.name
        facts: dict[str, object] = {"path": name, "format": "arrow", "bytes": content.size}
        if content.compression:
            facts["compression"] = content.compression
        guard = partial(_told_well, name)
        with guard():
            scan = partial(_scan, content) if content.head(6) == FILE else _held(content).lazy
        return [open_stored(file, name, scan, guard, facts)], []


def _scan(content: Content) -> "pl.LazyFrame":
    import polars as pl

    return pl.scan_ipc(content.data if content.data is not None else content.source.path)


def _held(content: Content) -> "pl.DataFrame":
    import polars as pl

    with content.stream() as stream:
        return pl.read_ipc_stream(stream)


@contextlib.contextmanager
def _told_well(name: str) -> Iterator[None]:
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, OSError, ValueError) as problem:
        reason = str(problem).splitlines()[0][:120] if str(problem) else marked("unreadable")
        raise InputError(
            marked("{place}: is a damaged Arrow file ({reason})", place=name, reason=reason), hint="write it again"
        ) from None
    except BaseException as problem:  # A Polars panic is no Exception.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(marked("{place}: is a damaged Arrow file", place=name), hint="write it again") from None


INPUT = Arrow()
