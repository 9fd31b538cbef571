"""Numbers, days and amounts of plain text, eight bytes at a time: one arithmetic for many fields and no text objects.

Every reading is checked on every field: None says that some field is written otherwise, and nothing about which one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
from numpy.lib.stride_tricks import as_strided

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]
Texts = Callable[[Words], pl.Series]
"""Makes texts of numbers again."""

WORD = 8
CHUNK = 1 << 13
MOST_DIGITS, MOST_DECIMALS = 15, 4
"""Of what is read: with four zeros put behind them, fifteen digits still fit into a word."""
POWERS = np.array([10**k for k in range(1, MOST_DIGITS + 1)], dtype=np.uint64)
ZEROS, OVER_NINE, HIGH = (np.uint64(int(byte * WORD, 16)) for byte in ("30", "76", "80"))
FIRST_DAY, END_YEAR, DAY_LENGTH = 19700101, 2149, len("2024-01-05")
"""Days since 1970 up to 2148 are told by sixteen bits."""
DASHES, DASHED, YEAR = (np.uint64(mask) for mask in (0xFF0000FF << 32, 0x2D00002D << 32, 0xFFFFFFFF))
MONTH, DAY = np.uint64(0x00FFFF00 << 32), np.uint64(0xFFFF0000 << 32)
KEPT = np.array([(2**64 - 1) >> 8 * (WORD - n) << 8 * (WORD - n) for n in range(WORD + 1)], dtype=np.uint64)
"""Masks of the last n bytes of a word."""
BEHIND = np.array([2**64 - 1, *KEPT[1:].tolist()], dtype=np.uint64)
BEFORE = np.array([0, *((1 << 8 * (WORD - k)) - 0x100 for k in range(1, WORD))], dtype=np.uint64)
"""Masks of the last k bytes, and of the others but the first; of all bytes and of none where k is 0."""
SCALES = np.array([10**k for k in range(WORD)], dtype=np.uint64)


def words_of(text: Bytes) -> Words:
    """The eight bytes that begin at each place of `text`, as little-endian numbers; a view, of eight bytes less."""
    whole = text[: text.size // WORD * WORD].view("<u8")
    return as_strided(whole, shape=(text.size - WORD,), strides=(1,), writeable=False)


def eight_digits(y: Words) -> Words | None:
    """The numbers of words whose bytes are digits, less the character 0. Overwrites `y`."""
    if (((y + OVER_NINE) | y) & HIGH).any():
        return None
    return folded(y, 10)


def folded(digits: Words, base: int) -> Words:
    """The numbers whose eight digits stand in the bytes of words, the first one lowest, all at once; in place."""
    for bits, mask in ((8, 0x00FF00FF00FF00FF), (16, 0x0000FFFF0000FFFF), (32, 0xFFFFFFFF)):
        digits *= np.uint64(base ** (bits // 8) * 2**bits + 1)
        digits >>= np.uint64(bits)
        digits &= np.uint64(mask)
    return digits


def whole_numbers(words: Words, end: Places, length: Places) -> Words | None:
    """Digits of any `length` from 1 to 15 that end before `end`."""
    low, high = int(length.min()), int(length.max())
    if low < 1 or high > MOST_DIGITS:
        return None
    number = eight_digits((words[end - WORD] ^ ZEROS) & KEPT.take(length, mode="clip"))
    if high <= WORD or number is None:
        return number
    upper = eight_digits((words[end - 2 * WORD] ^ ZEROS) & KEPT.take(length - WORD, mode="clip"))
    return None if upper is None else upper * np.uint64(10**WORD) + number


@cache
def _days() -> npt.NDArray[np.uint16]:
    """The day since 1970 of yyyymmdd, at the place yyyymmdd - 19700101; 0 where that is no date after the first."""
    found = np.zeros(END_YEAR * 10_000 - FIRST_DAY, dtype=np.uint16)
    first = date(1970, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(END_YEAR, 1, 1) - first).days)]
    found[[d.year * 10_000 + d.month * 100 + d.day - FIRST_DAY for d in days]] = np.arange(len(days))
    return found


def iso_days(words: Words, start: Places, end: Places) -> Words | None:
    """Days since 1970 of dates like 2024-01-05, from 1970-01-02 to 2148-12-31."""
    if (end - start != DAY_LENGTH).any():
        return None
    first, last = words[start], words[end - WORD]
    if ((first & DASHES) != DASHED).any():
        return None
    number = eight_digits(((first & YEAR) | (first & MONTH) >> np.uint64(8) | (last & DAY)) ^ ZEROS)
    if number is None:
        return None
    found = _days().take(number.view(np.int64) - FIRST_DAY, mode="clip")
    return found.astype(np.uint64) if found.all() else None


@dataclass(frozen=True)
class Amounts:
    """`units`: whole numbers of 10**-decimals; `digits` before the dot of those written with all decimals, else 0."""

    units: Words
    digits: Words


def amounts(words: Words, start: Places, end: Places, decimals: int, *, dots: bool) -> Amounts | None:
    """Plain digits; with `dots` perhaps a dot, digits before it and at most `decimals` digits behind it."""
    length, low, most = end - start, words[end - WORD], decimals if dots else 0
    behind: npt.NDArray[np.intp] | int = 0
    if most and _dot_before(low, most, length).all():
        behind = most
    elif most:
        behind = np.zeros(length.size, dtype=np.intp)
        for k in range(1, most + 1):
            behind[_dot_before(low, k, length)] = k
    dotted = np.greater(behind, 0)
    digits = length - dotted
    if digits.min() < 1 or digits.max() > MOST_DIGITS:
        return None
    number = _without_dot(words, end, low, behind, digits)
    if number is None:
        return None
    if np.ndim(behind) or behind != decimals:
        number = number * SCALES[decimals - np.asarray(behind)]
    plain = np.equal(behind, decimals) & dotted
    return Amounts(number, ((digits - decimals) * plain).view(np.uint64))


def _dot_before(low: Words, k: int, length: Places) -> npt.NDArray[np.bool_]:
    """Whether k digits stand behind a dot and some before it."""
    dot = (low >> np.uint64(8 * (WORD - 1 - k)) & np.uint64(0xFF)) == np.uint64(ord("."))
    found: npt.NDArray[np.bool_] = dot & (length > k + 1)
    return found


def _without_dot(
    words: Words, end: Places, low: Words, behind: npt.NDArray[np.intp] | int, digits: Places
) -> Words | None:
    """The numbers of amounts with a dot before the last `behind` digits, none where that is 0."""
    lower = (low & BEHIND[behind]) | (low << np.uint64(8) & BEFORE[behind])
    if int(digits.max()) < WORD:
        return eight_digits((lower ^ ZEROS) & KEPT[digits])
    upper = words[end - 2 * WORD]
    dotted = np.greater(behind, 0)
    lower |= np.where(dotted, upper >> np.uint64(56), np.uint64(0))
    upper = np.where(dotted, upper << np.uint64(8), upper)
    number = eight_digits((lower ^ ZEROS) & KEPT.take(digits, mode="clip"))
    more = eight_digits((upper ^ ZEROS) & KEPT.take(digits - WORD, mode="clip"))
    return None if number is None or more is None else more * np.uint64(10**WORD) + number
