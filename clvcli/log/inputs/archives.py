"""Files that hold files: zip and tar; bzip2 and xz, which hold one. The members are read as files of the log."""

import bz2
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.marked import several
from clvcli.core.options import LogOptions
from clvcli.core.progress import METER, UNPACKING, Meter
from clvcli.log.content import Content, told
from clvcli.log.inputs.base import Opened, Table, input_format, suffixes
from clvcli.log.memory import STEP, check_bytes, joined
from clvcli.log.sources import OWN_SUFFIXES, Source

ZIP, BZIP2, XZ = (b"PK\x03\x04", b"PK\x05\x06"), re.compile(rb"BZh[1-9]1AY"), b"\xfd7zXZ"
TAR = slice(257, 262)
INSIDE = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")
Member = tuple[str, bytes]


class Archives:
    """Hidden members, and those that by their names are no tables, are left out with a note."""

    suffixes = (".zip", ".bz2", ".xz", ".tar", ".tgz")
    schemes = ()

    def is_it(self, content: Content) -> bool:
        return _kind(content.head(512)) is not None

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:
        kind = _kind(content.head(512))
        name = content.source.name
        if content.compression and kind != "tar":
            raise InputError(
                marked("{place}: compressed twice, with {kind} inside", place=name, kind=kind), hint="unpack it once"
            )
        if kind in ("bz2", "xz"):
            with content.stream() as stream:
                data = joined(name, _unpacked(name, stream, kind, content.size))
            if not data:
                raise InputError(
                    marked("{place}: is empty once unpacked", place=name), hint="check the export that writes it"
                )
            inner = _told(content.source, data, kind, kind)
            return input_format(inner.format).tables(file, inner, options, whole=whole)
        members, notices = _members(content, str(kind))
        found: list[Table] = []
        for member, data in members:
            inner = _told(Source(content.source.path, f"{name}/{member}"), data, str(kind), str(kind))
            more, said = input_format(inner.format).tables(file + len(found), inner, options, whole=whole)
            found, notices = [*found, *more], [*notices, *said]
        return found, notices


def _kind(head: bytes) -> str | None:
    if head.startswith(ZIP):
        return "zip"
    if BZIP2.match(head):
        return "bz2"
    if head.startswith(XZ):
        return "xz"
    return "tar" if head[TAR] == b"ustar" else None


def _told(source: Source, data: bytes, compression: str, outer: str) -> Content:
    """A member as content. Raises InputError for an archive within an archive; a tar may be compressed."""
    kind = _kind(data[:512])
    packed = kind if kind is not None else (marked("gzip or zstd") if data.startswith(INSIDE) else None)
    if packed is not None and (kind != "tar" or outer not in ("bz2", "xz")) and not _is_workbook(source, data):
        raise InputError(
            marked("{place}: {packed} within {outer} is not unpacked", place=source.name, packed=packed, outer=outer),
            hint="unpack the outer one first",
        )
    return told(source, data, len(data), compression)


def _is_workbook(source: Source, data: bytes) -> bool:
    return input_format("excel").is_it(Content(source, "", None, data, len(data)))


def _unpacked(name: str, stream: BinaryIO, kind: str | None, size: int) -> Iterator[bytes]:
    """The bytes in steps: a few packed ones, of `size` in all, may hold more than there is memory for."""
    meter = METER.get() or Meter()
    meter.start(size, UNPACKING)
    try:
        with bz2.BZ2File(stream) if kind == "bz2" else lzma.LZMAFile(stream) as opened:
            while part := opened.read(STEP):
                yield part
                meter.add(stream.tell() - meter.done)
    except EOFError:
        raise InputError(
            marked("{place}: the {kind} data end too early", place=name, kind=kind), hint="fetch the file again"
        ) from None
    except (OSError, lzma.LZMAError, ValueError):
        raise InputError(
            marked("{place}: the {kind} data are damaged", place=name, kind=kind), hint="fetch the file again"
        ) from None


def _members(content: Content, kind: str) -> tuple[list[Member], list[Notice]]:
    """The tables inside, sorted by name."""
    name = content.source.name
    try:
        with content.stream() as stream:
            found = _of_zip(name, stream) if kind == "zip" else _of_tar(name, stream)
            files = {path: read for path, read in found if not _is_hidden(path)}
            kept = [path for path in sorted(files) if path.lower().endswith(suffixes()) and not _is_own(path)]
            if not kept and len(files) == 1:
                kept = list(files)
            if not kept:
                raise InputError(
                    marked("{place}: holds no table", place=name), hint="put CSV, Parquet or Excel files into it"
                )
            members = [(path, files[path]()) for path in kept]
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        raise InputError(
            marked("{place}: is a damaged {kind} archive", place=name, kind=kind), hint="fetch the file again"
        ) from None
    full = [(path, data) for path, data in members if data]
    notices = [
        Notice("empty_file", marked("{told}; it was skipped", told=marked("{place}: is empty", place=f"{name}/{path}")))
        for path, data in members
        if not data
    ]
    if not full:
        raise InputError(
            marked("{name}/{kept}: is empty", name=name, kept=kept[0]), hint="check the export that writes it"
        )
    left = sorted(set(files) - set(kept))
    if left:
        message = several(
            "{n:d} member of {name} left out, by name no table, like {first}",
            "{n:d} members of {name} left out, by name no table, like {first}",
            len(left), name=name, first=left[0],
        )  # fmt: skip
        notices.append(Notice("skipped_files", message))
    return full, notices


def _is_own(path: str) -> bool:
    return path.endswith(OWN_SUFFIXES)


def _is_hidden(path: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.split("/"))


def _check_path(name: str, path: str) -> None:
    """Nothing is written, so that no path can do harm; who makes such a path means some."""
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path) or ".." in re.split(r"[\\/]", path):
        raise InputError(
            marked("{place}: has a member outside of it, {path}", place=name, path=path[:80]),
            hint="do not trust this archive; fetch it anew",
        )


def _of_zip(name: str, stream: BinaryIO) -> Iterator[tuple[str, Callable[[], bytes]]]:
    archive = zipfile.ZipFile(stream)
    for info in archive.infolist():
        _check_path(name, info.filename)
        if info.flag_bits & 1:
            raise InputError(
                marked("{place}: is protected by a password", place=name), hint="unpack it first: unzip FILE"
            )
        if not info.is_dir():
            check_bytes(name, b"", info.file_size)
            yield info.filename, lambda i=info: archive.read(i)  # type: ignore[misc]


def _of_tar(name: str, stream: BinaryIO) -> Iterator[tuple[str, Callable[[], bytes]]]:
    archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115  # closed with the stream
    for info in archive.getmembers():
        _check_path(name, info.name)
        if info.isfile():
            check_bytes(name, b"", info.size)
            yield info.name.removeprefix("./"), lambda i=info: (archive.extractfile(i) or io.BytesIO()).read()  # type: ignore[misc]


INPUT = Archives()
