"""What adds up over batches: `of` one, `merge` several, `finish` the whole; the same result however rows are spread."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

Part = Any
"""Counts and sums of a part: what JSON has. Sums are whole numbers, so that they are the same in any order."""


class Series(Protocol):
    """Travels to the workers of an engine by value."""

    def of(self, batch: pl.DataFrame) -> Part:
        """What a batch of at least one row says."""

    def merge(self, parts: Iterable[Part]) -> Part:
        """At least one part to that of all, in any order."""

    def finish(self, total: Part) -> Any:
        """What is told of the part of all rows."""


class Counts:
    """A series whose parts are whole numbers, in lists or by name, that are added; `finish` may be anything."""

    def merge(self, parts: Iterable[Part]) -> Part:
        """Add the parts up."""
        return added(list(parts))

    def finish(self, total: Part) -> Any:
        """The sums as they are."""
        return total


@dataclass(frozen=True)
class Together:
    """Several series in one pass, by name."""

    series: Mapping[str, Series]

    def of(self, batch: pl.DataFrame) -> Part:
        """The part of each series, by name."""
        return {name: one.of(batch) for name, one in self.series.items()}

    def merge(self, parts: Iterable[Part]) -> Part:
        """Merge the parts of each series."""
        found = list(parts)
        return {name: one.merge(part[name] for part in found) for name, one in self.series.items()}

    def finish(self, total: Part) -> Any:
        """What each tells, by name."""
        return {name: one.finish(total[name]) for name, one in self.series.items()}


def added(parts: list[Part]) -> Part:
    """The sum of numbers, of lists of the same length place by place, of mappings by name."""
    first = parts[0]
    if isinstance(first, Mapping):
        names = {name: None for part in parts for name in part}
        return {name: added([part[name] for part in parts if name in part]) for name in names}
    if isinstance(first, list):
        return [added(list(column)) for column in zip(*parts, strict=True)]
    return sum(parts)
