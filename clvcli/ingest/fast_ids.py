"""Ids of the fast path: as whole numbers where they are a fixed text and digits, and put in the order of their texts.

Numbers sort and group several times faster than texts. Every step is lossless, checked on every record: an id that is
not written as the first ones promise ends the attempt, and the general way reads the log.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Words = npt.NDArray[np.uint64]
Index = npt.NDArray[np.intp]

WORD = 8
MOST_DIGITS = 15
POWERS = np.array([10**k for k in range(1, MOST_DIGITS + 1)], dtype=np.uint64)
CHUNK = 1 << 13
ZEROS, OVER_NINE, HIGH = (np.uint64(int(byte * WORD, 16)) for byte in ("30", "76", "80"))


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

    def read(self, code: Words, width: Words | None) -> "Numbers | None":
        """The ids as numbers, for which `code` is overwritten; None when one is not written as promised."""
        if self.length:
            kept = "0" * (WORD - self.length) + self.prefix[max(0, self.length - WORD) :]
            values = _eight_digits(code, kept)
            digits = self.length - len(self.prefix)
            return None if values is None else Numbers(values, lambda n: self.prefix + _texts(n).str.zfill(digits))
        return _in_text_order(code, width)


@dataclass(frozen=True)
class Numbers:
    """`values` sort as the texts of the ids do; `texts` makes the texts of some of them again."""

    values: Words
    texts: Callable[[Words], pl.Series]


def _texts(numbers: Words) -> pl.Series:
    return pl.Series("customer", numbers).cast(pl.String)


def _eight_digits(code: Words, prefix: str) -> Words | None:
    """The number that eight characters are, all digits at once in one word, in place; None where a character behind
    `prefix` is no digit or the prefix another one."""
    low = np.uint64((1 << (8 * len(prefix))) - 1)
    wanted = np.uint64(int.from_bytes(prefix.encode(), "little"))
    for start in range(0, code.size, CHUNK):
        word = code[start : start + CHUNK]
        y = (word ^ ZEROS) & ~low
        if ((word & low) != wanted).any() or (((y + OVER_NINE) | y) & HIGH & ~low).any():
            return None
        y = (y * np.uint64(10 * 2**8 + 1) >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
        y = (y * np.uint64(100 * 2**16 + 1) >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
        word[:] = y * np.uint64(10_000 * 2**32 + 1) >> np.uint64(32)
    return code


def _in_text_order(code: Words, width: Words | None) -> Numbers | None:
    """Whole numbers, made to sort as their texts do: filled up with zeros to the longest, then the number of digits."""
    digits = np.searchsorted(POWERS, code, side="right") + 1
    most = int(digits.max())
    if most > MOST_DIGITS or (width is not None and (digits != width).any()):
        return None
    fill = 10 ** (most - np.arange(most + 1, dtype=np.uint64))
    values = code * fill[digits] * np.uint64(16) + digits.astype(np.uint64)
    return Numbers(values, lambda n: _texts((n >> np.uint64(4)) // fill[(n & np.uint64(15)).astype(np.intp)]))


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
