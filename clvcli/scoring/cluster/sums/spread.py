"""How value is spread over the customers of a cluster: top fifth, Gini, Lorenz curve, bins; of ranks and buckets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.spark.reduce import Part, reduced
from clvcli.models.base import Array
from clvcli.models.exact_sum import added, as_float, exact_parts
from clvcli.scoring.cluster.thresholds import Ranks, ranked, ranks_of
from clvcli.scoring.series.value import SHARES, bin_edges, bins_of, concentration_of, fifth_of, lorenz_of, low_rank


def spread_of(table: Any, customers: int, column: str) -> dict[str, Any]:
    """The series value_bins and lorenz, and under `concentration` what the headline says. `table`: a Spark frame where
    every row has a value in the `column`; `customers`: its rows."""
    values = table.select(column)
    ranks = ranks_of(values, customers, column)
    best = np.append(SHARES * customers, float(fifth_of(customers)))
    of = _Held(column, ranks, tuple(best.tolist()))
    found = reduced(ranked(values, {column: pl.Float64}, column, ranks), of, of.merge)
    if found is None or found["top"] <= 0:
        return {"value_bins": [], "lorenz": [], "concentration": concentration_of(0, 0.0, None, 0.0)}
    held = np.array(found["held"])
    fifth = float(held[-1]) if fifth_of(customers) else None
    edges = bin_edges(found["low"], found["positive"], found["top"])
    in_bins = _Binned(column, tuple(edges))
    counted = reduced(values, in_bins, in_bins.merge) or {}
    return {
        "value_bins": bins_of(edges, counted["counts"], [as_float(parts) for parts in counted["sums"]]),
        "lorenz": lorenz_of(held[:-1]),
        "concentration": concentration_of(customers, float(held[-2]), fifth, found["ranked"]),
    }


@dataclass(frozen=True)
class _Held:
    """Ranked values -> what the best so many of all hold (`best`: how many, fractions too), the sum of value times
    rank from below, the value at low_rank, the lowest above 0, the highest."""

    column: str
    ranks: Ranks
    best: tuple[float, ...]

    def __call__(self, frame: pl.DataFrame) -> Part:
        rank = self.ranks.before[frame["bucket"].to_numpy()] + frame["place"].to_numpy()
        order = np.argsort(-rank)
        values, rank = frame[self.column].to_numpy()[order], rank[order]
        from_top, n = self.ranks.total - rank, self.ranks.total
        whole, part = np.divmod(np.array(self.best), 1.0)
        within = np.searchsorted(from_top, whole, side="left")
        held: Array = np.append(0.0, np.cumsum(values))[within]
        following = np.minimum(within, values.size - 1)
        next_one = (from_top[following] == whole) & (within < values.size)
        held += np.where(next_one, part * values[following], 0.0)
        return {
            "held": held.tolist(),
            "ranked": float(rank @ values),
            "low": next(iter(values[rank == low_rank(n) + 1].tolist()), None),
            "positive": float(values[values > 0].min()) if (values > 0).any() else None,
            "top": float(values.max()),
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)

        def known(name: str) -> list[float]:
            return [part[name] for part in found if part[name] is not None]

        return {
            "held": np.sum([part["held"] for part in found], axis=0).tolist(),
            "ranked": sum(part["ranked"] for part in found),
            "low": next(iter(known("low")), None),
            "positive": min(known("positive"), default=None),
            "top": max(known("top")),
        }


@dataclass(frozen=True)
class _Binned:
    """Values -> how many lie in each bin, and their exact sums."""

    column: str
    edges: tuple[float, ...]

    def __call__(self, frame: pl.DataFrame) -> Part:
        values = frame[self.column].to_numpy()
        index = np.searchsorted(self.edges, values, side="right")
        bins = range(len(self.edges) + 1)
        return {
            "counts": np.bincount(index, minlength=len(bins)).tolist(),
            "sums": [exact_parts(values[index == i]) for i in bins],
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        return {
            "counts": np.sum([part["counts"] for part in found], axis=0).tolist(),
            "sums": [added(sums) for sums in zip(*(part["sums"] for part in found), strict=True)],
        }
