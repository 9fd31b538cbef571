"""The total of all customers with an interval: chance, parameters, and the errors that the model made before.

Parameters and chance alone are far too sure of a total. So the model is fitted at up to six earlier days of the same
log, on at most 3,000 customers, and the total that it forecast stands against what came. What these rehearsals teach
(lesson.py) moves the total and widens its interval, grown with the square root of the horizon over the holdout. Where
too few could be held, or where a few huge amounts decide, there is no interval, and the reason instead.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.language import marked
from clvcli.engines.base import Engine
from clvcli.log.purchases import Purchases
from clvcli.models.base import Array, Fit
from clvcli.models.exact_sum import exact_sum
from clvcli.models.registry import purchase_model
from clvcli.scoring.calibration import fit_models
from clvcli.scoring.chance import chance, expected_of, parameters
from clvcli.scoring.histories import histories
from clvcli.scoring.lesson import USUAL_PURCHASES, USUAL_SPEND, Lesson, learn, one_time_notices, told
from clvcli.scoring.predict import expected_value
from clvcli.scoring.rolling_origins import Cases, Fold, cases, plan_folds
from clvcli.scoring.season import NEARLY_A_YEAR, DayCounts, Rehearsed, season_of
from clvcli.scoring.terms import Fits, Scorer

LEVEL = 0.9
CUSTOMERS = 3_000
ORIGINS, FEWEST = 6, 3
TWO_YEARS = 730
INTERVAL = ("total", "expected", "low", "high")
Z = 1.6449
"""Standard deviations of a two-sided 90 % interval."""
HEAVY = 1.5
"""Tail index of the amounts below which sums are decided by their largest parts."""


@dataclass(frozen=True)
class OriginError:
    """One rehearsal: logs of actual over forecast total, purchases and spend, and the variances of these logs that come
    from the chance of having drawn these customers."""

    fold: Fold
    purchases: float
    spend: float
    purchases_noise: float
    spend_noise: float
    once: tuple[float, float, int] = (0.0, 0.0, 0)
    """One-time buyers who were expected to buy, who did, and how many there were."""
    season: float | None = None
    """The factor of the months of the holdout, as far as the log up to the origin tells it; None where it does not."""

    def seasoned(self) -> "OriginError":
        """The error of the forecast times the factor."""
        moved = math.log(self.season or 1.0)
        return replace(self, purchases=self.purchases - moved, spend=self.spend - moved)


@dataclass(frozen=True)
class Rehearsals:
    """What past days of a log say of the model: the `purchases` of some customers, and the errors."""

    purchases: Purchases
    errors: list[OriginError]

    def by_season(self) -> Rehearsed:
        """What the errors say of the months."""
        return [(e.purchases, math.log(e.season)) for e in self.errors if e.season is not None]

    def seasoned(self) -> "Rehearsals":
        """The same of forecasts that mind the months."""
        return replace(self, errors=[e.seasoned() for e in self.errors])


def rehearse(
    engine: Engine, some: Purchases, terms: Scorer, model: str | None, *, since: date | None = None
) -> Rehearsals | None:
    """Rehearses the forecast of a purchase `model` on the log up to as_of of `some` customers: every k-th by id,
    CUSTOMERS at most. None without a model or with an infinite horizon. `terms`: of the run; its fits do not matter.

    Costs six fits, however long the log.
    """
    if model is None or not math.isfinite(terms.horizon_days):
        return None
    return Rehearsals(some, origin_errors(engine, some.frame, terms, model, since))


def portfolio_from(
    known: Rehearsals | None, few: pl.DataFrame, customers: int, totals: Mapping[str, float | None], scorer: Scorer
) -> dict[str, Any] | None:
    """Totals of `clv` and `expected_purchases` with 90 % intervals, and what the intervals leave out; None without a
    model or with an infinite horizon. `few`: the predicted customers (see scoring.predict) of the rehearsals;
    `customers`, `totals`: of all buyers.
    """
    if known is None or not predicts(scorer):
        return None
    return _portfolio(known.purchases.frame, known.errors, few, customers, totals, scorer)


def portfolio(
    engine: Engine, purchases: Purchases, table: pl.DataFrame, scorer: Scorer, *, since: date | None = None
) -> dict[str, Any] | None:
    """The same of a log and its predicted customers in memory. `table`: sorted, all buyers of the log among them."""
    model = None if scorer.pooled is None else scorer.pooled.purchase.name
    places = np.arange(0, purchases.ids.len(), max(1, -(-purchases.ids.len() // CUSTOMERS)))
    known = rehearse(engine, Purchases.of(purchases.some(places)), scorer, model, since=since)
    if known is None or not predicts(scorer):
        return None
    buyers = table["purchases"] > 0
    totals = {name: exact_sum(table[name].drop_nulls().to_numpy()) for name in ("clv", "expected_purchases")}
    known_totals = {name: total if table[name].count() else None for name, total in totals.items()}
    return portfolio_from(known, table[buyers.arg_true().gather(places)], int(buyers.sum()), known_totals, scorer)


def _portfolio(
    purchases: pl.DataFrame, errors: list[OriginError], few: pl.DataFrame, n: int, totals: Mapping[str, float | None],
    scorer: Scorer,
) -> dict[str, Any]:  # fmt: skip
    fits = scorer.pooled
    assert fits is not None
    buying, spending = chance(few, fits, scorer, n)
    moved, priced = parameters(few, fits, scorer)
    first: date = purchases["day"].min()  # type: ignore[assignment]
    excludes = _excludes(errors, (scorer.as_of - first).days)
    left_out = 1 - few.height / n
    noise = [left_out * e.purchases_noise for e in errors], [left_out * e.spend_noise for e in errors]
    purchases_lesson = _lesson([e.purchases for e in errors], noise[0], errors, USUAL_PURCHASES)
    spend_lesson = _lesson([e.spend for e in errors], noise[1], errors, USUAL_SPEND)
    longer = math.sqrt(max(1.0, scorer.horizon_days / errors[0].fold.days)) if errors else 1.0
    why = _no_interval(fits, errors)
    return {
        "level": LEVEL,
        "horizon_days": int(scorer.horizon_days),
        "clv": _interval(totals["clv"], (spending, moved, priced), None if why else spend_lesson, longer),
        "expected_purchases": _interval(totals["expected_purchases"], (buying, moved), purchases_lesson, longer),
        "origins": [_error_json(e) for e in errors],
        "excludes": excludes,
        "label": why or f"{LEVEL:.0%} interval" + (f"; excludes {' and '.join(excludes)}" if excludes else ""),
        "one_time": {key: sum(e.once[i] for e in errors) for i, key in enumerate(("expected", "bought", "customers"))},
        "season": round(scorer.season, 6),
        "learned": "" if spend_lesson is None else told("spend", spend_lesson, [e.spend for e in errors]),
    }


def _lesson(
    logs: Sequence[float], noise: Sequence[float], errors: Sequence[OriginError], usual: float
) -> Lesson | None:
    """What the rehearsals teach; None where there are too few."""
    if len(errors) < FEWEST:
        return None
    folds = [e.fold for e in errors]
    stretch = (max(f.end for f in folds) - min(f.origin for f in folds)).days / folds[0].days
    return learn(logs, noise, independent=min(len(folds), stretch), usual=usual)


def _no_interval(fits: Fits, errors: Sequence[OriginError]) -> str:
    """Why no interval of the spend can be given; empty where it can."""
    if not errors:
        return marked("no interval: the log is too short to rehearse the forecast on its own past")
    if fits.spend.usable and fits.spend.params["q"] < HEAVY:
        return marked("no interval: a few very large amounts decide the total")
    return ""


def predicts(scorer: Scorer) -> bool:
    """Whether there is a total ahead."""
    return scorer.pooled is not None and scorer.pooled.purchase.usable and math.isfinite(scorer.horizon_days)


def origin_errors(
    engine: Engine, purchases: pl.DataFrame, scorer: Scorer, model: str, since: date | None
) -> list[OriginError]:
    """The model's errors in total at earlier origins of the log; fewer than three say nothing: then none."""
    first: date | None = purchases["day"].min()  # type: ignore[assignment]
    if first is None:
        return []
    folds = plan_folds(first, scorer.as_of, folds=ORIGINS, horizon=scorer.horizon_days)
    found = [_error(engine, purchases, fold, scorer, model, since) for fold in folds]
    errors = [e for e in found if e is not None]
    return errors if len(errors) >= FEWEST else []


