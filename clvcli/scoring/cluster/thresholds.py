"""The cuts of a predicted table on a cluster: the same values as cuts_of, from counts.

Nothing here grows with customers: what has many distinct values (spend, clv) is counted in buckets first, and only the
buckets in which a bound lies are looked at value by value.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.spark.frames import collected, mapped
from clvcli.models.base import Array
from clvcli.models.exact_sum import added, as_float, exact_parts
from clvcli.scoring.thresholds import Cuts, bounds

BUCKETS = 2_000
SAMPLED = 100_000
SEED = 7


@dataclass(frozen=True)
class Ranks:
    """Where the buckets of a column begin (ascending; bucket i holds values >= points[i-1] and < points[i]), and how
    many values lie in lower ones."""

    points: Any
    before: Any
    total: int


def cuts_on_cluster(
    predicted: Any, customers: int, breakpoints: Mapping[str, Sequence[float]] | None, decimals: int
) -> Cuts:
    """The cuts, without the values of clv: see `Ranks`. `predicted`: a Spark frame, kept; `customers`: its rows."""
    fixed = dict(breakpoints or {})
    repeat = predicted.where("purchases > 1")
    days = "days_since_last_purchase"
    r = fixed["r"] if "r" in fixed else bounds(counted(predicted, days), 5, descending=True)
    f = fixed["f"] if "f" in fixed else [2.0, *bounds(counted(repeat, "purchases"), 4)]
    m = [v * 10**decimals for v in fixed["m"]] if "m" in fixed else _bounds_of_many(predicted, customers, "total", 5)
    gap = "datediff(second_day, first_day)"
    active, steps = collected(
        repeat.selectExpr("sum(datediff(last_day, first_day)) as a", "sum(purchases - 1) as s")
    ).row(0)
    sums = float_sums(predicted, ("clv", "p_purchase"))
    return Cuts(
        r=tuple(r),
        f=tuple(f),
        m=tuple(m),
        clv_values=np.empty(0),
        clv_below=np.empty(0),
        typical_gap=_quantile(counted(repeat.selectExpr(f"cast({gap} as bigint) as gap"), "gap"), 0.75),
        mean_gap=active / steps if steps else None,
        mean_p_purchase=sums["p_purchase"][0] / sums["p_purchase"][1] if sums["p_purchase"][1] else None,
        total_clv=sums["clv"][0] if sums["clv"][1] else None,
    )


def counted(frame: Any, column: str) -> pl.DataFrame:
    """Distinct values of a column, ascending, with how often they occur."""
    found = collected(frame.groupBy(column).count())
    return found.select(value=pl.col(column), count=pl.col("count")).sort("value")


def ranks_of(frame: Any, rows: int, column: str) -> Ranks:
    """Buckets of about the same size, from a sample; exact counts of all values."""
    known = frame.where(f"{column} is not null").select(column)
    share = min(1.0, SAMPLED / max(1, rows))
    values = np.sort(collected(known.sample(False, share, SEED) if share < 1 else known)[column].to_numpy())
    points = np.unique(values[:: max(1, values.size // BUCKETS)])
    kind = pl.Int64 if points.dtype.kind == "i" else pl.Float64
    step = _Bucketed(column, points)
    sizes = collected(mapped(known, step, {column: kind, "bucket": pl.Int64}).groupBy("bucket").count())
    by_bucket = np.zeros(points.size + 1, dtype=np.int64)
    by_bucket[sizes["bucket"].to_numpy()] = sizes["count"].to_numpy()
    return Ranks(points, np.cumsum(by_bucket) - by_bucket, int(by_bucket.sum()))


@dataclass(frozen=True)
class _Bucketed:
    """Adds the number of the bucket; null where the column is."""

    column: str
    points: Array

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            values = frame[self.column]
            index = np.searchsorted(self.points, values.fill_null(0).to_numpy(), side="right")
            bucket = pl.Series("bucket", index.astype(np.int64))
            yield frame.with_columns(bucket=pl.select(pl.when(values.is_not_null()).then(bucket)).to_series())


def ranked(frame: Any, schema: Mapping[str, Any], column: str, ranks: Ranks) -> Any:
    """The frame with `bucket`, `within`: how many values of the same bucket are lower, and `place`: from 1, equals one
    after the other. One shuffle."""
    bucketed = mapped(frame, _Bucketed(column, ranks.points), {**schema, "bucket": pl.Int64})
    window = f"over (partition by bucket order by {column})"
    within = f"cast(rank() {window} - 1 as bigint) as within"
    return bucketed.selectExpr("*", within, f"cast(row_number() {window} as bigint) as place")


def _bounds_of_many(frame: Any, rows: int, column: str, scores: int) -> list[float | None]:
    """`bounds` of a column with many distinct values.

    A bucket in which no bound lies may stand as one value: its mid-rank is no higher than that of its last value, which
    has not reached the bound either. A bound lies in the first bucket whose end reaches it, or in the one after.
    """
    ranks = ranks_of(frame, rows, column)
    if not ranks.total:
        return [None] * (scores - 1)
    ends = np.append(ranks.before[1:], ranks.total)
    wanted: set[int] = set()
    for k in range(1, scores):
        at = int(np.searchsorted(ends * scores, k * ranks.total, side="left"))
        following = np.nonzero(ends[at + 1 :] > ends[at])[0]
        wanted |= {at, *(at + 1 + int(i) for i in following[:1])}
    edges = [None, *ranks.points.tolist(), None]
    inside = [_between(column, edges[i], edges[i + 1]) for i in sorted(wanted)]
    exact = counted(frame.where(f"{column} is not null and ({' or '.join(inside)})"), column)
    rest = [
        (edges[i] if edges[i] is not None else -math.inf, int(ends[i] - ranks.before[i]))
        for i in range(ends.size)
        if i not in wanted and ends[i] > ranks.before[i]
    ]
    whole = pl.concat([
        exact.select(pl.col("value").cast(pl.Float64), pl.col("count").cast(pl.Int64)),
        pl.DataFrame(rest, schema={"value": pl.Float64, "count": pl.Int64}, orient="row"),
    ])  # fmt: skip
    return bounds(whole, scores)


def _between(column: str, low: Any, high: Any) -> str:
    parts = [f"{column} >= {low!r}"] if low is not None else []
    parts += [f"{column} < {high!r}"] if high is not None else []
    return f"({' and '.join(parts) or 'true'})"


def _quantile(counts: pl.DataFrame, share: float) -> float | None:
    """The quantile by linear interpolation of counted values."""
    if counts.is_empty():
        return None
    ends = counts["count"].cum_sum().to_numpy()
    at = share * (int(ends[-1]) - 1)
    low, high = (counts["value"][int(np.searchsorted(ends, i, side="right"))] for i in (math.floor(at), math.ceil(at)))
    return float(low + (high - low) * (at - math.floor(at)))


def float_sums(frame: Any, columns: tuple[str, ...]) -> dict[str, tuple[float, int]]:
    """Exact sums of float columns, rounded once, and how many values each has."""
    rows = collected(mapped(frame.select(*columns), _Sums(columns), {"note": pl.String}))["note"]
    told = [json.loads(text) for text in rows]
    return {c: (as_float(added(t[c][0] for t in told)), sum(t[c][1] for t in told)) for c in columns}


@dataclass(frozen=True)
class _Sums:
    columns: tuple[str, ...]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        parts: dict[str, list[dict[str, int]]] = {c: [] for c in self.columns}
        known = dict.fromkeys(self.columns, 0)
        for frame in frames:
            for column in self.columns:
                values = frame[column].drop_nulls()
                parts[column] = [added([*parts[column], exact_parts(values.to_numpy())])]
                known[column] += values.len()
        told = {c: (added(parts[c]), known[c]) for c in self.columns}
        yield pl.DataFrame({"note": [json.dumps(told)]})
