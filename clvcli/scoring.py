"""From one row per customer to the scored table: predict(batch) -> cuts(whole table) -> classify(batch, cuts).

`predict` and the score columns are functions of one batch: any engine may run them on any slice of the customers.
The internal frame of customers that enters here is described in clvcli/engines/base.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.digits import significant
from clvcli.horizon import DAYS_PER_UNIT
from clvcli.models.base import Array, Fit, PurchaseModel, SpendModel
from clvcli.models.distinct import Index, distinct
from clvcli.models.predictive import spend_quantiles
from clvcli.models.registry import purchase_model, spend_model

MAX_WAIT_DAYS = 730
LAST_DAY = date(9999, 12, 31)

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


@dataclass(frozen=True)
class Fits:
    """The models of one group of customers."""

    purchase: Fit
    spend: Fit


@dataclass(frozen=True)
class Scorer:
    """Everything that `predict` needs besides the customers; plain values, so that it travels to workers.

    `horizon_days` is inf for the infinite horizon; `discount_rate` is per year; `margin` a rate or None where the
    customers bring a column `margin`. `groups` holds the fits of each value of the column `model_group`; `pooled` those
    of every other customer. `season` scales finite horizons (1: no season).
    """

    as_of: date
    horizon_days: float
    time_unit: str
    decimals: int
    margin: float | None
    discount_rate: float
    alert: float
    basis: str
    pooled: Fits | None
    groups: Mapping[str, Fits] = field(default_factory=dict)
    counts: int | None = None
    season: float = 1.0
    interval: bool = True
    """Whether clv_low and clv_high are wanted: they cost more than all the rest."""


def predict(batch: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """Adds the descriptive and the model columns of the contract (all but scores, clv_pct and the stage)."""
    described = describe(batch, scorer)
    if not scorer.groups:
        return _with_models(described, scorer.pooled, scorer)
    parts = [
        _with_models(part, scorer.groups.get(str(key[0]), scorer.pooled), scorer)
        for key, part in sorted(described.partition_by("model_group", as_dict=True).items(), key=lambda i: str(i[0]))
    ]
    return pl.concat(parts).sort("customer_id")


def describe(batch: pl.DataFrame, scorer: Scorer) -> pl.DataFrame:
    """The columns that need no model. Leads (purchases = 0) have nulls."""
    money = 10.0**scorer.decimals
    days = DAYS_PER_UNIT[scorer.time_unit]
    buyer = pl.col("purchases") > 0
    repeat = pl.col("purchases") > 1
    age = (pl.lit(scorer.as_of) - pl.col("first_day")).dt.total_days()
    active = (pl.col("last_day") - pl.col("first_day")).dt.total_days()
    x = (pl.col("purchases") - 1).cast(pl.Int64)
    return batch.with_columns(
        first_purchase_date=pl.col("first_day"),
        last_purchase_date=pl.col("last_day"),
        days_since_last_purchase=(pl.lit(scorer.as_of) - pl.col("last_day")).dt.total_days(),
        # Rounded: Polars divides by a constant as it multiplies by the reciprocal, and 4.35 would end in ...05.
        total_spend=(pl.col("total") / money).round(scorer.decimals),
        avg_purchase_value=pl.when(buyer).then(pl.col("total") / money / pl.col("purchases")),
        avg_days_between_purchases=pl.when(repeat).then(active / x),
        frequency=pl.when(buyer).then(x),
        recency=active / days,
        T=age / days,
        monetary_value=pl.when(repeat).then((pl.col("total") - pl.col("first_total")) / money / x),
    ).pipe(_round, ("avg_purchase_value", "avg_days_between_purchases", "recency", "T", "monetary_value"))


def _round(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    return frame.with_columns(significant(frame[name]) for name in columns)


def _with_models(batch: pl.DataFrame, fits: Fits | None, scorer: Scorer) -> pl.DataFrame:
    """Adds MODEL_COLUMNS, null where the model predicts nothing."""
    columns = {**MODEL_COLUMNS, **dict.fromkeys(count_columns(scorer.counts), pl.Float64)}
    buyers = batch if bool((batch["purchases"] > 0).all()) else batch.filter(pl.col("purchases") > 0)
    if fits is None or not fits.purchase.usable or buyers.is_empty():
        return batch.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in columns.items())
    predicted = pl.DataFrame({"customer_id": buyers["customer_id"], **_predict_buyers(buyers, fits, scorer)})
    predicted = predicted.pipe(_round, [name for name, kind in predicted.schema.items() if kind == pl.Float64])
    if buyers.height == batch.height:
        return batch.with_columns(predicted.drop("customer_id").get_columns())
    return batch.join(predicted, on="customer_id", how="left", maintain_order="left")


def count_columns(counts: int | None) -> list[str]:
    """The columns of `--counts K`."""
    return [] if counts is None else [*(f"p_count_{k}" for k in range(counts + 1)), "p_count_more"]


@dataclass(frozen=True)
class _Distinct:
    """Customers collapsed to distinct histories: arrays of shape (histories,), `index` of shape (customers,)."""

    x: Array
    t_x: Array
    T: Array
    index: Index


def _predict_buyers(buyers: pl.DataFrame, fits: Fits, scorer: Scorer) -> dict[str, pl.Series]:
    model, params = purchase_model(fits.purchase.name), fits.purchase.params
    whole, without_recency = _collapse(buyers, scorer.as_of)
    p_alive = model.p_alive(params, whole.x, whole.t_x, whole.T)[whole.index]
    ahead = without_recency if model.memoryless else whole
    expected, discounted, p_none, wait = _ahead(model, params, ahead, scorer)
    value = expected_value(buyers, fits, scorer)
    margin = _margin(buyers, scorer)
    clv = None if value is None else margin * value * p_alive * discounted
    low, high = _interval(buyers, fits, scorer, ahead, p_alive, expected, discounted, margin)
    alert = model.alert_wait(params, whole.x, whole.t_x, scorer.alert)[whole.index]
    finite = np.isfinite(scorer.horizon_days)
    result = {
        "p_alive": pl.Series(p_alive),
        "expected_purchases": _series(p_alive * expected if finite else None, buyers.height),
        "p_purchase": _series(p_alive * (1 - p_none) if finite else None, buyers.height),
        "expected_purchase_value": _series(value, buyers.height),
        "clv": _series(clv, buyers.height),
        "clv_low": _series(low, buyers.height),
        "clv_high": _series(high, buyers.height),
        "next_purchase_date": next_purchase(scorer.as_of, wait, p_alive),
        "alert_date": alert_date(buyers["last_day"], alert),
    }
    if scorer.counts is not None:
        result |= _counts(model, params, ahead, p_alive, scorer)
    return result


def _collapse(buyers: pl.DataFrame, as_of: date) -> tuple[_Distinct, _Distinct]:
    """By (x, t_x, T), and by (x, T) alone: t_x is then that of some customer with these."""
    first, last = (buyers[name].to_physical().to_numpy() for name in ("first_day", "last_day"))
    x, active, age = buyers["purchases"].to_numpy() - 1, last - first, (as_of - date(1970, 1, 1)).days - first
    rows, index = distinct([x, active, age])
    x, active, age = x[rows], active[rows], age[rows]
    few, again = distinct([x, age])
    return (
        _Distinct(x * 1.0, active / 7, age / 7, index),
        _Distinct(x[few] * 1.0, active[few] / 7, age[few] / 7, again[index]),
    )


def _ahead(
    model: PurchaseModel, params: Mapping[str, float], at: _Distinct, scorer: Scorer
) -> tuple[Array, Array, Array, Array]:
    """Per customer, given alive: expected purchases, the same discounted, P(none), median wait in weeks."""
    t, delta = scorer.horizon_days / 7, np.log1p(scorer.discount_rate) / 365.25 * 7
    finite = np.isfinite(t)
    expected = (
        model.expected_purchases(params, at.x, at.t_x, at.T, t) * scorer.season
        if finite
        else np.full(at.x.shape, np.nan)
    )
    factor = scorer.season if finite else 1.0
    discounted = expected if delta == 0 else model.expected_purchases(params, at.x, at.t_x, at.T, t, delta) * factor
    p_none = model.p_no_purchase(params, at.x, at.t_x, at.T, t * factor) if finite else np.full(at.x.shape, np.nan)
    wait = model.median_wait(params, at.x, at.t_x, at.T)
    return expected[at.index], discounted[at.index], p_none[at.index], wait[at.index]


def spend_seen(buyers: pl.DataFrame, scorer: Scorer) -> tuple[Array, Array]:
    """(n, mean) of the purchases that the spend model sees, in currency units; mean 0 where n = 0."""
    money = 10.0**scorer.decimals
    if scorer.basis == "all":
        n, total = buyers["paid_days"].to_numpy(), buyers["total"].to_numpy()
    else:
        n, total = buyers["repeat_paid_days"].to_numpy(), (buyers["total"] - buyers["first_total"]).to_numpy()
    n = n.astype(np.float64)
    return n, np.where(n > 0, total / money / np.maximum(n, 1), 0.0)


def expected_value(buyers: pl.DataFrame, fits: Fits, scorer: Scorer) -> Array | None:
    """Expected amount of a purchase of each customer; None when the spend model cannot predict."""
    if not fits.spend.usable:
        return None
    model: SpendModel = spend_model(fits.spend.name)
    return model.expected_value(fits.spend.params, *spend_seen(buyers, scorer))


def _margin(buyers: pl.DataFrame, scorer: Scorer) -> Array:
    if scorer.margin is not None:
        return np.full(buyers.height, scorer.margin)
    return buyers["margin"].cast(pl.Float64).to_numpy()


def _interval(
    buyers: pl.DataFrame, fits: Fits, scorer: Scorer, at: _Distinct,
    p_alive: Array, expected: Array, discounted: Array, margin: Array,
) -> tuple[Array | None, Array | None]:  # fmt: skip
    """5 % and 95 % quantiles of margin x spend, scaled by discounting."""
    if not scorer.interval or not np.isfinite(scorer.horizon_days) or not fits.spend.usable:
        return None, None
    n, mean = spend_seen(buyers, scorer)
    low, high = spend_quantiles(
        fits.purchase, fits.spend, x=at.x, t_x=at.t_x, T=at.T, index=at.index, p_alive=p_alive, n=n, mean=mean,
        t=scorer.horizon_days / 7 * scorer.season,
    )  # fmt: skip
    scale = margin * np.divide(discounted, expected, out=np.ones_like(expected), where=expected > 0)
    return low * scale, high * scale


def _counts(
    model: PurchaseModel, params: Mapping[str, float], at: _Distinct, p_alive: Array, scorer: Scorer
) -> dict[str, pl.Series]:
    """P(0), P(1), ... P(K), P(more) purchases within the horizon."""
    assert scorer.counts is not None
    names = count_columns(scorer.counts)
    if not np.isfinite(scorer.horizon_days):
        return {name: _series(None, p_alive.size) for name in names}
    given = model.pmf(params, at.x, at.t_x, at.T, scorer.horizon_days / 7 * scorer.season, scorer.counts)[at.index]
    pmf = p_alive[:, None] * given
    pmf[:, 0] += 1 - p_alive
    more = np.clip(1 - pmf.sum(axis=1), 0, 1)
    return {name: pl.Series(column) for name, column in zip(names, [*pmf.T, more], strict=True)}


def _series(values: Array | None, height: int) -> pl.Series:
    return pl.Series([None] * height, dtype=pl.Float64) if values is None else pl.Series(values)


def next_purchase(as_of: date, wait_weeks: Array, p_alive: Array) -> pl.Series:
    """as_of plus the median wait in whole days, rounded up; null when P(alive) < 0.5 or it is over 730 days off."""
    days = np.ceil(np.round(wait_weeks * 7, 9))
    there = (p_alive >= 0.5) & (days <= MAX_WAIT_DAYS)
    return _days_after(pl.Series(np.full(days.size, np.datetime64(as_of))).cast(pl.Date), days, there)


def alert_date(last_day: pl.Series, wait_weeks: Array) -> pl.Series:
    """The first day after the last purchase on which P(alive) is below the threshold; null when never."""
    days = np.floor(np.round(wait_weeks * 7, 9)) + 1
    return _days_after(last_day, days, np.isfinite(days))


def _days_after(start: pl.Series, days: Array, there: npt.NDArray[np.bool_]) -> pl.Series:
    """`start` + `days` where `there`, else null; null beyond the calendar too."""
    number = start.cast(pl.Int32).to_numpy() + np.where(there, days, 0.0)
    within = there & (number <= (LAST_DAY - date(1970, 1, 1)).days)
    shifted = pl.Series(np.where(within, number, 0.0)).cast(pl.Int32).cast(pl.Date)
    return pl.select(pl.when(pl.Series(within)).then(shifted)).to_series()