def _error(
    engine: Engine, purchases: pl.DataFrame, fold: Fold, scorer: Scorer, name: str, since: date | None
) -> OriginError | None:
    model = purchase_model(name)
    held = cases(engine, purchases, fold, decimals=scorer.decimals, needs=model.needs)
    fits = fit_models(
        engine, held.customers, as_of=fold.origin, model=name, basis=scorer.basis, decimals=scorer.decimals,
        acquired_from=since,
    )  # fmt: skip
    if not fits.purchase.usable:
        return None
    expected = expected_of(held.customers, fits.purchase, fold.origin, fold.days / 7)
    price = expected_value(held.customers, fits, scorer)
    value = expected * price if price is not None else np.zeros_like(expected)
    if held.later.sum() == 0 or expected.sum() <= 0:
        return None
    known = held.spend.sum() > 0 and value.sum() > 0
    of_spend = _log_ratio(held.spend, value) if known else (0.0, 0.0)
    bought, noise = _log_ratio(held.later, expected)
    season = _season(purchases, held, fits.purchase) if scorer.horizon_days < NEARLY_A_YEAR else None
    return OriginError(fold, bought, of_spend[0], noise, of_spend[1], _once(held, fits.purchase), season)


def _season(purchases: pl.DataFrame, held: Cases, fit: Fit) -> float | None:
    fold = held.fold
    before = DayCounts.of(purchases.filter(pl.col("day") <= fold.origin), held.customers)
    season = season_of(before, fold.origin, fit)
    return None if season is None else season.sure_factor(fold.origin, fold.days)


