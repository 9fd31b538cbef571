"""The few customers that a page names. Ids leave the table only here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from clvcli.engines.series import Part
from clvcli.lifecycle.actions import StageActions
from clvcli.lifecycle.ranking import listed, top
from clvcli.scoring.series.money import money, steps_of
from clvcli.scoring.series.rows import packed, unpacked

PER_STAGE, PER_LIST = 3, 10
WEEK_DAYS, BACK_DAYS = 7, 30
COLUMNS = (
    "customer_id", "stage", "action", "variant", "purchases", "last_purchase_date", "days_since_last_purchase",
    "total_spend", "p_alive", "p_purchase", "clv", "clv_low", "clv_high", "next_purchase_date", "alert_date",
)  # fmt: skip


REACHABLE = pl.col("action").is_not_null() & ~pl.col("in_control").fill_null(False)
"""Customers for whom the rules have an action, the control group left out."""


@dataclass(frozen=True)
class Lists:
    """`contacts`, whom to contact this week: how many, and the most valuable of them; `stage_firsts`, the most valuable
    customers of each stage that has an action. By what they spent where there is no clv.

    `by` silence: it turned alarming in the last 30 days or will within 7. Where nobody's did, `by` stage: who is in the
    stages `at_risk`.
    """

    as_of: date
    at_risk: tuple[str, ...] = ()

    def of(self, batch: pl.DataFrame) -> Part:
        """Both ways to be due with their firsts, and the firsts of the stages."""
        value = _value(batch)
        due = {by: batch.lazy().filter(REACHABLE & now).select(COLUMNS).collect() for by, now in self._due().items()}
        return {
            "valued": batch["clv"].count(),
            "due": {by: {"customers": one.height, "clv": steps_of(one["clv"])} for by, one in due.items()},
            "first": {by: packed(most_valuable(people, value, PER_LIST)) for by, people in due.items()},
            "stages": packed(_stage_firsts(batch, value)),
        }

    def _due(self) -> dict[str, pl.Expr]:
        low, high = self.as_of - timedelta(days=BACK_DAYS), self.as_of + timedelta(days=WEEK_DAYS)
        return {
            "silence": pl.col("alert_date").is_between(low, high, closed="right"),
            "stage": pl.col("stage").is_in(list(self.at_risk)) & (pl.col("purchases") > 0),
        }

    def merge(self, parts: Iterable[Part]) -> Part:
        """Of the firsts of all parts the first."""
        found = list(parts)
        valued = sum(part["valued"] for part in found)
        value = "clv" if valued else "total_spend"

        def rows(of: Iterable[str]) -> pl.DataFrame:
            return pl.concat([unpacked(text) for text in of])

        return {
            "valued": valued,
            "due": {
                by: {name: sum(part["due"][by][name] for part in found) for name in ("customers", "clv")}
                for by in ("silence", "stage")
            },
            "first": {
                by: packed(most_valuable(rows(part["first"][by] for part in found), value, PER_LIST))
                for by in ("silence", "stage")
            },
            "stages": packed(_firsts(rows(part["stages"] for part in found), value)),
        }

    def finish(self, total: Part) -> dict[str, Any]:
        """Due customers and the first of each stage, by name."""
        by = "silence" if total["due"]["silence"]["customers"] else "stage"
        due, firsts = total["due"][by], unpacked(total["stages"])
        return {
            "contacts": {
                "by": by,
                "back_days": BACK_DAYS,
                "ahead_days": WEEK_DAYS,
                "customers": due["customers"],
                "clv": money(due["clv"]),
                "first": plain_rows(unpacked(total["first"][by])),
            },
            "stage_firsts": {
                str(stage): plain_rows(part)
                for (stage,), part in firsts.partition_by("stage", as_dict=True, maintain_order=True).items()
            },
        }


@dataclass(frozen=True)
class Top:
    """The customers that `clv top` names of the same table, with why: see lifecycle/ranking.py."""

    actions: StageActions
    horizon: str

    def of(self, batch: pl.DataFrame) -> Part:
        """The most valuable rows of a batch."""
        return packed(top(batch, self.actions))

    def merge(self, parts: Iterable[Part]) -> Part:
        """Of the firsts of all parts the first."""
        return packed(top(pl.concat([unpacked(part) for part in parts]), self.actions))

    def finish(self, total: Part) -> list[dict[str, Any]]:
        """The rows as plain values."""
        return listed(unpacked(total), self.horizon)


def _value(table: pl.DataFrame) -> str:
    return "clv" if table["clv"].count() else "total_spend"


def _stage_firsts(table: pl.DataFrame, value: str) -> pl.DataFrame:
    """COLUMNS of the most valuable customers of each stage that has an action, by stage."""
    valued = REACHABLE & (pl.col("purchases") > 0) & pl.col(value).is_not_null()
    known = table.lazy().with_row_index("row").filter(valued).select("row", value, "stage").collect()
    # The n-th value of each stage first: what is below it need not be sorted. Small numbers group faster than texts.
    stages = known["stage"].unique().cast(pl.String).sort()
    known = known.with_columns(stage=pl.col("stage").cast(pl.Enum(stages)).to_physical())
    least = known.group_by("stage").agg(pl.col(value).top_k(PER_STAGE).min()).sort("stage")
    near = known.filter(known[value] >= least[value].gather(known["stage"]))
    return _firsts(table.select(COLUMNS)[near["row"]], value)


def _firsts(near: pl.DataFrame, value: str) -> pl.DataFrame:
    """The first of each stage, by stage."""
    stages = near["stage"].cast(pl.String).unique().sort()
    return pl.concat([
        near.clear(), *(most_valuable(near.filter(pl.col("stage") == stage), value, PER_STAGE) for stage in stages)
    ])  # fmt: skip


def most_valuable(table: pl.DataFrame, value: str, n: int) -> pl.DataFrame:
    """The first n by value, falling; equals by id, so that the choice does not depend on row order."""
    known = table.filter(pl.col(value).is_not_null())
    if known.height > 20 * n:
        least = known[value].top_k(n).min()
        known = known.filter(pl.col(value) >= least)
    return known.sort([value, "customer_id"], descending=[True, False]).head(n)


def plain_rows(table: pl.DataFrame, *more: str) -> list[dict[str, Any]]:
    """Plain values, dates as ISO text."""
    return table.select(pl.col(*COLUMNS, *more)).with_columns(pl.selectors.date().cast(pl.String)).to_dicts()
