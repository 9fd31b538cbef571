"""From one row per customer to the scored table: predict(batch) -> cuts(whole table) -> classify(batch, cuts).

`predict` and the score columns are functions of one batch: any engine may run them on any slice of the customers.
The internal frame of customers that enters here is described in clvcli/engines/base.py.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from clvcli.buyers import buyers_of
from clvcli.digits import rounded, significant
from clvcli.horizon import DAYS_PER_UNIT
from clvcli.predicted import predict_buyers
from clvcli.scorer import Fits, Scorer, count_columns

MODEL_COLUMNS: dict[str, Any] = {
    "p_alive": pl.Float64,
    "expected_purchases": pl.Float64,
    "p_purchase": pl.Float64,
    "expected_purchase_value": pl.Float64,
    "clv": pl.Float64,
    "clv_low": pl.Float64,
    "clv_high": pl.Float64,
    "next_purchase_date": pl.Date,
    "alert_date": pl.Date,
}


def predict(batch: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """Adds the descriptive and the model columns of the contract (all but scores, clv_pct and the stage)."""
    return with_models(describe(batch, scorer), scorer)


def with_models(described: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """Adds the model columns to customers that `describe` has seen."""
    if not scorer.groups:
        return _with_models(described, scorer.pooled, scorer)
    parts = [
        _with_models(part, scorer.groups.get(str(key[0]), scorer.pooled), scorer)
        for key, part in sorted(described.partition_by("model_group", as_dict=True).items(), key=lambda i: str(i[0]))
    ]
    return pl.concat(parts).sort("customer_id")


def describe(batch: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """The columns that need no model, nor the fits of `scorer`. Leads (purchases = 0) have nulls."""
    money = 10.0**scorer.decimals
    days = DAYS_PER_UNIT[scorer.time_unit]
    buyer = pl.col("purchases") > 0
    repeat = pl.col("purchases") > 1
    x = (pl.col("purchases") - 1).cast(pl.Int64)
    spans = batch.select(
        active=(pl.col("last_day") - pl.col("first_day")).dt.total_days(),
        age=(pl.lit(scorer.as_of) - pl.col("first_day")).dt.total_days(),
    )
    return batch.with_columns(
        first_purchase_date=pl.col("first_day"),
        last_purchase_date=pl.col("last_day"),
        days_since_last_purchase=(pl.lit(scorer.as_of) - pl.col("last_day")).dt.total_days(),
        # Rounded: Polars divides by a constant as it multiplies by the reciprocal, and 4.35 would end in ...05.
        total_spend=(pl.col("total") / money).round(scorer.decimals),
        avg_purchase_value=pl.when(buyer).then(pl.col("total") / money / pl.col("purchases")),
        avg_days_between_purchases=pl.when(repeat).then(spans["active"] / x),
        frequency=pl.when(buyer).then(x),
        recency=_in_units(spans["active"], days),
        T=_in_units(spans["age"], days),
        monetary_value=pl.when(repeat).then((pl.col("total") - pl.col("first_total")) / money / x),
    ).pipe(_round, ("avg_purchase_value", "avg_days_between_purchases", "monetary_value"))


def _in_units(days: pl.Series, length: float) -> pl.Series:
    """Days in units of so many days: there are few distinct numbers of days, so each is divided and rounded once."""
    most = days.drop_nulls().to_numpy().max(initial=0)
    table = rounded(np.arange(most + 1) / length)
    return pl.Series(table).gather(days.cast(pl.UInt32))


def _round(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    return frame.with_columns(significant(frame[name]) for name in columns)


def _with_models(batch: pl.DataFrame, fits: Fits | None, scorer: Scorer) -> pl.DataFrame:
    """Adds MODEL_COLUMNS, null where the model predicts nothing."""
    columns = {**MODEL_COLUMNS, **dict.fromkeys(count_columns(scorer.counts), pl.Float64)}
    buyers = buyers_of(batch)
    if fits is None or not fits.purchase.usable or buyers.is_empty():
        return batch.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in columns.items())
    predicted = predict_buyers(buyers, fits, scorer)
    if buyers.height == batch.height:
        return batch.with_columns(**predicted)
    return batch.join(
        buyers.select("customer_id").with_columns(**predicted), on="customer_id", how="left", maintain_order="left"
    )
