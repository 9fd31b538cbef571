"""Who moved between the stages: the transition matrix, and the customers with the most value at stake."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from clvcli.commands.compare.pair import Pair

APPEARED, VANISHED = "(appeared)", "(vanished)"


@dataclass(frozen=True)
class Transition:
    """Customers who were in `old` and are in `new`; `share` of those who were in `old`; their clv before and after."""

    old: str
    new: str
    customers: int
    share: float
    old_clv: float | None
    new_clv: float | None


@dataclass(frozen=True)
class Mover:
    """A customer whose stage changed. `at_stake`: clv after minus clv before, what the move won or lost."""

    customer_id: str
    old_stage: str
    new_stage: str
    old_clv: float | None
    new_clv: float | None
    at_stake: float


def transitions(pair: Pair) -> list[Transition]:
    """Every pair of stages that occurs, in the order of the stages; rows sum up to OLD, columns to NEW."""
    order = [*pair.stages, "(no stage)", APPEARED, VANISHED]
    place = pl.Enum(list(dict.fromkeys(order)))
    counted = (
        pair.both.with_columns(
            old=pl.col("old_stage").fill_null(APPEARED).cast(place),
            new=pl.col("new_stage").fill_null(VANISHED).cast(place),
        )
        .group_by("old", "new")
        .agg(
            customers=pl.len(),
            old_clv=_total("old_clv"),
            new_clv=_total("new_clv"),
        )
        .with_columns(share=pl.col("customers") / pl.col("customers").sum().over("old"))
        .sort("old", "new")
    )
    return [Transition(**{**row, "old": str(row["old"]), "new": str(row["new"])}) for row in counted.to_dicts()]


def _total(name: str) -> pl.Expr:
    """A sum that does not depend on the order of rows; null when nothing is known."""
    column = pl.col(name).drop_nulls()
    return pl.when(column.len() > 0).then(column.sort().sum().round(6))


def movers(pair: Pair, top: int) -> list[Mover]:
    """The customers whose stage changed, the largest change of clv first; at most `top`."""
    rows = detail(pair).filter(pl.col("moved")).head(top)
    names = ("customer_id", "old_stage", "new_stage", "old_clv", "new_clv", "at_stake")
    return [Mover(**row) for row in rows.select(names).to_dicts()]


def detail(pair: Pair) -> pl.DataFrame:
    """One row per customer of either table, by value at stake: what `-o` writes.

    `status`: stayed, moved, appeared or vanished. A missing clv counts as 0 for at_stake.
    """
    old, new = pl.col("old_stage"), pl.col("new_stage")
    status = (
        pl.when(old.is_null())
        .then(pl.lit("appeared"))
        .when(new.is_null())
        .then(pl.lit("vanished"))
        .when(old == new)
        .then(pl.lit("stayed"))
        .otherwise(pl.lit("moved"))
    )
    stake = (pl.col("new_clv").fill_null(0.0) - pl.col("old_clv").fill_null(0.0)).round(6)
    return (
        pair.both.with_columns(status=status, at_stake=stake)
        .with_columns(moved=pl.col("status") == "moved", size=pl.col("at_stake").abs())
        .sort(["size", "customer_id"], descending=[True, False])
        .select(
            "customer_id", "status", "moved", "old_stage", "new_stage", "old_clv", "new_clv", "at_stake", "bought",
            "purchases_between", "spend_between", "moved_by_rules", in_control="old_in_control", variant="old_variant",
        )
    )  # fmt: skip


def count_of(moves: Sequence[Transition], *, old: str | None = None, new: str | None = None) -> int:
    """Customers of the transitions from `old` and to `new`, where given."""
    return sum(m.customers for m in moves if old in (None, m.old) and new in (None, m.new))
