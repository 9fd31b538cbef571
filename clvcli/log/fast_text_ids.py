"""Ids in plain text as numbers: a fixed beginning and digits, or whole numbers of any length."""

from dataclasses import dataclass

import numpy as np

from clvcli.log.fast_ids import NumberIds, behind, in_text_order, texts_of
from clvcli.log.fast_words import POWERS, WORD, Places, Texts, Words, whole_numbers


@dataclass(frozen=True)
class Codes:
    """Ids of `prefix` and digits, like C0001234: filled up with zeros to `length` bytes, longer ones without."""

    prefix: str
    length: int

    def read(self, words: Words, start: Places, end: Places) -> tuple[Words] | None:
        """The numbers of the digits."""
        length, least = end - start, self.length - len(self.prefix)
        one_length = bool((length == self.length).all())
        if not one_length and length.min() < self.length:
            return None
        head = self.prefix.encode()[: max(0, self.length - WORD) if one_length else None]
        for at in range(0, len(head), WORD):
            part = head[at : at + WORD]
            mask = np.uint64((1 << 8 * len(part)) - 1)
            if ((words[start + at] & mask) != np.uint64(int.from_bytes(part, "little"))).any():
                return None
        if one_length:
            number = behind(words[end - WORD], self.prefix[len(head) :], min(self.length, WORD))
        else:
            digits = length - len(self.prefix)
            number = whole_numbers(words, end, digits)
            if number is not None and ((number < LEAST[digits]) & (digits > least)).any():
                return None
        return None if number is None else (number,)

    def ordered(self, found: tuple[Words, ...], moments: Words) -> tuple[Words, Words, Texts] | None:
        """Digits of one length sort as they are."""
        digits = self.length - len(self.prefix)
        if int(found[0].max()) < 10**digits:
            return found[0], moments, lambda n: self.prefix + texts_of(n).str.zfill(digits)
        numbers = in_text_order(found[0], None, digits)
        if numbers is None:
            return None
        return numbers.values, moments, lambda n: self.prefix + numbers.texts(n)


@dataclass(frozen=True)
class Wholes:
    """Ids that are whole numbers of at most fifteen digits, without leading zeros."""

    def read(self, words: Words, start: Places, end: Places) -> tuple[Words] | None:
        """The numbers."""
        length = end - start
        number = whole_numbers(words, end, length)
        if number is None or (number < LEAST[length]).any():
            return None
        return (number,)

    def ordered(self, found: tuple[Words, ...], moments: Words) -> tuple[Words, Words, Texts] | None:
        """Made to sort as their texts do."""
        numbers = in_text_order(found[0], None)
        return None if numbers is None else (numbers.values, moments, numbers.texts)


LEAST = np.array([0, 0, *POWERS], dtype=np.uint64)
"""The smallest number of so many digits."""


def text_ids(ids: NumberIds) -> Codes | Wholes:
    """The same ids where they stand in a text."""
    return Codes(ids.prefix, ids.length) if ids.length else Wholes()
