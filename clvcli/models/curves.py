"""Distribution functions on a grid, inverted for many customers at once."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from clvcli.models.base import Array
from clvcli.models.ufuncs import betainc, betaincinv, betaln

Index = npt.NDArray[np.intp]
ENDS = 1e-5
FINEST, COARSEST = 1025, 65
BLOCK = 1 << 13
"""Customers at a time: their temporary arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Curves:
    """Distribution functions C_i(y), i = 0 ... rows - 1, of y = ln S with an atom at S = 0.

    y: (grid,); value, slope: (rows, grid), slope None for step functions; atom: (rows,).
    """

    y: Array
    value: Array
    slope: Array | None
    atom: Array

    def invert(self, row: Index, level: Array) -> Array:
        """S at which C of the row reaches the level, shape of level; 0 where the atom holds it."""
        result = np.zeros(level.shape)
        inside = np.flatnonzero(level > self.atom[row])
        # All rows as one rising sequence: one search for all customers. Values and levels lie in [0, 1].
        rising = (self.value + 2.0 * np.arange(len(self.value))[:, None]).ravel()
        for start in range(0, inside.size, BLOCK):
            some = inside[start : start + BLOCK]
            result[some] = np.exp(self._inverse(rising, row[some], level[some]))
        return result

    def _inverse(self, rising: Array, row: Index, level: Array) -> Array:
        """y at which C of the row reaches the level: the first grid point there, or within the cell before it."""
        right = np.searchsorted(rising, level + 2.0 * row) - row * self.y.size
        right = np.minimum(right, self.y.size - 1)
        return self.y[right] if self.slope is None else self._within(row, level, right, self.slope)

    def _within(self, row: Index, level: Array, right: Index, slope: Array) -> Array:
        """Newton on the cubic through values and slopes of the cell that ends at `right`."""
        left = np.maximum(right - 1, 0)
        step, start = self.y[1] - self.y[0], row * self.y.size
        c0, c1 = self.value.take(start + left), self.value.take(start + right)
        d0, d1 = slope.take(start + left) * step, slope.take(start + right) * step
        rise = np.maximum(c1 - c0, 1e-300)
        square, cube, least = 3 * rise - 2 * d0 - d1, d0 + d1 - 2 * rise, 0.05 * rise
        u = np.clip((level - c0) / rise, 0.0, 1.0)
        for _ in range(6):
            value = c0 + u * (d0 + u * (square + u * cube))
            tilt = d0 + u * (2 * square + 3 * u * cube)
            u = np.clip(u - (value - level) / np.maximum(tilt, least), 0.0, 1.0)
        return np.asarray(self.y[left] + u * step * (right > 0))


def steps(counts: Array, amount: float) -> Curves:
    """S = k times the amount: the inverse of P(Y <= k). counts: (rows, k_max + 1)."""
    k = np.arange(1, counts.shape[1])
    return Curves(np.log(k * amount), np.cumsum(counts, axis=1)[:, 1:], None, counts[:, 0])


@dataclass(frozen=True)
class Table:
    """I(p k, q + p n; .) and its slope in y for blocks of k: (blocks, grid). `first` is the first k of each block."""

    y: Array
    first: Index
    value: Array
    slope: Array

    @staticmethod
    @lru_cache(maxsize=8)
    def of(n: float, p: float, q: float, k_max: int) -> "Table":
        """k = 1 ... k_max; large k share a block as wide as the spread of their sum: it changes nothing."""
        tail = q + p * n
        first = _blocks(p, tail, k_max)
        k = (first + np.append(first[1:], k_max + 1) - 1) / 2
        ends = betaincinv([p, p * k_max], tail, [ENDS, 1 - ENDS])
        low, high = np.log(np.clip(ends, 1e-290, None)) - np.log1p(-np.minimum(ends, 1 - 1e-15))
        width = np.sqrt(1 / (p * k_max) + 1 / tail)
        size = int(np.clip((high - low) / (0.5 * width), COARSEST, FINEST))
        y = np.linspace(low, high, size)
        shape, log_z, log_rest = p * k[:, None], -np.logaddexp(0, -y), -np.logaddexp(0, y)
        slope = np.exp(shape * log_z + tail * log_rest - betaln(shape, tail))
        bend = slope * (shape * np.exp(log_rest) - tail * np.exp(log_z))
        start = betainc(shape, tail, np.exp(log_z[0]))
        return Table(y, first, start + _integral(slope, bend, y[1] - y[0]), slope)

    def curves(self, counts: Array) -> Curves:
        """The mixtures with the given probabilities of k = 0, 1, ...; counts: (rows, k_max + 1)."""
        blocks = np.add.reduceat(counts, self.first, axis=1)
        atom = counts[:, 0]
        return Curves(self.y, atom[:, None] + blocks @ self.value, blocks @ self.slope, atom)


def _integral(slope: Array, bend: Array, step: float) -> Array:
    """Running integral along the rows by the trapezoid rule with its first correction: error step^4 / 720."""
    area = step / 2 * (slope[:, 1:] + slope[:, :-1]) - step**2 / 12 * np.diff(bend, axis=1)
    return np.pad(np.cumsum(area, axis=1), ((0, 0), (1, 0)))


def _blocks(p: float, tail: float, k_max: int) -> Index:
    first = [1]
    while True:
        k = first[-1]
        k += max(1, int(k * min(0.1, math.sqrt(1 / (p * k) + 1 / tail) / 2)))
        if k > k_max:
            return np.array(first)
        first.append(k)
