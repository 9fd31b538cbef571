"""Parameters in another unit of time than the weeks of `models/`, for printing and for files written by hand."""

from collections.abc import Mapping
from dataclasses import replace
from math import log

from clvcli.models.base import UNIT_WEEKS, Fit, PurchaseModel


def rescale(fit: Fit, model: PurchaseModel, unit: str) -> Fit:
    """A purchase fit in weeks as it reads in `unit` (a key of UNIT_WEEKS): parameters, errors and log-likelihood.

    With c units a week, alpha times c, and lnL shifts by -sum(x) ln c (left alone where the fit does not know sum(x)).
    The covariance of the logs does not change. For printing: do not predict with the result.
    """
    per_week = 1 / UNIT_WEEKS[unit]
    factor = {name: per_week ** model.time_powers.get(name, 0) for name in fit.params}
    errors = {name: None if error is None else error * factor[name] for name, error in fit.std_errors.items()}
    value = fit.log_likelihood
    if value is not None and fit.repeats is not None:
        value -= fit.repeats * log(per_week)
    params = {name: value_ * factor[name] for name, value_ in fit.params.items()}
    return replace(fit, params=params, std_errors=errors, log_likelihood=value)


def in_weeks(params: Mapping[str, float], model: PurchaseModel, unit: str) -> dict[str, float]:
    """Parameters given in `unit`, in weeks: the reverse of `rescale`."""
    return {name: value * UNIT_WEEKS[unit] ** model.time_powers.get(name, 0) for name, value in params.items()}
