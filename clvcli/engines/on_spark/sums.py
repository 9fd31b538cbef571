"""Sums of floats that are the same however the rows are spread: exact, rounded once at the end."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np

from clvcli.models.base import Array

_BITS = 53
_LOW = 26


def exact_parts(values: Array) -> dict[str, int]:
    """The exact sum of finite floats as whole numbers by binary exponent: sum of part x 2^exponent. Keys are text, so
    that it is JSON."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2.0**_BITS).astype(np.int64)
    low = whole & ((1 << _LOW) - 1)
    high = whole >> _LOW  # sums of 2^36 such numbers fit in 64 bits
    found: dict[str, int] = {}
    for e in np.unique(exponent):
        at = exponent == e
        part = (int(high[at].sum()) << _LOW) + int(low[at].sum())
        if part:
            found[str(int(e) - _BITS)] = part
    return found


def added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum of several exact sums."""
    total: dict[str, int] = {}
    for part in parts:
        for exponent, number in part.items():
            total[exponent] = total.get(exponent, 0) + number
    return total


def as_float(parts: Mapping[str, int]) -> float:
    """The float nearest to the exact sum: what math.fsum gives."""
    return float(sum((Fraction(number) * Fraction(2) ** int(e) for e, number in parts.items()), Fraction(0)))
