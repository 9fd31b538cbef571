"""The order of values on a cluster, without all of them in one place: in buckets, then within each.

Nothing on the driver grows with customers: what has many distinct values (spend, clv) is counted in buckets first, and
only the buckets in which a bound lies are looked at value by value.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.base import BELOW
from clvcli.engines.spark.frames import collected, mapped
from clvcli.models.base import Array

BUCKETS = 2_000
SAMPLED = 100_000
SEED = 7
BUCKET, BEFORE, RANK = "_bucket", "_before", "_clv_rank"
COUNTED: dict[str, Any] = {"value": pl.Float64, "count": pl.Int64}


@dataclass(frozen=True)
class Ranks:
    """Where the buckets of a column begin (ascending; bucket i holds values >= points[i-1] and < points[i]), and how
    many values lie in lower ones."""

    points: Any
    before: Any
    total: int


def ranks_of(frame: Any, column: str) -> Ranks:
    """Buckets of about the same size, from a sample; exact counts of all values."""
    known = frame.where(f"{column} is not null").select(column)
    share = min(1.0, SAMPLED / max(1, known.count()))
    values = np.sort(collected(known.sample(False, share, SEED) if share < 1 else known)[column].to_numpy())
    points = np.unique(values[:: max(1, values.size // BUCKETS)])
    bucketed = mapped(known, _Bucketed(column, points, None), {BUCKET: pl.Int64, BEFORE: pl.Int64})
    sizes = collected(bucketed.groupBy(BUCKET).count())
    by_bucket = np.zeros(points.size + 1, dtype=np.int64)
    by_bucket[sizes[BUCKET].to_numpy()] = sizes["count"].to_numpy()
    return Ranks(points, np.cumsum(by_bucket) - by_bucket, int(by_bucket.sum()))


@dataclass(frozen=True)
class _Bucketed:
    """Adds the number of the bucket, and how many values lie in lower ones, where that is known yet."""

    column: str
    points: Array
    before: Any

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            index = np.searchsorted(self.points, frame[self.column].to_numpy(), side="right").astype(np.int64)
            before = np.zeros_like(index) if self.before is None else self.before[index]
            yield frame.with_columns(pl.Series(BUCKET, index), pl.Series(BEFORE, before))


def placed(frame: Any, schema: Mapping[str, Any], column: str, ranks: Ranks) -> Any:
    """The frame, of which every row has a value in the column, with BELOW: the share of values that are lower, and
    RANK: from 1, equals one after the other. One shuffle."""
    step = _Bucketed(column, ranks.points, ranks.before)
    bucketed = mapped(frame, step, {**schema, BUCKET: pl.Int64, BEFORE: pl.Int64})
    window = f"over (partition by {BUCKET} order by {column})"
    below = f"cast({BEFORE} + rank() {window} - 1 as double) / {float(max(1, ranks.total))!r}d as {BELOW}"
    rank = f"cast({BEFORE} + row_number() {window} as bigint) as {RANK}"
    return bucketed.selectExpr(*(f"`{name}`" for name in schema), below, rank)


def counted_apart(frame: Any, column: str, scores: int) -> pl.DataFrame:
    """value, ascending, and count of a column with many distinct values: those in which no bound of so many scores lies
    may stand together.

    A bucket in which no bound lies may stand as one value: its mid-rank is no higher than that of its last value, which
    has not reached the bound either. A bound lies in the first bucket whose end reaches it, or in the one after.
    """
    ranks = ranks_of(frame, column)
    if not ranks.total:
        return pl.DataFrame(schema=COUNTED)
    ends = np.append(ranks.before[1:], ranks.total)
    wanted: set[int] = set()
    for k in range(1, scores):
        at = int(np.searchsorted(ends * scores, k * ranks.total, side="left"))
        following = np.nonzero(ends[at + 1 :] > ends[at])[0]
        wanted |= {at, *(at + 1 + int(i) for i in following[:1])}
    edges = [None, *ranks.points.tolist(), None]
    inside = [_between(column, edges[i], edges[i + 1]) for i in sorted(wanted)]
    some = collected(frame.where(f"{column} is not null and ({' or '.join(inside)})").groupBy(column).count())
    exact = some.select(value=pl.col(column), count=pl.col("count"))
    rest = [
        (edges[i] if edges[i] is not None else -math.inf, int(ends[i] - ranks.before[i]))
        for i in range(ends.size)
        if i not in wanted and ends[i] > ranks.before[i]
    ]
    return pl.concat([
        exact.select(pl.col("value").cast(pl.Float64), pl.col("count").cast(pl.Int64)),
        pl.DataFrame(rest, schema=COUNTED, orient="row"),
    ]).sort("value")  # fmt: skip


def _between(column: str, low: Any, high: Any) -> str:
    parts = [f"{column} >= {low!r}"] if low is not None else []
    parts += [f"{column} < {high!r}"] if high is not None else []
    return f"({' and '.join(parts) or 'true'})"
