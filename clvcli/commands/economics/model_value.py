"""What the fitted models say: the value still to come of the customers there are, and the value of a new one."""

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from clvcli.commands.economics.own_models import OwnModel
from clvcli.models.base import Array
from clvcli.models.registry import purchase_model
from clvcli.scoring.terms import Scorer

STEPS = 2_000
"""Steps of the horizon in the discounted sum of a new customer's purchases."""
Z = 1.6449
"""Standard deviations of a two-sided 90 % interval."""
NEGLIGIBLE = 1e-9
"""Discount factor beyond which an infinite horizon is cut."""


@dataclass(frozen=True)
class ModelValue:
    """Margin within the horizon, in currency units; None with a reason where no model could be fitted.

    `existing`: mean clv of those who have bought; `new`: first purchase and repeat purchases of a customer who comes
    today, `new_low` to `new_high` its 90 % confidence interval (of the mean: parameters and amounts are estimated).
    `repeat_buyers` is what the fit rests on, `own` which part of it on the group's own customers.
    """

    existing: float | None
    total: float | None
    new: float | None
    new_purchases: float | None
    status: str
    repeat_buyers: int
    reason: str | None
    new_low: float | None = None
    new_high: float | None = None
    own: float = 1.0


def model_value(buyers: pl.DataFrame, model: OwnModel, margin: float | None, *, arrive: bool) -> ModelValue:
    """`buyers`: the scored ones of one group. `margin`: their mean rate; `arrive`: whether customers come new into the
    group, which nobody does into a stage."""
    scorer, repeat = model.scorer, int((buyers["purchases"] > 1).sum())
    fits = scorer.pooled
    if fits is None or not fits.purchase.usable:
        message = "no model was fitted" if fits is None else fits.purchase.message
        return ModelValue(None, None, None, None, "insufficient_data", repeat, message)
    buyers = model.predicted(buyers) if model.own > 0 else buyers
    values = buyers["clv"].drop_nulls()
    total = math.fsum(values) if values.len() else None
    existing = None if total is None else total / values.len()
    found = ModelValue(
        existing, total, None, None, fits.purchase.status, repeat, fits.purchase.message or None, own=model.own
    )
    if not arrive:
        return replace(found, reason="nobody comes new into such a group")
    weeks = scorer.horizon_days / 7
    arrivals = repeats_of_new(scorer, weeks, discounted=True)
    each = buyers["expected_purchase_value"].drop_nulls()
    first = buyers["first_total"].drop_nulls() / 10**scorer.decimals
    count = repeats_of_new(scorer, weeks, discounted=False)
    found = replace(found, new_purchases=None if count is None else 1 + count)
    if arrivals is None or not each.len() or not first.len() or margin is None:
        return found
    again = arrivals * math.fsum(each) / each.len()
    new = margin * (math.fsum(first) / first.len() + again)
    spread = _spread(buyers, first, again, model.repeats_error(weeks))
    if spread is None or new <= 0:
        return replace(found, new=new)
    factor = math.exp(Z * margin * spread / new)
    return replace(found, new=new, new_low=new / factor, new_high=new * factor)


def _spread(buyers: pl.DataFrame, first: pl.Series, again: float, of_repeats: float | None) -> float | None:
    """Standard error of the revenue of a new customer: of the mean first purchase, of the purchases to come and of
    their mean amount. `again`: what the purchases to come bring."""
    if of_repeats is None or buyers.height < 2:
        return None
    own = buyers["total_spend"] / buyers["purchases"]
    mean, n = float(own.mean() or 0.0), buyers.height  # type: ignore[arg-type]
    of_amount = float(own.std() or 0.0) / mean / math.sqrt(n) if mean > 0 else 0.0  # type: ignore[arg-type]
    of_first = float(first.std() or 0.0) / math.sqrt(n)  # type: ignore[arg-type]
    return math.hypot(of_first, again * of_repeats, again * of_amount)


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
