"""Customer ids as small numbers, given out in the order in which they are met: a dictionary that takes arrays.

Ids are told apart by one hash of 64 bits and by the place that another one gives them: that two of ten million ids
share both has a chance of 1e-13.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log import ids

Words = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint32]
SEEDS = (0x5EED, 0xC0DE)
FIRST_SLOTS = 1 << 16
CHUNK = 1 << 14
"""Texts looked up at a time: what is held of them stays near the processor."""
NOBODY = 0
"""The number of all spellings of no customer."""


class Customers:
    """Ids as written -> numbers from 1; 0 for no id. Not safe for threads."""

    def __init__(self) -> None:
        self._slots = FIRST_SLOTS
        self._table = np.zeros(FIRST_SLOTS, dtype=np.uint32)
        self._first = np.zeros(1, dtype=np.uint64)
        self._second = np.zeros(1, dtype=np.uint64)
        self._blanks = np.zeros(1, dtype=bool)
        self._texts: list[pl.Series] = []
        self._count = 1
        self.trimmed = 0
        """Records so far whose id has blanks at its ends."""

    def __len__(self) -> int:
        return self._count

    def codes(self, texts: pl.Series) -> Codes:
        """The number of each text, (records,)."""
        first, second = (texts.hash(seed).to_numpy() for seed in SEEDS)
        found = np.empty(first.size, dtype=np.uint32)
        for start in range(0, first.size, CHUNK):
            rows = slice(start, start + CHUNK)
            found[rows] = self._look_up(first[rows], second[rows])
        if texts.null_count():
            found[texts.is_null().to_numpy()] = NOBODY
            new = np.flatnonzero((found == 0) & texts.is_not_null().to_numpy())
        else:
            new = np.flatnonzero(found == 0)
        if new.size:
            found[new] = self._add(texts, first, second, new)
        if self._blanks[0]:
            self.trimmed += int(self._blanks.take(found).sum()) - int((found == NOBODY).sum())
        return found

    def _look_up(self, first: Words, second: Words) -> Codes:
        """Numbers of those that are known, else 0."""
        mask = np.uint64(self._slots - 1)
        place = (first & mask).astype(np.intp)
        found = self._table.take(place)
        wrong = np.flatnonzero((self._second.take(found) != second) & (found != 0))
        while wrong.size:
            place[wrong] = (place[wrong] + 1) & int(mask)
            code = self._table[place[wrong]]
            found[wrong] = code
            wrong = wrong[(code != 0) & (self._second[code] != second[wrong])]
        return found

    def _add(self, texts: pl.Series, first: Words, second: Words, new: npt.NDArray[np.intp]) -> Codes:
        """Numbers for texts that are not known; equal ones get the same."""
        order = np.argsort(first[new], kind="stable")
        one, two = first[new][order], second[new][order]
        fresh = np.append(True, (one[1:] != one[:-1]) | (two[1:] != two[:-1]))
        runs = np.flatnonzero(fresh)
        if runs.size > 1 and (one[runs][1:] == one[runs][:-1]).any():  # two ids share the first hash: by both
            order = np.lexsort((second[new], first[new]))
            one, two = first[new][order], second[new][order]
            fresh = np.append(True, (one[1:] != one[:-1]) | (two[1:] != two[:-1]))
            runs = np.flatnonzero(fresh)
        given = (self._count + np.cumsum(fresh) - 1).astype(np.uint32)
        fresh_texts = texts.gather(new[order[runs]])
        bare = fresh_texts.str.strip_chars(ids.BLANKS)
        blanks = ((bare != fresh_texts) & (bare != "")).to_numpy()
        self._texts.append(fresh_texts)
        self._blanks = np.append(self._blanks, blanks)
        self._blanks[0] |= bool(blanks.any())  # whether there are any: nobody has none
        self._first = _grown(self._first, self._count, one[runs])
        self._second = _grown(self._second, self._count, two[runs])
        before, self._count = self._count, self._count + runs.size
        if 3 * self._count > self._slots:
            while 3 * self._count > self._slots:
                self._slots *= 4
            self._table = np.zeros(self._slots, dtype=np.uint32)
            before = 1
        self._enter(before)
        found = np.empty(new.size, dtype=np.uint32)
        found[order] = given
        return found

    def _enter(self, start: int) -> None:
        """Puts the numbers from `start` on into the table."""
        mask = self._slots - 1
        codes = np.arange(start, self._count, dtype=np.uint32)
        place = (self._first[start : self._count] & np.uint64(mask)).astype(np.intp)
        while codes.size:
            free = self._table[place] == 0
            self._table[place[free]] = codes[free]
            left = self._table[place] != codes
            codes, place = codes[left], (place[left] + 1) & mask

    def texts(self) -> pl.Series:
        """The ids as written, in the order of their numbers, null for 0."""
        return pl.concat([pl.Series("customer", [None], dtype=pl.String), *(t.alias("customer") for t in self._texts)])

    def settled(self) -> "Settled":
        """Who is who, once all ids are known."""
        return Settled.of(self.texts())


def _grown(held: Words, count: int, more: Words) -> Words:
    """The array with `more` behind its first `count` values; it grows by halves."""
    if count + more.size > held.size:
        larger = np.zeros(max(count + more.size, held.size * 3 // 2), dtype=np.uint64)
        larger[:count] = held[:count]
        held = larger
    held[count : count + more.size] = more
    return held


class Settled:
    """`ids`: the distinct ids without blanks at their ends, ascending as texts; `rank`: for each number as it was given
    out the place of its id among them, from 1, or 0 for nobody; `joined`: spellings beyond the first of all ids."""

    def __init__(self, found: pl.Series, rank: Codes, joined: int) -> None:
        self.ids, self.rank, self.joined = found, rank, joined

    @classmethod
    def of(cls, texts: pl.Series) -> "Settled":
        """From the texts of Customers."""
        cleaned = ids.clean(texts)
        distinct = cleaned.values.drop_nulls()
        distinct = distinct.unique() if cleaned.joined else distinct
        order = text_order(distinct)
        found = distinct.gather(order).alias("customer")
        if not cleaned.joined:
            rank = np.zeros(texts.len(), dtype=np.uint32)
            place = np.empty(order.size, dtype=np.uint32)
            place[order] = np.arange(1, order.size + 1, dtype=np.uint32)
            rank[cleaned.values.is_not_null().to_numpy()] = place
        else:
            numbered = found.to_frame("id").with_row_index("n", offset=1)
            joined = cleaned.values.to_frame("id").join(numbered, on="id", how="left", maintain_order="left")
            rank = joined["n"].fill_null(0).cast(pl.UInt32).to_numpy()
        return cls(found, rank, cleaned.joined)


def text_order(texts: pl.Series) -> npt.NDArray[np.intp]:
    """The order that sorts distinct texts by their bytes: by the eight bytes after what all have in common; only ties
    are compared as texts. Sorting long texts themselves costs 15 times as much."""
    if not texts.len() or not bool((texts.str.len_bytes() == texts.str.len_chars()).all()):
        return texts.arg_sort().to_numpy().astype(np.intp)
    low, high = str(texts.min()), str(texts.max())
    common = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    rest = pl.col(texts.name).str.slice(common, 8).str.pad_end(8, "\0").cast(pl.Binary)
    word = texts.to_frame().select(rest.bin.reinterpret(dtype=pl.UInt64, endianness="big")).to_series().to_numpy()
    order = np.argsort(word)
    again = word[order[1:]] == word[order[:-1]]
    tied = np.flatnonzero(np.append(again, False) | np.append(False, again))
    if tied.size:
        some = order[tied]
        order[tied] = some[texts.gather(some).arg_sort().to_numpy()]
    return order.astype(np.intp)
