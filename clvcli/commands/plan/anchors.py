"""Contacts that hang on a day of the customer's own: after a purchase, before a birthday, steps of a letter."""

from datetime import date

import polars as pl

from clvcli.commands.plan.moments import due_dates, replacement, shifted, usage
from clvcli.core.errors import Notice
from clvcli.core.horizon import Span, parse_span
from clvcli.lifecycle.actions import Anchor, StageAction, StageActions
from clvcli.lifecycle.holidays import days_of

PURCHASES = {name: f"{name}_date" for name in ("first_purchase", "last_purchase", "next_purchase")}
ENTRY = "stage_entry"
LONGEST = {"d": 1, "w": 7, "m": 31, "y": 366}
GRACE_DAYS = 7
"""How long a moment that passed in silence is still made up for."""
MAX_TOUCHES = 5_000
UNITS = {"d": "d", "w": "w", "m": "mo", "y": "y"}
NO_LEAD = Span(0, "d")


def anchored(
    customers: pl.DataFrame, one: StageAction, actions: StageActions, start: date, end: date
) -> tuple[pl.DataFrame, list[Notice]]:
    """customer_id, due (the anchor's own day), day (of the contact): every touch from `start` less GRACE_DAYS to `end`.

    `customers`: those in the stage; with `every` touches come again from the anchor on, at most `times` of them.
    """
    assert one.anchor is not None
    bases, notices = _bases(customers, one.anchor, actions, start, end)
    sign = 1 if one.anchor.after else -1
    moved = shifted("due", one.anchor.span, sign) if one.anchor.span.count else pl.col("due")
    first = bases.drop_nulls("due").with_columns(day=moved)
    low = pl.lit(start) - pl.duration(days=GRACE_DAYS)
    if one.every is None:
        return first.filter(pl.col("day").is_between(low, pl.lit(end))), notices
    assert one.every.count is not None
    longest = one.every.count * LONGEST[one.every.unit]
    gone = (pl.lit(start) - pl.duration(days=GRACE_DAYS) - pl.col("day")).dt.total_days()
    rows = first.with_columns(k=(gone // longest).clip(lower_bound=0))
    unit = UNITS[one.every.unit]
    found = [rows.clear().drop("k")]
    for step in range(MAX_TOUCHES):
        number = pl.col("k") + step
        touch = pl.col("day").dt.offset_by(pl.format("{}" + unit, number * one.every.count))
        again = pl.col("due").dt.offset_by(pl.format("{}" + unit, number * one.every.count))
        if (
            not one.anchor.after and one.anchor.span.count
        ):  # a week before this year's day, not before that of the first
            touch = again.dt.offset_by(f"-{one.anchor.span.count}{UNITS[one.anchor.span.unit]}")
        later = rows.with_columns(day=touch, due=again, n=number).filter(pl.col("day") <= end)
        if one.times is not None:
            later = later.filter(pl.col("n") < one.times)
        if later.is_empty():
            break
        found.append(later.filter(pl.col("day") >= low).drop("k", "n"))
    return pl.concat(found), notices


def reason(one: StageAction) -> pl.Expr:
    """`30d after first purchase 2024-01-31`."""
    assert one.anchor is not None
    place = "after" if one.anchor.after else "before"
    span = f"{one.anchor.span} {place} " if one.anchor.span.count else ""
    name = one.anchor.day.replace("_", " ").replace("{", "").replace("}", "")
    return pl.format(f"{span}{name} {{}}", pl.col("due").cast(pl.String))


def _bases(
    customers: pl.DataFrame, anchor: Anchor, actions: StageActions, start: date, end: date
) -> tuple[pl.DataFrame, list[Notice]]:
    """customer_id, due: the days on which an action hangs."""
    name = PURCHASES.get(anchor.day, anchor.day)
    if anchor.day == ENTRY:
        changed = "stage_changed" in customers.columns
        entered = customers.filter(pl.col("stage_changed").fill_null(value=False)) if changed else customers.clear()
        return entered.select("customer_id", due=pl.lit(start)), []
    if "+" in anchor.day:
        moment = usage(anchor.day, NO_LEAD) if "/" in anchor.day else replacement(anchor.day, NO_LEAD)
        return due_dates(moment, customers, start, end)
    if name in customers.columns:
        column = pl.col(name)
        if customers.schema[name] == pl.String:
            column = column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        return customers.select("customer_id", due=column.cast(pl.Date, strict=False)), []
    if name in actions.types or name in PURCHASES.values():
        return customers.clear().select("customer_id", due=pl.lit(None, pl.Date)), []
    days = days_of(anchor.day, actions.holidays, range(start.year - 1, end.year + 2))
    return customers.select("customer_id").join(pl.DataFrame({"due": days}, schema={"due": pl.Date}), how="cross"), []


def steps(
    first: pl.DataFrame, customers: pl.DataFrame, one: StageAction, past: pl.DataFrame, start: date, end: date
) -> pl.DataFrame:
    """The letters that follow an action, unless the customer bought since it: customer_id, due, day, action, channel.

    `first`: customer_id and day of the contacts of the action in this calendar; `past`: contacts made before.
    """
    made = past.filter(pl.col("action") == one.action).group_by("customer_id").agg(pl.col("day").max())
    bought = customers.select("customer_id", "last_purchase_date")
    waiting = made.join(bought, on="customer_id").filter(
        (pl.col("last_purchase_date") < pl.col("day")).fill_null(value=True)
    )
    begun = pl.concat([first.select("customer_id", "day"), waiting.select("customer_id", "day")])
    found, offset = [], pl.col("day")
    for step in one.steps:
        span = parse_span(step.wait, infinite=False)
        begun = begun.with_columns(day=shifted("day", span))
        done = past.filter(pl.col("action") == step.action).group_by("customer_id").agg(sent=pl.col("day").max())
        open_to = begun.join(done, on="customer_id", how="left").filter(
            (pl.col("sent") < pl.col("day") - pl.duration(days=GRACE_DAYS)).fill_null(value=True)
        )
        found.append(
            open_to.filter(pl.col("day").is_between(pl.lit(start) - pl.duration(days=GRACE_DAYS), pl.lit(end)))
            .select(
                "customer_id", due="day", day=pl.max_horizontal(offset, pl.lit(start)), action=pl.lit(step.action),
                channel=pl.lit(step.channel or one.channel, pl.String),
                reason=pl.lit(f"{step.wait} after {one.action}, unless bought"),
            )
        )  # fmt: skip
    return pl.concat(found) if found else pl.DataFrame()
