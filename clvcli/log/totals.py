"""Totals at the end of files that look like records (see ingest/footers.py), proved from sums of parts of a file.

A file is told of by its name: [sum, n, tail, named]. sum (minor units) and n: of its records with a date; tail: the
last lines that hold a record; named: [line, amount] of those in the tail that have no date and may be totals.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from clvcli.log.footers import TAIL

Files = Mapping[str, list[Any]]


def added(parts: Iterable[Files]) -> dict[str, list[Any]]:
    """The files of all parts."""
    found: dict[str, list[Any]] = {}
    for part in parts:
        for file, (amount, n, tail, named) in part.items():
            before = found.get(file, [0, 0, [], []])
            last = sorted({*before[2], *tail})[-TAIL:]
            kept = sorted(one for one in [*before[3], *named] if one[0] in last)
            found[file] = [before[0] + amount, before[1] + n, last, kept]
    return found


def proved(files: Files) -> list[tuple[str, int]]:
    """File and line of every total: its amount is the sum of the others."""
    return [
        (file, line)
        for file, (amount, n, _, named) in files.items()
        for line, total in named
        if total == amount and n > 1
    ]
