"""Totals at the end of files that look like records (see ingest/footers.py), proved from sums of parts of a file.

A file is told of by its name: [sum, n, tail, named]. sum (minor units) and n: of its records with a date; tail: the
last lines that hold a record; named: [line, amount] of those in the tail that have no date and may be totals.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from clvcli.log.footers import TAIL, may_be_totals

Files = Mapping[str, list[Any]]


def totals_in(place: pl.DataFrame, records: pl.DataFrame, frame: pl.DataFrame) -> dict[str, list[Any]]:
    """The files of some records. `place`: file and line of each; `frame`: their columns as text."""
    rows = place.select("file", "line").with_columns(
        records["amount"], dated=records["date_reason"].is_null(), row=pl.int_range(pl.len())
    )
    found = {}
    for (file,), part in rows.partition_by("file", as_dict=True).items():
        dated, tail = part.filter("dated"), part.sort("line").tail(TAIL)
        open_ones = tail.filter(~pl.col("dated") & pl.col("amount").is_not_null())
        named = open_ones.filter(may_be_totals(frame[open_ones["row"]])) if open_ones.height else open_ones
        told = [list(row) for row in named.select("line", "amount").iter_rows()]
        found[str(file)] = [int(dated["amount"].sum()), dated.height, tail["line"].to_list(), told]
    return found


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
