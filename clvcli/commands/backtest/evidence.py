"""How much a backtest has to go by: purchases held out, and the standard error of one method's lead over another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from clvcli.commands.backtest.forecasts import Forecast
from clvcli.commands.backtest.origin import Judged
from clvcli.models import scores
from clvcli.models.base import Array
from clvcli.scoring.choose import compared
from clvcli.scoring.rolling_origins import Cases

FEW = 30
"""Fewer purchases in all holdouts together cannot tell methods apart."""

Error = Callable[[str, str, str], float]


@dataclass(frozen=True)
class Evidence:
    """`purchases`: over all holdouts. `error`: question key and two methods to the standard error of their difference
    in its figure; 0 where it is unknown."""

    purchases: float
    error: Error


NONE = Evidence(float("inf"), lambda *_: 0.0)
"""Figures taken at their face value."""


def evidence(past: Sequence[Judged], basis: str) -> Evidence:
    """The evidence of these origins. Errors of the scores by customer and, from three origins on, by origin; of Gini
    by origin alone."""

    def error(question: str, first: str, second: str) -> float:
        pairs = [(one.cases, one.forecast(first), one.forecast(second)) for one in past]
        known = [(cases, a, b) for cases, a, b in pairs if a is not None and b is not None]
        if question == "value":
            gaps = [_gini(cases, b, basis) - _gini(cases, a, basis) for cases, a, b in known]
            return float(np.std(gaps, ddof=1)) / len(gaps) ** 0.5 if len(gaps) > 1 else 0.0
        ours = [_scored(question, cases, a) for cases, a, _ in known]
        theirs = [_scored(question, cases, b) for cases, _, b in known]
        return compared(second, ours, theirs).error

    return Evidence(sum(float(one.cases.later.sum()) for one in past), error)


def _scored(question: str, cases: Cases, forecast: Forecast) -> tuple[pl.Series, Array]:
    """Customer ids and what each adds to minus the Poisson deviance, or to minus the log loss."""
    if question == "counts":
        each = 2 * (cases.later * np.log(forecast.floored) - forecast.floored)
    else:
        each = scores.log_events(cases.bought, forecast.p_purchase)
    return cases.customers["customer_id"], each


def _gini(cases: Cases, forecast: Forecast, basis: str) -> float:
    value = forecast.value.get(basis, forecast.value.get("own"))
    return 0.0 if value is None else scores.gini(cases.spend, value) or 0.0
