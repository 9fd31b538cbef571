"""The last step of scoring: scores and stages of a batch, from frozen cuts."""

from datetime import date

import polars as pl

from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.derived import Facts, derive
from clvcli.lifecycle.names import COST, LEFT
from clvcli.scoring.thresholds import Cuts

EXPECTED = ("p_alive", "expected_purchases", "p_purchase", "clv", "clv_low", "clv_high", "clv_pct", "clv_to_cac")
"""What is 0 for whoever is known to have left."""


def classify(predicted: pl.DataFrame, cuts: Cuts, compiled: Compiled, as_of: date) -> pl.DataFrame:
    """Scores, then stages: a function of the batch and frozen values, the same on any slice of the customers."""
    shown = {"clv_to_cac"} if COST in predicted.columns else set()
    found = compiled.classify(derive(cuts.score(predicted), compiled.needs | shown, facts_of(cuts, as_of)))
    return without_forecast(found) if any(phase == LEFT for _, phase in compiled.stage_names) else found


def facts_of(cuts: Cuts, as_of: date) -> Facts:
    """The whole-table values that conditions may use."""
    return Facts(as_of, cuts.typical_gap, cuts.mean_gap, cuts.mean_p_purchase, cuts.total_clv)


def without_forecast(table: pl.DataFrame) -> pl.DataFrame:
    """The table with nothing expected of those who are known to have left: zeros, and no date of a next purchase."""
    left = (pl.col("phase").cast(pl.String) == LEFT).fill_null(value=False) & (pl.col("purchases") > 0)
    expected = [name for name in EXPECTED if name in table.columns]
    zero = [pl.when(left & pl.col(n).is_not_null()).then(0.0).otherwise(pl.col(n)).alias(n) for n in expected]
    none = [pl.when(~left).then(pl.col(n)).alias(n) for n in ("next_purchase_date", "alert_date")]
    return table.with_columns(*zero, *none)
