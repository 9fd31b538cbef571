"""How value is spread over customers: bins, the Lorenz curve, the share of the best fifth, Gini. Two passes: what the
best so many hold comes from ranks, and says where the bins lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.series import Counts, Part
from clvcli.models.base import Array
from clvcli.models.exact_sum import as_float, group_parts

SHARES = np.linspace(0.0, 1.0, 51)
NOTHING: dict[str, Any] = {"value_bins": [], "lorenz": [], "concentration": {"top_fifth": None, "gini": None}}


@dataclass(frozen=True)
class Held:
    """value and rank (from 1 for the lowest, each once) of `n` customers -> NOTHING, or the Lorenz curve, the
    concentration and `edges`, where the bins lie."""

    n: int

    @property
    def best(self) -> Array:
        """Numbers of customers at the points of the curve, fractions too; the last is the best fifth."""
        return np.append(SHARES * self.n, float(fifth_of(self.n)))

    def of(self, batch: pl.DataFrame) -> Part:
        """What those of the batch hold that are among the best so many; rank x value; the values that bins need."""
        values, rank = batch["value"].to_numpy(), batch["rank"].to_numpy()
        order = np.argsort(-rank, kind="stable")
        values, rank = values[order], rank[order]
        from_top = self.n - rank
        whole, part = np.divmod(self.best, 1.0)
        within = np.searchsorted(from_top, whole, side="left")
        held: Array = np.append(0.0, np.cumsum(values))[within]
        following = np.minimum(within, values.size - 1)
        next_one = (from_top[following] == whole) & (within < values.size)
        held += np.where(next_one, part * values[following], 0.0)
        return {
            "held": held.tolist(),
            "ranked": float(rank.astype(np.float64) @ values),
            "low": values[rank == low_rank(self.n) + 1].tolist(),
            "positive": float(values[values > 0].min()) if (values > 0).any() else None,
            "top": float(values.max()),
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        return {
            "held": np.sum([part["held"] for part in found], axis=0).tolist(),
            "ranked": sum(part["ranked"] for part in found),
            "low": [value for part in found for value in part["low"]],
            "positive": min((p["positive"] for p in found if p["positive"] is not None), default=None),
            "top": max(part["top"] for part in found),
        }

    def finish(self, total: Part) -> dict[str, Any]:
        """The curve, shares and Gini; see the class."""
        if total["top"] <= 0:
            return NOTHING
        held, fifth = np.array(total["held"]), fifth_of(self.n)
        whole = float(held[-2])
        gini = 2.0 * total["ranked"] / (self.n * whole) - (self.n + 1) / self.n
        return {
            "edges": bin_edges(total["low"][0], total["positive"], total["top"]),
            "lorenz": lorenz_of(held[:-1]),
            "concentration": {"top_fifth": _digits(held[-1] / whole) if fifth else None, "gini": _digits(gini)},
        }


def fifth_of(n: int) -> int:
    """Number of customers in the best fifth of n; 0 where that is nobody or everybody."""
    return round(n / 5) if 0 < round(n / 5) < n else 0


def lorenz_of(held: Array) -> list[dict[str, float]]:
    """Share of value held by the best 0, 2, 4 ... 100 % of customers, from what the best of each of SHARES hold."""
    return [
        {"customers": round(float(s), 2), "value": _digits(v)} for s, v in zip(SHARES, held / held[-1], strict=True)
    ]


def low_rank(n: int) -> int:
    """The place, from 0, of the value in whose size the bins begin."""
    return int(n * 0.05)


def bin_edges(low: float, positive: float, top: float) -> list[float]:
    """The steps between bins. low: the value at low_rank; positive: the lowest above 0; top: the highest."""
    return _steps(max(low if low > 0 else positive, top / 1e6), top)


def _steps(low: float, high: float) -> list[float]:
    power = int(np.floor(np.log10(low)))
    steps = [float(f"{m}e{p}") for p in range(power, int(np.floor(np.log10(high))) + 2) for m in (1, 2, 5)]
    return [s for s in steps if low / 2 < s <= high * 2.5][: 3 * 8]


@dataclass(frozen=True)
class Bins(Counts):
    """Customers and value by size of value, in steps of 1, 2, 5, 10; the first bin is what is below the first step."""

    edges: Sequence[float]

    def of(self, batch: pl.DataFrame) -> Part:
        """Count values by bin, with their exact sums."""
        values, bins = batch["value"].to_numpy(), len(self.edges) + 1
        index = np.searchsorted(self.edges, values, side="right")
        return {"counts": np.bincount(index, minlength=bins).tolist(), "sums": group_parts(values, index, bins)}

    def finish(self, total: Part) -> list[dict[str, Any]]:
        """A row a bin; the last only where somebody is in it."""
        bounds = [0.0, *self.edges, None]
        rows = [
            {"from": bounds[i], "to": bounds[i + 1], "customers": n, "value": round(as_float(parts), 4)}
            for i, (n, parts) in enumerate(zip(total["counts"], total["sums"], strict=True))
        ]
        return rows if rows[-1]["customers"] else rows[:-1]


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
