"""What the fitted models say: the value still to come of the customers there are, and the value of a new one."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from clvcli.models.base import Array
from clvcli.models.registry import purchase_model
from clvcli.scoring.terms import Scorer

STEPS = 2_000
"""Steps of the horizon in the discounted sum of a new customer's purchases."""
NEGLIGIBLE = 1e-9
"""Discount factor beyond which an infinite horizon is cut."""


@dataclass(frozen=True)
class ModelValue:
    """Margin within the horizon, in currency units; None with a reason where no model could be fitted.

    `existing`: mean clv of those who have bought; `new`: first purchase and repeat purchases of a customer who comes
    today. `repeat_buyers` is what the fit rests on.
    """

    existing: float | None
    total: float | None
    new: float | None
    new_purchases: float | None
    status: str
    repeat_buyers: int
    reason: str | None


def model_value(customers: pl.DataFrame, scorer: Scorer, margin: float | None) -> ModelValue:
    """`customers`: the scored ones of one group, buyers only. `margin`: their mean rate.

    The purchase model is the pooled one; a group differs in its first purchases and in its expected purchase values.
    """
    repeat = int((customers["purchases"] > 1).sum())
    fits = scorer.pooled
    if fits is None or not fits.purchase.usable:
        message = "no model was fitted" if fits is None else fits.purchase.message
        return ModelValue(None, None, None, None, "insufficient_data", repeat, message)
    values = customers["clv"].drop_nulls()
    total = math.fsum(values) if values.len() else None
    existing = None if total is None else total / values.len()
    arrivals = repeats_of_new(scorer, scorer.horizon_days / 7, discounted=True)
    each = customers["expected_purchase_value"].drop_nulls()
    first = customers["first_total"].drop_nulls()
    new = None
    if arrivals is not None and each.len() and first.len() and margin is not None:
        mean_first = int(first.sum()) / first.len() / 10**scorer.decimals
        new = margin * (mean_first + arrivals * math.fsum(each) / each.len())
    count = repeats_of_new(scorer, scorer.horizon_days / 7, discounted=False)
    purchases = None if count is None else 1 + count
    return ModelValue(existing, total, new, purchases, fits.purchase.status, repeat, fits.purchase.message or None)


def repeats_of_new(scorer: Scorer, weeks: float, *, discounted: bool) -> float | None:
    """Expected purchases of a new customer within `weeks` of the first, each discounted to the first.

    None for an infinite time without a discount.
    """
    delta = math.log1p(scorer.discount_rate) / 365.25 * 7 if discounted else 0.0
    if not math.isfinite(weeks):
        if delta == 0:
            return None
        weeks = -math.log(NEGLIGIBLE) / delta
    edges = np.linspace(0.0, 1.0, STEPS + 1) ** 2 * weeks  # finer where customers buy more
    steps = np.diff(expected_from_birth(scorer, edges))
    middle = (edges[1:] + edges[:-1]) / 2
    return float(steps @ np.exp(-delta * middle))


def expected_from_birth(scorer: Scorer, weeks: Array) -> Array:
    """E[X(t)] of the pooled model: purchases after the first within t weeks. Shape of `weeks`."""
    assert scorer.pooled is not None
    fit = scorer.pooled.purchase
    return np.asarray(purchase_model(fit.name).expected_from_birth(fit.params, weeks), dtype=np.float64)
