"""Ids of the fast path: as whole numbers where they are a fixed text and digits, and put in the order of their texts.

Numbers sort and group several times faster than texts. Every step is lossless, checked on every record: an id that is
not written as the first ones promise ends the attempt, and the general way reads the log.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.log.fast_words import (
    CHUNK,
    KEPT,
    MOST_DIGITS,
    POWERS,
    WORD,
    ZEROS,
    Texts,
    Words,
    eight_digits,
)

Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Numbers:
    """`values` sort as the texts of the ids do; `texts` makes the texts of some of them again."""

    values: Words
    texts: Texts


@dataclass(frozen=True)
class NumberIds:
    """`code`: UInt64, null for an id of another form; `width`: bytes of the id as written (UInt8), None where the file
    itself says that ids are numbers.

    `length` > 0: all ids have `prefix` and this length, and `code` holds their last eight bytes; 0: they are whole
    numbers without leading zeros and `code` is the number.
    """

    code: pl.Expr
    width: pl.Expr | None
    prefix: str
    length: int

    def read(self, code: Words, width: npt.NDArray[np.uint8] | None) -> Numbers | None:
        """The ids as numbers, for which `code` is overwritten; None when one is not written as promised."""
        if self.length:
            kept = "0" * (WORD - self.length) + self.prefix[max(0, self.length - WORD) :]
            values = _eight_digits(code, kept)
            digits = self.length - len(self.prefix)
            return None if values is None else Numbers(values, lambda n: self.prefix + texts_of(n).str.zfill(digits))
        return in_text_order(code, width)


def texts_of(numbers: Words) -> pl.Series:
    return pl.Series("customer", numbers).cast(pl.String)


def _eight_digits(code: Words, prefix: str) -> Words | None:
    """The numbers behind a `prefix` in words of eight characters, in place; None where one is written otherwise."""
    for start in range(0, code.size, CHUNK):
        part = code[start : start + CHUNK]
        number = behind(part, prefix)
        if number is None:
            return None
        part[:] = number
    return code


def behind(words: Words, prefix: str, length: int = WORD) -> Words | None:
    """The numbers of digits behind a `prefix` in the last `length` bytes of words."""
    digits = length - len(prefix)
    wanted = np.uint64(int.from_bytes(prefix.encode(), "little") << 8 * (WORD - length))
    if ((words & (KEPT[length] & ~KEPT[digits])) != wanted).any():
        return None
    return eight_digits((words ^ ZEROS) & KEPT[digits])


@dataclass(frozen=True)
class TextOrder:
    """Whole numbers of `least` to `most` digits, filled up with zeros before them to the least, made to sort as their
    texts do: filled up with zeros behind them to the most, then how many digits they have beyond the least, in as few
    bits as hold it."""

    least: int
    most: int

    @property
    def bits(self) -> int:
        """Of a key."""
        return int(10**self.most - 1).bit_length() + self._low

    @property
    def _low(self) -> int:
        return (self.most - self.least).bit_length()

    @property
    def _fill(self) -> Words:
        return 10 ** (self.most - np.arange(self.least, self.most + 1, dtype=np.uint64))

    def beyond(self, number: Words) -> npt.NDArray[np.uint8]:
        """How many digits beyond the least."""
        found = np.zeros(number.size, dtype=np.uint8)
        for power in POWERS[self.least - 1 : self.most - 1]:
            found += number >= power
        return found

    def key(self, number: Words) -> Words | None:
        """Sorts as the texts do; None when a number is too long. Overwrites."""
        if int(number.max(initial=0)) >= 10**self.most:
            return None
        if self.most > self.least:
            self.fill(number, self.beyond(number))
        return number

    def fill(self, number: Words, beyond: npt.NDArray[np.uint8]) -> None:
        """As `key`, in place."""
        number *= self._fill[beyond]
        number <<= np.uint64(self._low)
        number |= beyond

    def number(self, key: Words) -> Words:
        """The number again."""
        if self.most == self.least:
            return key
        beyond = key & np.uint64((1 << self._low) - 1)
        return np.asarray((key >> np.uint64(self._low)) // self._fill[beyond.astype(np.intp)])

    def texts(self, key: Words, prefix: str = "") -> pl.Series:
        """As they were written."""
        if self.least == self.most:  # a one before the zeros, taken off again: two thirds of the time of filling up
            return prefix + texts_of(key + np.uint64(10**self.least)).str.slice(1)
        return prefix + texts_of(self.number(key)).str.zfill(self.least)


def in_text_order(code: Words, width: npt.NDArray[np.uint8] | None, least: int = 1) -> Numbers | None:
    """Whole numbers of at least so many digits, made to sort as their texts do, in place (see TextOrder).

    `width`: bytes of the ids as written; None is returned where they differ."""
    most = max(least, len(str(int(code.max()))))
    if most > MOST_DIGITS:
        return None
    order = TextOrder(least, most)
    for start in range(0, code.size, CHUNK):
        part = code[start : start + CHUNK]
        beyond = order.beyond(part)
        if width is not None and (beyond + np.uint8(least) != width[start : start + CHUNK]).any():
            return None
        order.fill(part, beyond)
    return Numbers(code, order.texts)


def number_ids(head: pl.Series) -> NumberIds | None:
    """How to read the ids as numbers, if the first ones are such; their form is promised by `head`, not proved."""
    column = pl.col(head.name)
    if head.dtype.is_integer():
        return NumberIds(column.cast(pl.UInt64, strict=False), None, "", 0)
    if head.dtype != pl.String or not head.len() or head.null_count():
        return None
    first = re.fullmatch(r"([\x21-\x2f\x3a-\x7e]*)([0-9]+)", str(head[0]))
    if first is None:
        return None
    prefix, length = first[1], len(str(head[0]))
    lengths = head.str.len_bytes()
    plain = not prefix and not head.str.starts_with("0").any()
    if plain and (lengths.n_unique() > 1 or length > WORD):
        number = column.cast(pl.UInt64, strict=False) if int(lengths.max()) <= MOST_DIGITS else None  # type: ignore[arg-type]
        return None if number is None else NumberIds(number, column.str.len_bytes().cast(pl.UInt8), "", 0)
    if lengths.n_unique() > 1 or length - len(prefix) > WORD or not head.str.starts_with(prefix).all():
        return None
    return NumberIds(_last_word(column, prefix, length), None, prefix, length)


def _last_word(column: pl.Expr, prefix: str, length: int) -> pl.Expr:
    """The last eight bytes of an id of this length as one number, zeros put before a shorter one."""
    if length < WORD:
        word = (pl.lit("0" * (WORD - length)) + column).cast(pl.Binary)
        fits = column.str.len_bytes() == length
    else:
        word = column.cast(pl.Binary).bin.slice(length - WORD)
        fits = column.str.len_bytes() == length
        if length > WORD:
            fits = fits & column.str.starts_with(prefix[: length - WORD])
    number = word.bin.reinterpret(dtype=pl.UInt64, endianness="little")
    return pl.when(fits).then(number)


def _common(first: str, last: str) -> int:
    """Characters that all texts between two begin with."""
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def text_order(ids: pl.Series) -> Index:
    """The order that sorts distinct texts by their bytes, null first: by the eight bytes after what all have in
    common; only ties are compared as texts. Sorting long texts themselves costs 15 times as much."""
    ascii_only = bool((ids.str.len_bytes() == ids.str.len_chars()).all())
    if ids.null_count() or not ids.len() or not ascii_only:
        return ids.arg_sort().to_numpy().astype(np.intp)
    common = _common(str(ids.min()), str(ids.max()))
    rest = pl.col(ids.name).str.slice(common, WORD).str.pad_end(WORD, "\0").cast(pl.Binary)
    word = ids.to_frame().select(rest.bin.reinterpret(dtype=pl.UInt64, endianness="big")).to_series().to_numpy()
    order = np.argsort(word)
    sorted_word = word[order]
    same = sorted_word[1:] == sorted_word[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if tied.size:
        some = order[tied]
        order[tied] = some[ids.gather(some).arg_sort().to_numpy()]
    return order.astype(np.intp)
