"""Text files as Spark hands them to a worker: lines as bytes, in blocks of a file.

A block is a part of one file that one task reads, its lines in order. How many lines stand before it is known once all
blocks have been counted.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.dialect import Dialect
from clvcli.log.records import Broken
from clvcli.log.records import records_of as records_in

Block = tuple[str, int]
"""File and first byte."""
BOMS = (b"\xff\xfe", b"\xfe\xff")
UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Layout:
    """How the text files of a log are laid out. `skips`: lines of each file before its first record; `ends`: its lines
    without a footer; `before`: lines before each block; `names`: how messages call a file."""

    dialect: Dialect
    skips: dict[str, int]
    ends: dict[str, int]
    before: dict[Block, int]
    names: dict[str, str]

    def without_records(self) -> list[str]:
        """The files that have a header alone, as messages call them."""
        return [self.names.get(file, file) for file, end in self.ends.items() if self.skips[file] >= end]


@dataclass(frozen=True)
class Part:
    """Records of a part of a file; `lines` as Int64."""

    frame: pl.DataFrame
    lines: pl.Series
    broken: list[Broken]


def runs(frames: Iterator[pl.DataFrame]) -> Iterator[tuple[Block, list[bytes]]]:
    """Frames with raw (Binary), file, start -> lines of one block after the other, piece by piece."""
    for frame in frames:
        if not frame.height:
            continue
        found = frame.select(pl.struct("file", "start").rle().alias("run")).unnest("run")
        at = 0
        for length, block in zip(found["len"], found["value"], strict=True):
            yield (block["file"], block["start"]), frame["raw"].slice(at, length).to_list()
            at += length


def pieces(frames: Iterator[pl.DataFrame], layout: Layout) -> Iterator[tuple[str, Part]]:
    """Frames as in `runs` -> the name of a file, and the records of a part of it. Raises as tidy and records_of do."""
    seen = Counter[Block]()
    for block, raw in runs(frames):
        file, start = block
        name, before = layout.names.get(file, file), layout.before[block] + seen[block]
        lines = tidy(raw, start == 0 and seen[block] == 0, name, before + 1)
        skip = max(0, layout.skips[file] - before)
        lines = lines[skip : max(skip, layout.ends[file] - before)]
        yield name, records_of(lines, before + skip + 1, layout.dialect, name)
        seen[block] += len(raw)


@dataclass(frozen=True)
class Texts:
    """Raw records -> their columns as text. `layout`: of text files; `texts`: the columns of Parquet. With `whole` a
    record that does not fit the header is refused."""

    layout: Layout | None
    texts: dict[str, pl.Expr]
    whole: bool = False

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        if self.layout is None:
            yield from (frame.select(**self.texts) for frame in frames)
            return
        for name, part in pieces(frames, self.layout):
            if self.whole and part.broken:
                first = part.broken[0]
                raise InputError(
                    marked(
                        "{name}, line {line}: {reason}",
                        name=name,
                        line=first.line,
                        reason=first.reason.replace("_", " "),
                    ),
                    hint="mend the file: every record needs as many fields as the header",
                )
            yield part.frame


def tidy(lines: list[bytes], first: bool, name: str, number: int) -> list[bytes]:
    """Lines without the CR of a CRLF and without a byte-order mark. Raises InputError for what is no UTF-8, and for CR
    inside lines: there the ends of lines are not those that Spark saw. `number`: of the first line."""
    if first and lines and lines[0].startswith(UTF8_BOM):
        lines = [lines[0][len(UTF8_BOM) :], *lines[1:]]
    lines = [line[:-1] if line.endswith(b"\r") else line for line in lines]
    whole = b"\n".join(lines)
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = number + whole[: problem.start].count(b"\n")
        raise InputError(
            marked("{name}, line {line}: is not UTF-8", name=name, line=line),
            hint="--engine spark reads UTF-8 and Parquet; else --engine polars",
        ) from None
    if b"\r" in whole:
        line = number + whole[: whole.index(b"\r")].count(b"\n")
        raise InputError(
            marked("{name}, line {line}: a CR stands within the line", name=name, line=line),
            hint="end lines with LF, or CR and LF",
        )
    return lines


def records_of(lines: list[bytes], number: int, dialect: Dialect, name: str) -> Part:
    """The records of whole lines; `number`: of the first of them.

    Raises InputError for a quoted field that goes on in the next line: that line may be another worker's.
    """
    records = records_in(b"".join(line + b"\n" for line in lines), dialect, number, name=name)
    full = sum(1 for line in lines if line.strip())
    torn = next((b.line for b in records.broken if b.reason == "unclosed_quote"), None)
    if torn is None and full != records.lines.size + len(records.broken):
        torn = number + next((i for i, line in enumerate(lines) if line.count(b'"') % 2), 0)
    if torn is not None:
        raise InputError(
            marked("{name}, line {torn}: a quote is still open at the end of the line", name=name, torn=torn),
            hint="--engine spark reads one record a line: write Parquet, or use --engine polars",
        )
    return Part(records.frame, pl.Series("line", records.lines), list(records.broken))
