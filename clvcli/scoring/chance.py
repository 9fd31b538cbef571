"""How far a total of purchases or spend can be off by chance and because parameters are estimated."""

import math
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.models.base import Array, Fit
from clvcli.models.registry import purchase_model
from clvcli.scoring.histories import histories
from clvcli.scoring.predict import expected_value, spend_seen
from clvcli.scoring.terms import Fits, Scorer

STEP = 1e-3


def expected_of(
    customers: pl.DataFrame, fit: Fit, as_of: date, t: float, params: dict[str, float] | None = None
) -> Array:
    """Purchases expected of each customer within t weeks, with the parameters of the fit or others."""
    model, at = purchase_model(fit.name), histories(customers, as_of)
    values = params or fit.params
    return model.p_alive(values, at.x, at.t_x, at.T) * model.expected_purchases(values, at.x, at.t_x, at.T, t)


def chance(few: pl.DataFrame, fits: Fits, scorer: Scorer, n: int) -> tuple[float, float]:
    """Relative standard deviations of total purchases and spend given the parameters, for n customers like these.

    Purchases of one who is alive: gamma-mixed Poisson with shape r + x. Spend: k purchases have the second moment
    (p k)(p k + 1) E[1 / nu^2] of Gamma-Gamma.
    """
    alive, total = few["p_alive"].to_numpy(), few["expected_purchases"].to_numpy()
    given = np.divide(total, alive, out=np.zeros_like(total), where=alive > 0)
    shape = fits.purchase.params.get("r", 1.0) + few["purchases"].to_numpy() - 1
    square = alive * (given + given**2 * (1 + 1 / shape))
    buying = _relative(total, square - total**2, n)
    if not fits.spend.usable:
        return buying, buying
    count, mean = spend_seen(few, scorer)
    p, q, v = (fits.spend.params[name] for name in "pqv")
    unit, tail = v + count * mean, q + p * count
    own = few["expected_purchase_value"].to_numpy()
    second = (p * p * square + p * total) * unit**2 / (np.maximum(tail - 1, 0.5) * np.maximum(tail - 2, 0.5))
    spend = total * own
    return buying, _relative(spend, np.maximum(second - spend**2, 0.0), n)


def _relative(mean: Array, variance: Array, n: int) -> float:
    total = float(mean.sum())
    return math.sqrt(max(0.0, float(variance.sum()))) / total * math.sqrt(mean.size / max(1, n)) if total > 0 else 0.0


def parameters(few: pl.DataFrame, fits: Fits, scorer: Scorer) -> tuple[float, float]:
    """Relative standard errors of the total from the parameters of both models, by the delta method in logs."""
    t, value = scorer.horizon_days / 7, few["expected_purchase_value"].fill_null(0.0).to_numpy()
    weight = value if value.any() else np.ones(few.height)

    def of_purchases(params: dict[str, float]) -> float:
        return float(expected_of(few, fits.purchase, scorer.as_of, t, params) @ weight)

    expected = few["expected_purchases"].to_numpy()

    def of_spend(params: dict[str, float]) -> float:
        moved = Fit(fits.spend.name, params, {}, None, fits.spend.status)
        price = expected_value(few, Fits(fits.purchase, moved), scorer)
        return float(expected @ price) if price is not None else 0.0

    return _delta(of_purchases, fits.purchase), _delta(of_spend, fits.spend)


def _delta(total: Any, fit: Fit) -> float:
    if fit.covariance is None:
        return 0.0
    names = list(fit.params)
    slope = []
    for name in names[: len(fit.covariance)]:
        up, down = (total({**fit.params, name: fit.params[name] * math.exp(s)}) for s in (STEP, -STEP))
        slope.append((math.log(up) - math.log(down)) / (2 * STEP) if up > 0 and down > 0 else 0.0)
    return math.sqrt(max(0.0, float(np.array(slope) @ np.array(fit.covariance) @ np.array(slope))))
