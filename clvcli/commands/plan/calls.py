"""Everything that calls for a contact in a span of days, before any limit: one row a call."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.commands.plan.anchors import anchored, reason, steps
from clvcli.commands.plan.moments import Moment, due_dates, shifted
from clvcli.core.errors import Notice
from clvcli.core.horizon import Span
from clvcli.lifecycle.actions import StageAction, StageActions, holds
from clvcli.lifecycle.consent import Consent
from clvcli.lifecycle.control import campaign_control, variant

SCHEMA = {
    "customer_id": pl.String, "action": pl.String, "channel": pl.String, "reason": pl.String, "due": pl.Date,
    "day": pl.Date, "priority": pl.Int64, "rank": pl.Int64, "own_cost": pl.Float64, "own_variant": pl.String,
    "campaign": pl.String, "withheld": pl.Boolean,
}  # fmt: skip
"""due: the moment itself; day: the first on which to contact; priority, then rank: lower comes first for the same
customer. The rank of an action is its place in the rules. withheld: in the control group of the campaign alone.
"""
MOMENT, NEXT_PURCHASE, CADENCE = 0, 1, 2
MAX_TOUCHES = 5_000
NOTHING_OWN = {
    "own_cost": pl.lit(None, pl.Float64), "own_variant": pl.lit(None, pl.String), "withheld": pl.lit(value=False),
}  # fmt: skip


@dataclass(frozen=True)
class Days:
    """The calendar: from `start` to `end`, both included."""

    start: date
    end: date


def calls(
    frame: pl.DataFrame,
    actions: StageActions,
    moments: list[Moment],
    days: Days,
    earlier: pl.DataFrame | None = None,
    consent: Consent | None = None,
) -> tuple[pl.DataFrame, list[Notice]]:
    """All calls, in SCHEMA. `frame`: who may be contacted; `earlier`: customer_id, day, action of the past; `consent`:
    of the frame, for the channels of moments.
    """
    found, notices = [pl.DataFrame(schema=SCHEMA)], []
    channels = _first_channels(frame, actions, consent or Consent(pl.lit(value=True)))
    past = earlier
    if past is None:
        past = pl.DataFrame(schema={name: SCHEMA[name] for name in ("customer_id", "day", "action")})
    for rank, moment in enumerate(moments):
        due, told = due_dates(moment, frame, days.start, days.end)
        rows = _of_moment(moment, due, channels, days, past).with_columns(rank=pl.lit(rank, pl.Int64))
        found.append(rows.with_columns(**NOTHING_OWN, campaign=pl.col("action")).select(*SCHEMA))
        notices += told
    for rank, action in enumerate(actions.actions):
        customers = frame.filter((pl.col("stage") == action.stage) & holds(action, frame))
        if action.anchor is None:
            rows = _of_stage(customers, action, days, past)
        else:
            rows, told = _of_anchor(customers, action, actions, days, past)
            notices += told
        named = {"action": pl.lit(action.action), "channel": pl.lit(action.channel, pl.String)}
        found.append(_dressed(rows.with_columns(**named), customers, action, rank))
        if action.steps:
            follow = steps(rows, customers, action, past, days.start, days.end)
            follow = follow.with_columns(priority=pl.lit(MOMENT, pl.Int64))
            found.append(_dressed(follow, customers, action, rank))
    return pl.concat(found), notices


def _dressed(rows: pl.DataFrame, customers: pl.DataFrame, action: StageAction, rank: int) -> pl.DataFrame:
    """The calls in SCHEMA, with what one costs and its variant, where the action has its own."""
    told = rows.with_columns(**NOTHING_OWN, rank=pl.lit(rank, pl.Int64), campaign=pl.lit(action.campaign))
    if action.cost is not None:
        told = told.drop("own_cost").join(_costs(customers, action.cost), on="customer_id", how="left")
    if action.variants:
        told = told.with_columns(own_variant=variant(told["customer_id"], action.variants, action.action))
    if action.control is not None:
        left_out = campaign_control(told["customer_id"], action.campaign, action.control)
        told = told.with_columns(withheld=left_out)
    return told.select(*SCHEMA)


def _costs(customers: pl.DataFrame, cost: tuple[float, float, float]) -> pl.DataFrame:
    """customer_id, own_cost: a contact, a click as often as the customer responds, a sale as likely as a purchase."""
    known = customers.columns
    clicks = pl.col("response_rate").cast(pl.Float64, strict=False) if "response_rate" in known else pl.lit(0.0)
    sales = pl.col("p_purchase").cast(pl.Float64) if "p_purchase" in known else pl.lit(0.0)
    whole = cost[0] + cost[1] * clicks.fill_null(0.0) + cost[2] * sales.fill_null(0.0)
    return customers.select("customer_id", own_cost=whole.round(6))


def _of_anchor(
    customers: pl.DataFrame, action: StageAction, actions: StageActions, days: Days, past: pl.DataFrame
) -> tuple[pl.DataFrame, list[Notice]]:
    """One call for each touch, unless it was made on its day or after it."""
    touches, notices = anchored(customers, action, actions, days.start, days.end)
    rows = touches.join(_last_contact(past, action.action), on="customer_id", how="left")
    rows = rows.filter((pl.col("contacted") < pl.col("day")).fill_null(value=True))
    told = rows.with_columns(
        reason=reason(action), priority=pl.lit(MOMENT, pl.Int64), day=pl.max_horizontal("day", pl.lit(days.start))
    )
    return told, notices


def _first_channels(frame: pl.DataFrame, actions: StageActions, consent: Consent) -> pl.DataFrame:
    """customer_id and the channel of the first action of the stage that may be used, else of the first: moments use
    it too.
    """
    channel = pl.lit(None, pl.String)
    for one in reversed(actions.actions):
        channel = pl.when(pl.col("stage") == one.stage).then(pl.lit(one.channel, pl.String)).otherwise(channel)
    allowed = channel
    for one in reversed(actions.actions):
        fits = (pl.col("stage") == one.stage) & consent.allows(one.channel)
        allowed = pl.when(fits).then(pl.lit(one.channel, pl.String)).otherwise(allowed)
    return frame.select("customer_id", channel=allowed)


def refused(wanted: pl.DataFrame, frame: pl.DataFrame, consent: Consent) -> pl.DataFrame:
    """`wanted` with `refusal`: why the customer of the frame may not be contacted on that channel, null where he may.

    Keeps no order.
    """
    found = [wanted.clear().with_columns(refusal=pl.lit(None, pl.String))]
    for (channel,), rows in wanted.partition_by("channel", as_dict=True).items():
        told = frame.select("customer_id", refusal=consent.refusal(None if channel is None else str(channel)))
        found.append(rows.join(told, on="customer_id", how="left"))
    return pl.concat(found)


def _last_contact(past: pl.DataFrame, action: str) -> pl.DataFrame:
    """customer_id, contacted: the last day on which the action was taken."""
    return past.filter(pl.col("action") == action).group_by("customer_id").agg(contacted=pl.col("day").max())


def _of_moment(
    moment: Moment, due: pl.DataFrame, channels: pl.DataFrame, days: Days, past: pl.DataFrame
) -> pl.DataFrame:
    """One call for each moment, unless one was made for it: at or after its day less the lead time."""
    verb = "" if moment.kind == "occasion" else " due"
    day = shifted("due", moment.lead, -1) if moment.lead else pl.col("due")
    return (
        due.join(channels, on="customer_id")
        .join(_last_contact(past, moment.name), on="customer_id", how="left")
        .filter((pl.col("contacted") < day).fill_null(value=True))
        .with_columns(
            day=pl.max_horizontal(day, pl.lit(days.start)),
            action=pl.lit(moment.name),
            reason=pl.format(
                f"{moment.name.replace('{', '').replace('}', '')}{verb} {{}}", pl.col("due").cast(pl.String)
            ),
            priority=pl.lit(MOMENT, pl.Int64),
        )
        .filter(pl.col("day") <= days.end)
    )


def _of_stage(customers: pl.DataFrame, action: StageAction, days: Days, past: pl.DataFrame) -> pl.DataFrame:
    """What comes again: first when the next purchase is expected, less the lead time, if that is before the cadence
    would come round, else at the start; then every so often. What comes once: at the start, or, with a lead time, that
    long before the next purchase where one is expected.
    """
    last = _last_contact(past, action.action)
    rows = customers.select("customer_id", next=_next_purchase(customers)).join(last, on="customer_id", how="left")
    again = shifted("contacted", action.every) if action.every else pl.lit(None, pl.Date)
    if action.every is None:
        rows = rows.filter(pl.col("contacted").is_null())
    ready = rows.with_columns(ready=pl.max_horizontal(again, pl.lit(days.start)))
    before = shifted("next", action.lead, -1) if action.lead else pl.col("next")
    timely = before < shifted("ready", action.every) if action.every else pl.lit(action.lead is not None)
    expected = ((pl.col("next") >= days.start) & timely).fill_null(value=False)
    first = ready.with_columns(
        day=pl.when(expected).then(pl.max_horizontal(before, "ready")).otherwise("ready"),
        reason=pl.when(expected)
        .then(pl.format("next purchase expected {}", pl.col("next").cast(pl.String)))
        .otherwise(pl.lit(_cadence(action.every))),
        due=pl.when(expected).then("next").otherwise("ready"),
        priority=pl.when(expected).then(NEXT_PURCHASE).otherwise(CADENCE).cast(pl.Int64),
    )
    return pl.concat(_repeated(first, action.every, days))


def _repeated(first: pl.DataFrame, every: Span | None, days: Days) -> list[pl.DataFrame]:
    """The first contact, and those that follow it until the calendar ends."""
    found = [first.filter(pl.col("day") <= days.end)]
    if every is None:
        return found
    for k in range(1, MAX_TOUCHES):
        later = first.with_columns(
            day=shifted("day", every, k), reason=pl.lit(_cadence(every)), priority=pl.lit(CADENCE, pl.Int64)
        ).filter(pl.col("day") <= days.end)
        if later.is_empty():
            break
        found.append(later.with_columns(due=pl.col("day")))
    return found


def _cadence(every: Span | None) -> str:
    return "once in this stage" if every is None else f"every {every}"


def _next_purchase(frame: pl.DataFrame) -> pl.Expr:
    return pl.col("next_purchase_date") if "next_purchase_date" in frame.columns else pl.lit(None, pl.Date)
