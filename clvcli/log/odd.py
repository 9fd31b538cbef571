"""Customers of whom a record does not stand for itself (a return): all of their records, settled one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log import returns
from clvcli.log.collect import Collected
from clvcli.log.judge import Terms
from clvcli.log.plain_dates import A_DAY
from clvcli.log.reading import texts_of
from clvcli.log.records import Records
from clvcli.log.sums import Days, days_of_frame
from clvcli.log.text import Block

Rows = npt.NDArray[np.intp]
Read = Callable[[Block], Records]


@dataclass(frozen=True)
class Odd:
    """`records`: row (place among the records that are alive), who, customer, day, stamp, amount, order of records that
    were handed in; `fate` of each: `reversed`, `return`, or null for used. `bought`: their purchases; `used`: used
    records by day; `dropped`, `negative_days` as in returns.Settled."""

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


def settle_odd(
    found: Collected, rows: Rows, who: npt.NDArray[np.uint32], day: npt.NDArray[np.int32],
    amount: npt.NDArray[np.int64], terms: Terms, read: Read, keep: tuple[str, ...],
) -> Odd:  # fmt: skip
    """Settles the records at these places. `who`, `day`, `amount`: of each, the customer from 1 in the order of the
    ids; `keep`: columns to carry along, as `kept 0`, ..."""
    known = pl.DataFrame({
        "row": pl.Series(rows, dtype=pl.Int64), "who": pl.Series(who) - 1, "day": pl.Series(day).cast(pl.Date),
        "stamp": _stamps(found, rows, day), "amount": amount,
    })  # fmt: skip
    parts = _of_blocks(found, rows, terms, read, keep)
    records = pl.concat([known, pl.concat(parts) if parts else _nobody(keep)], how="horizontal")
    settled = returns.settle(records.drop("row").with_columns(customer="who"), terms.options.returns)
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
        terms.options.returns == "keep",
    )


def _nobody(keep: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(["order", "tie", *(f"kept {i}" for i in range(len(keep)))], pl.String))


def _stamps(found: Collected, rows: Rows, day: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """When the records at these ascending places were made."""
    stamps, start = day.astype(np.int64) * A_DAY, 0
    for part, who in zip(found.stamp, found.who, strict=True):
        low, high = np.searchsorted(rows, (start, start + who.size))
        if part is not None:
            stamps[low:high] = part[rows[low:high] - start]
        start += who.size
    return stamps


def _of_blocks(found: Collected, rows: Rows, terms: Terms, read: Read, keep: tuple[str, ...]) -> list[pl.DataFrame]:
    """order, tie and the kept columns of the records at these ascending places."""
    parts: list[pl.DataFrame] = []
    start = 0
    for i, block in enumerate(found.blocks):
        count = found.who[i].size
        low, high = np.searchsorted(rows, (start, start + count))
        if low < high:
            frame = records_of_block(found, i, block, read)[0][rows[low:high] - start]
            whole = texts_of(frame, frame.columns).select(pl.concat_str(pl.all().fill_null(""), separator="\x1f"))
            order = terms.of(block.file).order_of(frame)
            kept = {f"kept {i}": texts_of(frame, [n]).to_series() for i, n in enumerate(keep)}
            parts.append(pl.DataFrame({"order": order, "tie": whole.to_series(), **kept}))
        start += count
    return parts


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
