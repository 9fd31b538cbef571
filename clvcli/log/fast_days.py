"""Lines of a clean log summed by customer and day, as arrays: what the fast path hands on."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log.duplicates import Identical
from clvcli.log.purchases import Purchases

Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)


BLOCK = 1 << 14
"""Customers at a time."""


@dataclass(frozen=True)
class Days:
    """Lines summed by customer and day, sorted by both: arrays of shape (days,).

    `ids`: the distinct customers as text, sorted, perhaps a null first; `start`: the first day of each, (customers,).
    `day`: since 1970; `amount`: minor units. `zeros`: for each line with the amount 0 the place of its day.
    `open_lines`: lines whose last field is empty. `identical`: lines that stand there before, proved by their tails;
    where tails do not tell of all equal ones, `again` names the customers to look at.
    """

    ids: pl.Series
    start: Ints
    day: Counts
    amount: Ints
    lines: Counts
    zeros: Ints
    open_lines: int
    again: pl.Series
    identical: Identical

    def after(self, day: date) -> Mask:
        """Which lie after a day."""
        return self.day > np.int64((day - EPOCH).days)

    def nobody(self) -> Mask:
        """Which are those of lines without a customer."""
        found = np.zeros(self.day.size, dtype=bool)
        if self.ids.head(1).null_count():
            found[: self._ends[1]] = True
        return found

    def some(self, rows: Mask) -> "Days":
        """Those where `rows` holds. What is known of single lines (`zeros`, `open_lines`, `again`) stays as it is."""
        kept = np.diff(np.append(0, np.cumsum(rows))[self._ends])
        there = np.flatnonzero(kept)
        start = (np.cumsum(kept) - kept)[there]
        ids = self.ids.gather(there)
        return replace(self, ids=ids, start=start, day=self.day[rows], amount=self.amount[rows], lines=self.lines[rows])

    def frame(self) -> pl.DataFrame:
        """day, amount, lines."""
        return pl.DataFrame({"day": self._dates(), "amount": self.amount, "lines": self.lines})

    def purchases(self) -> Purchases:
        """One a day, of customers who are known."""
        return Purchases(self.ids.alias("customer_id"), self._ends, self._dates(), pl.Series(self.amount))

    def totals(self) -> pl.DataFrame:
        """customer, lines, amount."""
        lines, amount = (self._sums(values) for values in (self.lines, self.amount))
        return pl.DataFrame({"customer": self.ids, "lines": lines, "amount": amount})

    @property
    def _ends(self) -> Ints:
        """`start` and the end of the last."""
        return np.append(self.start, self.day.size)

    def _sums(self, values: Counts | Ints) -> Ints:
        """By customer."""
        sums, ends = np.empty(self.start.size, dtype=np.int64), self._ends
        for first in range(0, sums.size, BLOCK):
            start = ends[first : first + BLOCK + 1]
            part = values[start[0] : start[-1]].astype(np.int64, copy=False)
            np.add.reduceat(part, start[:-1] - start[0], out=sums[first : first + BLOCK])
        return sums

    def _dates(self) -> pl.Series:
        return pl.Series(self.day.view(np.int32)).cast(pl.Date)
