"""Predicted and classified customers: the same functions of a batch as on one machine, run by the workers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.engines.spark.settle import group_columns
from clvcli.lifecycle.compile import Compiled
from clvcli.output.formats.base import check_numbers, with_texts
from clvcli.scoring.classify import classify
from clvcli.scoring.cluster.thresholds import Ranks
from clvcli.scoring.describe import predict
from clvcli.scoring.groups import name_groups
from clvcli.scoring.terms import Scorer
from clvcli.scoring.thresholds import Cuts


@dataclass(frozen=True)
class Predict:
    """Customers -> predicted customers. The scorer travels by value."""

    scorer: Scorer

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            if frame.height:
                yield predict(name_groups(frame, list(self.scorer.groups)), self.scorer)

    def schema(self, needs: tuple[str, ...], by: str | None, more: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of what it yields. `more`: of the customers, with types."""
        own = {**CUSTOMER_COLUMNS, **dict.fromkeys(needs, pl.Float64), **group_columns(by), "lines": pl.Int64}
        empty = {**own, **more}
        return dict(predict(pl.DataFrame(schema=empty), replace(self.scorer, groups={})).schema)


@dataclass(frozen=True)
class Classify:
    """Predicted customers -> the columns of the scored table. With `ranks` the rows bring their place among all values
    of clv (see cuts.ranked), and `cuts` have no such values."""

    cuts: Cuts
    ranks: Ranks | None
    compiled: Compiled
    as_of: date
    columns: tuple[str, ...]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            if frame.height:
                table = classify(frame, self._cuts(frame), self.compiled, self.as_of)
                table = with_texts(table.select(self.columns))
                check_numbers(table)
                yield table

    def _cuts(self, frame: pl.DataFrame) -> Cuts:
        """The cuts with the values of clv that this batch has, and the share of all customers below each."""
        if self.ranks is None:
            return self.cuts
        known = frame.filter(pl.col("clv").is_not_null()).unique("clv").sort("clv")
        below = self.ranks.before[known["bucket"].to_numpy()] + known["within"].to_numpy()
        share = (pl.Series(below) / self.ranks.total).to_numpy()
        return replace(self.cuts, clv_values=known["clv"].to_numpy(), clv_below=share)
