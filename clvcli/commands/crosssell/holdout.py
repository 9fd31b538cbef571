"""How good the suggestions are: what they would have said on an earlier day, against what was then bought."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from clvcli.commands.crosssell.affinity import Array, Ints, affinity, ranked
from clvcli.commands.crosssell.matrix import Matrix, matrix_of

COUNT = 5
KNOWN = 0.75
"""The part of the log that is known on the earlier day."""
LEAST_CUSTOMERS = 30
BINS = 10


@dataclass(frozen=True)
class Holdout:
    """Of `customers` who had bought by `cut` and bought something new until `until`: the share with one of five
    suggestions among it (hit rate at 5), and the same for the products of most customers.

    `bounds`, `chances`: a suggestion of a score up to bounds[k] was bought with chances[k] within `days`, by customers
    who bought or not.
    """

    cut: date
    until: date
    customers: int
    hit_rate: float
    popular: float
    bounds: tuple[float, ...]
    chances: tuple[float, ...]

    @property
    def days(self) -> int:
        """Length of the holdout in days."""
        return (self.until - self.cut).days

    @property
    def better(self) -> bool:
        """Whether what goes together beats what most people buy."""
        return self.hit_rate >= self.popular

    def chance(self, scores: Array) -> Array:
        """Chance that a suggestion of each score is bought."""
        places = np.searchsorted(np.array(self.bounds[:-1]), scores, side="left")
        return np.array(self.chances)[places]

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values for JSON."""
        return {
            "cut": self.cut, "until": self.until, "days": self.days, "customers": self.customers,
            "hit_rate_at_5": self.hit_rate, "hit_rate_at_5_of_most_popular": self.popular,
            "suggested_by": "bought together" if self.better else "most popular",
        }  # fmt: skip


def holdout(items: pl.DataFrame, until: date) -> Holdout | None:
    """`items`: customer_id, product, day. None where the log is too short or too few customers buy something new."""
    first = items["day"].min()
    assert isinstance(first, date)
    cut = first + timedelta(days=int((until - first).days * KNOWN))
    before, after = items.filter(pl.col("day") <= cut), items.filter(pl.col("day") > cut)
    known = matrix_of(before)
    if known is None:
        return None
    new = _new(after, before, known)
    judged = np.unique(new[:, 0])
    if judged.size < LEAST_CUSTOMERS:
        return None
    found = affinity(known.owned)
    width = known.products.len() + 1  # Column -1, of no known product, is column 0 of the numbers.
    bought = new[:, 0] * width + new[:, 1] + 1
    rows = np.arange(known.owned.shape[0])[:, None]
    rates, scores, hits = [], np.zeros(0), np.zeros(0)
    for popular in (True, False):
        parts = list(ranked(known.owned, found, COUNT, popular=popular))
        places, told = np.vstack([p for p, _ in parts]), np.vstack([s for _, s in parts])
        hit = (places >= 0) & np.isin(rows * width + places + 1, bought)
        rates.append(float(hit[judged].any(axis=1).mean()))
        if not popular:
            scores, hits = told[places >= 0], hit[places >= 0].astype(np.float64)
    bounds, chances = _calibrated(scores, hits)
    return Holdout(cut, until, int(judged.size), round(rates[1], 6), round(rates[0], 6), bounds, chances)


def _new(after: pl.DataFrame, before: pl.DataFrame, known: Matrix) -> Ints:
    """(n, 2): row of the customer, column of a product first bought after the cut; -1: one that was not known."""
    keys = ["customer_id", "product"]
    rows = after.select(keys).unique().join(before.select(keys).unique(), on=keys, how="anti")
    rows = rows.join(known.customers.with_row_index("row"), on="customer_id")
    columns = known.products.to_frame("product").with_row_index("column")
    told = rows.join(columns, on="product", how="left").with_columns(pl.col("row", "column").cast(pl.Int64))
    return told.select("row", pl.col("column").fill_null(-1)).to_numpy()


def _calibrated(scores: Array, hits: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Upper bounds of equal parts of the scores, and the share of suggestions of each that were bought, rising."""
    order = np.argsort(scores, kind="stable")
    parts = [p for p in np.array_split(order, BINS) if p.size]
    rising = np.maximum.accumulate([float(hits[p].mean()) for p in parts])
    return tuple(float(scores[p[-1]]) for p in parts), tuple(round(float(r), 6) for r in rising)
