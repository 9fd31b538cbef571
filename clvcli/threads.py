"""One kind of work on slices of the customers, in as many threads as Polars has."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

T = TypeVar("T")
FEW = 1 << 16
"""Rows for which a thread is not worth its start."""


def by_slices(work: Callable[[slice], T], rows: int, step: int | None = None) -> list[T]:
    """`work` of slices of so many rows, in their order: of `step` rows, or as many slices as there are threads.

    Numpy lets go of the interpreter within its loops: two threads take two thirds of the time of one.
    """
    threads = pl.thread_pool_size() if rows > FEW else 1
    step = step or max(1, -(-rows // threads))
    slices = [slice(start, min(start + step, rows)) for start in range(0, rows, step)]
    if threads == 1:
        return [work(some) for some in slices]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, slices))
