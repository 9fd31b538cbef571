"""A table of typed columns that can be read a slice at a time: a file of columns, a data frame, what a query gave."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.records import Records
from clvcli.log.text import Block
from clvcli.log.typed import as_stored, as_text

HEAD = 20_000
ROWS = 1 << 18
"""Rows of a block."""
T = TypeVar("T")
Scan = Callable[[], pl.LazyFrame]
Guard = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class StoredTable:
    """`scan` opens it and may be called again and again; inside of `guard` what that raises becomes an InputError.

    `left_out`: columns that have no plain text (nested ones, durations, decimals beyond 38 digits), by name with their
    type. `lines`: of each record, where they are not its number. With `typed` records come as they are stored, else as
    text."""

    file: int
    name: str
    scan: Scan
    guard: Guard
    schema: dict[str, pl.DataType]
    height: int
    left_out: dict[str, str]
    described: dict[str, object]
    lines: npt.NDArray[np.int64] | None = None
    typed: bool = False
    patience: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns with a plain text."""
        return tuple(self.schema)

    @property
    def is_small(self) -> bool:
        """Whether the first block is all of it."""
        return self.height <= HEAD

    def facts(self) -> dict[str, object]:
        """What was found out about it, for the manifest."""
        return {**self.described, "left_out": self.left_out} if self.left_out else self.described

    def head(self) -> pl.DataFrame:
        """First records of the table."""
        return self.read(Block(self.file, 0, min(self.height, HEAD), 1, None, None)).frame

    def blocks(self) -> Iterator[Block]:
        """Rows, some at a time."""
        for start in range(0, self.height, ROWS):
            yield Block(self.file, start, min(start + ROWS, self.height), start + 1, None, None)

    def read(self, block: Block) -> Records:
        """The records of a block; the line of each is its number. Raises InputError for what is damaged.

        Dates are ISO as text, times have their offset, floats are in their shortest form, decimals in full.
        """
        wanted = [(as_stored if self.typed else as_text)(name, kind) for name, kind in self.schema.items()]
        columns = [column for column in wanted if column is not None]
        with self.guard():
            rows = self.scan().slice(block.start, block.stop - block.start).select(columns)
            frame = _patiently(self.patience, self.name, rows.collect)
        if self.lines is not None:
            return Records(frame, self.lines[block.start : block.stop], ())
        return Records(frame, np.arange(block.start + 1, block.stop + 1, dtype=np.int64), ())


def open_stored(
    file: int,
    name: str,
    scan: Scan,
    guard: Guard,
    described: dict[str, object],
    *,
    lines: npt.NDArray[np.int64] | None = None,
    patience: float | None = None,
) -> StoredTable:
    """The table that `scan` opens; `patience`: seconds to wait for each look at it.

    Raises InputError for one that is damaged or has no records."""
    with guard():
        found = scan()
        schema = dict(_patiently(patience, name, found.collect_schema))
        height = int(_patiently(patience, name, found.select(pl.len()).collect).item())
    if not height:
        raise InputError(
            marked("{place}: has columns but no records", place=name), hint="check the export that writes it"
        )
    plain = {column: kind for column, kind in schema.items() if as_text(column, kind) is not None}
    left_out = {column: str(kind) for column, kind in schema.items() if column not in plain}
    return StoredTable(file, name, scan, guard, plain, height, left_out, described, lines, patience=patience)


def _patiently(patience: float | None, name: str, work: Callable[[], T]) -> T:
    if patience is None:
        return work()
    from clvcli.log.remote import within

    return within(patience, name, work)


def frame_table(
    file: int,
    name: str,
    frame: pl.DataFrame,
    described: dict[str, object],
    *,
    lines: npt.NDArray[np.int64] | None = None,
) -> StoredTable:
    """A frame in memory as a table. Raises InputError for one without records."""
    return open_stored(file, name, frame.lazy, contextlib.nullcontext, described, lines=lines)
