"""`clv plan`: a calendar of contacts from a scored table."""

import dataclasses
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from clvcli import __version__
from clvcli.commands.plan.calls import Days, calls, refused
from clvcli.commands.plan.due import due_list
from clvcli.commands.plan.limits import LONGEST, Allotted, Call, Limits, allot, capacity_of, caps_of, costs_of
from clvcli.commands.plan.moments import Moment, occasion, replacement, usage
from clvcli.core.currency import currency_of
from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.horizon import days_or_span
from clvcli.core.language import marked
from clvcli.core.options import PlanOptions
from clvcli.lifecycle.actions import StageActions, actions_of, cost_limits, typed
from clvcli.lifecycle.consent import ADDRESSES, CHANNELS, NOT_CONTACTABLE, Consent, channel_name, consent_of
from clvcli.lifecycle.ranking import AT_STAKE, FIRST, ranked, top, with_stake
from clvcli.lifecycle.validation_errors import near
from clvcli.output import STDOUT, Outputs, named_by_file
from clvcli.output.formats.base import format_of
from clvcli.output.places import is_stream
from clvcli.output.scored_table import ScoredTable, read_manifest, read_own, read_scored
from clvcli.scoring.redact import Key
from clvcli.scoring.table import write_bytes, write_table

EPOCH = date(1970, 1, 1)
LATER = "no contact in this calendar"


@dataclass(frozen=True)
class Planned:
    """A calendar.

    `contacts`: date, customer_id, stage, campaign, action, channel, variant, reason, due_date, cost, stake, by date,
    highest value first; `due`: see due.py; `first`: see _first; `left_out`:
    customers not contacted at all, by why; `dropped`: calls refused by limits or for want of consent.
    """

    contacts: pl.DataFrame
    start: date
    end: date
    customers: int
    cost: float
    left_out: Mapping[str, int]
    dropped: Mapping[str, int]
    output: str | None
    notices: tuple[Notice, ...]
    due: pl.DataFrame
    as_of: date | None = None
    first: tuple[dict[str, Any], ...] = ()
    at_risk: frozenset[str] = frozenset()
    currency: str | None = None

    def by(self, *names: str) -> list[dict[str, Any]]:
        """Contacts and their cost, counted by columns, in their order."""
        grouped = self.contacts.group_by(names).agg(contacts=pl.len(), cost=pl.col("cost").sort().sum().round(6))
        return grouped.sort(names, nulls_last=True).to_dicts()


def plan(options: PlanOptions, stage: Callable[[str], None], *, named_only: bool = False) -> Planned:
    """Plans, and writes the calendar; with `named_only` where -o says, else nowhere. Raises InputError, UsageError,
    ConfigError, OutputError."""
    output = options.output
    if output is None and not named_only:
        output = _default_output(options.scored, options.format)
    if options.json and output == STDOUT:
        raise UsageError("--json and the table cannot both go to stdout", hint="-o FILE")
    files = {} if output is None else {"table": output}
    if output is not None and output != STDOUT and not is_stream(output):
        files |= {"due": f"{output}.due.csv", "manifest": f"{output}.run.json"}
    key = Key(options.redact) if options.redact else None
    if options.redact:
        files["key"] = options.redact
    own = {"table"} if options.output is None else named_by_file(options.sources, {"table": "output"})
    inputs = [p for p in (options.scored, options.contacted) if p]
    with Outputs(files, inputs, own_only=own, log_file=options.log_file) as outputs:
        stage("reading")
        table = _table(options)
        stage("planning")
        planned = planned_from(table, options, output)
        if key is not None:
            first = tuple(row | {"customer_id": key.of(row["customer_id"])} for row in planned.first)
            planned = dataclasses.replace(planned, first=first)
            outputs.write("key", lambda sink: write_bytes(key.content(), sink))
        name = format_of(options.output, options.format)
        if "table" in files:
            outputs.write("table", lambda sink: write_table(planned.contacts, name, sink))
        if "manifest" in files:
            outputs.write("due", lambda sink: write_table(planned.due, "csv", sink))
            content = as_json(planned)
            outputs.write("manifest", lambda sink: write_bytes(content, sink))
        outputs.commit()
    return planned


