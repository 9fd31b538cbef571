"""Who went from which stage to which since an earlier table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.engines.series import Part, added
from clvcli.models.exact_sum import whole_sum
from clvcli.scoring.series.lists import COLUMNS, PER_LIST, most_valuable, plain_rows
from clvcli.scoring.series.money import in_steps, money
from clvcli.scoring.series.rows import packed, unpacked

OLD = ("previous_stage", "previous_clv", "change")


@dataclass(frozen=True)
class Moves:
    """The table with previous_stage, _previous_clv, stage_changed and _known (null for customers who are new) ->
    customers and clv by previous and present stage; how many are `new` and `changed`; and the movers, whose value
    changed most of those who changed stage, both ways.

    `gone`: customers who are in the earlier table alone, by stage.
    """

    stages: Sequence[str]
    gone: Mapping[str | None, int]

    def of(self, batch: pl.DataFrame) -> Part:
        """Moves as [from, to], with counts and ten-thousandths."""
        cells = batch.select("previous_stage", pl.col("stage").cast(pl.String), "clv").partition_by(
            "previous_stage", "stage", as_dict=True
        )
        moves = [
            [move, {"customers": part.height, "clv": whole_sum(in_steps(part["clv"]))}] for move, part in cells.items()
        ]
        new = batch["_known"].null_count()
        change = (pl.col("clv") - pl.col("_previous_clv")).round(6)
        changed = batch.filter(pl.col("stage") != pl.col("previous_stage")).with_columns(
            change=change, previous_clv="_previous_clv"
        )
        return {
            "moves": moves,
            "counts": {"new": new, "changed": int(batch["stage_changed"].sum()) - new, "moved": changed.height},
            "up": packed(_up(changed)),
            "down": packed(_down(changed)),
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """The same of several parts."""
        found = list(parts)
        cells: dict[tuple[Any, ...], list[Part]] = {}
        for part in found:
            for move, sums in part["moves"]:
                cells.setdefault(tuple(move), []).append(sums)
        return {
            "moves": [[list(move), added(sums)] for move, sums in cells.items()],
            "counts": added([part["counts"] for part in found]),
            "up": packed(_up(pl.concat([unpacked(part["up"]) for part in found]))),
            "down": packed(_down(pl.concat([unpacked(part["down"]) for part in found]))),
        }

    def finish(self, total: Part) -> dict[str, Any]:
        """`transitions`, the series, and `counts`."""
        order = {stage: i for i, stage in enumerate(self.stages)}
        told = [
            {"from": move[0], "to": move[1], "customers": sums["customers"], "clv": money(sums["clv"])}
            for move, sums in total["moves"]
        ]
        told += [{"from": stage, "to": None, "customers": n, "clv": None} for stage, n in self.gone.items()]
        told.sort(key=lambda m: tuple((order.get(m[k], len(order)), m[k] or "") for k in ("from", "to")))
        series = {
            "moves": told,
            "changed": total["counts"]["moved"],
            "up": plain_rows(unpacked(total["up"]), *OLD),
            "down": plain_rows(unpacked(total["down"]), *OLD),
        }
        counts = {name: total["counts"][name] for name in ("new", "changed")}
        return {"transitions": series, "counts": counts | {"left": sum(self.gone.values())}}


def _up(changed: pl.DataFrame) -> pl.DataFrame:
    return most_valuable(changed.filter(pl.col("change") > 0), "change", PER_LIST).select(*COLUMNS, *OLD)


def _down(changed: pl.DataFrame) -> pl.DataFrame:
    lost = changed.filter(pl.col("change") < 0).with_columns(loss=-pl.col("change"))
    return most_valuable(lost, "loss", PER_LIST).select(*COLUMNS, *OLD)
