"""Values that stand on the first of several lines only, carried down to the others."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from clvcli.log.ids import BLANKS
from clvcli.log.records import Records
from clvcli.log.text import Block, TextTable


@dataclass(frozen=True)
class FilledTable:
    """A text table whose `columns_down` are carried down: it is read in one block, as a value may reach over any
    number of lines."""

    inner: TextTable
    columns_down: tuple[str, ...]

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
        names = [n for n in self.columns_down if n in frame.columns]
        filled = (pl.col(n).str.strip_chars(BLANKS) for n in names)
        return frame.with_columns(
            pl.when(value.str.len_bytes() > 0).then(value).forward_fill().alias(n)
            for n, value in zip(names, filled, strict=True)
        )
