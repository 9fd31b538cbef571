"""A series over a frame on a cluster: every task adds up its part, one task adds these up, the driver sees one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.series import Part, Series
from clvcli.engines.spark.frames import collected, mapped

NOTE: dict[str, Any] = {"note": pl.String}


def reduced(frame: Any, series: Series) -> Any:
    """What the series tells of all batches of a Spark frame; None where it has no rows. It travels to the workers."""
    parts = mapped(mapped(frame, _Batches(series), NOTE).repartition(1), _Parts(series), NOTE)
    notes = collected(parts)["note"]
    return series.finish(json.loads(notes[0])) if notes.len() else None


@dataclass(frozen=True)
class _Batches:
    series: Series

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        yield from _one(self.series, (self.series.of(frame) for frame in frames if frame.height))


@dataclass(frozen=True)
class _Parts:
    series: Series

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        yield from _one(self.series, (json.loads(text) for frame in frames for text in frame["note"]))


def _one(series: Series, parts: Iterator[Part]) -> Iterator[pl.DataFrame]:
    total: Part | None = None
    for part in parts:
        total = part if total is None else series.merge([total, part])
    if total is not None:
        yield pl.DataFrame({"note": [json.dumps(total)]}, schema=NOTE)
