"""`--by first_amount`: the amount of the first purchase as a static covariate of how often a customer buys.

Amounts fall into bands, five a decade, in minor units (cents); they are the same for every log, so that a saved model
knows them.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

FIRST_AMOUNT = "first_amount"
STEPS = (10, 16, 25, 40, 63)
"""Renard's series: each is about 1.58 times the one before."""
EDGES = tuple(step * 10**power // 10 for power in range(16) for step in STEPS if step * 10**power % 10 == 0)


def is_band(group: str) -> bool:
    """Whether a group is a band, and not the value of an attribute that happens to be called so."""
    return group.startswith(f"{FIRST_AMOUNT} ")


def log_amount(band: str) -> float:
    """ln of the middle of a band in minor units, that of its ends' geometric mean."""
    low, high = band.removeprefix(f"{FIRST_AMOUNT} ").split("-")
    return (math.log(int(low)) + math.log(int(high))) / 2


def with_bands(customers: "pl.DataFrame") -> "pl.DataFrame":
    """Adds `model_group`, the band of `first_total`, and `_covariate`, its logarithm; null where nothing was paid."""
    import numpy as np
    import polars as pl

    names = np.array([f"{FIRST_AMOUNT} {low}-{high}" for low, high in pairwise(EDGES)])
    paid = customers["first_total"].fill_null(0).to_numpy()
    place = np.clip(np.searchsorted(EDGES, paid, side="right") - 1, 0, names.size - 1)
    band = pl.Series("model_group", names[place], dtype=pl.String)
    logs = pl.Series("_covariate", [log_amount(name) for name in names])[place]
    frame = customers.with_columns(band, logs)
    none = pl.col("first_total").fill_null(0) <= 0
    return frame.with_columns(
        model_group=pl.when(~none).then("model_group"), _covariate=pl.when(~none).then("_covariate")
    )


def growth(alphas: Mapping[str, float]) -> float | None:
    """Ratio of later purchases of customers whose first one is twice as large; None where there are no bands to tell.

    `alphas`: alpha by band.
    """
    bands = sorted(alphas, key=log_amount)
    if len(bands) < 2:
        return None
    rise = log_amount(bands[-1]) - log_amount(bands[0])
    return float(2 ** (math.log(alphas[bands[0]] / alphas[bands[-1]]) / rise))
