"""Repeated order lines on a cluster: (order id, line id) that stand in several records, whoever's they are."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.spark.batches import whole_keys, without_identical
from clvcli.engines.spark.check import CHECKED, RECORD, notes
from clvcli.engines.spark.frames import mapped
from clvcli.engines.spark.settle import COUNT
from clvcli.log.duplicates import find_repeated_pairs

PAIR = "coalesce(concat(length(order), ' ', order, ' ', line), key) as pair"
"""The same for equal pairs; records without either id stay apart, with their key."""


def without_repeated_pairs(checked: Any, duplicates: str) -> Any:
    """Rows of CHECKED without the repeated order lines, and what was counted of them. One shuffle. `checked`: a Spark
    frame."""
    paired = checked.selectExpr("*", PAIR).repartition("pair").sortWithinPartitions("pair")
    return mapped(paired, Pairs(duplicates), CHECKED)


@dataclass(frozen=True)
class Pairs:
    """Rows of CHECKED, and `pair`, by which they are sorted within a task -> CHECKED, and counts as settle.py has."""

    duplicates: str

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        counts: Counter[str] = Counter()
        for rows in whole_keys(frames, "pair"):
            known = (rows["kind"] == RECORD) & rows["order"].is_not_null() & rows["line"].is_not_null()
            yield rows.filter(~known).select(list(CHECKED))
            # Identical lines have equal pairs, and are told of as such: before pairs are looked at.
            records = without_identical(rows.filter(known).select(list(CHECKED)), self.duplicates, counts)
            rank = records.select("day", "stamp", "customer", "amount")
            found = find_repeated_pairs(records["order"], records["line"], rank)
            counts.update(duplicate=int(found.repeated.sum()), differing=found.differing, differing_value=found.value)
            yield records.filter(~found.repeated)
        yield notes(COUNT, [json.dumps(dict(counts))])
