"""Renewals on a schedule: most customers buy at steady intervals, as subscriptions are charged.

The default purchase model takes waits for random. On a schedule silence says more, and sooner.
"""

import numpy as np
import numpy.typing as npt

from clvcli.core.errors import Notice
from clvcli.core.marked import marked
from clvcli.log.purchases import Purchases

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
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
TIMED = ("auto", "bg-cnbd", "mbg-cnbd")
"""Models that see how steady waits are."""


def about_schedule(bought: Purchases, model: str | None) -> list[Notice]:
    """The warning, unless the `model` of the run looks at it."""
    found = None if model in TIMED else steady_customers(bought)
    if found is None:
        return []
    steady, looked_at, days = found
    months = max(1, round(days / MONTH))
    term = f" --term {months}" if abs(days - months * MONTH) <= MOST_DAYS else ""
    message = marked(
        "{share:.0%} of {n:,} customers with {fewest:d} purchases or more buy at regular intervals, mostly of {days:d} "
        "days, like renewals: the default model takes waits for random and often expects too much; --model auto sees "
        "the rhythm; for contracts {command}",
        share=steady, n=looked_at, fewest=FEWEST_PURCHASES, days=days, command=f"clv economics DATA{term}",
    )  # fmt: skip
    return [Notice("regular_intervals", message)]


def steady_customers(bought: Purchases) -> tuple[float, int, int] | None:
    """Share of the frequent customers who buy on schedule, how many were looked at, the median of their usual waits in
    days; None where they are few or most buy at random."""
    sizes = np.diff(bought.start)
    often = np.flatnonzero(sizes >= FEWEST_PURCHASES)
    if often.size < FEWEST_CUSTOMERS:
        return None
    looked_at = often[:: -(-often.size // MOST_CUSTOMERS)]
    usual, share = _rhythm(bought.day.to_physical().to_numpy(), bought.start[looked_at], sizes[looked_at] - 1)
    steady = (usual >= SHORTEST) & (share >= STEADY)
    if steady.sum() < MOST * steady.size:
        return None
    return float(steady.mean()), looked_at.size, round(float(np.median(usual[steady])))


def _rhythm(day: Days, start: Ints, waits: Ints) -> tuple[Floats, Floats]:
    """The usual wait of each customer, and the share of the waits that are about that long, (customers,). `start`: the
    place of each one's first day; `waits`: how many there are, one or more."""
    begin = np.cumsum(waits) - waits
    owner = np.repeat(np.arange(waits.size), waits)
    wait = np.diff(day)[np.arange(owner.size) + np.repeat(start - begin, waits)]
    ordered = wait[np.lexsort((wait, owner))]
    usual = (ordered[begin + (waits - 1) // 2] + ordered[begin + waits // 2]) / 2
    near = np.abs(wait - usual[owner]) <= np.clip(NEAR * usual, LEAST_DAYS, MOST_DAYS)[owner]
    return usual, np.add.reduceat(near, begin, dtype=np.intp) / waits
