"""What the bytes of a text file say without parsing: whether Polars may read it as it stands."""

from dataclasses import dataclass

from clvcli.ingest.content import Content

CHUNK = 1 << 24


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
        newlines += chunk.count(b"\n")
        if b"\r" in chunk or last == b"\r":
            returns += chunk.count(b"\r")
            crlf += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        if not chunk.isascii() or held:
            ascii_only = False
            held = _undecoded(held + chunk)
            if len(held) > 3:
                return ByteCheck(False, 0, 0, "")
        last = chunk[-1:]
    plain = not held and returns == crlf and (crlf in (0, newlines)) and (ascii_only or not held)
    return ByteCheck(plain, quotes, newlines, "CRLF" if crlf else "LF")


def _chunks(content: Content):  # type: ignore[no-untyped-def]
    if content.data is not None:
        view = content.data
        for start in range(0, len(view), CHUNK):
            yield view[start : start + CHUNK]
        return
    with open(content.source.path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _undecoded(data: bytes) -> bytes:
    """The bytes at the end that begin a character; more than three when the data are no UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        rest = data[problem.start :]
        return rest if len(rest) <= 3 and problem.reason == "unexpected end of data" else b"????"
    return b""
