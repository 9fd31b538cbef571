"""Bytes of a text file -> UTF-8 bytes with `\\n` line ends. What is no UTF-8 is refused, not guessed: a lossy decoding
makes two customers one."""

import codecs
from dataclasses import dataclass

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.log.detector import likely
from clvcli.log.kinds import is_binary

BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8 with byte-order mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)
NOT_TEXT = {"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "undefined", "unicode_escape"}


@dataclass(frozen=True)
class Text:
    """`data` is UTF-8 without byte-order mark, every line end `\\n`; the other two say what the file had."""

    data: bytes
    encoding: str
    line_ends: str


def decode(raw: bytes, name: str, encoding: str | None) -> Text:
    """Decodes strictly. `encoding` (--encoding) is used for files that are neither UTF-8 nor UTF-16.

    Raises InputError with the first line that does not decode, UsageError for an unknown encoding.
    """
    data, label = _to_utf8(raw, name, encoding)
    crlf, lf, cr = data.count(b"\r\n"), data.count(b"\n"), data.count(b"\r")
    kinds = [kind for kind, n in (("CRLF", crlf), ("LF", lf - crlf), ("CR", cr - crlf)) if n]
    if cr:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Text(data, label, "+".join(kinds) or "none")


def is_streamable(head: bytes) -> bool:
    """Whether a text may be UTF-8, read a part at a time, by its first bytes."""
    if head.count(b"\r") != head.count(b"\r\n"):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    others = any(head.startswith(bom) for bom, codec, _ in BOMS if codec != "utf-8")
    return not others and _wide_without_bom(head) is None and head[:4096].count(0) <= 0.1 * len(head[:4096])


def looks_binary(head: bytes) -> bool:
    """Whether bytes are no text in any encoding, by the first of them."""
    start = head[:4096]
    marked = any(start.startswith(bom) for bom, _, _ in BOMS)
    return not marked and _wide_without_bom(start) is None and is_binary(start)


def _to_utf8(raw: bytes, name: str, encoding: str | None) -> tuple[bytes, str]:
    for bom, codec, label in BOMS:
        if raw.startswith(bom):
            return _recode(raw[len(bom) :], name, codec), label
    wide = _wide_without_bom(raw)
    if wide is None and raw[:4096].count(0) > 0.1 * len(raw[:4096]):
        raise not_text(name)
    if wide is not None:
        return _recode(raw, name, wide), wide + " without byte-order mark"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        if encoding is None and is_binary(raw[:4096]):
            raise not_text(name) from None
        if encoding is None:
            raise _refusal(raw, name, problem.start) from None
        return _recode(raw, name, encoding), encoding.lower()
    return raw, "utf-8"


def _recode(raw: bytes, name: str, codec: str) -> bytes:
    try:
        return raw.decode(codec).encode("utf-8")
    except UnicodeError as problem:
        start = getattr(problem, "start", 0)
        line = raw[:start].count(b"\n") + 1
        raise InputError(
            marked("{name}, line {line}: is not valid {codec}", name=name, line=line, codec=codec),
            hint="the file is damaged, or --encoding names another one",
            code="encoding_unknown",
        ) from None


def _wide_without_bom(raw: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in every other byte."""
    head = raw[:4096]
    half = len(head) // 2
    if half < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def not_text(name: str) -> InputError:
    """What to say of bytes that are no text."""
    hint = marked("export the data as CSV, Excel or Parquet")
    return InputError(marked("{place}: is not text but binary data", place=name), hint=hint, code="file_kind")


def _refusal(raw: bytes, name: str, start: int) -> InputError:
    line = raw[:start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    around = raw[max(0, start - 12) : start + 12].replace(b"\r", b" ").replace(b"\n", b" ")
    found = likely(raw)
    if found:
        codec, piece = found[0]
        hint = f"--encoding {codec}"
        for other, text in found[1:]:
            hint = marked(
                "{hint}, or {option} where {text} reads well", hint=hint, option=f"--encoding {other}", text=repr(text)
            )
        return InputError(
            marked(
                "{name}, line {line}: is not UTF-8; as {codec} it reads {piece}",
                name=name,
                line=line,
                codec=codec,
                piece=repr(piece),
            ),
            hint=hint,
            code="encoding_unknown",
        )
    shown = around.decode("cp1252", errors="replace").strip()
    return InputError(
        marked(
            "{name}, line {line}: is not UTF-8 (read as cp1252 it says {shown} there)",
            name=name,
            line=line,
            shown=repr(shown),
        ),
        hint="if that reads well: --encoding cp1252; else name the encoding, or export as UTF-8",
        code="encoding_unknown",
    )


def check_known(encoding: str | None) -> None:
    """Raises UsageError for an encoding that Python does not know, or that is none of text."""
    if encoding is None:
        return
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    if not name or name.replace("-", "_") in NOT_TEXT or name in NOT_TEXT:
        raise UsageError(
            marked("--encoding: no such encoding: {encoding}", encoding=encoding),
            hint="cp1252, latin-1, utf-16, cp932, ...",
        )
