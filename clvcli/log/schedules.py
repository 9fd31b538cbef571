"""Renewals on a schedule: most customers buy at steady intervals, as subscriptions are charged.

The default purchase model takes waits for random. On a schedule silence says more, and sooner.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from clvcli.core.errors import Notice
from clvcli.log.purchases import Purchases

Ints = npt.NDArray[np.int64]
FEWEST_CUSTOMERS, FEWEST_PURCHASES = 50, 3
MOST_CUSTOMERS = 20_000
"""So many, evenly drawn, tell."""
SHORTEST = 5
"""Days; shorter waits are all alike."""
NEAR, LEAST_DAYS, MOST_DAYS = 0.1, 1, 5
"""A wait is on schedule when it is so near the customer's usual one."""
STEADY, MOST = 0.75, 0.5
"""Part of the waits of a customer on schedule, and of the customers; of customers who buy at random it is a tenth."""
MONTH = 365.25 / 12
TIMED = ("auto", "mbg-cnbd")
"""Models that see how steady waits are."""


def about_schedule(bought: Purchases, model: str | None) -> list[Notice]:
    """The warning, unless the `model` of the run looks at it."""
    found = None if model in TIMED else steady_customers(bought)
    if found is None:
        return []
    steady, looked_at, days = found
    message = (
        f"{steady:.0%} of {looked_at:,} customers with {FEWEST_PURCHASES} purchases or more buy at regular intervals, "
        f"mostly of {days} days, like renewals: the default model takes waits for random and often expects too much"
    )
    months = max(1, round(days / MONTH))
    term = f" --term {months}" if abs(days - months * MONTH) <= MOST_DAYS else ""
    cure = f"--model auto sees the rhythm; for contracts clv economics DATA{term}"
    return [Notice("regular_intervals", f"{message}; {cure}")]


def steady_customers(bought: Purchases) -> tuple[float, int, int] | None:
    """Share of the frequent customers who buy on schedule, how many were looked at, the median of their usual waits in
    days; None where they are few or most buy at random."""
    sizes = np.diff(bought.start)
    often = np.flatnonzero(sizes >= FEWEST_PURCHASES)
    if often.size < FEWEST_CUSTOMERS:
        return None
    day = bought.day.to_physical().to_numpy()
    looked_at = often[:: -(-often.size // MOST_CUSTOMERS)]
    usual = [_steady(np.diff(day[bought.start[i] : bought.start[i + 1]])) for i in looked_at]
    steady = [wait for wait in usual if wait is not None]
    if len(steady) < MOST * len(usual):
        return None
    return len(steady) / len(usual), looked_at.size, round(float(np.median(steady)))


def _steady(waits: Sequence[int] | Ints) -> float | None:
    """The usual wait of a customer, where his waits are mostly that long."""
    usual = float(np.median(waits))
    allowed = min(max(NEAR * usual, LEAST_DAYS), MOST_DAYS)
    near = np.abs(np.asarray(waits) - usual) <= allowed
    return usual if usual >= SHORTEST and float(near.mean()) >= STEADY else None
