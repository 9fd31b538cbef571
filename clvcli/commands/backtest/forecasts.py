"""What each model says at an origin: the same code that scores, asked about a holdout instead of the future."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from clvcli.core.errors import UsageError
from clvcli.core.spend_basis import BASES
from clvcli.engines.base import Engine
from clvcli.models.base import Array, Fit
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.calibration import SPEND_MODEL, Calibration, calibrate
from clvcli.scoring.covariates import encoded, learned
from clvcli.scoring.covaried import covaried
from clvcli.scoring.describe import predict
from clvcli.scoring.histories import Histories, count_log_probabilities, histories
from clvcli.scoring.predict import expected_value
from clvcli.scoring.rolling_origins import Cases
from clvcli.scoring.terms import Fits, Scorer

MAX_COUNT = 7
LEAST = 1e-12
"""No model expects less than this of anybody."""


@dataclass(frozen=True)
class Forecast:
    """One method at one origin; arrays of shape (customers,), in the order of the cases.

    expected: purchases in the holdout; floored: the same where 0 is read as what it meant before (heuristics), for
    scores that a zero would ruin; p_purchase; log_p: ln of the probability given to the count that came; value: spend
    in the holdout by spend basis; next_wait: days from the origin to next_purchase_date (inf: no date given);
    says: 1 where a yes-or-no rule expects a purchase (None: where p_purchase >= 0.5); counts: expected number of
    customers with 0, 1, ... 6, 7 and more purchases, shape (8,).
    """

    name: str
    kind: str
    expected: Array
    floored: Array
    p_purchase: Array
    log_p: Array
    value: Mapping[str, Array]
    next_wait: Array | None = None
    counts: Array | None = None
    says: Array | None = None
    fit: Fit | None = None
    note: str = ""


@dataclass(frozen=True)
class Setting:
    """What all forecasts of a backtest share."""

    decimals: int
    basis: str
    acquired_from: date | None = None


def spend_fits(engine: Engine, cases: Cases, setting: Setting) -> dict[str, Fit]:
    """The spend model on every basis, fitted at the origin."""
    customers = _to_fit(cases.customers, setting)
    model = spend_model(SPEND_MODEL)
    return {basis: model.fit(engine.spending(customers, basis, setting.decimals)) for basis in BASES}


def model_forecast(
    engine: Engine, cases: Cases, name: str, setting: Setting, spend: Mapping[str, Fit], season: float | None = None
) -> tuple[Forecast, Fits] | Fit:
    """Fits `name` at the origin and predicts the holdout; the mere fit when there is not enough data for it.

    `season` scales the expectations: then it is a variant of the model, not the model.
    """
    model = purchase_model(name)
    fit = model.fit(engine.history(_to_fit(cases.customers, setting), cases.fold.origin, model.needs))
    if not fit.usable:
        return fit
    customers = cases.customers.drop("model_group", strict=False)
    fits = {basis: Fits(fit, s) for basis, s in spend.items()}
    factor = 1.0 if season is None else season
    scorer = _scorer(cases, setting, fits[setting.basis], factor)
    table = predict(customers, scorer)
    expected = table["expected_purchases"].to_numpy()
    each = {
        basis: expected_value(customers, f, replace(scorer, basis=basis))
        for basis, f in fits.items()
    }  # fmt: skip
    past, t = histories(customers, cases.fold.origin), cases.fold.days / 7 * factor
    forecast = Forecast(
        name=name if season is None else f"{name} + month",
        kind="model" if season is None else "variant",
        expected=expected,
        floored=np.maximum(expected, LEAST),
        p_purchase=table["p_purchase"].to_numpy(),
        log_p=count_log_probabilities(model, fit.params, past, t, cases.later),
        value={basis: expected * v for basis, v in each.items() if v is not None},
        next_wait=next_wait(table, cases),
        counts=expected_counts(fit, past, t),
        fit=fit,
    )
    return forecast, fits[setting.basis]


def grouped_forecast(engine: Engine, cases: Cases, name: str, setting: Setting) -> Forecast | None:
    """One model a `model_group` where groups are large enough, else the pooled one; None where all are too small."""
    c = calibrate(
        engine, cases.customers, as_of=cases.fold.origin, model=name, basis=setting.basis,
        decimals=setting.decimals, acquired_from=setting.acquired_from,
    )  # fmt: skip
    return _by_group(cases, f"{name} by group", setting, c, "own model: " + ", ".join(c.groups)) if c.groups else None


def covariate_forecast(
    engine: Engine, cases: Cases, name: str, setting: Setting, fits: Fits, columns: Sequence[str], people: pl.DataFrame
) -> Forecast | None:
    """One model that covariates move, beside its plain `fits`; None where they tell nobody apart at the origin, or too
    little is known. `people`: customer_id and the columns."""
    told = people.select("customer_id", *columns)
    customers = cases.customers.join(told, on="customer_id", how="left", maintain_order="left")
    try:
        known = encoded(customers, learned(_to_fit(customers, setting), columns))
    except UsageError:
        return None
    plain = Calibration(fits, {}, setting.basis, ())
    c = covaried(plain, known, engine, cases.fold.origin, setting.acquired_from, None)
    if not c.groups:
        return None
    return _by_group(replace(cases, customers=known.customers), f"{name} with covariates", setting, c, "")


def _by_group(cases: Cases, name: str, setting: Setting, c: Calibration, note: str) -> Forecast:
    """What the models of the groups say, the pooled one of the rest."""
    table = predict(cases.customers, replace(_scorer(cases, setting, c.pooled), groups=c.groups))
    past = histories(cases.customers, cases.fold.origin)
    log_p = np.empty(table.height)
    of = cases.customers["model_group"].to_numpy()
    for group in [None, *c.groups]:
        rows = np.flatnonzero(of == group) if group is not None else np.flatnonzero(~np.isin(of, list(c.groups)))
        fit = c.pooled.purchase if group is None else c.groups[group].purchase
        part = past.take(rows)
        log_p[rows] = count_log_probabilities(
            purchase_model(fit.name), fit.params, part, cases.fold.days / 7, cases.later[rows]
        )
    expected = table["expected_purchases"].to_numpy()
    return Forecast(
        name=name,
        kind="variant",
        expected=expected,
        floored=np.maximum(expected, LEAST),
        p_purchase=table["p_purchase"].to_numpy(),
        log_p=log_p,
        value={setting.basis: table["clv"].fill_null(0.0).to_numpy()},
        note=note,
    )


def _to_fit(customers: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    since = setting.acquired_from
    return customers if since is None else customers.filter(pl.col("first_day") >= since)


def _scorer(cases: Cases, setting: Setting, fits: Fits, season: float = 1.0) -> Scorer:
    return Scorer(
        as_of=cases.fold.origin, horizon_days=float(cases.fold.days), time_unit="week", decimals=setting.decimals,
        margin=1.0, discount_rate=0.0, alert=0.5, basis=setting.basis, pooled=fits, season=season, interval=False,
    )  # fmt: skip


def next_wait(table: pl.DataFrame, cases: Cases) -> Array:
    """Days from the origin to next_purchase_date; inf where there is none."""
    days = (pl.col("next_purchase_date") - pl.lit(cases.fold.origin)).dt.total_days().cast(pl.Float64)
    return table.select(days.fill_null(float("inf"))).to_series().to_numpy()


def expected_counts(fit: Fit, past: Histories, t: float) -> Array:
    """Expected number of customers with 0, 1, ... 6, 7 and more purchases in the next t weeks, shape (8,)."""
    model = purchase_model(fit.name)
    rows, of = past.distinct()
    few, size = past.take(rows), np.bincount(of)
    alive = size * model.p_alive(fit.params, few.x, few.t_x, few.T)
    given = model.pmf(fit.params, few.x, few.t_x, few.T, t, MAX_COUNT - 1)
    exact = alive @ given
    exact[0] += float((size - alive).sum())
    return np.append(exact, max(0.0, past.x.size - float(exact.sum())))
