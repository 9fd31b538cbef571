"""Count ids merged by trimming blanks at their ends: a look at all ids as they stand.

It reads the log again, and only one that has such ids: what a customer's records say of it is no more than its id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.spark.blocks import Texts
from clvcli.engines.spark.frames import collected, mapped
from clvcli.log import ids
from clvcli.log.columns import Role
from clvcli.log.expressions import Kinds, text_of

SPELLED: dict[str, Any] = {"id": pl.String, "raw": pl.String}


def joined_ids(raw: Any, step: "Spelled") -> int:
    """Spellings beyond the first of all ids. `raw`: the Spark frame of the log."""
    found = mapped(raw, step, SPELLED).selectExpr("count(distinct id, raw) - count(distinct id) as joined")
    return int(collected(found).item())


@dataclass(frozen=True)
class Spelled:
    """Raw records -> SPELLED, each spelling once a batch."""

    role: Role
    kinds: Kinds
    texts: Texts

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in self.texts(frames):
            raw = text_of(self.role, frame, self.kinds)
            yield pl.DataFrame({"id": ids.clean(raw).values, "raw": raw}).drop_nulls().unique()
