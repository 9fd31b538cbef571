"""How numpy's arrays get their memory: from what was freed before, not from the kernel."""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Names of mallopt(3)."""
LARGE, KEPT = 1 << 25, 1 << 30


def keep_memory() -> None:
    """Arrays below 32 MB are cut from memory that the process keeps, one for all threads, where the C library is glibc.

    Its own rule begins with 128 KB and learns from what is freed first, and by which thread: one run of three on ten
    million rows gave its blocks back to the kernel over and over, 640 MB in all, for an eighth of its time. It also
    keeps what one thread freed from the others: a tenth of all memory. One heap for all holds for threads to come.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # another C library
        return
    mallopt(TRIM_THRESHOLD, KEPT)
    mallopt(MMAP_THRESHOLD, LARGE)
    mallopt(ARENA_MAX, 1)
