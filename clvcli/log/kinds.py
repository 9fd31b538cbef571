"""Files that are no table of text and no Parquet, told by their first bytes: what to call them, what to do."""

import codecs
import re

from clvcli.core.language import marked

MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"]\x00\x00", marked("compressed with lzma"), marked("unpack it first: unlzma FILE")),
    (b"\x04\x22\x4d\x18", marked("compressed with lz4"), marked("unpack it first: unlz4 FILE")),
    (b"\x1f\x9d", marked("compressed with compress"), marked("unpack it first: uncompress FILE")),
    (b"7z\xbc\xaf", marked("a 7z archive"), marked("unpack it first")),
    (b"Rar!", marked("a RAR archive"), marked("unpack it first")),
    (b"%PDF", marked("a PDF"), marked("export the data as CSV")),
    (rb"{\rtf", marked("a text document (RTF)"), marked("export the data as CSV")),
    (b"FEA1", marked("a Feather file"), marked("write it as Parquet")),
    (b"Obj\x01", marked("an Avro file"), marked("write it as Parquet or CSV")),
    (b"SQLite format 3", marked("an SQLite database"), marked("export the table as CSV")),
    (b"\x89HDF", marked("an HDF5 file"), marked("write it as Parquet or CSV")),
    (b"\x89PNG", marked("a picture"), marked("export the data as CSV")),
    (b"\xff\xd8\xff", marked("a picture"), marked("export the data as CSV")),
    (b"PARE", marked("an encrypted Parquet file"), marked("write it without encryption")),
    (
        b"version https://git-lfs",
        marked("a pointer of Git LFS to a file that is not here"),
        marked("fetch it: git lfs pull"),
    ),
    (b"<", marked("HTML or XML"), marked("the download may be a login or error page; export CSV")),
)
PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb'\{\s*["}]|\[\s*[\[{]|\[\s*"[^"]*"\s*,\s*[\n"]'),
        marked("JSON without objects"),
        marked("write one object a line"),
    ),
    (re.compile(rb"ORC[^\n]*[\x80-\xff]"), marked("an ORC file"), marked("write it as Parquet or CSV")),
)
PACKED = ((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
CONTROLS = bytes(range(9)) + bytes(range(14, 26)) + b"\x1c\x1d\x1e"


def other_kind(head: bytes, unpacked: bool = False) -> tuple[str, str] | None:
    """(what it is, what to do) by the first 512 bytes; None for what may be a table. `unpacked`: they come out of a
    compressed file, which holds no further one."""
    start = as_ascii(head).lstrip()
    for magic, kind, advice in MAGIC:
        if start.startswith(magic):
            return kind, advice
    for pattern, kind, advice in PATTERNS:
        if pattern.match(start):
            return kind, advice
    for magic, name in PACKED if unpacked else ():
        if head.startswith(magic):
            return marked("compressed twice, with {name} inside", name=name), marked("unpack it once")
    return None


def is_binary(head: bytes) -> bool:
    """Whether bytes that are no UTF-8 (or hold nothing but NUL) are no text in any encoding either."""
    controls = len(head) - len(head.translate(None, CONTROLS))
    return controls > 0.02 * len(head) + 2


def as_ascii(head: bytes) -> bytes:
    """Markup and JSON are ASCII at their start: UTF-16 with its mark is looked at like UTF-8."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(codec, errors="ignore").encode("utf-8", errors="ignore")
    return head.removeprefix(codecs.BOM_UTF8)
