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
    pairs = items.select("customer_id", "product").unique()
    counted = pairs.group_by("product").agg(n=pl.len()).filter(pl.col("n") >= least)
    products = counted.sort(["n", "product"], descending=[True, False]).head(MOST_PRODUCTS)["product"].sort()
    if products.len() < 2:
        return None
    customers = pairs.select("customer_id").unique().sort("customer_id")
    placed = pairs.join(customers.with_row_index("row"), on="customer_id").join(
        products.to_frame("product").with_row_index("column"), on="product"
    ).sort("row", "column")  # fmt: skip
    ones = np.ones(placed.height, dtype=np.float32)
    shape = (customers.height, products.len())
    owned = sparse.csr_matrix((ones, (placed["row"].to_numpy(), placed["column"].to_numpy())), shape=shape)
    return Matrix(owned, customers, products)
