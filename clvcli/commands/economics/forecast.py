"""Revenue of the months to come: of the customers there are, and of those who come at a steady rate."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from clvcli.commands.economics.contracts import Contracts
from clvcli.commands.economics.model_value import expected_from_birth
from clvcli.commands.economics.renewal import Retention
from clvcli.core.horizon import add_months
from clvcli.models.base import Array
from clvcli.models.contract.curves import log_survival
from clvcli.models.registry import purchase_model
from clvcli.scoring.terms import Scorer

MOST_MONTHS = 60


@dataclass(frozen=True)
class Month:
    """Revenue from the day after `month` months less one up to `ends`, in currency; not discounted, before margin."""

    month: int
    ends: date
    existing: float
    new: float | None
    total: float


def months_ahead(horizon_days: float) -> int:
    """Whole months of the horizon, at least one and at most 60."""
    if not math.isfinite(horizon_days):
        return MOST_MONTHS
    return max(1, min(MOST_MONTHS, round(horizon_days / 30.4375)))


def forecast(customers: pl.DataFrame, scorer: Scorer, new_per_month: float | None) -> list[Month]:
    """Of a log of purchases, by the pooled model. `customers`: the scored ones, buyers only; [] without a model.

    New customers come evenly: each month's at the middle of it. They buy first as others first bought, then as the
    model says of a new customer.
    """
    fits = scorer.pooled
    if fits is None or not fits.purchase.usable or customers["expected_purchase_value"].null_count():
        return []
    count = months_ahead(scorer.horizon_days)
    ends = [add_months(scorer.as_of, k) for k in range(count + 1)]
    weeks = np.array([(end - scorer.as_of).days / 7 for end in ends])
    existing = np.diff(_existing(customers, scorer, weeks))
    fresh = None
    if new_per_month is not None:
        mean_first = int(customers["first_total"].sum()) / customers.height / 10**scorer.decimals
        each = math.fsum(customers["expected_purchase_value"]) / customers.height
        fresh = new_per_month * (mean_first + each * _new(scorer, weeks))
    return _months(ends, existing, fresh)


def contract_forecast(
    contracts: Contracts, running: pl.DataFrame, curves: list[Retention], churn: float | None, horizon_days: float,
    new_per_month: float | None, decimals: int,
) -> list[Month]:  # fmt: skip
    """Of a subscription log: `running` relationships stay as their curve says, or at the flat `churn` a month where the
    curve could not be fitted. A contract pays every month, however it is billed."""
    count = months_ahead(horizon_days)
    ends = [add_months(contracts.as_of, k) for k in range(count + 1)]
    existing, fresh = np.zeros(count), np.zeros(count)
    total = sum(c.contracts for c in curves) or 1
    for curve in curves:
        own = running.filter(pl.col("renewal") == curve.renewal_months)
        age = (
            (pl.lit(contracts.as_of).dt.year() - pl.col("start").dt.year()).cast(pl.Int64) * 12
            + (pl.lit(contracts.as_of).dt.month() - pl.col("start").dt.month())
            - (pl.lit(contracts.as_of).dt.day() < pl.col("start").dt.day()).cast(pl.Int64)
        )
        groups = own.group_by(age=age.clip(0)).agg(monthly=pl.col("monthly").sort().sum()).sort("age")
        for months, monthly in groups.iter_rows():
            existing += monthly / 10**decimals * _staying(curve, months, count, churn)
        born = _staying(curve, 0, count, churn)
        share = (new_per_month or 0.0) * curve.contracts / total
        fresh += share * curve.monthly * np.cumsum(np.concatenate(([1.0], born))[:count])
    return _months(ends, existing, None if new_per_month is None else fresh)


def _staying(curve: Retention, age: int, count: int, churn: float | None) -> Array:
    """Share of contracts of an age in months that are there after 1, 2, ..., `count` more months."""
    ahead = np.arange(1, count + 1)
    if not curve.fit.params:
        return np.asarray((1 - (churn or 0.0)) ** ahead, dtype=np.float64)
    passed = age // curve.renewal_months
    renewals = (age + ahead) // curve.renewal_months
    log_s = log_survival(curve.fit, int(renewals.max()))
    return np.asarray(np.exp(log_s[renewals] - log_s[passed]), dtype=np.float64)


def _existing(customers: pl.DataFrame, scorer: Scorer, weeks: Array) -> Array:
    """Expected revenue of the customers up to each time. Histories that predict alike are taken together."""
    assert scorer.pooled is not None
    fit = scorer.pooled.purchase
    model = purchase_model(fit.name)
    keys = ["purchases", "first_day"] if model.memoryless else ["purchases", "first_day", "last_day"]
    frame = customers.with_columns(worth=pl.col("p_alive") * pl.col("expected_purchase_value"))
    grouped = frame.group_by(keys).agg(pl.col("worth").sort().sum(), pl.col("last_day").max()).sort(keys)
    x = grouped["purchases"].cast(pl.Float64).to_numpy() - 1
    T = grouped.select((pl.lit(scorer.as_of) - pl.col("first_day")).dt.total_days() / 7).to_series().to_numpy()
    t_x = grouped.select((pl.col("last_day") - pl.col("first_day")).dt.total_days() / 7).to_series().to_numpy()
    worth = grouped["worth"].to_numpy()
    return np.array(
        [0.0, *(float(worth @ model.expected_purchases(fit.params, x, t_x, T, float(t))) for t in weeks[1:])]
    )


def _new(scorer: Scorer, weeks: Array) -> Array:
    """Repeat purchases in each month of one customer a month, all who have come by then. Shape (months,)."""
    middles = (weeks[1:] + weeks[:-1]) / 2
    ages = np.maximum(0.0, weeks[:, None] - middles[None, :])
    upto = expected_from_birth(scorer, ages.ravel()).reshape(ages.shape)
    return np.asarray(np.diff(upto, axis=0).sum(axis=1), dtype=np.float64)


def _months(ends: list[date], existing: Array, fresh: Array | None) -> list[Month]:
    return [
        Month(k + 1, ends[k + 1], float(e), None if fresh is None else float(fresh[k]),
              float(e) + (0.0 if fresh is None else float(fresh[k])))
        for k, e in enumerate(existing)
    ]  # fmt: skip
