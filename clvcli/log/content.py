"""What a source holds, told by its first bytes and never by its name: Parquet, or text that may be compressed."""

import io
import os
import sys
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from clvcli.core.errors import InputError
from clvcli.log.kinds import other_kind
from clvcli.log.memory import STEP, check_bytes, check_records, joined, zstd_size
from clvcli.log.sources import Source

SAMPLE = 1 << 16
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


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

    def read(self) -> bytes:
        """All bytes, unpacked."""
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
    if source.is_remote:
        return _remote(source)
    if source.is_stdin or not os.path.isfile(source.path):
        raw = _slurp(source)
        head, size = raw[:512], len(raw)
    else:
        raw, head, size = None, _slurp(source, SAMPLE), os.path.getsize(source.path)
    if size == 0:
        raise InputError(f"{source.name}: is empty", hint="check the export that writes it")
    compression = "gz" if head.startswith(GZIP) else "zst" if head.startswith(ZSTD) else None
    if compression is not None:
        packed = raw if raw is not None else _slurp(source)
        raw = joined(source.name, _gunzip(source, packed)) if compression == "gz" else _unzstd(source, packed)
        head = raw[:512]
        if not raw:
            raise InputError(f"{source.name}: is empty once unpacked", hint="check the export that writes it")
    return told(source, raw, size, compression)


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
    try:
        if source.is_stdin:
            return joined(source.name, iter(lambda: sys.stdin.buffer.read(STEP), b""))
        with open(source.path, "rb") as stream:
            return stream.read(count)
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise InputError(f"{source.name}: cannot be read ({reason})", hint="check the path and its rights") from None


def _gunzip(source: Source, packed: bytes) -> Iterator[bytes]:
    """Every member of a gzip file. A file cut short is refused: its last records would be missing in silence."""
    rest, first = packed, True
    while rest:
        member = zlib.decompressobj(wbits=31)
        try:
            yield from _unpacked(member, rest)
        except zlib.error:
            if not first and not rest.strip(b"\0"):
                break
            raise InputError(f"{source.name}: the gzip data are damaged", hint="fetch the file again") from None
        if not member.eof:
            raise InputError(f"{source.name}: the gzip data end too early", hint="fetch the file again")
        rest, first = member.unused_data, False


def _unpacked(member: "zlib._Decompress", rest: bytes) -> Iterator[bytes]:
    """One member in steps: a few packed bytes may hold more than there is memory for."""
    while True:
        part = member.decompress(rest, STEP)
        yield part
        rest = member.unconsumed_tail
        if member.eof or (not rest and len(part) < STEP):
            return


def _unzstd(source: Source, packed: bytes) -> bytes:
    """Polars unpacks zstd; read as lines the text comes back but for the kind of its line ends."""
    import polars as pl

    check_bytes(source.name, zstd_size(packed))
    try:
        lines = pl.scan_lines(packed).collect()
    except (pl.exceptions.PolarsError, OSError):
        raise InputError(f"{source.name}: the zstd data are damaged", hint="fetch the file again") from None
    return "\n".join(lines.to_series().to_list()).encode() + b"\n"


def _remote(source: Source) -> Content:
    """An object-store address; Polars fetches it. Only Parquet and uncompressed UTF-8 text arrive this way."""
    import polars as pl

    if source.path.lower().endswith((".parquet", ".pq")):
        return Content(source, "parquet", None, None, 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Polars advises on regions; the error says what counts.
            lines = pl.scan_lines(source.path).collect().to_series().to_list()
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise unreachable(source.name, problem) from None
    data = "\n".join(lines).encode() + b"\n"
    if not lines:
        raise InputError(f"{source.name}: is empty", hint="check the export that writes it")
    return Content(source, "csv", None, data, len(data))


def unreachable(name: str, problem: Exception) -> InputError:
    """What to say of an address that could not be read."""
    reason = str(problem).split("\n", 1)[0][:150]
    fetched = f"; or fetch it first: curl -L {name}" if name.startswith("http") else ""
    return InputError(f"{name}: cannot be read ({reason})", hint=f"check the address and its rights{fetched}")


def _refuse_other_kinds(source: Source, head: bytes, unpacked: bool) -> None:
    found = other_kind(head, unpacked)
    if found is not None:
        raise InputError(f"{source.name}: is {found[0]}, not CSV or Parquet", hint=found[1])