def _table(options: PlanOptions) -> ScoredTable:
    replaced = options.start is not None and options.rules is not None
    hint = marked("--manifest FILE, or --start DATE and --rules FILE")
    table = read_scored(options.scored, None)
    manifest = read_manifest(options.scored, options.table_manifest, hint, required=not replaced)
    return dataclasses.replace(table, manifest=manifest or {})


def _default_output(scored: str, format: str | None) -> str:  # noqa: A002
    stem = re.sub(r"\.(csv|parquet|ndjson|jsonl|pq)$", "", os.path.basename(scored))
    return f"{stem}.plan.{format or 'csv'}"


def planned_from(table: ScoredTable, options: PlanOptions, output: str | None = STDOUT) -> Planned:
    """The calendar of a table."""
    days = calendar(table, options)
    actions = actions_of(table, options.rules)
    limits = limits_of(options, actions)
    frame = with_stake(typed(table.frame, actions))
    consent = consent_of(frame, actions.consent)
    customers, withheld, left_out = reachable(frame, actions, consent)
    staked, notices = _staked(customers, options.stake)
    earlier = _earlier(options.contacted)
    everybody = pl.concat([staked.with_columns(withheld=False), withheld.with_columns(withheld=True)], how="diagonal")
    wanted, told = calls(everybody, actions, _moments(options), days, earlier, consent)
    whole = refused(wanted, everybody, consent)
    judged = _not_controlled(whole, staked)
    ordered = (
        judged.filter(pl.col("refusal").is_null())
        .join(staked.select("customer_id", "stage", "variant", "stake", "place", "max_cost"), on="customer_id")
        .sort(["place", "priority", "day", "rank", "due"], nulls_last=True)
    )
    allotted = _allotted(ordered, limits, days, earlier)
    dropped = dict(judged["refusal"].drop_nulls().value_counts().sort("refusal").iter_rows()) | dict(allotted.dropped)
    contacts = _contacts(ordered, allotted, limits)
    first = _first(frame, actions, contacts, options.stake)
    unknown = _unknown_channels(contacts, consent)
    as_of = table.as_of if "as_of" in table.manifest else None
    return Planned(
        contacts.drop("place"), days.start, days.end, table.frame.height, allotted.cost, left_out,
        dropped, output, (*_old_options(options), *notices, *told, *unknown),
        due_list(whole, everybody, contacts), as_of, first, table.at_risk,
        currency_of(table.manifest, options.show_currency),
    )  # fmt: skip


def _first(
    frame: pl.DataFrame, actions: StageActions, contacts: pl.DataFrame, stake: str
) -> tuple[dict[str, Any], ...]:
    """The first contact of each of the customers whom `clv top` names, in its order; of who has none in this calendar
    the date is null. By another --stake: of those whom that puts first.
    """
    made = contacts.sort("place", "date").unique("customer_id", keep="first", maintain_order=True).drop("place")
    if stake != AT_STAKE:
        return tuple(made.head(FIRST).to_dicts())
    named = top(frame, actions, FIRST).select("customer_id", _stage=pl.col("stage").cast(pl.String))
    rows = named.join(made, on="customer_id", how="left", maintain_order="left")
    later = pl.col("date").is_null()
    told = rows.with_columns(
        stage=pl.when(later).then("_stage").otherwise("stage"),
        reason=pl.when(later).then(pl.lit(LATER)).otherwise("reason"),
    )
    return tuple(told.select(made.columns).to_dicts())


