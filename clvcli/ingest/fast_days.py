"""Lines of a clean log summed by customer and day, as arrays: what the fast path hands on."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.ingest.duplicates import Identical
from clvcli.purchases import Purchases

Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Days:
    """Lines summed by customer and day, sorted by both: arrays of shape (days,).

    `ids`: the distinct customers as text, sorted, perhaps a null first; `who` indexes them. `day`: since 1970;
    `amount`: minor units. `zeros`: for each line with the amount 0 the place of its day. `open_lines`: lines whose last
    field is empty. `identical`: lines that stand there before, proved by their tails; where tails do not tell of all
    equal ones, `again` names the customers to look at.
    """

    ids: pl.Series
    who: Counts
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
        return (self.who == 0) if self.ids.head(1).null_count() else np.zeros(self.who.size, dtype=bool)

    def some(self, rows: Mask) -> "Days":
        """Those where `rows` holds. What is known of single lines (`zeros`, `open_lines`, `again`) stays as it is."""
        who = self.who[rows]
        fresh = np.append(True, who[1:] != who[:-1])[: who.size]
        ids, again = self.ids.gather(who[fresh]), np.cumsum(fresh, dtype=np.uint32) - np.uint32(1)
        return replace(self, ids=ids, who=again, day=self.day[rows], amount=self.amount[rows], lines=self.lines[rows])

    def frame(self) -> pl.DataFrame:
        """day, amount, lines."""
        return pl.DataFrame({"day": self._dates(), "amount": self.amount, "lines": self.lines})

    def purchases(self) -> Purchases:
        """One a day, of customers who are known."""
        start = np.append(self._starts, self.who.size)
        return Purchases(self.ids.alias("customer_id"), start, self._dates(), pl.Series(self.amount))

    def totals(self) -> pl.DataFrame:
        """customer, lines, amount."""
        if not self.who.size:
            return pl.DataFrame({"customer": self.ids, "lines": self.lines, "amount": self.amount})
        start = self._starts
        lines, amount = (np.add.reduceat(values, start, dtype=np.int64) for values in (self.lines, self.amount))
        return pl.DataFrame({"customer": self.ids, "lines": lines, "amount": amount})

    @cached_property
    def _starts(self) -> Ints:
        """The first day of each customer."""
        return np.flatnonzero(np.append(True, self.who[1:] != self.who[:-1])[: self.who.size])

    def _dates(self) -> pl.Series:
        return pl.Series(self.day.view(np.int32)).cast(pl.Date)
