"""The figures of one forecast against what happened, and where it was right and wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clvcli.commands.backtest.forecasts import MAX_COUNT, Forecast
from clvcli.models import scores
from clvcli.models.base import Array
from clvcli.scoring.histories import histories
from clvcli.scoring.rolling_origins import Cases

HIT_DAYS = 7
AGES = ((0, 2), (2, 8), (8, 26), (26, 52), (52, None))
"""Weeks since the first purchase: above the first number, up to the second."""
LOW, HIGH = 0.8, 1.25
ENOUGH = 30
"""A band with fewer purchases than this is not judged: chance alone takes it out of bounds."""

Row = dict[str, Any]


def measure(forecast: Forecast, cases: Cases) -> Row:
    """Every figure of one method at one origin; None where it has none. See clvcli/models/scores.py."""
    y, bought, mu = cases.later, cases.bought, forecast.expected
    says = forecast.p_purchase >= 0.5 if forecast.says is None else forecast.says > 0
    right = says == (bought > 0)
    spread = mu.std() > 0 and y.std() > 0
    return {
        "bias": scores.bias(y, mu),
        "deviance": scores.poisson_deviance(y, forecast.floored),
        "log_score": scores.log_score(forecast.log_p),
        "log_loss": scores.log_loss(bought, forecast.p_purchase),
        "brier": scores.brier(bought, forecast.p_purchase),
        "auc": scores.auc(bought, forecast.p_purchase),
        "accuracy": float(right.mean()),
        "rmse": scores.rmse(y, mu),
        "mae": scores.mae(y, mu),
        "correlation": float(np.corrcoef(y, mu)[0, 1]) if spread else None,
        "value": {basis: value_errors(cases.spend, value) for basis, value in forecast.value.items()},
        **_dates(forecast, cases),
    }


def value_errors(actual: Array, value: Array) -> Row:
    """Errors of the spend in the holdout per customer, and how well the forecast finds those who spend."""
    return {
        "bias": scores.bias(actual, value),
        "mae": scores.mae(actual, value),
        "rmse": scores.rmse(actual, value),
        "gini": scores.gini(actual, value),
        "top_share": scores.top_share(actual, value),
    }


def _dates(forecast: Forecast, cases: Cases) -> Row:
    """Share of next_purchase_dates with the next purchase within 7 days; of those early enough to be judged."""
    if forecast.next_wait is None:
        return {"date_hits": None, "dates_judged": None}
    judged = forecast.next_wait + HIT_DAYS <= cases.fold.days
    hits = np.abs(cases.next_wait[judged] - forecast.next_wait[judged]) <= HIT_DAYS
    return {"date_hits": float(hits.mean()) if hits.size else None, "dates_judged": int(judged.sum())}


def by_decile(forecast: Forecast, cases: Cases) -> list[Row]:
    """Ten equal groups by expected purchases, lowest first; customers with equal forecasts stay together."""
    order = np.searchsorted(np.sort(forecast.expected), forecast.expected, side="left")
    return _groups(forecast, cases, "decile", order * 10 // max(1, order.size) + 1, {k: str(k) for k in range(1, 11)})


def by_frequency(forecast: Forecast, cases: Cases) -> list[Row]:
    """Customers by repeat purchases before the origin."""
    x = np.minimum(histories(cases.customers, cases.fold.origin).x, MAX_COUNT).astype(int)
    return _groups(forecast, cases, "frequency", x, {k: _count_name(k) for k in range(MAX_COUNT + 1)})


def by_age(forecast: Forecast, cases: Cases) -> list[Row]:
    """Customers by weeks since the first purchase."""
    T = histories(cases.customers, cases.fold.origin).T
    band = np.searchsorted([high for _, high in AGES if high is not None], T, side="left")
    return _groups(forecast, cases, "age", band, dict(enumerate(age_names())))


def age_names() -> list[str]:
    """Names of the age bands."""
    return [
        f"up to {high} weeks" if low == 0 else (f"{low}-{high} weeks" if high else f"over {low} weeks")
        for low, high in AGES
    ]


def _count_name(k: int) -> str:
    return f"{k}+" if k == MAX_COUNT else str(k)


def _groups(forecast: Forecast, cases: Cases, key: str, of: Any, names: Mapping[int, str]) -> list[Row]:
    rows = []
    for code, name in names.items():
        part = of == code
        if part.any():
            rows.append(
                {
                    key: name,
                    "customers": int(part.sum()),
                    "expected": float(forecast.expected[part].sum()),
                    "actual": float(cases.later[part].sum()),
                    "expected_buyers": float(forecast.p_purchase[part].sum()),
                    "buyers": float(cases.bought[part].sum()),
                }
            )
    return rows


def counts(forecast: Forecast, cases: Cases) -> list[Row]:
    """Count customers who bought 0, 1, ... 7 and more times in the holdout, actual and expected."""
    if forecast.counts is None:
        return []
    actual = np.bincount(np.minimum(cases.later, MAX_COUNT).astype(int), minlength=MAX_COUNT + 1)
    return [
        {"purchases": _count_name(k), "actual": int(actual[k]), "expected": float(forecast.counts[k])}
        for k in range(MAX_COUNT + 1)
    ]


def pooled(tables: Sequence[list[Row]], key: str) -> list[Row]:
    """Tables of several folds added up, in their natural order, and the ratio of expected to actual purchases."""
    sums: dict[str, Row] = {}
    for row in (row for table in tables for row in table):
        into = sums.setdefault(row[key], {key: row[key], **{name: 0 for name in row if name != key}})
        for name, number in row.items():
            if name != key:
                into[name] += number
    for row in sums.values():
        row["ratio"] = row["expected"] / row["actual"] if row["actual"] else None
    order = [*map(str, range(MAX_COUNT)), _count_name(MAX_COUNT), *map(str, range(MAX_COUNT, 11)), *age_names()]
    return sorted(sums.values(), key=lambda row: order.index(row[key]))


def off_bands(ages: Sequence[Row]) -> list[Row]:
    """Age bands whose ratio of forecast to actual is outside 0.8-1.25 and that are large enough to say so."""
    return [
        row
        for row in ages
        if max(row["actual"], row["expected"]) >= ENOUGH
        and row["ratio"] is not None
        and not LOW <= row["ratio"] <= HIGH
    ]


def averaged(rows: Sequence[Mapping[str, Any]]) -> Row:
    """Means over folds, figure by figure, of those that have it."""
    result: Row = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        values = [row[name] for row in rows if row.get(name) is not None]
        if not values:
            result[name] = None
        elif isinstance(values[0], Mapping):
            result[name] = averaged(values)
        else:
            result[name] = sum(values) if isinstance(values[0], int) else float(np.mean(values))
    return result
