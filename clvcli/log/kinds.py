"""Files that are no table of text and no Parquet, told by their first bytes: what to call them, what to do."""

import codecs
import re

MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"]\x00\x00", "compressed with lzma", "unpack it first: unlzma FILE"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "unpack it first: unlz4 FILE"),
    (b"\x1f\x9d", "compressed with compress", "unpack it first: uncompress FILE"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"%PDF", "a PDF", "export the data as CSV"),
    (rb"{\rtf", "a text document (RTF)", "export the data as CSV"),
    (b"FEA1", "a Feather file", "write it as Parquet"),
    (b"Obj\x01", "an Avro file", "write it as Parquet or CSV"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV"),
    (b"\x89HDF", "an HDF5 file", "write it as Parquet or CSV"),
    (b"\x89PNG", "a picture", "export the data as CSV"),
    (b"\xff\xd8\xff", "a picture", "export the data as CSV"),
    (b"PARE", "an encrypted Parquet file", "write it without encryption"),
    (b"version https://git-lfs", "a pointer of Git LFS to a file that is not here", "fetch it: git lfs pull"),
    (b"<", "HTML or XML", "the download may be a login or error page; export CSV"),
)
PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb'\{\s*["}]|\[\s*[\[{]|\[\s*"[^"]*"\s*,\s*[\n"]'), "JSON without objects", "write one object a line"),
    (re.compile(rb"ORC[^\n]*[\x80-\xff]"), "an ORC file", "write it as Parquet or CSV"),
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
            return f"compressed twice, with {name} inside", "unpack it once"
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
