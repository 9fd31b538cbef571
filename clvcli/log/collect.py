"""What is kept of judged records until the whole log has been read: some numbers a record, and counts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log import ids
from clvcli.log.customers import Customers
from clvcli.log.judge import Judged
from clvcli.log.plain_dates import A_DAY
from clvcli.log.reading import Seen
from clvcli.log.records import Broken, Records
from clvcli.log.statuses import together
from clvcli.log.text import Block
from clvcli.log.totals import added

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
FEW = 3
SMALL = 1 << 26
"""Bytes of records that are kept as they are where some are looked at again."""


@dataclass(frozen=True)
class Wanted:
    """What else is wanted of the records: columns to `keep` of each customer's first day, texts of `lines` of every
    record, the `orders` of each customer, `pairs` of order and line; `late`: the day after which nothing is kept;
    `files`: in which file each order stands; `again`: whether records are looked at once more."""

    keep: tuple[str, ...] = ()
    orders: bool = False
    pairs: bool = False
    late: date | None = None
    files: bool = False
    again: bool = False


@dataclass
class Collected:
    """Arrays of a block each, of the records that are alive, in the order of the files: `who` (numbers of Customers),
    `day` (since 1970), `amount` (minor units), `stamp` (as in Reading; None where none has a time of day), `line` (a
    hash of the whole record), `order` (a hash of its order, 0 for none; None where none has one). `blocks`: where
    those stand; `alive`: which records of the block, None for all. The
    counts are of all records."""

    customers: Customers = field(default_factory=Customers)
    blocks: list[Block] = field(default_factory=list)
    frames: list[tuple[pl.DataFrame, Ints] | None] = field(default_factory=list)
    alive: list[npt.NDArray[np.bool_] | None] = field(default_factory=list)
    who: list[npt.NDArray[np.uint32]] = field(default_factory=list)
    day: list[npt.NDArray[np.int32]] = field(default_factory=list)
    amount: list[Ints] = field(default_factory=list)
    stamp: list[Ints | None] = field(default_factory=list)
    line: list[Hashes] = field(default_factory=list)
    order: list[Hashes | None] = field(default_factory=list)
    rounded: list[npt.NDArray[np.intp]] = field(default_factory=list)
    kept: list[pl.DataFrame] = field(default_factory=list)
    orders: list[pl.DataFrame] = field(default_factory=list)
    pairs: list[pl.DataFrame] = field(default_factory=list)
    versions: list[pl.DataFrame] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    seen_of: dict[int, Seen] = field(default_factory=dict)
    """Of each file what its texts prove."""
    currencies: dict[str, "Counter[str | None]"] = field(default_factory=dict)
    statuses: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    files: dict[str, list[object]] = field(default_factory=dict)
    records: "Counter[int]" = field(default_factory=Counter)
    broken: dict[int, list[Broken]] = field(default_factory=dict)
    """Of each file that has no other records."""
    read: int = 0
    left_out: int = 0
    left_out_first: list[tuple[str, int, str | None, object, int | None]] = field(default_factory=list)
    """File, line, customer, day and amount of the first records that --where leaves out."""
    negative: int = 0
    positive: int = 0
    first: date | None = None
    last: date | None = None
    height: int = 0
    held: int = 0

    @property
    def seen(self) -> Seen:
        """What the texts of all files prove."""
        whole: Seen = Counter()
        for part in self.seen_of.values():
            whole.update(part)
        return whole

    def add(self, block: Block, found: Records, judged: Judged, name: str, wanted: Wanted) -> None:
        """Adds a block, in the order of the files."""
        frame, reading, alive = found.frame, judged.reading, judged.alive
        whole = bool(alive.all())
        codes = self.customers.codes(reading.customer)
        day, amount = reading.day.to_physical().fill_null(0).to_numpy(), reading.amount.fill_null(0).to_numpy()
        line, stamp = frame.hash_rows(seed=1).to_numpy(), reading.stamp.fill_null(0).to_numpy()
        if not whole:
            codes, day, amount, line, stamp = codes[alive], day[alive], amount[alive], line[alive], stamp[alive]
        self.who.append(codes)
        self.day.append(day)
        self.amount.append(amount)
        self.stamp.append(stamp if (stamp != day.astype(np.int64) * A_DAY).any() else None)
        self.line.append(line)
        self.order.append(None if reading.order is None else _hashes(reading.order.filter(pl.Series(alive))))
        self.blocks.append(block.without_text())
        self.alive.append(None if whole else alive)
        self._hold(frame, found.lines, again=wanted.again)
        if reading.rounded is not None and reading.rounded.any():
            hit = reading.rounded.to_numpy() if whole else reading.rounded.to_numpy()[alive]
            self.rounded.append(np.flatnonzero(hit) + self.height)
        self._more(frame, judged, codes, wanted, block.file)
        self._count(block, found, judged, name)
        self.height += codes.size

    def _hold(self, frame: pl.DataFrame, lines: Ints, *, again: bool) -> None:
        """Keeps the records of a small log as they are, where they are looked at again."""
        self.held += int(frame.estimated_size()) if again else 0
        if not again or self.held > SMALL:
            self.frames = [None] * len(self.blocks)
        else:
            self.frames.append((frame, lines))

    def _more(
        self, frame: pl.DataFrame, judged: Judged, codes: npt.NDArray[np.uint32], wanted: Wanted, file: int
    ) -> None:
        reading, alive = judged.reading, pl.Series(judged.alive)
        if wanted.files and reading.order is not None:
            spot = pl.int_range(codes.size, eager=True) + self.height
            one = pl.DataFrame({"order": reading.order.filter(alive), "who": codes, "day": reading.day.filter(alive)})
            self.versions.append(one.with_columns(file=pl.lit(file), row=spot).drop_nulls("order"))
        base = pl.DataFrame({"who": codes, "day": reading.day.filter(alive)})
        if wanted.keep:
            kept = {f"kept {i}": _text(frame[name]).filter(alive) for i, name in enumerate(wanted.keep)}
            rows = base.with_columns(**kept, row=pl.int_range(codes.size) + self.height)
            rows = rows if wanted.late is None else rows.filter(pl.col("day") <= wanted.late)
            if wanted.pairs:  # some of these may be dropped
                self.kept.append(rows)
            else:
                first = rows.filter(pl.col("day") == pl.col("day").min().over("who"))
                self.kept.append(first.group_by("who", "day").agg(pl.col(*kept).min()))
        if wanted.orders and reading.order is not None:
            place = pl.int_range(codes.size) + self.height
            rows = base.with_columns(order=reading.order.filter(alive), row=place).drop_nulls("order")
            rows = rows if wanted.late is None else rows.filter(pl.col("day") <= wanted.late)
            # Lines of an order stand together; with pairs some of them may be dropped.
            self.orders.append(rows if wanted.pairs else without_runs(rows).drop("row"))
        if wanted.pairs and reading.order is not None and reading.line is not None:
            rows = base.with_columns(
                order=reading.order.filter(alive), line=reading.line.filter(alive), stamp=reading.stamp.filter(alive),
                amount=reading.amount.filter(alive), row=pl.int_range(codes.size) + self.height,
            )  # fmt: skip
            self.pairs.append(rows.drop_nulls(["order", "line"]))

    def _count(self, block: Block, found: Records, judged: Judged, name: str) -> None:
        self.read += found.frame.height + len(found.broken)
        self.records[block.file] += found.frame.height + len(found.broken)
        self.left_out += int(judged.left_out.sum())
        if len(self.left_out_first) < FEW:
            customers = ids.clean(judged.reading.customer).values if judged.left_out.any() else judged.reading.customer
            for row in np.flatnonzero(judged.left_out)[:FEW].tolist():
                reading = judged.reading
                told = (name, int(found.lines[row]), customers[row], reading.day[row], reading.amount[row])
                self.left_out_first.append(told)
        self.negative, self.positive = self.negative + judged.signs[0], self.positive + judged.signs[1]
        self.seen_of.setdefault(block.file, Counter()).update(judged.seen)
        self.statuses = together([self.statuses, judged.statuses])
        for column, counted in judged.currencies.items():
            self.currencies.setdefault(column, Counter()).update(counted)
        if judged.first is not None and judged.last is not None:
            self.first = min(self.first or judged.first, judged.first)
            self.last = max(self.last or judged.last, judged.last)
        part = {name: [*judged.dated, list(judged.tail), [list(one) for one in judged.totals]]}
        self.files = added([self.files, part])
        if found.frame.height:
            self.broken.pop(block.file, None)
        elif self.records[block.file] == len(found.broken) + len(self.broken.get(block.file, [])):
            self.broken.setdefault(block.file, []).extend(found.broken)
        broken = [(name, b.line, "", b.value, b.reason) for b in found.broken]
        if judged.rejects.height or broken:
            listed = pl.DataFrame(broken, schema=judged.rejects.schema, orient="row")
            self.rejects.append(pl.concat([judged.rejects, listed]).sort("line", maintain_order=True))


def without_runs(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows whose order, customer or day is not that of the row before."""
    other = (pl.col(name).ne_missing(pl.col(name).shift()) for name in ("order", "who", "day"))
    return rows.filter(pl.any_horizontal(*other) | (pl.int_range(pl.len()) == 0))


def _hashes(orders: pl.Series) -> Hashes:
    """0 for a record without an order."""
    hashes = orders.hash(seed=1)
    return pl.select(pl.when(orders.is_not_null()).then(hashes).otherwise(0)).to_series().to_numpy()


def _text(column: pl.Series) -> pl.Series:
    from clvcli.log.plain_amounts import text_of_typed

    return column if column.dtype == pl.String else text_of_typed(column)
