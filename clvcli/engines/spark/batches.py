"""Rows that belong together within a task: all of one key, and lines that are the same."""

from collections import Counter
from collections.abc import Iterator

import polars as pl

CHUNK = 300_000


def whole_keys(frames: Iterator[pl.DataFrame], key: str) -> Iterator[pl.DataFrame]:
    """Frames that are sorted by a key, in pieces of about CHUNK rows: all rows of a key are in one."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        waiting.append(frame)
        if sum(part.height for part in waiting) >= CHUNK:
            whole = pl.concat(waiting)
            last = whole[key] == whole[key][-1]
            waiting = [whole.filter(last)]
            if not last.all():
                yield whole.filter(~last)
    if waiting:
        yield pl.concat(waiting)


def without_identical(records: pl.DataFrame, duplicates: str, counts: "Counter[str]") -> pl.DataFrame:
    """The records without those whose line stands among them before, or all of them (--duplicates keep); counts such
    lines either way. `records`: customer, amount and the hashes of the line."""
    again = ~records.select(pl.struct("customer", "hash1", "hash2").is_first_distinct().alias("f")).to_series()
    if duplicates == "drop":
        counts["duplicate"] += int(again.sum())
        return records.filter(~again)
    counts["identical"] += int(again.sum())
    counts["identical_value"] += int(records["amount"].filter(again).sum() or 0)
    return records
