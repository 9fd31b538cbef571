"""What the bytes of a text file say without parsing: whether Polars may read it as it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clvcli.log.content import Content

NEWLINE = ord("\n")
CHUNK = 1 << 18
"""Bytes looked at together: they stay in the processor's cache for the six looks that each of them gets."""


@dataclass(frozen=True)
class ByteCheck:
    """`plain`: UTF-8 without NUL, byte-order mark or carriage returns other than CRLF. `newlines` counts line feeds."""

    plain: bool
    quotes: int
    newlines: int
    line_ends: str


def check_bytes(content: Content) -> ByteCheck:
    """One pass over the file in chunks."""
    quotes = newlines = crlf = returns = 0
    ascii_only, held, last = True, b"", b""
    for chunk in _chunks(content):
        if b"\0" in chunk or (not last and chunk.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))):
            return ByteCheck(False, 0, 0, "")
        quotes += chunk.count(b'"') if b'"' in chunk else 0
        newlines += int(np.count_nonzero(np.frombuffer(chunk, dtype=np.uint8) == NEWLINE))
        if b"\r" in chunk or last == b"\r":
            returns += chunk.count(b"\r")
            crlf += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        if not chunk.isascii() or held:
            ascii_only = False
            held = _undecoded(held + chunk)
            if len(held) > 3:
                return ByteCheck(False, 0, 0, "")
        last = bytes(chunk[-1:])
    plain = not held and returns == crlf and (crlf in (0, newlines)) and (ascii_only or not held)
    return ByteCheck(plain, quotes, newlines, "CRLF" if crlf else "LF")


def _chunks(content: Content) -> Iterator[bytes | bytearray]:
    """The bytes in parts; memory of its own for each would cost more than the looks at it."""
    if content.data is not None:
        for start in range(0, len(content.data), CHUNK):
            yield content.data[start : start + CHUNK]
        return
    held = bytearray(CHUNK)
    with open(content.source.path, "rb", buffering=0) as stream:
        while (got := stream.readinto(held)) == CHUNK:
            yield held
        while got:
            yield held[:got]
            got = stream.readinto(held)


def _undecoded(data: bytes | bytearray) -> bytes:
    """The bytes at the end that begin a character; more than three when the data are no UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        rest = data[problem.start :]
        return bytes(rest) if len(rest) <= 3 and problem.reason == "unexpected end of data" else b"????"
    return b""
