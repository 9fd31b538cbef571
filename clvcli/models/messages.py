"""What a status of a fit means, in words a marketer understands, and when there is too little to fit at all."""

from clvcli.models.base import History

HARDLY_LEAVE = (
    "no sign that customers stop buying for good: everybody counts as alive, and forecasts follow each one's own pace; "
    "use days since the last purchase, not P(alive), to spot lost customers"
)
OPEN = (
    "the log does not pin down every parameter (too short, too small or too uniform): forecasts are made and hold, "
    "but single parameters and their errors mean nothing; a longer log helps"
)


def too_little(history: History) -> str | None:
    """Why no purchase model can be fitted, or None.

    There must be two customers, somebody who bought on two days, and time between the first purchase and as_of.
    """
    weight = history.weight
    if weight.sum() < 2:
        return "fewer than two customers: there is nothing to compare them with"
    if not (history.T > 0).any():
        return "all purchases fall on one day: a model of repeat purchases needs a longer log"
    if not (weight @ history.x) > 0:
        return "nobody has bought on two different days: there is no repeat purchase to learn from"
    return None
