"""Fates that need more than one record: duplicates, late ones, those of nobody; and who has a return."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import Notice
from clvcli.log.collect import Collected
from clvcli.log.columns import Role
from clvcli.log.customers import Settled
from clvcli.log.duplicates import Identical, RepeatedPairs, find_repeated_pairs
from clvcli.log.judge import Terms
from clvcli.log.overlaps import about_overlaps, about_payments_of_orders, earlier_versions
from clvcli.log.parts import Part, kind_of_files
from clvcli.log.proofs import Proved
from clvcli.log.same import repeated
from clvcli.log.sums import EPOCH
from clvcli.log.tables import Tables

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Settling:
    """A log of which every record was judged. `keep`, `lines`, `examples`: see read_log; `parts`: its kinds of
    files."""

    tables: Tables
    terms: Terms
    found: Collected
    proved: Proved
    notices: tuple[Notice, ...]
    keep: tuple[str, ...]
    lines: Mapping[str, Role] | None
    examples: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Fates:
    """Of the records that are alive, (records,): `who`: from 1, 0 for nobody; `used`: not yet those of odd customers
    whom returns take out; `odd`: records of odd customers, `tie`: the hashes of these. `late`, `nobody`, `twice`: which
    are those."""

    who: npt.NDArray[np.uint32]
    day: npt.NDArray[np.int32]
    amount: npt.NDArray[np.int64]
    twice: Rows
    late: Mask
    nobody: Mask
    plain: Mask
    odd: Rows
    tie: npt.NDArray[np.uint64]
    identical: Identical
    repeated_pairs: RepeatedPairs | None
    overlap: tuple[Notice, ...] = ()


def fates_of(log: Settling, people: Settled, as_of: date) -> Fates:
    """Duplicates, late records, those of nobody; who has a return among the others."""
    found, options = log.found, log.terms.options
    who = people.rank[np.concatenate(found.who)] if found.who else np.zeros(0, dtype=np.uint32)
    day, amount = np.concatenate(found.day), np.concatenate(found.amount)
    line = np.concatenate(found.line)
    same = repeated(line, amount)
    ends = np.cumsum([part.size for part in found.who]).astype(np.intp)
    names = [table.name for table in log.tables.tables]
    overlap: list[Notice] = []
    found.line.clear()
    line = line if found.negative else line[:0]
    found.day.clear()
    found.amount.clear()
    used = np.ones(who.size, dtype=bool)
    twice = same.rows if options.duplicates == "drop" else np.zeros(0, dtype=np.intp)
    used[twice] = False
    pairs = None
    if found.versions:
        rows, overlap = earlier_versions(pl.concat(found.versions), names)
        used[rows] = False
        twice = np.union1d(twice, rows).astype(np.intp)
    elif not found.orders:
        overlap = about_overlaps(same.rows, ends, [b.file for b in found.blocks], names, log.tables.columns)
    if len(log.parts) > 1:
        kinds = kind_of_files(log.parts)
        sizes = np.diff(ends, prepend=0)
        kind = np.repeat(np.array([kinds[block.file] for block in found.blocks], dtype=np.uint32), sizes)
        rows_of_all = pl.DataFrame({"who": who, "day": day, "amount": amount, "kind": kind})
        overlap += about_payments_of_orders(rows_of_all.filter(pl.Series(used)), [p.tables.name for p in log.parts])
    if found.pairs:
        pairs, rows = _repeated_pairs(found, used, people)
        used[rows] = False
        twice = np.sort(np.concatenate([twice, rows]))
    none = np.zeros(who.size, dtype=bool)
    late = used & (day > (as_of - EPOCH).days) if found.last is not None and found.last > as_of else none
    nobody = used & ~late & (who == 0) if who.size and not who.min() else none
    if late.any() or nobody.any():
        used &= ~late & ~nobody
    odd_rows = np.zeros(0, dtype=np.intp)
    backward = used & (amount < 0) if found.negative else none
    if backward.any():
        odd = np.zeros(people.ids.len() + 1, dtype=bool)
        odd[who[backward]] = True
        odd_rows = np.flatnonzero(used & odd[who])
        used[odd_rows] = False
    tie = line[odd_rows]
    return Fates(who, day, amount, twice, late, nobody, used, odd_rows, tie, same.identical, pairs, tuple(overlap))


def _repeated_pairs(found: Collected, alive: Mask, people: Settled) -> tuple[RepeatedPairs, Rows]:
    """The repeated pairs of order and line, and the places of the records that are dropped for it."""
    rows = pl.concat(found.pairs)
    rows = rows.filter(pl.Series(alive[rows["row"].to_numpy()]))
    rank = people.rank[rows["who"].to_numpy()]
    customer = pl.select(pl.when(pl.Series(rank) > 0).then(pl.Series(rank))).to_series()
    pairs = find_repeated_pairs(
        rows["order"], rows["line"], rows.select("day", "stamp", customer=customer, amount="amount")
    )
    return pairs, rows["row"].filter(pairs.repeated).to_numpy().astype(np.intp)
