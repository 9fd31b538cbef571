"""Counts and sums of a frame on a cluster: every task adds up its part, one task adds these up, the driver sees one."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.spark.frames import collected, mapped

NOTE: dict[str, Any] = {"note": pl.String}
Part = Mapping[str, Any]
"""Counts and sums of a part: what JSON has."""
Of = Callable[[pl.DataFrame], Part]
Merge = Callable[[Iterable[Part]], Part]
"""At least one part to their sum: the same in any order."""


def reduced(frame: Any, of: Of, merge: Merge) -> Part | None:
    """The sum over all batches of a Spark frame; None where it has no rows. Both functions travel to the workers."""
    parts = mapped(mapped(frame, _Batches(of, merge), NOTE).repartition(1), _Parts(merge), NOTE)
    notes = collected(parts)["note"]
    return json.loads(notes[0]) if notes.len() else None


@dataclass(frozen=True)
class _Batches:
    of: Of
    merge: Merge

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        yield from _one(self.merge, (self.of(frame) for frame in frames if frame.height))


@dataclass(frozen=True)
class _Parts:
    merge: Merge

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        yield from _one(self.merge, (json.loads(text) for frame in frames for text in frame["note"]))


def _one(merge: Merge, parts: Iterator[Part]) -> Iterator[pl.DataFrame]:
    total: Part | None = None
    for part in parts:
        total = part if total is None else merge([total, part])
    if total is not None:
        yield pl.DataFrame({"note": [json.dumps(total)]}, schema=NOTE)
