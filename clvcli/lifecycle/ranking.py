"""The one order in which customers are turned to: by the value at stake. Of a scored table alone.

The value at stake is what a customer would bring if surely still one, less what is expected, times the chance that
there is still somebody to keep: p_alive * (clv / p_alive - clv) = clv * (1 - p_alive). Without that last factor the
first are those who left long ago; `.github/RANKING.md` compares both with other orders on what customers did later.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from clvcli.core.language import Language
from clvcli.core.phrases import NAMES, why
from clvcli.lifecycle.actions import StageAction, StageActions, holds, typed
from clvcli.lifecycle.consent import Consent, consent_of
from clvcli.lifecycle.control import campaign_control
from clvcli.lifecycle.names import LEFT

AT_STAKE, IF_KEPT = "value_at_stake", "clv_if_kept"
LISTED = (
    "customer_id", "name", "stage", "phase", "action", "channel", "why", AT_STAKE, IF_KEPT, "clv", "p_alive",
    "days_since_last_purchase", "avg_days_between_purchases", "total_spend",
)  # fmt: skip
"""What is told of a customer to turn to."""
FIRST = 10
PURPOSES = ("call", "keep", "win-back", "second-purchase", "grow")
CALLS = ("phone", "personal")
LEAST_DOUBT = 1e-4
"""A smaller chance to have left is none: a model in which nobody leaves would order by rounding errors."""
MANY_GAPS = 3
"""Times the own rhythm after which a silence says that a customer left, where the model tells nobody's leaving."""


def with_stake(table: pl.DataFrame) -> pl.DataFrame:
    """Adds value_at_stake and clv_if_kept; null without a model. `table`: clv and p_alive where there is a model."""
    if not {"clv", "p_alive"} <= set(table.columns):
        return table.with_columns(pl.lit(None, pl.Float64).alias(AT_STAKE), pl.lit(None, pl.Float64).alias(IF_KEPT))
    clv, alive = pl.col("clv").cast(pl.Float64), pl.col("p_alive").cast(pl.Float64)
    gone = pl.when(1.0 - alive >= LEAST_DOUBT).then(1.0 - alive).when(alive.is_not_null()).then(0.0)
    return table.with_columns(
        (clv * gone).alias(AT_STAKE), pl.when(alive > 0).then(clv / alive).otherwise(clv).alias(IF_KEPT)
    )


def ranked(table: pl.DataFrame, by: str = AT_STAKE) -> pl.DataFrame:
    """The rows of a table of with_stake, most at stake first; where that is equal by clv, spend and id.

    `by`: another column to go by first. The order of the rows given does not matter.
    """
    names = [n for n in dict.fromkeys((by, "clv", "total_spend")) if n in table.columns]
    return table.sort([*names, "customer_id"], descending=[*(True for _ in names), False], nulls_last=True)


def candidates(
    table: pl.DataFrame,
    actions: StageActions,
    *,
    channel: str | None = None,
    purpose: str | None = None,
    consent: Consent | None = None,
) -> pl.DataFrame:
    """Customers to whom somebody may turn, with `action` and `channel`: the first action of their stage on a channel
    that they allow. Never the control group, nor that of the campaign of the action, those who left, leads, or who may
    not be contacted.

    `channel`: only who may be contacted on it, whatever the stage says; `purpose`: one of PURPOSES; `consent`: that of
    the whole table, where this is a part of one.
    """
    wanted = "phone" if purpose == "call" and channel is None else channel
    table = _with_held(typed(table, actions), actions)
    consent = consent or consent_of(table, actions.consent)
    open_to = table.filter(~_untouchable(table) & _fits(purpose, table))
    chosen = _chosen(table, actions, consent, wanted)
    named = open_to.with_columns(_action=chosen, _stage=pl.col("stage").cast(pl.String))
    names = pl.DataFrame(
        {"_action": range(len(actions.actions)), "action": [a.action for a in actions.actions],
         "channel": [a.channel for a in actions.actions]},
        schema={"_action": pl.Int64, "action": pl.String, "channel": pl.String},
    )  # fmt: skip
    found = named.drop("action", "channel", strict=False).join(names, on="_action", how="left", maintain_order="left")
    if wanted is not None:
        allowed = pl.col("_stage").is_in(actions.stages) & consent.allows(wanted) & ~_held_on(wanted, actions)
        word = "call" if wanted == "phone" else f"contact by {wanted}"
        found = found.filter(allowed).with_columns(
            pl.col("action").fill_null(word), pl.col("channel").fill_null(wanted)
        )
    return found.filter(pl.col("action").is_not_null()).drop("_action", "_stage", *_held(actions).values())


