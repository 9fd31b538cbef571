"""What the models say of each buyer: worked out for distinct histories, then spread over the customers that share one.

Large logs have far fewer distinct (x, t_x, T, n) than customers; only what depends on the amounts is done for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.background import in_background
from clvcli.core.spend_basis import REPEAT
from clvcli.models.base import Array, PurchaseModel, SpendModel
from clvcli.models.distinct import Index, distinct
from clvcli.models.predictive import spend_unit, unit_quantiles
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.digits import finite, rounded
from clvcli.scoring.terms import Fits, Scorer, count_columns

MAX_WAIT_DAYS = 730
EPOCH, LAST_DAY = date(1970, 1, 1), date(9999, 12, 31)
WEEK = 7
BLOCK = 1 << 15
"""Customers at a time: temporary arrays stay in the processor's cache, and no fresh memory is asked for."""


@dataclass(frozen=True)
class _Histories:
    """Distinct (x, t_x, T, n) of the buyers, shape (histories,); `of`: that of each buyer.

    x: purchases after the first; active, age: days from the first purchase to the last and to as_of; n: purchases that
    the spend model sees. `few`: one row of each distinct (x, T) or, where the model needs t_x, of each; `again`: which
    of these each history is.
    """

    x: Array
    active: Array
    age: Array
    n: Array
    of: Index
    few: Index
    again: Index

    def ahead(self) -> tuple[Array, Array, Array]:
        """(x, t_x, T) in weeks of the `few`."""
        return self.x[self.few], self.active[self.few] / WEEK, self.age[self.few] / WEEK


@dataclass(frozen=True)
class _Ahead:
    """Per history, given alive: purchases within the horizon, the same discounted, P(none), median wait in weeks."""

    expected: Array
    discounted: Array
    p_none: Array
    wait: Array


def predict_buyers(buyers: pl.DataFrame, fits: Fits, scorer: Scorer) -> dict[str, pl.Series]:
    """The model columns (scoring.MODEL_COLUMNS and those of --counts) of a frame of buyers, in their order."""
    model, params = purchase_model(fits.purchase.name), fits.purchase.params
    at = _histories(buyers, scorer, memoryless=model.memoryless)
    p_alive = model.p_alive(params, at.x, at.active / WEEK, at.age / WEEK)
    ahead = _ahead(model, fits, at, scorer)
    known = bool(np.isfinite(scorer.horizon_days))
    with in_background(lambda: _interval(fits, scorer, at, p_alive, ahead)) as bounds:
        alert = model.alert_wait(params, at.x, at.active / WEEK, scorer.alert)
        last = (scorer.as_of - EPOCH).days - at.age + at.active
        purchases = {
            "p_alive": _spread(p_alive, at.of),
            "expected_purchases": _spread(p_alive * ahead.expected if known else None, at.of),
            "p_purchase": _spread(p_alive * (1 - ahead.p_none) if known else None, at.of),
        }
        dates = {
            "next_purchase_date": next_purchase(scorer.as_of, ahead.wait, p_alive).gather(at.of),
            "alert_date": alert_date(last, alert).gather(at.of),
        }
        counts = _counts(model, fits, at, p_alive, scorer) if scorer.counts is not None else {}
    money = _money(buyers, fits, scorer, at, p_alive * ahead.discounted, bounds.value)
    return purchases | money | dates | counts


def _histories(buyers: pl.DataFrame, scorer: Scorer, *, memoryless: bool) -> _Histories:
    first, last = (buyers[name].to_physical().to_numpy() for name in ("first_day", "last_day"))
    x, active, age = buyers["purchases"].to_numpy() - 1, last - first, (scorer.as_of - EPOCH).days - first
    n = buyers["repeat_paid_days" if scorer.basis == REPEAT else "paid_days"].to_numpy()
    rows, of = distinct([x, active, age, n])
    x, active, age, n = x[rows], active[rows], age[rows], n[rows]
    few, again = distinct([x, age] if memoryless else [x, active, age])
    return _Histories(x * 1.0, active * 1.0, age * 1.0, n * 1.0, of, few, again)


def _ahead(model: PurchaseModel, fits: Fits, at: _Histories, scorer: Scorer) -> _Ahead:
    params, few = fits.purchase.params, at.ahead()
    t, delta = scorer.horizon_days / WEEK, np.log1p(scorer.discount_rate) / 365.25 * WEEK
    unknown = np.full(at.few.shape, np.nan)
    finite = np.isfinite(t)
    expected = model.expected_purchases(params, *few, t) * scorer.season if finite else unknown
    factor = scorer.season if finite else 1.0
    discounted = expected if delta == 0 else model.expected_purchases(params, *few, t, delta) * factor
    p_none = model.p_no_purchase(params, *few, t * factor) if finite else unknown
    wait = model.median_wait(params, *few)
    return _Ahead(*(values[at.again] for values in (expected, discounted, p_none, wait)))


MONEY = ("expected_purchase_value", "clv", "clv_low", "clv_high")


