"""The products to offer each customer next: what goes with what the customer has, else what most people buy."""

import numpy as np
import polars as pl

from clvcli.commands.crosssell.affinity import LEAST_BUYERS, Ints, affinity, ranked, reasons
from clvcli.commands.crosssell.holdout import Holdout
from clvcli.commands.crosssell.matrix import Matrix, matrix_of

SUGGESTIONS = 3
NUMBERS = range(1, SUGGESTIONS + 1)
COLUMNS = {
    **{f"suggestion_{k}": pl.String for k in NUMBERS}, **{f"because_{k}": pl.String for k in NUMBERS},
    **{f"chance_{k}": pl.Float64 for k in NUMBERS}, "expected": pl.Float64,
}  # fmt: skip


def suggested(items: pl.DataFrame, owned: pl.DataFrame, judged: Holdout | None) -> pl.DataFrame:
    """customer_id and COLUMNS. `because`: what the customer has that goes best with it; `chance`: how often such a
    suggestion was bought within the days of the holdout; `expected`: the sum of chance times what a customer usually
    spends on it. Both are null without a holdout. `owned`: customer_id, product, spent.
    """
    # A log of few customers is one to look at, not one to learn from: there any product may be suggested.
    known = matrix_of(items) or matrix_of(items, 1)
    if known is None:
        return pl.DataFrame(schema={"customer_id": pl.String, **COLUMNS})
    if known.customers.height < 10 * LEAST_BUYERS:
        known = matrix_of(items, 1) or known
    found = affinity(known.owned)
    popular = judged is not None and not judged.better
    places, scores = (np.vstack(p) for p in zip(*ranked(known.owned, found, SUGGESTIONS, popular=popular), strict=True))
    why = np.full(places.shape, -1) if popular else reasons(known.owned, found, places)
    usual = owned.group_by("product").agg(pl.col("spent").median())
    spent = known.products.to_frame("product").join(usual, on="product", how="left", maintain_order="left")["spent"]
    columns: dict[str, pl.Series] = {}
    for k in range(places.shape[1]):
        columns[f"suggestion_{k + 1}"] = _names(known, places[:, k])
        columns[f"because_{k + 1}"] = _names(known, why[:, k])
    expected = pl.Series([None] * places.shape[0], dtype=pl.Float64)
    if judged is not None:
        chances = np.where(places >= 0, judged.chance(scores), np.nan)
        worth = np.where(places >= 0, np.clip(spent.fill_null(0.0).to_numpy(), 0.0, None)[places], 0.0)
        for k in range(places.shape[1]):
            columns[f"chance_{k + 1}"] = pl.Series(chances[:, k]).fill_nan(None)
        expected = pl.Series((np.nan_to_num(chances) * worth).sum(axis=1)).round(6)
    frame = known.customers.with_columns(**columns, expected=expected)
    missing = [pl.lit(None, kind).alias(name) for name, kind in COLUMNS.items() if name not in frame.columns]
    return frame.with_columns(missing).select("customer_id", *COLUMNS)


def _names(known: Matrix, places: Ints) -> pl.Series:
    return known.products.gather(pl.Series(np.where(places < 0, 0, places))).zip_with(
        pl.Series(places >= 0), pl.Series([None] * places.size, dtype=pl.String)
    )
