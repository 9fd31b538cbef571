"""Who bought what, as a sparse matrix."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from clvcli.commands.crosssell.affinity import LEAST_BUYERS, MOST_PRODUCTS


@dataclass(frozen=True)
class Matrix:
    """`owned`: (customers, products), 1 where bought. `customers`: a frame of customer_id, `products`: both sorted."""

    owned: sparse.csr_matrix
    customers: pl.DataFrame
    products: pl.Series


def matrix_of(items: pl.DataFrame, least: int = LEAST_BUYERS) -> Matrix | None:
    """Of customer_id and product; products of at least `least` customers, the most bought MOST_PRODUCTS of them. None
    without two of them.
    """
    customers, names = (items[name].unique().sort() for name in ("customer_id", "product"))
    numbers = pl.col("customer_id", "product").rank("dense").cast(pl.Int64) - 1  # In the order of the names.
    pairs = items.select(numbers).unique()
    rows, columns = pairs["customer_id"].to_numpy(), pairs["product"].to_numpy()
    held = np.bincount(columns, minlength=names.len())
    kept = np.sort(np.argsort(-held, kind="stable")[: min(MOST_PRODUCTS, int((held >= least).sum()))])
    if kept.size < 2:
        return None
    place = np.full(names.len(), -1)
    place[kept] = np.arange(kept.size)
    among = place[columns] >= 0
    ones = np.ones(int(among.sum()), dtype=np.float32)
    shape = (customers.len(), kept.size)
    owned = sparse.csr_matrix((ones, (rows[among], place[columns[among]])), shape=shape)
    owned.sort_indices()
    return Matrix(owned, customers.to_frame(), names.gather(kept))
