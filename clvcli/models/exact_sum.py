"""Sums of floats that are the same in any order and however they are spread: exact, rounded once at the end."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from clvcli.models.base import Array

Groups = npt.NDArray[np.integer]

_BITS, _LOW = 53, 26
_CHUNK = 1 << 25
"""So many whole numbers below 2^27 add up to less than 2^53: exact in float64."""


def exact_sum(values: Array) -> float:
    """The float nearest to the sum of finite floats: what math.fsum gives, at the cost of two histograms."""
    return as_float(exact_parts(values))


def exact_parts(values: Array) -> dict[str, int]:
    """The exact sum of finite floats as whole numbers by binary exponent: sum of part x 2^exponent. Keys are text, so
    that it is JSON."""
    return added(_parts(values[start : start + _CHUNK]) for start in range(0, values.size, _CHUNK))


def exact_sums(values: Array, group: Groups, groups: int) -> list[float]:
    """The exact sum of the values of each group 0, 1 ... groups - 1, as `exact_sum` rounds it. NaN: left out."""
    if not np.isfinite(values).all():
        known = ~np.isnan(values)
        values, group = values[known], group[known]
    if values.size == 0:
        return [0.0] * groups
    exponent, halves = _halves(values)
    least = int(exponent.min())
    width = int(exponent.max()) - least + 1
    at = group.astype(np.intp) * width + (exponent - least)
    sums = []
    for half in halves:
        cells = np.zeros(groups * width, dtype=np.int64)
        for start in range(0, values.size, _CHUNK):
            some = slice(start, start + _CHUNK)
            cells += np.bincount(at[some], weights=half[some], minlength=groups * width).astype(np.int64)
        sums.append(cells.reshape(groups, width))
    return [
        as_float({str(least + i - _BITS): (int(high[i]) << _LOW) + int(low[i]) for i in range(width)})
        for high, low in zip(*sums, strict=True)
    ]


def _halves(values: Array) -> tuple[Groups, tuple[Groups, Groups]]:
    """The exponents of floats, and their mantissas as whole numbers in an upper and a lower half."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2.0**_BITS).astype(np.int64)
    return exponent, (whole >> _LOW, whole & ((1 << _LOW) - 1))


def _parts(values: Array) -> dict[str, int]:
    exponent, halves = _halves(values)
    least = int(exponent.min())
    high, low = (np.bincount(exponent - least, weights=half) for half in halves)
    return {
        str(least + int(i) - _BITS): (int(high[i]) << _LOW) + int(low[i])
        for i in np.flatnonzero((high != 0) | (low != 0))
    }


def added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum of several exact sums."""
    total: dict[str, int] = {}
    for part in parts:
        for exponent, number in part.items():
            total[exponent] = total.get(exponent, 0) + number
    return total


def as_float(parts: Mapping[str, int]) -> float:
    """The float nearest to an exact sum."""
    return float(sum((Fraction(number) * Fraction(2) ** int(e) for e, number in parts.items()), Fraction(0)))
