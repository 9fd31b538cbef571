"""What a status of a fit means, in words a marketer understands, and when there is too little to fit at all."""

import numpy as np

from clvcli.core.language import marked
from clvcli.models.base import AT_BOUND, CONVERGED, Fit, History
from clvcli.models.fitting import Optimum, standard_errors

HARDLY_LEAVE = marked(
    "no sign that customers stop buying for good: nearly everybody counts as alive, forecasts follow each one's own "
    "pace; use days since the last purchase, not P(alive), to spot lost customers"
)
ALL_LEAVE = marked(
    "in this log nobody who came back came back again: every repeat buyer counts as lost, which a log too short or too "
    "small says by chance; do not act on p_alive or clv before the log is longer"
)
OPEN = marked(
    "the log does not pin down every parameter (too short, too small or too uniform): forecasts are made and hold, "
    "but single parameters and their errors mean nothing; a longer log helps"
)

AT_ONCE = 99.0
"""a / b at which 99 in 100 customers leave after their first repeat purchase: the ridge opposite to a -> 0."""
VISIBLE = 2.0
"""A log-likelihood gain of dropout below this is no evidence of it: two parameters buy as much by chance."""


def outcome(name: str, parameters: tuple[str, ...], best: Optimum, gain: float, history: History) -> Fit:
    """The fit of a purchase model at its optimum. gain: that over the limit in which nobody leaves."""
    params = dict(zip(parameters, (float(v) for v in np.exp(best.theta)), strict=True))
    errors = dict(zip(parameters, standard_errors(best.theta, best.covariance), strict=True))
    repeats = float(history.weight @ history.x)
    unseen = gain < VISIBLE
    if best.covariance is None:
        at_once = params.get("a", 0.0) > AT_ONCE * params.get("b", 1.0)
        message = ALL_LEAVE if at_once else HARDLY_LEAVE if unseen else OPEN
        return Fit(name, params, errors, best.value, AT_BOUND, message, repeats=repeats)
    matrix = tuple(tuple(float(v) for v in row) for row in best.covariance)
    notices = (("dropout_not_visible", HARDLY_LEAVE),) if unseen else ()
    return Fit(name, params, errors, best.value, CONVERGED, "", matrix, notices, repeats)


def too_little(history: History) -> str | None:
    """Why no purchase model can be fitted, or None.

    There must be two customers, somebody who bought on two days, and time between the first purchase and as_of.
    """
    weight = history.weight
    if weight.sum() < 2:
        return marked("fewer than two customers: there is nothing to compare them with")
    if not (history.T > 0).any():
        return marked("all purchases fall on one day: a model of repeat purchases needs a longer log")
    if not (weight @ history.x) > 0:
        return marked("nobody has bought on two different days: there is no repeat purchase to learn from")
    return None
