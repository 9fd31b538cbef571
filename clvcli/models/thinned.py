"""Every k-th customer of distinct weighted rows: as mixed as all of them, the same every time."""

from dataclasses import replace

import numpy as np

from clvcli.models.base import Array, History, Spending

SAMPLE = 10_000
"""Customers of the refit at most."""


def thinned(history: History, at_most: int = SAMPLE) -> History:
    """Every k-th customer of the sorted histories, so many at most: as mixed as all of them, the same every time."""
    kept = _kept(history.weight, at_most)
    rows = kept > 0
    extra = {name: column[rows] for name, column in history.extra.items()}
    return History(history.x[rows], history.t_x[rows], history.T[rows], kept[rows], extra)


def thinned_spending(spending: Spending) -> Spending:
    """The same of (n, mean)."""
    kept = _kept(spending.weight, SAMPLE)
    rows = kept > 0
    return replace(spending.take(rows), weight=kept[rows])


def _kept(weight: Array, at_most: int) -> Array:
    """Count the customers of each row that are among every k-th."""
    step = max(1.0, np.ceil(weight.sum() / at_most))
    kept: Array = np.diff(np.floor(np.cumsum(weight) / step), prepend=0.0)
    return kept
