"""A line of plain text as one word, where it fits: put together where it is read, sorted in half of the memory.

From the highest bits: the id in the order of its text, the day, the amount and the tail (see fast_lines). What fits is
guessed from the first records, and proved for every line.
"""

from dataclasses import dataclass

import numpy as np

from clvcli.log.fast_ids import TextOrder
from clvcli.log.fast_lines import AMOUNT_AND_TAIL, DAY, TAIL_BITS, WORD_BITS, Layout
from clvcli.log.fast_words import Texts, Words

DAY_BITS = 13
"""Eleven years before the first of the first records, and eleven after it."""
LEAST_AMOUNT_BITS = 16


@dataclass(frozen=True)
class Packing:
    """How to write lines: `order` of the ids, their `prefix`, the first day that fits."""

    order: TextOrder
    prefix: str
    low_day: int

    @property
    def layout(self) -> Layout:
        """Where the parts of a word are."""
        amount = WORD_BITS - self.order.bits - DAY_BITS
        return Layout(np.uint64(0), np.uint64(self.low_day), np.uint64(DAY_BITS), np.uint64(amount), True, 0)

    def pack(self, number: Words, day: Words, low: Words) -> Words | None:
        """The words of lines with the `number` of their ids; low: amount and tail. None when one does not fit."""
        at = self.layout
        key, day = self.order.key(number), day - at.low_day
        if key is None or (day >> at.day).any() or (low >> at.amount).any():
            return None
        key <<= at.day
        key |= day
        key <<= at.amount
        key |= low
        return key

    def unpack(self, words: Words) -> list[Words]:
        """Numbers and moments again."""
        at = self.layout
        day = (words >> at.amount & np.uint64((1 << DAY_BITS) - 1)) + at.low_day
        low = words & np.uint64((1 << int(at.amount)) - 1) & AMOUNT_AND_TAIL
        return [self.order.number(words >> at.amount + at.day), day << DAY | low]

    @property
    def texts(self) -> Texts:
        """Makes ids of the numbers in the words."""
        return lambda n: self.order.texts(n, self.prefix)


def packing_of(prefix: str, least: int, most: int, first_day: int) -> Packing | None:
    """For ids of a `prefix` and from `least` to `most` digits, days around `first_day` (since 1970); None where a word
    leaves too little for amounts."""
    order = TextOrder(least, most)
    if order.bits + DAY_BITS + LEAST_AMOUNT_BITS + TAIL_BITS > WORD_BITS:
        return None
    return Packing(order, prefix, max(0, first_day - (1 << DAY_BITS - 1)))
