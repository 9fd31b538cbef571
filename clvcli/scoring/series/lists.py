"""The few customers that a page names. Ids leave the table only here."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from clvcli.lifecycle.actions import StageActions
from clvcli.lifecycle.ranking import listed, top
from clvcli.scoring.series.value import total

PER_STAGE, PER_LIST = 3, 10
WEEK_DAYS, BACK_DAYS = 7, 30
COLUMNS = (
    "customer_id", "stage", "action", "variant", "purchases", "last_purchase_date", "days_since_last_purchase",
    "total_spend", "p_alive", "p_purchase", "clv", "clv_low", "clv_high", "next_purchase_date", "alert_date",
)  # fmt: skip


NONE = StageActions((), {})
REACHABLE = pl.col("action").is_not_null() & ~pl.col("in_control").fill_null(False)
"""Customers for whom the rules have an action, the control group left out."""


def contacts(table: pl.DataFrame, as_of: date, at_risk: Sequence[str] = ()) -> dict[str, Any]:
    """Whom to contact this week: how many, and the most valuable of them.

    `by` silence: it turned alarming in the last 30 days or will within 7. Where nobody's did, `by` stage: who is in the
    stages `at_risk`, valued by what they spent where there is no clv.
    """
    by, silent = "silence", _turned_silent(table, as_of)
    if silent.is_empty():
        by, silent = "stage", _marked(table, at_risk)
    return {
        "by": by,
        "back_days": BACK_DAYS,
        "ahead_days": WEEK_DAYS,
        "customers": silent.height,
        "clv": silent.select(total("clv")).item() if silent.height else 0.0,
        "first": plain_rows(most_valuable(silent, _value(table), PER_LIST)),
    }


def due(table: pl.DataFrame, as_of: date, at_risk: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Whom to contact by silence, and by stage."""
    return _turned_silent(table, as_of), _marked(table, at_risk)


def _turned_silent(table: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """COLUMNS of those to contact by silence."""
    low, high = as_of - timedelta(days=BACK_DAYS), as_of + timedelta(days=WEEK_DAYS)
    return _people(table, pl.col("alert_date").is_between(low, high, closed="right"))


def _marked(table: pl.DataFrame, at_risk: Sequence[str]) -> pl.DataFrame:
    """COLUMNS of those to contact by stage."""
    return _people(table, pl.col("stage").is_in(list(at_risk)) & (pl.col("purchases") > 0))


def _people(table: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    return table.lazy().filter(REACHABLE & condition).select(COLUMNS).collect()


def named(table: pl.DataFrame, as_of: date, at_risk: Sequence[str], actions: StageActions = NONE) -> pl.DataFrame:
    """The few rows of a table, or of a part of one, that `contacts`, `stage_firsts` and `top_rows` may name: of the
    rows of all parts together they name the same customers as of the whole table."""
    lists = [most_valuable(people, _value(table), PER_LIST)["customer_id"] for people in due(table, as_of, at_risk)]
    firsts = [row["customer_id"] for rows in stage_firsts(table).values() for row in rows]
    first = top(table, actions)["customer_id"]
    return table.filter(pl.col("customer_id").is_in([*lists[0], *lists[1], *firsts, *first]))


def top_rows(table: pl.DataFrame, actions: StageActions, horizon: str) -> list[dict[str, Any]]:
    """The customers that `clv top` names of the same table, with why: see lifecycle/ranking.py."""
    return listed(top(table, actions), horizon)


def _value(table: pl.DataFrame) -> str:
    return "clv" if table["clv"].count() else "total_spend"


def stage_firsts(table: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The most valuable customers of each stage that has an action; by what they spent where no model values them."""
    value = _value(table)
    valued = REACHABLE & (pl.col("purchases") > 0) & pl.col(value).is_not_null()
    known = table.lazy().with_row_index("row").filter(valued).select("row", value, "stage").collect()
    # The n-th value of each stage first: what is below it need not be sorted. Small numbers group faster than texts.
    stages = known["stage"].unique().cast(pl.String).sort()
    known = known.with_columns(stage=pl.col("stage").cast(pl.Enum(stages)).to_physical())
    least = known.group_by("stage").agg(pl.col(value).top_k(PER_STAGE).min()).sort("stage")
    near = table.select(COLUMNS)[known.filter(known[value] >= least[value].gather(known["stage"]))["row"]]
    return {
        stage: plain_rows(most_valuable(near.filter(pl.col("stage") == stage), value, PER_STAGE)) for stage in stages
    }


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