def _once(held: Cases, fit: Fit) -> tuple[float, float, int]:
    """One-time buyers who should have bought within the holdout, who did, and how many there are."""
    model, past, t = purchase_model(fit.name), histories(held.customers, held.fold.origin), held.fold.days / 7
    few = past.take(np.flatnonzero(past.x == 0))
    some = model.p_alive(fit.params, few.x, few.t_x, few.T)
    some = some * (1 - model.p_no_purchase(fit.params, few.x, few.t_x, few.T, t))
    return float(some.sum()), float(held.bought[past.x == 0].sum()), few.x.size


def portfolio_notices(known: Rehearsals | None, scorer: Scorer) -> list[Notice]:
    """The warning of a wrong level of one-time buyers, from what the rehearsals say of it."""
    if known is None or scorer.pooled is None or not predicts(scorer) or not known.errors:
        return []
    expected, bought, customers = (sum(e.once[i] for e in known.errors) for i in (0, 1, 2))
    return one_time_notices(scorer.pooled.purchase.name, expected, bought, int(customers), len(known.errors))


def _log_ratio(actual: Array, forecast: Array) -> tuple[float, float]:
    """Log of the ratio of the totals, and its variance over draws of customers."""
    total = float(actual.sum())
    return math.log(total / float(forecast.sum())), float(((actual - forecast) ** 2).sum()) / total**2


def _interval(
    total: float | None, errors: Sequence[float], lesson: Lesson | None, longer: float
) -> dict[str, float | None]:
    """`total`: of the model; `expected`: moved by the lesson, in the middle of the interval. Without a lesson neither
    moves and nobody knows how wide."""
    if total is None:
        return {"total": None, "expected": None, "low": None, "high": None}
    if lesson is None:
        return {"total": round(total, 6), "expected": round(total, 6), "low": None, "high": None}
    width = Z * math.hypot(lesson.spread * longer, *errors)
    expected = total * lesson.factor
    low, high = (expected * math.exp(sign * min(width, 50.0)) for sign in (-1, 1))
    return {name: round(value, 6) for name, value in zip(INTERVAL, (total, expected, low, high), strict=True)}


def _excludes(errors: Sequence[OriginError], days: int) -> list[str]:
    """What the interval does not know of."""
    if not errors:
        return [marked("model error"), marked("season")]
    return [marked("season")] if days < TWO_YEARS else []


def _error_json(error: OriginError) -> dict[str, Any]:
    return {
        "origin": error.fold.origin.isoformat(),
        "days": error.fold.days,
        "purchases": round(math.exp(error.purchases), 6),
        "spend": round(math.exp(error.spend), 6),
    }
