"""Numbers to ten significant digits: beyond them results may differ between machines."""

import numpy as np
import polars as pl

from clvcli.models.base import Array

DIGITS = 10
MOST = 22
"""Powers of ten up to this one are exact in float64."""
POWERS = 10.0 ** np.arange(MOST + 1)
BLOCK = 1 << 14
MANTISSA, EXPONENTS, BIAS = 52, 2048, 1023
"""Bits of float64 behind the exponent, the exponents that there are, and which of them means 2^0."""
LEAST, GREATEST = -48, 40
"""Powers of two far enough from 1 that what lies beyond needs other powers of ten than POWERS."""


def _by_exponent() -> tuple[Array, Array]:
    """For each binary exponent the power of ten from which on a number has one digit more, and what to multiply numbers
    with below and from there on, in turn; 0 where no exact power of ten does."""
    limit, factor = np.full(EXPONENTS, np.inf), np.zeros((EXPONENTS, 2))
    limit[0] = np.nextafter(0.0, 1.0)
    for exponent in range(LEAST, GREATEST):
        digits = int(np.floor(exponent * np.log10(2.0))) + 1  # no power of two but 1 is near one of ten
        limit[BIAS + exponent] = float(f"1e{digits}")
        shifts = np.array([DIGITS - digits, DIGITS - digits - 1])
        exact = (shifts >= 0) & (shifts <= MOST)
        factor[BIAS + exponent] = np.where(exact, POWERS[np.clip(shifts, 0, MOST)], 0.0)
    factor[0, 0] = factor[-1] = 1.0  # 0, NaN and inf are what they are
    return limit, factor.ravel()


LIMIT, FACTOR = _by_exponent()


def significant(values: pl.Series) -> pl.Series:
    """A Float64 column to ten significant digits; null, NaN and inf become null."""
    return finite(pl.Series(values.name, rounded(values.to_numpy())))


def finite(values: pl.Series) -> pl.Series:
    """The column with null for NaN and inf."""
    known = values.is_finite()
    return values if bool(known.all()) else values.set(~known, None)


def rounded(array: Array) -> Array:
    """To ten significant digits; NaN and inf stay.

    In blocks that stay in the processor's cache: a quarter of the time of Polars' own rounding of a column.
    """
    result = np.empty(array.size)
    for start in range(0, array.size, BLOCK):
        result[start : start + BLOCK] = _block(array[start : start + BLOCK])
    return result


def _block(x: Array) -> Array:
    size = np.abs(x)
    exponent = size.view(np.int64) >> MANTISSA
    up = FACTOR.take(2 * exponent + (size >= LIMIT.take(exponent)))
    with np.errstate(invalid="ignore"):
        result = np.rint(x * up) / up
    if not up.all():
        rest = up == 0.0
        result[rest] = pl.Series(x[rest]).round_sig_figs(DIGITS).to_numpy()
    return np.asarray(result)
