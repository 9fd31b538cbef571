"""What a table around another one has of that."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from clvcli.log.inputs import base
from clvcli.log.records import Records
from clvcli.log.stored import StoredTable
from clvcli.log.text import Block


@dataclass(frozen=True)
class Within(ABC):
    """A table whose records are those of `inner`, changed."""

    inner: "base.Table | Within"

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

    @property
    def size(self) -> int:
        """Where its last block stops."""
        return self.inner.height if isinstance(self.inner, StoredTable) else self.inner.size

    def facts(self) -> dict[str, object]:
        """Facts of the table for the manifest."""
        return self.inner.facts()

    def head(self) -> pl.DataFrame:
        """First records of the table, changed."""
        return self.changed(self.inner.head())

    def read(self, block: Block) -> Records:
        """The records of a block, changed."""
        found = self.inner.read(block)
        return replace(found, frame=self.changed(found.frame))

    def blocks(self) -> Iterator[Block]:
        """Those of the records."""
        return self.inner.blocks()

    @abstractmethod
    def changed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The records as this table has them."""
