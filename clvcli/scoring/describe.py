"""From one row per customer to the scored table: predict(batch) -> cuts(whole table) -> classify(batch, cuts).

`predict` and the score columns are functions of one batch: any engine may run them on any slice of the customers.
The internal frame of customers that enters here is described in clvcli/engines/base.py.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.horizon import DAYS_PER_UNIT
from clvcli.engines.buyers import buyers_of
from clvcli.scoring.digits import rounded, significant
from clvcli.scoring.predict import EPOCH, predict_buyers
from clvcli.scoring.terms import Fits, Scorer, count_columns

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
    if not scorer.groups or described.is_empty():
        return _with_models(described, scorer.pooled, scorer)
    parts = [
        _with_models(part, scorer.groups.get(str(key[0]), scorer.pooled), scorer)
        for key, part in sorted(described.partition_by("model_group", as_dict=True).items(), key=lambda i: str(i[0]))
    ]
    return pl.concat(parts).sort("customer_id")


def describe(batch: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """The columns that need no model, nor the fits of `scorer`. Leads (purchases = 0) have nulls, and spent 0."""
    buyers = buyers_of(batch)
    described = _added(batch, buyers, _described(buyers, scorer))
    return described if buyers.height == batch.height else described.with_columns(pl.col("total_spend").fill_null(0.0))


def _described(buyers: pl.DataFrame, scorer: Scorer) -> dict[str, pl.Series]:
    """In arrays: half of the memory of the same in expressions."""
    money, length = 10.0**scorer.decimals, DAYS_PER_UNIT[scorer.time_unit]
    first, last = (buyers[name].to_physical().to_numpy() for name in ("first_day", "last_day"))
    today = np.int32((scorer.as_of - EPOCH).days)
    count, total, first_total = (buyers[name].to_numpy() for name in ("purchases", "total", "first_total"))
    spend, repeats, active = total / money, count - 1, last - first
    gaps = np.divide(active, repeats, out=np.full(count.size, np.nan), where=repeats > 0)
    later = np.divide((total - first_total) / money, repeats, out=np.full(count.size, np.nan), where=repeats > 0)
    return {
        "first_purchase_date": buyers["first_day"],
        "last_purchase_date": buyers["last_day"],
        "days_since_last_purchase": pl.Series((today - last).astype(np.int64)),
        "total_spend": pl.Series(spend),
        "avg_purchase_value": pl.Series(rounded(spend / count)),
        "avg_days_between_purchases": significant(pl.Series(gaps)),
        "frequency": pl.Series(repeats),
        "recency": _in_units(active, length),
        "T": _in_units(today - first, length),
        "monetary_value": significant(pl.Series(later)),
    }


def _in_units(days: npt.NDArray[np.int32], length: float) -> pl.Series:
    """Days in units of so many days: there are few distinct numbers of days, so each is divided and rounded once."""
    table = rounded(np.arange(int(days.max(initial=0)) + 1) / length)
    return pl.Series(table[days])


def _added(batch: pl.DataFrame, buyers: pl.DataFrame, columns: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The batch with the `columns` of its buyers, null for its leads."""
    if buyers.height == batch.height:
        return batch.with_columns(**columns)
    return batch.join(
        buyers.select("customer_id").with_columns(**columns), on="customer_id", how="left", maintain_order="left"
    )


def _with_models(batch: pl.DataFrame, fits: Fits | None, scorer: Scorer) -> pl.DataFrame:
    """Adds MODEL_COLUMNS, null where the model predicts nothing."""
    columns = {**MODEL_COLUMNS, **dict.fromkeys(count_columns(scorer.counts), pl.Float64)}
    buyers = buyers_of(batch)
    if fits is None or not fits.purchase.usable or buyers.is_empty():
        return batch.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in columns.items())
    return _added(batch, buyers, predict_buyers(buyers, fits, scorer))
