"""Which attributes are over-represented among the best fifth of the customers, chance allowed for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import hypergeom

from clvcli.models.base import Array

MOST_VALUES = 50
FEWEST = 5
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Trait:
    """One value of one attribute. `index`: its share among the best over its share among all; `p_value` one-sided;
    `q_value` after Benjamini and Hochberg over all values tried; `telling`: at most 5 % false discoveries."""

    attribute: str
    value: str
    best: int
    customers: int
    share_of_best: float
    share_of_all: float
    index: float
    p_value: float
    q_value: float
    telling: bool


def best_fifth(values: pl.Series, share: float = 0.2) -> pl.Series:
    """Whether each customer is among the best `share` by value; those who tie with the last of them are in too."""
    known = values.drop_nulls()
    if known.is_empty():
        return pl.repeat(False, values.len(), dtype=pl.Boolean, eager=True)
    count = int(np.ceil(share * known.len() - 1e-9))
    bound = float(known.sort(descending=True)[max(count, 1) - 1])
    return (values >= bound).fill_null(False)


def traits(customers: pl.DataFrame, attributes: Sequence[str], best: pl.Series) -> list[Trait]:
    """Every value that at least 5 customers have, the most over-represented first. Attributes with more than 50 values
    are names or numbers, not groups, and are left out; so is a missing value."""
    n, k = customers.height, int(best.sum())
    if n == 0 or k in (0, n):
        return []
    found: list[tuple[str, str, int, int]] = []
    for attribute in attributes:
        frame = pl.DataFrame({"value": customers[attribute].cast(pl.String), "best": best}).drop_nulls("value")
        counted = frame.group_by("value").agg(all=pl.len(), best=pl.col("best").sum()).sort("value")
        if 1 < counted.height <= MOST_VALUES:
            found += [(attribute, value, b, a) for value, a, b in counted.iter_rows() if a >= FEWEST]
    if not found:
        return []
    hits, sizes = np.array([f[2] for f in found]), np.array([f[3] for f in found])
    p = np.asarray(hypergeom.sf(hits - 1, n, k, sizes), dtype=np.float64)
    q = _benjamini_hochberg(p)
    made = [
        Trait(a, v, b, c, b / k, c / n, (b / k) / (c / n), float(p[i]), float(q[i]), bool(q[i] <= FALSE_DISCOVERIES))
        for i, (a, v, b, c) in enumerate(found)
    ]
    return sorted(made, key=lambda t: (not t.telling, -t.index, t.attribute, t.value))


def _benjamini_hochberg(p: Array) -> Array:
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q
