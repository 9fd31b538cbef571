"""The purchases of a log: one per customer and day, in the order of both, each customer's id held once.

Most steps need the days, the amounts and where each customer begins. A column of ids beside every purchase is made
only for those that ask for the frame: on ten million rows it is 120 MB and a twentieth of the time.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
COLUMNS = ("customer_id", "day", "amount")


@dataclass(frozen=True)
class Purchases:
    """ids: distinct, ascending, shape (customers,); start: first purchase of each and the end, (customers + 1,);
    day (Date) and amount (Int64, minor units >= 0) of every purchase, (purchases,)."""

    ids: pl.Series
    start: Ints
    day: pl.Series
    amount: pl.Series

    @staticmethod
    def of(frame: pl.DataFrame) -> "Purchases":
        """From the columns customer_id, day, amount, sorted by the first two."""
        ids = frame["customer_id"]
        if not ids.len():
            return Purchases(ids, np.zeros(1, dtype=np.int64), frame["day"], frame["amount"])
        start = np.append(0, (ids[1:] != ids[:-1]).arg_true().to_numpy() + 1).astype(np.int64)
        found = Purchases(ids.gather(start), np.append(start, ids.len()), frame["day"], frame["amount"])
        found.__dict__["frame"] = frame.select(COLUMNS)
        return found

    @staticmethod
    def none() -> "Purchases":
        """Purchases without any row."""
        return Purchases.of(pl.DataFrame(schema={"customer_id": pl.String, "day": pl.Date, "amount": pl.Int64}))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Purchases as a frame: customer_id, day, amount."""
        return pl.DataFrame(dict(zip(COLUMNS, (self._each(self.ids), self.day, self.amount), strict=True)))

    @property
    def amounts(self) -> pl.DataFrame:
        """day, amount: the frame for those who do not ask whose they are."""
        return pl.DataFrame({"day": self.day, "amount": self.amount})

    @property
    def height(self) -> int:
        """Number of purchases."""
        return self.day.len()

    def until(self, last: date) -> "Purchases":
        """Those up to a day."""
        return Purchases.of(self.frame.filter(pl.col("day") <= last))

    def some(self, customers: Ints) -> pl.DataFrame:
        """The frame of the customers at these places, ascending."""
        counts = np.diff(self.start)[customers]
        rows = np.repeat(self.start[customers] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        ids = self.ids.gather(np.repeat(customers, counts))
        return pl.DataFrame({"customer_id": ids, "day": self.day.gather(rows), "amount": self.amount.gather(rows)})

    def _each(self, values: pl.Series) -> pl.Series:
        return values.gather(np.repeat(np.arange(values.len(), dtype=np.uint32), np.diff(self.start)))
