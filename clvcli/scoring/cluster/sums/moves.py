"""Who went from which stage to which since an earlier table, added up over the parts of a table on a cluster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.spark.reduce import Part
from clvcli.scoring.cluster.sums.totals import DIGITS, packed, unpacked
from clvcli.scoring.series.moves import movers, moves_in

ENDS = ("from", "to")


@dataclass(frozen=True)
class Moves:
    """Rows of the scored table with `known` (whether the earlier table has them) and previous_clv -> sums of them."""

    def __call__(self, both: pl.DataFrame) -> Part:
        new = both["known"].null_count()
        people = movers(both)
        return {
            "moves": moves_in(both),
            "new": new,
            "changed": int(both["stage_changed"].sum()) - new,
            "moved": people.moved,
            "named": packed(people.first),
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The sums of several parts."""
        found = list(parts)
        return {
            "moves": _added([move for part in found for move in part["moves"]]),
            **{name: sum(part[name] for part in found) for name in ("new", "changed", "moved")},
            "named": packed(movers(pl.concat([unpacked(part["named"]) for part in found])).first),
        }


def _added(moves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    cells: dict[tuple[str | None, str | None], list[Mapping[str, Any]]] = {}
    for move in moves:
        cells.setdefault((move["from"], move["to"]), []).append(move)
    return [
        {
            **found[0],
            "customers": sum(m["customers"] for m in found),
            "clv": round(sum(m["clv"] for m in found), DIGITS),
        }
        for found in cells.values()
    ]
