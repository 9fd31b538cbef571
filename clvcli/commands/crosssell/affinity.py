"""Which products go with which: by the customers who buy both. Functions of arrays.

Score of a product for a customer: the sum over what the customer has of the cosine n_ij / sqrt(n_i n_j), which is
sqrt(support x lift): pairs common by chance and rare by luck both count little. Source: Sarwar, Karypis, Konstan &
Riedl (2001), Item-based collaborative filtering, WWW 10.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_BUYERS = 5
"""Products of fewer customers are not suggested: nothing is known of whom they suit."""
MOST_PRODUCTS = 4_000
CHUNK = 2_000
Z = 1.6448536269514722
"""Both sides of a 90 % interval."""


@dataclass(frozen=True)
class Affinity:
    """`holders`: (p,) customers who bought each product; `both`: (p, p) who bought both, 0 on the diagonal; of
    `customers` in all.
    """

    holders: Array
    both: NDArray[np.float32]
    customers: int

    @property
    def cosine(self) -> NDArray[np.float32]:
        """Cosine similarity of products, (p, p)."""
        root = np.sqrt(np.maximum(self.holders, 1.0)).astype(np.float32)
        return self.both / root[:, None] / root[None, :]


def affinity(owned: sparse.csr_matrix) -> Affinity:
    """Of `owned`: (customers, products), 1 where bought."""
    both = np.asarray((owned.T @ owned).todense(), dtype=np.float32)
    np.fill_diagonal(both, 0.0)
    return Affinity(np.asarray(owned.sum(axis=0), dtype=np.float64).ravel(), both, owned.shape[0])


def ranked(
    owned: sparse.csr_matrix, found: Affinity, count: int, *, popular: bool = False
) -> Iterator[tuple[Ints, Array]]:
    """For chunks of customers: (m, count) the products that a customer does not have, best first, and their scores.

    Where nothing goes with what a customer has, or with `popular` for all, the products of most customers; their score
    is 0. Places for which there is no product are -1.
    """
    fallback = found.holders / (found.holders.max(initial=1.0) * 1e9)
    cosine = None if popular else found.cosine
    for start in range(0, owned.shape[0], CHUNK):
        part = owned[start : start + CHUNK]
        scores = np.zeros(part.shape) if cosine is None else np.asarray(part @ cosine, dtype=np.float64)
        nothing = scores.max(axis=1, initial=0.0, keepdims=True) <= 0
        ordered = np.where(nothing, fallback, np.where(scores > 0, scores, -1.0))
        ordered[part.nonzero()] = -1.0
        places = np.argsort(-ordered, axis=1, kind="stable")[:, :count]
        best = np.take_along_axis(scores, places, axis=1)
        yield np.where(np.take_along_axis(ordered, places, axis=1) < 0, -1, places), best


def reasons(owned: sparse.csr_matrix, found: Affinity, places: Ints) -> Ints:
    """(m, count): what each customer has that goes best with each suggestion; -1 where nothing does."""
    cosine, result = found.cosine, np.full(places.shape, -1, dtype=np.int64)
    for start in range(0, owned.shape[0], CHUNK):
        part = owned[start : start + CHUNK]
        has = np.flatnonzero(np.diff(part.indptr))
        starts, sizes = part.indptr[has], np.diff(part.indptr)[has]
        for k in range(places.shape[1]):
            offered = places[start + has, k]
            near = cosine[part.indices, np.repeat(np.maximum(offered, 0), sizes)]
            most = np.maximum.reduceat(near, starts) if has.size else near
            entries = np.where(near == np.repeat(most, sizes), np.arange(near.size), near.size)
            first = np.minimum.reduceat(entries, starts) if has.size else entries
            result[start + has, k] = np.where((most > 0) & (offered >= 0), part.indices[first], -1)
    return result


def lift(both: Array, first: Array, second: Array, total: float) -> tuple[Array, Array, Array]:
    """n_ij N / (n_i n_j) with its 90 % interval, by the delta method on its logarithm; NaN where nobody has both."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(both > 0, both * total / (first * second), np.nan)
        variance = (total / both - total / first - total / second + 2 * value - 1) / total
    wide = np.exp(Z * np.sqrt(np.maximum(variance, 0.0)))
    return value, value / wide, value * wide
