"""What a source holds, told by its first bytes and never by its name: Parquet, or text that may be compressed."""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.progress import UNPACKING, passing
from clvcli.log.encoding import looks_binary, not_text
from clvcli.log.kinds import other_kind
from clvcli.log.memory import check_records, joined
from clvcli.log.sources import Source
from clvcli.log.unpack import DamagedError, compression_of, unpacked

SAMPLE = 1 << 16
READ = 1 << 20
"""Bytes of a stream read at a time."""


@dataclass(frozen=True)
class Content:
    """`format` is a name of log/inputs; `compression` is None, `gz`, `zst`, or the archive that it lay in.

    `data` holds the unpacked bytes, or None for a plain regular file that can be read from `source.path`.
    """

    source: Source
    format: str
    compression: str | None
    data: bytes | None
    size: int
    retries: int = 0

    def read(self) -> bytes:
        """All bytes of the content, unpacked."""
        return self.data if self.data is not None else _slurp(self.source)

    def head(self, count: int) -> bytes:
        """The first `count` bytes, unpacked."""
        if self.data is not None:
            return self.data[:count]
        return _slurp(self.source, count)

    def stream(self) -> BinaryIO:
        """All bytes, unpacked, as a file that can seek."""
        return io.BytesIO(self.data) if self.data is not None else open(self.source.path, "rb")


def open_content(source: Source) -> Content:
    """Looks into a source. Raises InputError for what is missing, empty, unreadable, damaged or of another kind."""
    if source.frame is not None:
        return Content(source, "frames", None, None, 0)
    raw: bytes | None = None
    retries = 0
    if source.is_remote:
        from clvcli.log.inputs.base import format_of_address

        kind = format_of_address(source.path)
        if kind is not None and not source.is_web:
            return Content(source, kind, None, None, 0)
        raw, retries = _far(source)
        head, size = raw[:512], len(raw)
    elif source.is_stdin or not os.path.isfile(source.path):
        raw = joined(source.name, _stream(source))
        head, size = raw[:512], len(raw)
    else:
        head, size = _slurp(source, SAMPLE), os.path.getsize(source.path)
    if size == 0:
        raise InputError(marked("{place}: is empty", place=source.name), hint="check the export that writes it")
    compression = compression_of(head)
    if compression is not None:
        raw = _unpack(source, compression, iter([raw]) if raw is not None else passing(_steps(source), size, UNPACKING))
        head = raw[:512]
        if not raw:
            raise InputError(
                marked("{place}: is empty once unpacked", place=source.name), hint="check the export that writes it"
            )
    return replace(told(source, raw, size, compression), retries=retries)


def told(source: Source, data: bytes | None, size: int, compression: str | None) -> Content:
    """The content with its format. Raises InputError for a kind that is not read."""
    from clvcli.log.inputs.base import format_of

    content = Content(source, "csv", compression, data, size)
    if (kind := format_of(content)) is not None:
        return replace(content, format=kind)
    head = content.head(SAMPLE if data is None else 512)
    _refuse_other_kinds(source, head[:512], compression is not None)
    if data is None:
        check_records(source.name, head, size)
    return content


def _slurp(source: Source, count: int = -1) -> bytes:
    with _told_well(source), open(source.path, "rb") as stream:
        return stream.read(count)


def _steps(source: Source) -> Iterator[bytes]:
    """The bytes of a file or of stdin, some at a time."""
    with _told_well(source), _opened(source) as stream:
        while part := stream.read(READ):
            yield part


def _stream(source: Source) -> Iterator[bytes]:
    """The same of a pipe or device, which has no size: what is no text by its first bytes is not read to its end."""
    steps = _steps(source)
    first = next(steps, b"")
    if first and compression_of(first) is None:
        kind = told(source, first, len(first), None).format
        if kind == "csv" and looks_binary(first):
            raise not_text(source.name)
    yield first
    yield from steps


def _opened(source: Source) -> "contextlib.AbstractContextManager[BinaryIO]":
    return contextlib.nullcontext(sys.stdin.buffer) if source.is_stdin else open(source.path, "rb")


@contextlib.contextmanager
def _told_well(source: Source) -> Iterator[None]:
    """What the system says of a file, as an InputError."""
    try:
        yield
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise InputError(
            marked("{place}: cannot be read ({reason})", place=source.name, reason=reason),
            hint="check the path and its rights",
        ) from None


def _unpack(source: Source, compression: str, packed: Iterator[bytes]) -> bytes:
    try:
        return joined(source.name, unpacked(compression, packed))
    except DamagedError as problem:
        name = {"gz": "gzip", "zst": "zstd"}[compression]
        raise InputError(
            marked("{place}: the {name} data {problem}", place=source.name, name=name, problem=problem),
            hint="fetch the file again",
        ) from None


def _far(source: Source) -> tuple[bytes, int]:
    """What an address holds, and how often it had to be asked again."""
    from clvcli.log.remote import fetched

    return fetched(source.name, source.path, source.patience) if source.is_web else (_lines(source), 0)


def _lines(source: Source) -> bytes:
    """The text of an address in an object store; Polars fetches it. Only uncompressed UTF-8 arrives this way."""
    import polars as pl

    from clvcli.log.remote import unreachable, within

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Polars advises on regions; the error says what counts.
            lines = within(source.patience, source.name, pl.scan_lines(source.path).collect).to_series().to_list()
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise unreachable(source.name, problem) from None
    return "\n".join(lines).encode() + b"\n" if lines else b""


def _refuse_other_kinds(source: Source, head: bytes, unpacked: bool) -> None:
    found = other_kind(head, unpacked)
    if found is not None:
        raise InputError(
            marked("{place}: is {found}, which clv does not read", place=source.name, found=found[0]),
            hint=found[1],
            code="file_kind",
        )
