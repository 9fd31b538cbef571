"""Customers of whom a record does not stand for itself (a return): all of their records, settled one by one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log import returns
from clvcli.log.collect import Collected
from clvcli.log.fates import Fates, Settling
from clvcli.log.plain_dates import A_DAY
from clvcli.log.reading import texts_of
from clvcli.log.records import Records
from clvcli.log.sums import Days, days_of_frame
from clvcli.log.text import Block

Rows = npt.NDArray[np.intp]
Read = Callable[[Block], Records]


@dataclass(frozen=True)
class Odd:
    """`records`: row (place among the records that are alive), who (from 0, in the order of the ids), day, stamp,
    amount, order and tie (hashes), the kept columns; `fate` of each: `reversed`, `return`, or null for used. `bought`:
    their purchases; `used`: used records by day; `dropped`, `negative_days` as in returns.Settled."""

    records: pl.DataFrame
    fate: pl.Series
    bought: Days
    used: Days
    worth: Mapping[str, int]
    negative_days: int
    kept: bool = False
    """Whether negative amounts are added up as they are."""

    def excluded(self) -> dict[str, int]:
        """Reason -> records."""
        return dict(self.fate.drop_nulls().value_counts(name="n").iter_rows())


def settle_odd(log: Settling, fates: Fates) -> Odd:
    """Settles the records of odd customers."""
    found, rows, returned = log.found, fates.odd, log.terms.options.returns
    day = fates.day[rows]
    order = pl.Series(_orders(found, rows))
    records = pl.DataFrame({
        "row": pl.Series(rows, dtype=pl.Int64), "who": pl.Series(fates.who[rows]) - 1,
        "day": pl.Series(day).cast(pl.Date), "stamp": _stamps(found, rows, day), "amount": fates.amount[rows],
        "order": pl.select(pl.when(order != 0).then(order)).to_series(), "tie": fates.tie, **_kept(log, rows),
    })  # fmt: skip
    placed = records.select("day", "stamp", "amount", "tie", customer="who", order=_ranks(found, records["order"]))
    settled = returns.settle(placed, returned)
    worth = {"reversed": settled.reversed, "netted": settled.netted, "unmatched": settled.unmatched}
    bought = settled.purchases.select(who="customer", day="day", amount="amount", lines=pl.lit(1))
    used = records.filter(settled.fate.is_null())
    by_day = used.group_by("who", "day").agg(pl.col("amount").cast(pl.Int64).sum(), lines=pl.len())
    return Odd(
        records,
        settled.fate,
        days_of_frame(bought),
        days_of_frame(by_day),
        worth,
        settled.negative_days,
        returned == "keep",
    )


def _stamps(found: Collected, rows: Rows, day: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """When the records at these ascending places were made."""
    stamps = day.astype(np.int64) * A_DAY
    for part, (low, high, of_block) in zip(found.stamp, _places(found, rows), strict=True):
        if part is not None:
            stamps[low:high] = part[of_block]
    return stamps


def _orders(found: Collected, rows: Rows) -> npt.NDArray[np.uint64]:
    """As Collected.order, of the records at these ascending places."""
    orders = np.zeros(rows.size, dtype=np.uint64)
    for part, (low, high, of_block) in zip(found.order, _places(found, rows), strict=True):
        if part is not None:
            orders[low:high] = part[of_block]
    return orders


def _ranks(found: Collected, orders: pl.Series) -> pl.Series:
    """The places of the texts of these hashes among each other."""
    if orders.null_count() == orders.len():
        return orders
    texts = pl.concat(found.orders).select("order", hash=pl.col("order").hash(seed=1))
    known = texts.filter(pl.col("hash").is_in(orders.implode())).unique("hash").sort("order").with_row_index("rank")
    ranks = orders.to_frame("hash").join(known, on="hash", how="left", maintain_order="left")["rank"]
    return ranks.cast(pl.UInt64)


def _kept(log: Settling, rows: Rows) -> dict[str, pl.Series]:
    """The kept columns of the records at these ascending places, as `kept 0`, ..."""
    if not log.keep:
        return {}
    names = {name: f"kept {i}" for i, name in enumerate(log.keep)}
    parts = [pl.DataFrame(schema=dict.fromkeys(names, pl.String))]
    for i, (low, high, of_block) in enumerate(_places(log.found, rows)):
        if low < high:
            frame = records_of_block(log.found, i, log.found.blocks[i], log.tables.read)[0]
            parts.append(texts_of(frame[of_block], names))
    return pl.concat(parts).rename(names).to_dict()


def _places(found: Collected, rows: Rows) -> Iterator[tuple[int, int, Rows]]:
    """Of each block which of the ascending rows are its own, from and to, and their places in it."""
    start = 0
    for who in found.who:
        low, high = np.searchsorted(rows, (start, start + who.size))
        yield int(low), int(high), rows[low:high] - start
        start += who.size


def records_of_block(found: Collected, i: int, block: Block, read: Read) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """The records of a block that are alive, and the lines on which they start; read again where they were let go."""
    held, alive = found.frames[i], found.alive[i]
    if held is None:
        again = read(block)
        held = (again.frame, again.lines)
    frame, lines = held
    if alive is None:
        return frame, lines
    return frame.filter(pl.Series(alive)), lines[alive]
