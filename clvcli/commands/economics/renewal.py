"""Contract retention: the curve of each renewal length, and the value of a new contract under it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.models.base import INSUFFICIENT, Array, Fit
from clvcli.models.contract import curves, sbg

SHOWN = 12


@dataclass(frozen=True)
class Retention:
    """Contracts that renew every `renewal_months`.

    `observed` and `fitted`: share still there after 0, 1, ... renewals (observed: Kaplan-Meier, as far as seen);
    `renewals`: expected payments of a new contract within the horizon; `value`: their margin, discounted, in currency;
    `lifetime_value`: the same without an end, None where it has no sum.
    """

    renewal_months: int
    contracts: int
    left: int
    fit: Fit
    observed: tuple[float, ...]
    fitted: tuple[float, ...] | None
    retention: tuple[float, ...] | None
    monthly: float
    payments: float | None
    value: float | None
    lifetime_value: float | None


def retentions(
    contracts: pl.DataFrame, as_of: date, *, margin: float, discount_rate: float, horizon_months: float, decimals: int
) -> list[Retention]:
    """One a renewal length, the most common first. `contracts`: see contracts.relationships."""
    counts = contracts["renewal"].value_counts(name="n").sort(["n", "renewal"], descending=[True, False])
    return [
        _retention(
            contracts.filter(pl.col("renewal") == months), months, as_of, margin=margin, discount_rate=discount_rate,
            horizon_months=horizon_months, decimals=decimals,
        )
        for months in counts["renewal"]
    ]  # fmt: skip


def renewals_of(contracts: pl.DataFrame, months: int, as_of: date) -> sbg.Renewals:
    """Who left at which renewal and who came through how many. A contract that ends within a paid period leaves at the
    end of that period; one that runs has come through the renewals up to as_of."""
    ended = contracts.filter(pl.col("end").is_not_null())
    running = contracts.filter(pl.col("end").is_null()).with_columns(end=pl.lit(as_of))
    left_at = np.maximum(1, -(-months_between(ended, up=True) // months))
    came_through = months_between(running, up=False) // months
    n = int(max(left_at.max(initial=0), came_through.max(initial=0), 1))
    left = np.bincount(left_at, minlength=n + 1)[1:].astype(np.float64)
    return sbg.Renewals(left, np.bincount(came_through, minlength=n + 1).astype(np.float64))


def observed_survival(seen: sbg.Renewals) -> Array:
    """Kaplan-Meier: the product of (1 - left / those who had to decide), up to the last decision seen."""
    deciding = np.cumsum((seen.left + seen.stayed[1:])[::-1])[::-1]
    known = deciding > 0
    rates = 1 - seen.left[known] / deciding[known]
    return np.concatenate(([1.0], np.cumprod(rates)))


def _retention(
    contracts: pl.DataFrame, months: int, as_of: date, *, margin: float, discount_rate: float, horizon_months: float,
    decimals: int,
) -> Retention:  # fmt: skip
    seen = renewals_of(contracts, months, as_of)
    fit = curves.fitted(seen)
    monthly = float(contracts["monthly"].sort().mean() or 0.0) / 10**decimals  # type: ignore[arg-type]
    payments = fitted = curve = value = lifetime = None
    if fit.status != INSUFFICIENT:
        count = None if not np.isfinite(horizon_months) else int(np.ceil(horizon_months / months))
        discount = (1 + discount_rate) ** (months / 12) - 1
        payments = curves.expected_payments(fit, count)
        discounted = curves.expected_payments(fit, count, discount)
        endless = curves.expected_payments(fit, None, discount)
        log_s = curves.log_survival(fit, SHOWN)
        fitted, curve = tuple(map(float, np.exp(log_s))), tuple(map(float, np.exp(np.diff(log_s))))
        each = margin * monthly * months
        value = None if discounted is None else each * discounted
        lifetime = None if endless is None else each * endless
    observed = tuple(float(s) for s in observed_survival(seen)[: SHOWN + 1])
    left = int(seen.left.sum())
    return Retention(
        months, contracts.height, left, fit, observed, fitted, curve, monthly, payments, value, lifetime
    )  # fmt: skip


def months_between(contracts: pl.DataFrame, *, up: bool) -> npt.NDArray[np.int64]:
    """Months from start to end, a part of a month counting as one (`up`) or as none."""
    start, end = pl.col("start"), pl.col("end")
    whole = (end.dt.year() - start.dt.year()).cast(pl.Int64) * 12 + end.dt.month() - start.dt.month()
    days = end.dt.day().cast(pl.Int64) - start.dt.day()
    part = (days > 0).cast(pl.Int64) if up else -(days < 0).cast(pl.Int64)
    return contracts.select((whole + part).clip(0).cast(pl.Int64).alias("months"))["months"].to_numpy()