def _money(
    buyers: pl.DataFrame, fits: Fits, scorer: Scorer, at: _Histories, worth: Array, bounds: Sequence[Array]
) -> dict[str, pl.Series]:
    """What depends on the amounts of each buyer: expected value of a purchase, clv, its 5 % and 95 % quantiles. worth:
    discounted purchases ahead; bounds: see _interval."""
    if not fits.spend.usable:
        return dict.fromkeys(MONEY, _nothing(at.of.size))
    model: SpendModel = spend_model(fits.spend.name)
    found = [np.empty(at.of.size) for _ in range(2 + len(bounds))]
    needed = buyers.select(*SEEN, *(["margin"] if scorer.margin is None else []))
    for start in range(0, at.of.size, BLOCK):
        rows = slice(start, start + BLOCK)
        some, of = needed[rows], at.of[rows]
        n, mean = spend_seen(some, scorer)
        margin = some["margin"].cast(pl.Float64).to_numpy() if scorer.margin is None else scorer.margin
        value, unit = model.expected_value(fits.spend.params, n, mean), margin * spend_unit(fits.spend, n * mean)
        columns = (value, margin * value * worth[of], *(bound[of] * unit for bound in bounds))
        for result, column in zip(found, columns, strict=True):
            result[rows] = rounded(column)
    known = [finite(pl.Series(values)) for values in found]
    return dict(zip(MONEY, known + [_nothing(at.of.size)] * (4 - len(known)), strict=True))


def _interval(fits: Fits, scorer: Scorer, at: _Histories, p_alive: Array, ahead: _Ahead) -> tuple[Array, ...]:
    """5 % and 95 % quantiles of spend per history, in units of predictive.spend_unit, scaled by discounting; none where
    they are not wanted or the horizon is infinite."""
    if not fits.spend.usable or not scorer.interval or not np.isfinite(scorer.horizon_days):
        return ()
    x, t_x, T = at.ahead()
    low, high = unit_quantiles(
        fits.purchase, fits.spend, x=x, t_x=t_x, T=T, index=at.again, p_alive=p_alive, n=at.n,
        t=scorer.horizon_days / WEEK * scorer.season,
    )  # fmt: skip
    scale = np.divide(ahead.discounted, ahead.expected, out=np.ones_like(low), where=ahead.expected > 0)
    return low * scale, high * scale


def _counts(model: PurchaseModel, fits: Fits, at: _Histories, p_alive: Array, scorer: Scorer) -> dict[str, pl.Series]:
    """P(0), P(1), ... P(K), P(more) purchases within the horizon."""
    assert scorer.counts is not None
    names = count_columns(scorer.counts)
    if not np.isfinite(scorer.horizon_days):
        return dict.fromkeys(names, _nothing(at.of.size))
    t = scorer.horizon_days / WEEK * scorer.season
    pmf = p_alive[:, None] * model.pmf(fits.purchase.params, *at.ahead(), t, scorer.counts)[at.again]
    pmf[:, 0] += 1 - p_alive
    more = np.clip(1 - pmf.sum(axis=1), 0, 1)
    return {name: _spread(column, at.of) for name, column in zip(names, [*pmf.T, more], strict=True)}


SEEN = ("total", "first_total", "paid_days", "repeat_paid_days")


def spend_seen(buyers: pl.DataFrame, scorer: Scorer) -> tuple[Array, Array]:
    """(n, mean) of the purchases that the spend model sees, in currency units; mean 0 where n = 0."""
    money = 10.0**scorer.decimals
    if scorer.basis == REPEAT:
        n, total = buyers["repeat_paid_days"].to_numpy(), (buyers["total"] - buyers["first_total"]).to_numpy()
    else:
        n, total = buyers["paid_days"].to_numpy(), buyers["total"].to_numpy()
    n = n.astype(np.float64)
    return n, np.where(n > 0, total / money / np.maximum(n, 1), 0.0)


def expected_value(buyers: pl.DataFrame, fits: Fits, scorer: Scorer) -> Array | None:
    """Expected amount of a purchase of each customer; None when the spend model cannot predict."""
    if not fits.spend.usable:
        return None
    model: SpendModel = spend_model(fits.spend.name)
    return model.expected_value(fits.spend.params, *spend_seen(buyers, scorer))


def _nothing(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Float64).new_from_index(0, height)


def _spread(values: Array | None, of: Index) -> pl.Series:
    """The value of each buyer's history, rounded before it is spread; null where it is no finite number."""
    return _nothing(of.size) if values is None else finite(pl.Series(rounded(values)[of]))


def next_purchase(as_of: date, wait_weeks: Array, p_alive: Array) -> pl.Series:
    """as_of plus the median wait in whole days, rounded up; null when P(alive) < 0.5 or it is over 730 days off."""
    days = np.ceil(np.round(wait_weeks * 7, 9))
    there = (p_alive >= 0.5) & (days <= MAX_WAIT_DAYS)
    return _days_after(np.full(days.size, float((as_of - EPOCH).days)), days, there)


def alert_date(last_day: Array, wait_weeks: Array) -> pl.Series:
    """The first day after the last purchase on which P(alive) is below the threshold; null when never. In days since
    EPOCH."""
    days = np.floor(np.round(wait_weeks * 7, 9)) + 1
    return _days_after(last_day, days, np.isfinite(days))


def _days_after(start: Array, days: Array, there: npt.NDArray[np.bool_]) -> pl.Series:
    """`start` + `days` where `there`, else null; null beyond the calendar too."""
    number = start + np.where(there, days, 0.0)
    within = there & (number <= (LAST_DAY - EPOCH).days)
    shifted = pl.Series(np.where(within, number, 0.0)).cast(pl.Int32).cast(pl.Date)
    return pl.select(pl.when(pl.Series(within)).then(shifted)).to_series()
