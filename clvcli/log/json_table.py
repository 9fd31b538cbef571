"""A JSON file as a table that is read a block at a time."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.content import Content
from clvcli.log.dialect import HEAD_BYTES
from clvcli.log.encoding import decode, is_streamable
from clvcli.log.json_records import Objects, between, objects_of, one_a_line, spans_of
from clvcli.log.records import Records
from clvcli.log.text import BLOCK, Block, NotPlainError

UTF8_BOM = b"\xef\xbb\xbf"
WRAPPED = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*(\[)\s*\{')
"""`{"orders": [{`: an array with a name."""


@dataclass(frozen=True)
class JsonTable:
    """`one_a_line`: every line is an object; else objects follow one another, in an array where `closing` says how it
    ends. `start`: the first byte of the first object; `columns`: a name a value; `is_complete`: of all records."""

    file: int
    content: Content
    data: bytes | None
    size: int
    start: int
    line: int
    one_a_line: bool
    closing: bytes
    encoding: str
    columns: tuple[str, ...] = ()
    is_complete: bool = False

    @property
    def name(self) -> str:
        """The name of the file in messages."""
        return self.content.source.name

    @property
    def is_small(self) -> bool:
        """Whether the head is all of it."""
        return self.size - self.start <= HEAD_BYTES

    def facts(self) -> dict[str, object]:
        """What was found out about it, for the manifest."""
        packed = {"compression": self.content.compression} if self.content.compression else {}
        layout = "lines" if self.one_a_line else "array" if self.closing else "objects"
        return {
            "path": self.name, "format": "json", "bytes": self.content.size, **packed, "encoding": self.encoding,
            "layout": layout,
        }  # fmt: skip

    def head(self) -> pl.DataFrame:
        """First records of the file."""
        block = next(self.blocks(HEAD_BYTES), None)
        return pl.DataFrame() if block is None else self.read(block).frame

    def blocks(self, size: int = BLOCK) -> Iterator[Block]:
        """Whole objects, some at a time. Raises InputError for an array that is cut short."""
        at, line, step = self.start, self.line, size
        while at < self.size:
            stop = min(self.size, at + step)
            raw = self.bytes(at, stop)
            last = stop >= self.size
            used = len(raw) if last and self.one_a_line else self._whole(raw, last=last)
            if not used and not last:
                step *= 2
                continue
            yield Block(self.file, at, at + used, line, None, raw[:used])
            if last:
                return
            line += raw.count(b"\n", 0, used)
            at, step = at + used, size

    def _whole(self, raw: bytes, *, last: bool) -> int:
        """Bytes up to the end of the last whole object."""
        if self.one_a_line:
            return raw.rfind(b"\n") + 1
        spans = spans_of(raw)
        end = int(spans.stops[-1]) if spans.stops.size else 0
        if last:
            rest = raw[spans.left if spans.left is not None else end :].strip(b" \t\r\n,")
            if spans.left is not None or re.sub(rb"\s", b"", rest) != self.closing:
                early = spans.left is not None or not rest
                what = marked("ends too early") if early else marked("goes on behind its end")
                raise InputError(
                    marked("{place}: the JSON {what}", place=self.name, what=what), hint="fetch the file again"
                )
        return end

    def bytes(self, start: int, stop: int) -> bytes:
        """Raises InputError for a file that cannot be read."""
        if self.data is not None:
            return self.data[start:stop]
        try:
            with self.content.stream() as stream:
                stream.seek(start)
                return stream.read(stop - start)
        except OSError as problem:
            reason = (problem.strerror or str(problem)).lower()
            raise InputError(
                marked("{place}: cannot be read ({reason})", place=self.name, reason=reason),
                hint="check the path and its rights",
            ) from None

    def read(self, block: Block) -> Records:
        """The records of a block. Raises NotPlainError for values that the head has no column for."""
        found = self._objects(block)
        known = set(self.columns)
        if new := [name for name in found.frame.columns if name not in known]:
            new = [name for name in new if found.frame[name].null_count() < found.frame.height]
            if new:
                raise NotPlainError
        there = set(found.frame.columns)
        missing = [pl.lit(None, pl.String).alias(name) for name in self.columns if name not in there]
        frame = found.frame.with_columns(missing) if found.frame.width else self._empty(found)
        return Records(frame.select(self.columns), found.lines, found.broken)

    def _empty(self, found: Objects) -> pl.DataFrame:
        rows = [None] * int(found.lines.size)
        return pl.DataFrame({name: pl.Series(name, rows, dtype=pl.String) for name in self.columns})

    def _objects(self, block: Block) -> Objects:
        raw = block.text if block.text is not None else self.bytes(block.start, block.stop)
        if not raw.isascii():
            try:
                raw.decode()
            except UnicodeDecodeError:
                raise NotPlainError from None
        if self.one_a_line:
            return objects_of(raw, block.line)
        spans = spans_of(raw)
        if other := between(raw, spans):
            shown = other[:40].decode(errors="replace")
            raise InputError(
                marked("{place}: holds values that are no objects ({shown})", place=self.name, shown=shown),
                hint="records are objects",
            )
        return objects_of(*one_a_line(raw, spans, block.line))

    def with_columns(self, *, whole: bool) -> "JsonTable":
        """The same, with the names that stand in its head, or in all of it. Raises InputError for one without."""
        names: dict[str, bool] = {}
        for block in self.blocks() if whole else self.blocks(HEAD_BYTES):
            for column in self._objects(block).frame:
                names[column.name] = names.get(column.name, False) or column.null_count() < column.len()
            if not whole and names:
                break
        if not names:
            raise InputError(
                marked("{place}: holds no JSON object", place=self.name),
                hint="records are objects, one a line or in an array",
            )
        ordered = sorted(names)
        columns = tuple(name for name, filled in names.items() if filled or not _is_nested(name, ordered))
        return replace(self, columns=columns, is_complete=whole or self.is_small)


def _is_nested(name: str, ordered: Sequence[str]) -> bool:
    """Whether one of the names, in order, is that of a value within an object of this name."""
    at = bisect_left(ordered, name + ".")
    return at < len(ordered) and ordered[at].startswith(name + ".")


def open_json(file: int, content: Content, encoding: str | None, *, whole: bool) -> JsonTable:
    """How the file is laid out. Raises InputError when it holds no objects."""
    head = content.head(HEAD_BYTES)
    data, size, label, start = content.data, content.size, "utf-8", 0
    if whole or not is_streamable(head):
        decoded = decode(content.read(), content.source.name, encoding)
        data, label = decoded.data, decoded.encoding
        size, head = len(data), data[:HEAD_BYTES]
    elif data is not None:
        size = len(data)
    start += len(UTF8_BOM) if head.startswith(UTF8_BOM) else 0
    table = JsonTable(file, content, data, size, start, 1, True, b"", label)
    if not _is_one_a_line(head[start:], complete=size <= len(head)):
        table = _in_one(table, head)
    return table.with_columns(whole=whole)


def _is_one_a_line(head: bytes, *, complete: bool) -> bool:
    lines = head.split(b"\n")
    full = [line.strip() for line in (lines if complete else lines[:-1])]
    full = [line for line in full if line]
    if not full:
        return False
    good = sum(line.startswith(b"{") and line.endswith(b"}") for line in full)
    return 2 * good > len(full) and not (len(full) == 1 and WRAPPED.match(full[0]) and complete)


def _in_one(table: JsonTable, head: bytes) -> JsonTable:
    """Objects in an array, or one after the other."""
    at = table.start + len(head[table.start :]) - len(head[table.start :].lstrip())
    wrapped = WRAPPED.match(head, table.start)
    if head[at : at + 1] == b"[":
        start, closing = at + 1, b"]"
    elif wrapped and table.bytes(max(0, table.size - 100), table.size).split(b"]")[-1].strip() == b"}":
        start, closing = wrapped.start(1) + 1, b"]}"
    else:
        start, closing = at, b""
    return replace(table, start=start, line=1 + head.count(b"\n", 0, start), one_a_line=False, closing=closing)