def _not_controlled(judged: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """The calls of customers whom no control group leaves out; those in that of one campaign have it as refusal."""
    own = pl.when(pl.col("withheld") & pl.col("refusal").is_null()).then(pl.lit("campaign_control"))
    return judged.join(customers.select("customer_id"), on="customer_id", how="semi").with_columns(
        refusal=own.otherwise("refusal")
    )


def _unknown_channels(contacts: pl.DataFrame, consent: Consent) -> list[Notice]:
    """One notice for the contacts on channels of which a table with addresses says nothing."""
    counts = dict(contacts["channel"].drop_nulls().value_counts().sort("channel").iter_rows())
    blind = {c: n for c, n in counts.items() if channel_name(c) in ADDRESSES and not consent.knows(c)}
    if not blind or not consent.reached:
        return []
    text = marked(
        "no column of the table has addresses for the contacts by {channels}: one like phone or street would",
        channels=", ".join(f"{channel} ({number:,})" for channel, number in blind.items()),
    )
    return [Notice("unknown_channel", text)]


def calendar(table: ScoredTable, options: PlanOptions) -> Days:
    """The first and the last day."""
    start = date.fromisoformat(options.start) if options.start else table.as_of + timedelta(days=1)
    try:
        return Days(start, days_or_span(options.days).after(start) - timedelta(days=1))
    except ValueError as problem:
        raise UsageError(marked("--days: {problem}", problem=problem)) from None


def _moments(options: PlanOptions) -> list[Moment]:
    lead = days_or_span(options.lead)
    return [
        *(occasion(text) for text in options.occasions),
        *(usage(text, lead) for text in options.usage),
        *(replacement(text, lead) for text in options.replace),
    ]


def _old_options(options: PlanOptions) -> list[Notice]:
    """Moments are actions of the rules now, where they have a channel, a cost and a campaign of their own."""
    examples = {
        "--on": (options.occasions, "{action: greet, before: {birthday: 7d}, every: 1y}"),
        "--usage": (options.usage, "{action: service, before: {last_visit+15000/km_a_month: 14d}}"),
        "--replace": (options.replace, '{action: replace, before: {"boiler_bought+10y": 60d}}'),
    }
    return [
        Notice("deprecated", marked(
            "{flag} is now an action of the rules, {action}: it goes with version 0.3",
            flag=flag, action=f"actions: [{text}]",
        ))
        for flag, (given, text) in examples.items() if given
    ]  # fmt: skip


def reachable(
    frame: pl.DataFrame, actions: StageActions, consent: Consent
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """The customers who may be contacted, with `max_cost`; who could be, were they not in the control group; and how
    many may not, by the first reason that holds.
    """
    control = pl.col("in_control").fill_null(value=False) if "in_control" in frame.columns else pl.lit(value=False)
    silent_stage = ~pl.col("stage").is_in(actions.stages).fill_null(value=False)
    why = (
        pl.when(control).then(pl.lit("control_group"))
        .when(silent_stage).then(pl.lit("stage_without_action"))
        .when(~consent.anyone).then(pl.lit(NOT_CONTACTABLE))
    )  # fmt: skip
    flagged = frame.with_columns(_why=why)
    if "variant" not in flagged.columns:
        flagged = flagged.with_columns(variant=pl.lit(None, pl.String))
    counted = flagged["_why"].drop_nulls().value_counts().sort("_why")
    chosen = flagged.filter(pl.col("_why").is_null()).drop("_why")
    withheld = flagged.filter(control & ~silent_stage & consent.anyone).drop("_why")
    return chosen.with_columns(cost_limits(chosen, actions)), withheld, dict(counted.iter_rows())


def _staked(frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Notice]]:
    """Adds `stake`, the value by which customers come first, and `place`, their place in that order."""
    if name not in frame.columns:
        raise UsageError(
            marked("--stake: the table has no column {name}", name=repr(name)), hint=near(name, frame.columns)
        )
    notices = []
    unknown = frame.height > 0 and frame[name].null_count() == frame.height
    if name in ("clv", AT_STAKE) and unknown and "total_spend" in frame.columns:
        name = "total_spend"
        notices.append(Notice("no_clv", marked("the table has no clv: the highest total_spend comes first")))
    staked = frame.with_columns(stake=pl.col(name).cast(pl.Float64, strict=False))
    return ranked(staked, "stake").with_row_index("place"), notices


def _earlier(path: str | None) -> pl.DataFrame:
    """customer_id, day, action of the contacts made before."""
    if path is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "day": pl.Date, "action": pl.String})
    table = read_own(path)
    if not {"date", "customer_id"} <= set(table.columns):
        raise InputError(
            marked("{place}: has no columns date and customer_id", place=path), hint="a calendar that clv plan wrote"
        )
    action = pl.col("action") if "action" in table.columns else pl.lit(None, pl.String)
    day = pl.col("date").cast(pl.String).str.to_date("%Y-%m-%d", strict=False)
    rows = table.select("customer_id", day=day, action=action)
    if rows["day"].null_count():
        raise InputError(
            marked("{place}: a date is not like 2026-01-31", place=path), hint="a calendar that clv plan wrote"
        )
    return rows


