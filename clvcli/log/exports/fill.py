"""Values that stand on the first of several lines only, carried down to the others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from clvcli.log.ids import BLANKS
from clvcli.log.records import Records
from clvcli.log.text import Block, TextTable


@dataclass(frozen=True)
class FilledTable:
    """A text table whose `columns_down` are carried down, within the lines that follow each other of one `order` where
    there is such a column; `nothing`: columns in which those lines have 0. It is read in one block, as a value may
    reach over any number of lines."""

    inner: TextTable
    columns_down: tuple[str, ...]
    order: str | None = None
    nothing: tuple[str, ...] = ()

    @property
    def file(self) -> int:
        return self.inner.file

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def columns(self) -> tuple[str, ...]:
        return self.inner.columns

    @property
    def is_small(self) -> bool:
        return self.inner.is_small

    def facts(self) -> dict[str, object]:
        """As of the table."""
        return self.inner.facts()

    def head(self) -> pl.DataFrame:
        """As of the table, carried down."""
        return self._down(self.inner.head())

    def read(self, block: Block) -> Records:
        """The records of the block, carried down."""
        found = self.inner.read(block)
        return replace(found, frame=self._down(found.frame))

    def blocks(self) -> Iterator[Block]:
        """One block: the whole file."""
        parts = list(self.inner.blocks())
        if not parts:
            return
        text = b"".join(part.text or b"" for part in parts)
        yield replace(parts[0], stop=parts[-1].stop, lines=text.count(b"\n"), text=text)

    def _down(self, frame: pl.DataFrame) -> pl.DataFrame:
        names = [n for n in (*self.columns_down, *self.nothing) if n in frame.columns]
        if self.order is not None and self.order not in frame.columns:
            return frame
        filled = frame.with_columns(_given(n) for n in names)
        lines = None if self.order is None else _orders(self.order)
        down = {n: pl.col(n).forward_fill() if lines is None else pl.col(n).forward_fill().over(lines) for n in names}
        return filled.with_columns(
            pl.when(pl.col(n).is_null() & value.is_not_null()).then(pl.lit("0")).otherwise(n).alias(n)
            if n in self.nothing
            else value.alias(n)
            for n, value in down.items()
        )


def _given(name: str) -> pl.Expr:
    """The column with null for blanks."""
    value = pl.col(name).str.strip_chars(BLANKS)
    return pl.when(value.str.len_bytes() > 0).then(value).alias(name)


def _orders(order: str) -> pl.Expr:
    """A number for each run of lines of the same order."""
    return pl.col(order).ne_missing(pl.col(order).shift()).cum_sum()


def on_first_lines(head: pl.DataFrame, order: str, columns: Iterable[str]) -> list[str]:
    """Columns of texts whose value stands on the first line of an order alone: empty on all of its other lines, in each
    order of several lines."""
    if order not in head.columns:
        return []
    names = [n for n in columns if n in head.columns and n != order and head[n].dtype == pl.String]
    runs = (
        head.with_columns(_given(n) for n in names)
        .with_columns(run_=_orders(order))
        .filter(pl.col(order).is_not_null())
    )
    runs = runs.filter(pl.len().over("run_") > 1).with_columns(first_=pl.int_range(pl.len()).over("run_") == 0)
    if runs.is_empty():
        return []
    first, later = runs.filter("first_"), runs.filter(~pl.col("first_"))
    return [n for n in names if not first[n].null_count() and later[n].null_count() == later.height]
