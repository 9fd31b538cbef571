"""A text file in blocks of whole records: UTF-8 with `\\n` line ends, a part of the file at a time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.content import Content
from clvcli.log.dialect import HEAD_BYTES, Asked, Dialect, detect
from clvcli.log.encoding import decode, is_streamable
from clvcli.log.escapes import without_escapes
from clvcli.log.quotes import opens_a_field
from clvcli.log.records import OddLines, Records, open_at_end, records_of, without_footer

BLOCK = 1 << 23
"""Bytes of a block. Small enough to stay near the processor, large enough that the work on it hides the calls."""
UTF8_BOM = b"\xef\xbb\xbf"


class NotPlainError(Exception):
    """A part of the file is no UTF-8, or has line ends or quotes of which its head says nothing: only a look at the
    whole file settles those."""


@dataclass(frozen=True)
class Block:
    """Bytes `start` to `stop` of file number `file`; `line`: the number of its first line; `lines`: how many of them
    count, None for all; `text`: as read, None once it was used; `odd`: what is known of its quotes."""

    file: int
    start: int
    stop: int
    line: int
    lines: int | None
    text: bytes | None
    odd: OddLines | None = None

    def without_text(self) -> "Block":
        """Where it stands, so that it can be read again."""
        return replace(self, text=None)


@dataclass
class TextTable:
    """One text file. `data`: its bytes where they are in memory; `encoding` and `line_ends` as messages call them.

    `footer` and `seen` (line ends) are known once the last block was read.
    """

    file: int
    content: Content
    dialect: Dialect
    data: bytes | None
    encoding: str
    line_ends: str | None
    start: int
    size: int
    footer: int = 0
    crlf: int = 0
    lf: int = 0

    @property
    def name(self) -> str:
        """The name of the file in messages."""
        return self.content.source.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return self.dialect.columns

    @property
    def is_small(self) -> bool:
        """Whether the first block is all of it."""
        return self.size - self.start <= HEAD_BYTES

    def facts(self) -> dict[str, object]:
        """What was found out about the file, for the manifest."""
        packed = {"compression": self.content.compression} if self.content.compression else {}
        kinds = [kind for kind, n in (("CRLF", self.crlf), ("LF", self.lf)) if n]
        found = {
            "path": self.name, "format": "csv", "bytes": self.content.size, **packed, "encoding": self.encoding,
            "line_ends": self.line_ends or "+".join(kinds) or "none", **self.dialect.facts(),
        }  # fmt: skip
        return {**found, "footer_lines": self.footer} if self.footer else found

    def read(self, block: Block) -> Records:
        """The records of a block. Raises InputError when they cannot be told apart."""
        text = self._text(block) if block.text is None else block.text
        return records_of(text, self.dialect, block.line, name=self.name, known=block.odd)

    def _text(self, block: Block) -> bytes:
        text = self._plain(self._bytes(block.start, block.stop))
        if block.lines is None:
            return text
        kept = text.split(b"\n", block.lines)[: block.lines]
        return b"\n".join(kept) + b"\n" if kept else b""

    def _bytes(self, start: int, stop: int) -> bytes:
        if self.data is not None:
            return self.data[start:stop]
        try:
            with open(self.content.source.path, "rb", buffering=0) as stream:
                stream.seek(start)
                parts = []
                while start < stop and (part := stream.read(stop - start)):
                    parts.append(part)
                    start += len(part)
        except OSError as problem:
            reason = (problem.strerror or str(problem)).lower()
            raise InputError(
                marked("{place}: cannot be read ({reason})", place=self.name, reason=reason),
                hint="check the path and its rights",
            ) from None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _plain(self, raw: bytes) -> bytes:
        """The bytes with plain line ends. Raises NotPlainError for what is no UTF-8."""
        if not raw.isascii():
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                raise NotPlainError from None
        if b"\r" in raw:
            pairs = raw.count(b"\r\n")
            if pairs != raw.count(b"\r"):
                raise NotPlainError
            raw = raw.replace(b"\r\n", b"\n")
        if self.dialect.quote is None and not self.dialect.told and opens_a_field(raw, self.dialect.mark):
            raise NotPlainError
        return raw

    def head(self) -> pl.DataFrame:
        """The first records: those that the head of the file holds whole."""
        start = self.start
        raw = self._bytes(start, min(self.size, start + HEAD_BYTES))
        cut = raw.rfind(b"\n") + 1
        raw = raw[:cut] if cut and start + len(raw) < self.size else raw
        block, skip = _without_lines(
            Block(self.file, start, start + len(raw), 1, None, self._plain(raw)), raw, self.dialect.skip
        )
        return records_of(block.text or b"", self.dialect, name=self.name).frame if not skip else pl.DataFrame()

    def blocks(self) -> Iterator[Block]:
        """All blocks in the order of the file."""
        at, line, skip, step = self.start, 1, self.dialect.skip, BLOCK
        self.crlf = self.lf = 0
        while at < self.size:
            stop = min(self.size, at + step)
            if self.size - stop < step // 8:
                stop = self.size
            raw = self._bytes(at, stop)
            last = stop >= self.size or len(raw) < stop - at
            stop = at + len(raw)
            if last and not raw.endswith(b"\n") and self._has_grown():
                raw = raw[: raw.rfind(b"\n") + 1]  # its last line is still being written
                stop = at + len(raw)
            if not last:
                cut = raw.rfind(b"\n") + 1
                if not cut:
                    step *= 2
                    continue
                raw, stop = raw[:cut], at + cut
            text = self._plain(raw)
            rest, odd = (0, None) if last else open_at_end(text, self.dialect)
            if rest:
                if rest == len(text):
                    step *= 2
                    continue
                stop = at + _place_of_rest(raw, text.count(b"\n", len(text) - rest))
                raw, text = raw[: stop - at], text[: len(text) - rest]
            step = BLOCK
            pairs = raw.count(b"\r\n") if len(raw) != len(text) else 0
            count = text.count(b"\n")
            within = text.count(self.dialect.escapes.line_end.encode()) if self.dialect.escapes else 0
            self.crlf, self.lf = self.crlf + pairs, self.lf + count - pairs
            block = Block(self.file, at, stop, line, None, text, odd)
            at, line = stop, line + count + within
            if skip:
                block, skip = _without_lines(block, raw, skip)
            if last:
                block = self._without_footer(block)
            if block.text:
                yield block
            if last:
                return

    def _has_grown(self) -> bool:
        return self.data is None and os.path.getsize(self.content.source.path) > self.content.size

    def _without_footer(self, block: Block) -> Block:
        assert block.text is not None
        raw = block.text.split(b"\n")
        end = without_footer(raw, replace(self.dialect, skip=0))
        if end == len(raw):
            return block
        self.footer = sum(not line.isspace() for line in raw[end:] if line)
        return replace(block, lines=end, text=b"\n".join(raw[:end]) + b"\n" if end else b"")


def _place_of_rest(raw: bytes, newlines: int) -> int:
    """Where the last so many lines begin."""
    at = len(raw)
    for _ in range(newlines + (0 if raw.endswith(b"\n") else 1)):
        at = raw.rfind(b"\n", 0, max(at - 1, 0)) + 1
    return at


def _without_lines(block: Block, raw: bytes, skip: int) -> tuple[Block, int]:
    """The block without its first lines, and how many are still to skip."""
    assert block.text is not None
    at = text_at = 0
    for done in range(skip):
        end = raw.find(b"\n", at)
        if end < 0:
            empty = replace(block, start=block.stop, line=block.line + done, text=b"")
            return empty, skip - done - (at < len(raw))  # a line without its end is one too
        at, text_at = end + 1, block.text.find(b"\n", text_at) + 1
    return replace(block, start=block.start + at, line=block.line + skip, text=block.text[text_at:], odd=None), 0


def open_text(file: int, content: Content, encoding: str | None, asked: Asked, *, whole: bool = False) -> TextTable:
    """How a text file is laid out. `whole`: it is decoded in memory. Raises InputError when it is no table."""
    name, head = content.source.name, content.head(HEAD_BYTES)
    if not whole and asked.escape is None and is_streamable(head):
        start = len(UTF8_BOM) if head.startswith(UTF8_BOM) else 0
        text = head[start:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        dialect = detect(text, name, asked)
        label = "utf-8 with byte-order mark" if start else "utf-8"
        return TextTable(file, content, dialect, content.data, label, None, start, content.size if content.data is None
                         else len(content.data))  # fmt: skip
    decoded = decode(content.read(), name, encoding)
    data, escapes = decoded.data, None
    if asked.escape is not None:
        data, escapes = without_escapes(data, asked.escape, asked.separator, asked.quote, name)
    dialect = detect(data, name, asked, escapes)
    return TextTable(file, content, dialect, data, decoded.encoding, decoded.line_ends, 0, len(data))