def top(table: pl.DataFrame, actions: StageActions, n: int = FIRST) -> pl.DataFrame:
    """The n customers to turn to first: what `clv top`, the page, the plan and the workbook name."""
    staked, consent, looked_at = with_stake(table), consent_of(table, actions.consent), 20 * n
    while True:
        part = ranked(_most(staked, looked_at))
        found = candidates(part, actions, consent=consent)
        if found.height >= n or part.height == table.height:
            return found.head(n)
        looked_at *= 10


def listed(chosen: pl.DataFrame, horizon: str | None) -> list[dict[str, Any]]:
    """LISTED of each row of `top`, as plain values; `why` in English."""
    found, english = [], Language()
    for row in chosen.to_dicts():
        made = {"name": name_of(row), "why": why(row, horizon, english)}
        found.append({column: made.get(column, row.get(column)) for column in LISTED})
    return found


def _most(staked: pl.DataFrame, n: int) -> pl.DataFrame:
    """At least the n rows that come first, or all: enough of a large table to name a few of it."""
    known = staked[AT_STAKE].drop_nulls()
    if n >= known.len():
        return staked
    return staked.filter(staked[AT_STAKE] >= known.top_k(n).min())


def _untouchable(table: pl.DataFrame) -> pl.Expr:
    """The control group, who is known to have left, and who never bought."""
    found = pl.lit(value=False)
    if "in_control" in table.columns:
        found = found | pl.col("in_control").fill_null(value=False)
    if "phase" in table.columns:
        found = found | (pl.col("phase").cast(pl.String) == LEFT).fill_null(value=False)
    if "purchases" in table.columns:
        found = found | (pl.col("purchases") == 0).fill_null(value=False)
    return found


def _chosen(table: pl.DataFrame, actions: StageActions, consent: Consent, channel: str | None) -> pl.Expr:
    """The place of the first action of the customer's stage that may be taken; null without one."""
    place, held = pl.lit(None, pl.Int64), _held(actions)
    for index in range(len(actions.actions) - 1, -1, -1):
        one = actions.actions[index]
        if not one.common and _is_on(one, channel):
            fits = (pl.col("stage").cast(pl.String) == one.stage) & consent.allows(one.channel) & holds(one, table)
            fits = fits & ~pl.col(held[index]) if index in held else fits
            place = pl.when(fits).then(pl.lit(index, pl.Int64)).otherwise(place)
    return place


def _is_on(one: StageAction, channel: str | None) -> bool:
    return channel is None or one.channel in (CALLS if channel == "phone" else (channel,))


def _held(actions: StageActions) -> dict[int, str]:
    """Place of an action with a control group of its own -> the column that says who is in it."""
    return {index: f"_held_{index}" for index, one in enumerate(actions.actions) if one.control is not None}


def _with_held(table: pl.DataFrame, actions: StageActions) -> pl.DataFrame:
    """Adds the columns of _held."""
    found = []
    for index, name in _held(actions).items():
        one = actions.actions[index]
        assert one.control is not None
        found.append(campaign_control(table["customer_id"], one.campaign, one.control).alias(name))
    return table.with_columns(found)


def _held_on(channel: str, actions: StageActions) -> pl.Expr:
    """Who is in the control group of an action of the stage on that channel: another contact there would spoil it."""
    held = pl.lit(value=False)
    for index, name in _held(actions).items():
        one = actions.actions[index]
        if _is_on(one, channel):
            held = held | ((pl.col("_stage") == one.stage) & pl.col(name))
    return held


def _fits(purpose: str | None, table: pl.DataFrame) -> pl.Expr:
    """Whom a purpose is about. Late: silent for longer than the own mean gap; gone: likelier left than not."""
    if purpose is None or purpose == "call":
        return pl.lit(value=True)
    silent, gap = pl.col("days_since_last_purchase"), pl.col("avg_days_between_purchases")
    late = (silent > gap).fill_null(value=False)
    alive = pl.col("p_alive") if "p_alive" in table.columns else pl.lit(None, pl.Float64)
    by_silence = (silent > gap * MANY_GAPS).fill_null(value=False)
    gone = pl.when((alive > 0) & (alive < 1)).then(alive < 0.5).otherwise(by_silence)
    again = pl.col("purchases") > 1
    return {
        "keep": again & late & ~gone,
        "win-back": (pl.col("purchases") > 0) & gone,
        "second-purchase": pl.col("purchases") == 1,
        "grow": again & ~late & ~gone,
    }[purpose]


def name_of(row: Mapping[str, Any]) -> str | None:
    """The name of a customer, where an attribute has it."""
    plain = {str(key).strip().lower().replace(" ", "_"): value for key, value in row.items()}
    both = " ".join(str(plain[n]).strip() for n in ("first_name", "last_name") if plain.get(n))
    found = next((str(plain[n]).strip() for n in NAMES if plain.get(n)), both)
    return found or None
