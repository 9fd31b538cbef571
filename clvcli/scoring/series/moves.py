"""Who went from which stage to which since an earlier table; of all customers, or of a part of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.scoring.series.lists import COLUMNS, PER_LIST, most_valuable, plain_rows
from clvcli.scoring.series.value import total

OLD = ("previous_stage", "previous_clv", "change")


@dataclass(frozen=True)
class Movers:
    """How many changed stage, and `first`: those of them whose value changed most, both ways."""

    moved: int
    first: pl.DataFrame


def transitions(table: pl.DataFrame, previous: pl.DataFrame, stages: Sequence[str]) -> dict[str, Any]:
    """Customers by previous and present stage: `new` came, `left` are in the earlier table alone.

    `previous`: customer_id, stage and, where it has one, clv. Movers: whose value changed most of those who changed
    stage, both ways; the earlier value is given beside it.
    """
    known = pl.col("clv").cast(pl.Float64) if "clv" in previous.columns else pl.lit(None, pl.Float64)
    old = previous.select("customer_id", previous_stage=pl.col("stage").cast(pl.String), previous_clv=known)
    both = table.drop("previous_stage", "previous_clv", strict=False).join(old, on="customer_id", how="left")
    gone = old.join(table, on="customer_id", how="anti").group_by("previous_stage").agg(customers=pl.len())
    return transitions_of(moves_in(both), dict(gone.iter_rows()), movers(both), stages)


def moves_in(both: pl.DataFrame) -> list[dict[str, Any]]:
    """Customers and clv by previous and present stage. `both`: the table with previous_stage."""
    counted = both.group_by("previous_stage", "stage").agg(customers=pl.len(), clv=total("clv"))
    return [
        {"from": r["previous_stage"], "to": r["stage"], "customers": r["customers"], "clv": r["clv"]}
        for r in counted.to_dicts()
    ]


def movers(both: pl.DataFrame) -> Movers:
    """Those of a table, or of a part of one, who moved: of the firsts of all parts together they name the same
    customers as of the whole. `both`: the table with previous_stage and previous_clv."""
    change = (pl.col("clv") - pl.col("previous_clv")).round(6)
    changed = both.filter(pl.col("stage") != pl.col("previous_stage")).with_columns(change=change)
    return Movers(changed.height, pl.concat([_up(changed), _down(changed)]))


def _up(changed: pl.DataFrame) -> pl.DataFrame:
    return most_valuable(changed.filter(pl.col("change") > 0), "change", PER_LIST).select(*COLUMNS, *OLD)


def _down(changed: pl.DataFrame) -> pl.DataFrame:
    lost = changed.filter(pl.col("change") < 0).with_columns(loss=-pl.col("change"))
    return most_valuable(lost, "loss", PER_LIST).select(*COLUMNS, *OLD)


def transitions_of(
    moves: Sequence[Mapping[str, Any]], gone: Mapping[str | None, int], found: Movers, stages: Sequence[str]
) -> dict[str, Any]:
    """The series from `moves_in` of all, the customers who are in the earlier table alone by stage, and who moved."""
    order = {stage: i for i, stage in enumerate(stages)}
    told = [dict(move) for move in moves]
    told += [{"from": stage, "to": None, "customers": n, "clv": None} for stage, n in gone.items()]
    told.sort(key=lambda m: tuple((order.get(m[k], len(order)), m[k] or "") for k in ("from", "to")))
    return {
        "moves": told,
        "changed": found.moved,
        "up": plain_rows(_up(found.first), *OLD),
        "down": plain_rows(_down(found.first), *OLD),
    }
