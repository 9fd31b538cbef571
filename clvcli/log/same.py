"""Records that stand in the log more than once, told by the hashes of whole records."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcli.log.duplicates import Identical

Rows = npt.NDArray[np.intp]
FEW = 1 << 20


@dataclass(frozen=True)
class Repeated:
    """`rows`: places of the records beyond the first of each set of equal ones, ascending; `identical`: their number
    and worth."""

    rows: Rows
    identical: Identical


def repeated(line: npt.NDArray[np.uint64], amount: npt.NDArray[np.int64]) -> Repeated:
    """Records whose hash another one before has, too."""
    rows = with_others(line)
    order = rows[np.argsort(line[rows], kind="stable")]
    extra = np.sort(order[1:][line[order[1:]] == line[order[:-1]]])
    return Repeated(extra, Identical(int(extra.size), int(amount[extra].sum())))


def with_others(line: npt.NDArray[np.uint64]) -> Rows:
    """Places of the hashes that stand there more than once, ascending."""
    ordered = np.sort(line)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    del ordered
    return np.flatnonzero(_is_in(line, np.unique(again))) if again.size else np.zeros(0, dtype=np.intp)


def _is_in(line: npt.NDArray[np.uint64], hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which are among the ascending hashes; most are told by a few of their bits."""
    bits = max(16, min(26, int(hashes.size).bit_length() + 4))
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=bool)
    table[(hashes >> shift).astype(np.intp)] = True
    maybe = table[(line >> shift).astype(np.intp)]
    near = np.flatnonzero(maybe)
    place = np.minimum(np.searchsorted(hashes, line[near]), hashes.size - 1)
    maybe[near] = hashes[place] == line[near]
    return maybe
