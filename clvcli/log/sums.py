"""Records as whole numbers, summed by customer and day: one sort of one word a record.

A word holds who, the day and the amount; equal customers and days then stand together, in their order.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log.purchases import Purchases

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.uint32]

EPOCH = date(1970, 1, 1)
WORD_BITS = 64
CHUNK = 1 << 16
"""Records at a time: temporary arrays of all of them would be fresh memory, which costs more than the work on it."""


@dataclass(frozen=True)
class Days:
    """Records summed by customer and day, sorted by both: arrays of shape (days,).

    `who`: the customers' places among all ids, from 0, (customers,); `start`: the first day of each and the end,
    (customers + 1,). `day`: since 1970; `amount`: minor units; `lines`: how many records.
    """

    who: Counts
    start: Ints
    day: npt.NDArray[np.int32]
    amount: Ints
    lines: Counts

    def frame(self) -> pl.DataFrame:
        """Sums by customer and day: day, amount, lines."""
        return pl.DataFrame({"day": self.dates(), "amount": self.amount, "lines": self.lines})

    def dates(self) -> pl.Series:
        """The days as dates."""
        return pl.Series("day", self.day).cast(pl.Date)

    def purchases(self, ids: pl.Series) -> Purchases:
        """One a day. `ids`: all ids, ascending."""
        return Purchases(
            ids.gather(self.who).alias("customer_id"), self.start, self.dates(), pl.Series("amount", self.amount)
        )

    def totals(self, ids: pl.Series) -> pl.DataFrame:
        """Totals by customer: customer, lines, amount."""
        if not self.who.size:
            return pl.DataFrame(schema={"customer": pl.String, "lines": pl.Int64, "amount": pl.Int64})
        lines, amount = (
            np.add.reduceat(v.astype(np.int64, copy=False), self.start[:-1]) for v in (self.lines, self.amount)
        )
        return pl.DataFrame({"customer": ids.gather(self.who).alias("customer"), "lines": lines, "amount": amount})

    def beside(self, other: "Days") -> "Days":
        """Those of both, which have no customer in common; `other` is the smaller one."""
        if not other.who.size or not self.who.size:
            return self if self.who.size else other
        at = np.searchsorted(self.who, other.who)
        counts = np.diff(other.start)
        places = np.repeat(self.start[at], counts)
        day, amount, lines = (
            np.insert(getattr(self, name), places, getattr(other, name)) for name in ("day", "amount", "lines")
        )
        starts = np.insert(np.diff(self.start), at, counts)
        return Days(np.insert(self.who, at, other.who), np.append(0, np.cumsum(starts)), day, amount, lines)


def _of_sorted(whose: Counts, day: npt.NDArray[np.int32], amount: Ints, lines: Counts) -> Days:
    start = np.append(0, np.flatnonzero(whose[1:] != whose[:-1]) + 1) if whose.size else np.zeros(0, dtype=np.int64)
    ends = np.append(start, whose.size).astype(np.int64)
    return Days(whose[start].astype(np.uint32), ends, day, amount, lines)


def days_of_frame(frame: pl.DataFrame) -> Days:
    """From who, day, amount, lines: a row a day, in any order."""
    rows = frame.sort("who", "day")
    return _of_sorted(
        rows["who"].cast(pl.UInt32).to_numpy(), rows["day"].to_physical().cast(pl.Int32).to_numpy(),
        rows["amount"].cast(pl.Int64).to_numpy(), rows["lines"].cast(pl.UInt32).to_numpy(),
    )  # fmt: skip


def summed(who: Counts, day: npt.NDArray[np.int32], amount: Ints) -> Days:
    """The days of records whose amounts are not negative. `who`: places among all ids, from 0; (records,) each."""
    if not who.size:
        empty = np.zeros(0, dtype=np.uint32)
        return Days(empty, np.zeros(1, dtype=np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64), empty)
    low = int(day.min())
    day_bits, amount_bits = (int(day.max()) - low).bit_length(), int(amount.max()).bit_length()
    if int(who.max()).bit_length() + day_bits + amount_bits > WORD_BITS:
        return _by_columns(who, day, amount)
    key = np.empty(who.size, dtype=np.uint64)
    for start in range(0, who.size, CHUNK):
        rows = slice(start, start + CHUNK)
        part = key[rows]
        part[:] = who[rows]
        part <<= np.uint64(day_bits)
        part |= (day[rows] - low).astype(np.uint64)
        part <<= np.uint64(amount_bits)
        part |= amount[rows].astype(np.uint64)
    key.sort()
    return _run_sums(key, low, np.uint64(day_bits), np.uint64(amount_bits))


def _run_sums(key: Words, low: int, day_bits: np.uint64, amount_bits: np.uint64) -> Days:
    """Sums of the runs of sorted words, some at a time."""
    start = _turns(key, amount_bits)
    mask = np.uint64((1 << int(amount_bits)) - 1)
    first = key[start]
    ends = np.append(start, key.size)
    amount = np.empty(start.size, dtype=np.int64)
    for i in range(0, start.size, CHUNK):
        begin, stop = int(ends[i]), int(ends[min(i + CHUNK, start.size)])
        paid = (key[begin:stop] & mask).view(np.int64)
        np.add.reduceat(paid, start[i : i + CHUNK].astype(np.intp) - begin, out=amount[i : i + CHUNK])
    whose = (first >> (amount_bits + day_bits)).astype(np.uint32)
    day = ((first >> amount_bits) & np.uint64((1 << int(day_bits)) - 1)).astype(np.int32)
    day += np.int32(low)
    return _of_sorted(whose, day, amount, np.diff(ends).astype(np.uint32))


def _turns(key: Words, shift: np.uint64) -> Counts:
    """Where a new customer or day begins in sorted words."""
    found = [np.zeros(1, dtype=np.uint32)]
    for begin in range(0, key.size - 1, CHUNK):
        stop = min(begin + CHUNK, key.size - 1)
        step = (key[begin + 1 : stop + 1] ^ key[begin:stop]) >> shift
        found.append((np.flatnonzero(step) + (begin + 1)).astype(np.uint32))
    return np.concatenate(found)


def _by_columns(who: Counts, day: npt.NDArray[np.int32], amount: Ints) -> Days:
    """Where the ranges of a record do not fit into 64 bits: ten times as slow."""
    order = np.lexsort((day, who))
    who, day, amount = who[order], day[order], amount[order]
    fresh = np.append(True, (who[1:] != who[:-1]) | (day[1:] != day[:-1]))
    start = np.flatnonzero(fresh)
    lines = np.diff(np.append(start, who.size)).astype(np.uint32)
    return _of_sorted(who[start], day[start], np.add.reduceat(amount, start), lines)