def limits_of(options: PlanOptions, actions: StageActions) -> Limits:
    """The limits that the options state. Raises UsageError for a channel that no action has."""
    late = days_or_span(options.late)
    capacity, cost = capacity_of(options.capacity), costs_of(options.cost)
    known = list(dict.fromkeys([*actions.channels, *CHANNELS]))
    for flag, named in (("--capacity", capacity), ("--cost", cost)):
        for channel in named:
            if channel is not None and channel not in known:
                raise UsageError(
                    marked("{flag}: no action has the channel {channel}", flag=flag, channel=repr(channel)),
                    hint=near(channel, known),
                )
    return Limits(caps_of(options.caps), capacity, cost, options.budget, (late.count or 0) * LONGEST[late.unit])


def _allotted(ordered: pl.DataFrame, limits: Limits, days: Days, earlier: pl.DataFrame) -> Allotted:
    wanted = [
        Call(customer, channel, (day - EPOCH).days, max_cost, cost)
        for customer, channel, day, max_cost, cost in ordered.select(
            "customer_id", "channel", "day", "max_cost", "own_cost"
        ).iter_rows()
    ]
    past: dict[str, list[int]] = {}
    for customer, day in earlier.select("customer_id", "day").unique().iter_rows():
        past.setdefault(customer, []).append((day - EPOCH).days)
    return allot(wanted, limits, (days.end - EPOCH).days, past)


def _contacts(ordered: pl.DataFrame, allotted: Allotted, limits: Limits) -> pl.DataFrame:
    cost = pl.col("channel").replace_strict(dict(limits.cost), default=0.0, return_dtype=pl.Float64).fill_null(0.0)
    day = pl.Series("date", allotted.days, dtype=pl.Int32).cast(pl.Date)
    return (
        ordered.with_columns(
            day,
            cost=pl.coalesce("own_cost", cost if limits.cost else pl.lit(0.0)),
            variant=pl.coalesce("own_variant", "variant"),
        )
        .drop_nulls("date")
        .sort(["date", "place"], maintain_order=True)
        .select(
            "date", "customer_id", "stage", "campaign", "action", "channel", "variant", "reason", "cost", "stake",
            "place", due_date="due",
        )
    )  # fmt: skip


def summary(planned: Planned) -> dict[str, Any]:
    """The calendar in figures."""
    contacts: Sequence[dict[str, Any]] = planned.by("date")
    return {
        "as_of": planned.as_of, "start": planned.start, "end": planned.end,
        "customers": planned.customers, "contacts": planned.contacts.height,
        "contacted": planned.contacts["customer_id"].n_unique(), "cost": planned.cost,
        "left_out": dict(planned.left_out), "dropped": dict(planned.dropped),
        "stages": planned.by("stage", "action", "channel"), "days": contacts, "first": planned.first,
    }  # fmt: skip


def as_json(planned: Planned) -> bytes:
    """The summary as JSON text: what --json prints, and the manifest beside the calendar."""
    written = [] if planned.output in (None, STDOUT) else ["", ".due.csv", ".run.json"]
    content = {
        "schema": 1,
        "clv": __version__,
        "command": "plan",
        **summary(planned),
        "warnings": [n.document() for n in planned.notices],
        "outputs": [f"{planned.output}{end}" for end in written],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()
