"""Sums of floats that are the same in any order and however they are spread: exact, rounded once at the end."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from clvcli.models.base import Array

Groups = npt.NDArray[np.integer]
Wholes = npt.NDArray[np.int64] | Array

_BITS, _LOW = 53, 26
_THIRD = 22
_MASK = (1 << _THIRD) - 1
"""Sums of thirds of 64-bit numbers, below 2^22, of two thousand million rows are below 2^53: exact in float64."""
_BLOCK = 1 << 15
"""Values at a time: temporary arrays stay in the processor's cache. So many halves below 2^27 add up to less than 2^53:
exact in float64."""
_LEAST, _EXPONENTS = -1074, 2100
"""The exponents of floats, as frexp has them, lie between the first and the sum of both."""


def exact_sum(values: Array) -> float:
    """The float nearest to the sum of finite floats: what math.fsum gives, at the cost of two histograms."""
    return as_float(exact_parts(values))


def exact_parts(values: Array) -> dict[str, int]:
    """The exact sum of finite floats as whole numbers by binary exponent: sum of part x 2^exponent. Keys are text, so
    that it is JSON."""
    return _cells(values, np.zeros(values.size, dtype=np.intp), 1)[0]


def group_parts(values: Array, group: Groups, groups: int) -> list[dict[str, int]]:
    """exact_parts of the values of each group 0, 1 ... groups - 1. NaN: left out."""
    if not np.isfinite(values).all():
        known = ~np.isnan(values)
        values, group = values[known], group[known]
    return _cells(values, group, groups)


def whole_sum(values: Wholes) -> int:
    """The exact sum of whole numbers, Int64 or floats without a fraction, whatever their size."""
    return whole_sums(values, np.zeros(values.size, dtype=np.intp), 1)[0]


def whole_sums(values: Wholes, group: Groups, groups: int) -> list[int]:
    """The exact sums of whole numbers, Int64 or floats without a fraction, of each group 0, 1 ... groups - 1."""
    size = max(abs(float(values.max(initial=0))), abs(float(values.min(initial=0))))
    if size * max(1, values.size) < 2.0**_BITS:  # no sum of some of them has more digits than a float
        return [int(total) for total in np.bincount(group, weights=values, minlength=groups)]
    if values.dtype.kind == "f":
        return [int(_fraction(parts)) for parts in _cells(values.astype(np.float64), group, groups)]
    whole = values.astype(np.int64)
    thirds = (whole >> 2 * _THIRD, (whole >> _THIRD) & _MASK, whole & _MASK)
    sums = [np.bincount(group, weights=third, minlength=groups) for third in thirds]
    return [(int(a) << 2 * _THIRD) + (int(b) << _THIRD) + int(c) for a, b, c in zip(*sums, strict=True)]


def _cells(values: Array, group: Groups, groups: int) -> list[dict[str, int]]:
    """The parts of each group."""
    halves = np.zeros((2, groups, _EXPONENTS), dtype=np.int64)
    for start in range(0, values.size, _BLOCK):
        some = slice(start, start + _BLOCK)
        exponent, high, low = _halves(values[some])
        least = int(exponent.min())
        width = int(exponent.max()) - least + 1
        at, columns = group[some].astype(np.intp) * width + (exponent - least), slice(least - _LEAST, None)
        for sums, half in zip(halves, (high, low), strict=True):
            cells = np.bincount(at, weights=half, minlength=groups * width)
            sums[:, columns][:, :width] += cells.astype(np.int64).reshape(groups, width)
    return [
        {
            str(_LEAST + int(i) - _BITS): (int(high[i]) << _LOW) + int(low[i])
            for i in np.flatnonzero((high != 0) | (low != 0))
        }
        for high, low in zip(*halves, strict=True)
    ]


def _halves(values: Array) -> tuple[Groups, Groups, Groups]:
    """The exponents of floats, and their mantissas as whole numbers: an upper and a lower half."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2.0**_BITS).astype(np.int64)
    return exponent, whole >> _LOW, whole & ((1 << _LOW) - 1)


def added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum of several exact sums."""
    total: dict[str, int] = {}
    for part in parts:
        for exponent, number in part.items():
            total[exponent] = total.get(exponent, 0) + number
    return total


def as_float(parts: Mapping[str, int]) -> float:
    """The float nearest to an exact sum."""
    return float(_fraction(parts))


def _fraction(parts: Mapping[str, int]) -> Fraction:
    return sum((Fraction(number) * Fraction(2) ** int(e) for e, number in parts.items()), Fraction(0))
