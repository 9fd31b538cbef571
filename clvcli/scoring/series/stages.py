"""The stages of the scored table, and the campaign: who is held back, who has which variant."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.series import Counts, Part, added
from clvcli.models.exact_sum import as_float, group_parts

SUMMED = ("clv", "total_spend", "expected_purchases", "value_at_stake")


@dataclass(frozen=True)
class Stages(Counts):
    """Counts and exact sums of every stage of the rules, empty ones too; as they are, for stage_rows and totals."""

    stages: tuple[str, ...]

    def of(self, batch: pl.DataFrame) -> Part:
        """By stage: customers, buyers, in_control, how many have each of SUMMED, and the exact sums of these."""
        n = len(self.stages)
        batch = batch.with_columns(value_at_stake=pl.col("clv") * (1.0 - pl.col("p_alive")))
        place = batch["stage"].cast(pl.Enum(self.stages)).to_physical().to_numpy()
        sums = {name: group_parts(batch[name].to_numpy(), place, n) for name in SUMMED}
        known = {name: np.bincount(place[batch[name].is_not_null().to_numpy()], minlength=n) for name in SUMMED}
        customers = np.bincount(place, minlength=n)
        buyers = np.bincount(place[(batch["purchases"] > 0).to_numpy()], minlength=n)
        in_control = np.bincount(place[batch["in_control"].to_numpy()], minlength=n)
        return {
            stage: {
                "customers": int(customers[i]),
                "buyers": int(buyers[i]),
                "in_control": int(in_control[i]),
                "known": {name: int(counts[i]) for name, counts in known.items()},
                "sums": {name: parts[i] for name, parts in sums.items()},
            }
            for i, stage in enumerate(self.stages)
        }


def stage_rows(found: Mapping[str, Any], named: Sequence[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """Customers and value of every stage with its phase, in the order of the rules.

    `share` is that of all buyers; None where a stage holds leads alone.
    """
    all_buyers = sum(row["buyers"] for row in found.values())
    total_clv = math.fsum(as_float(row["sums"]["clv"]) for row in found.values())
    rows = []
    for stage, phase in named:
        row = found[stage]
        clv, spend, expected, stake = (as_float(row["sums"][name]) for name in SUMMED)
        valued = row["known"]["clv"] > 0
        rows.append(
            {
                "stage": stage,
                "phase": phase,
                "customers": row["customers"],
                "share": share_of_buyers(row["buyers"], row["customers"], all_buyers),
                "clv": round(clv, 6) if valued else None,
                "clv_share": clv / total_clv if total_clv else None,
                "total_spend": round(spend, 6),
                "expected_purchases": round(expected, 6) if valued else None,
                "value_at_stake": round(stake, 6) if row["known"]["value_at_stake"] else None,
                "in_control": row["in_control"],
            }
        )
    return rows


def share_of_buyers(buyers: int, customers: int, all_buyers: int) -> float | None:
    """The share of all buyers who are in a stage of so many customers; None where these are leads alone."""
    if customers > buyers == 0:
        return None
    return buyers / all_buyers if all_buyers else 0.0


def total_of(found: Mapping[str, Any], name: str) -> float | None:
    """The exact sum of a column over all stages, rounded once; None where nobody has one."""
    known = sum(row["known"][name] for row in found.values())
    return as_float(added([row["sums"][name] for row in found.values()])) if known else None


@dataclass(frozen=True)
class Campaign(Counts):
    """Count customers in the control group, and the others by variant."""

    variants: tuple[str, ...]

    def of(self, batch: pl.DataFrame) -> Part:
        """Counts of a batch."""
        treated = batch.filter(~pl.col("in_control"))
        variants = {str(name): n for name, n in treated["variant"].drop_nulls().value_counts().iter_rows()}
        return {"in_control": batch.height - treated.height, "treated": treated.height, "variants": variants}

    def finish(self, total: Part) -> dict[str, Any]:
        """Every variant of the rules."""
        return {**total, "variants": {name: total["variants"].get(name, 0) for name in self.variants}}
