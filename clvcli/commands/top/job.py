"""`clv top`: the customers to turn to now, from a scored table alone."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clvcli import __version__
from clvcli.core.currency import currency_of
from clvcli.core.errors import Notice, UsageError
from clvcli.core.language import marked
from clvcli.core.options import TopOptions
from clvcli.lifecycle.actions import StageActions, actions_of
from clvcli.lifecycle.consent import ADDRESSES, CHANNELS, channel_name, consent_of
from clvcli.lifecycle.ranking import AT_STAKE, IF_KEPT, LISTED, candidates, listed, ranked, with_stake
from clvcli.lifecycle.validation_errors import near
from clvcli.output.scored_table import ScoredTable, read_manifest, read_scored


@dataclass(frozen=True)
class Top:
    """`rows`: LISTED of each customer, first to turn to first; `customers` of the table, `open_to`: who might be
    named, were the list longer; `horizon` None: unknown, for there is no manifest; `currency` of amounts, None unknown.
    """

    rows: tuple[Mapping[str, Any], ...]
    customers: int
    open_to: int
    as_of: date | None
    horizon: str | None
    notices: tuple[Notice, ...]
    at_risk: frozenset[str] = frozenset()
    currency: str | None = None


def top(options: TopOptions, stage: Callable[[str], None] = lambda _: None) -> Top:
    """Reads the table and chooses. Raises InputError, UsageError, ConfigError."""
    stage("reading")
    found = read_scored(options.scored, None)
    manifest = read_manifest(options.scored, options.table_manifest, "--manifest FILE", required=False)
    table = dataclasses.replace(found, manifest=manifest or {})
    actions = actions_of(table, options.rules)
    check_names(options, table, actions)
    stage("choosing")
    return chosen(table, actions, options)


def chosen(table: ScoredTable, actions: StageActions, options: TopOptions) -> Top:
    """The customers of a table that the options ask for."""
    frame = with_stake(table.frame)
    for column, value in (("stage", options.stage), ("phase", options.phase)):
        if value is not None:
            frame = frame.filter(pl.col(column).cast(pl.String) == value)
    open_to = ranked(candidates(frame, actions, channel=options.channel, purpose=options.purpose))
    horizon = str(table.manifest["horizon"]) if "horizon" in table.manifest else None
    rows = tuple(listed(open_to.head(options.number), horizon))
    notices: tuple[Notice, ...] = ()
    if table.frame.height and open_to[AT_STAKE].null_count() == open_to.height > 0:
        text = marked("the table has no clv: the highest total_spend comes first")
        notices = (Notice("no_clv", text),)
    notices += _without_addresses(table, actions, rows)
    currency = currency_of(table.manifest, options.show_currency)
    as_of = table.as_of if "as_of" in table.manifest else None
    return Top(rows, table.frame.height, open_to.height, as_of, horizon, notices, table.at_risk, currency)


def _without_addresses(
    table: ScoredTable, actions: StageActions, rows: tuple[Mapping[str, Any], ...]
) -> tuple[Notice, ...]:
    """One notice where customers are named for a channel of which a table with addresses has none."""
    consent = consent_of(table.frame, actions.consent)
    named = sorted({str(row["channel"]) for row in rows if row["channel"]})
    blind = [c for c in named if channel_name(c) in ADDRESSES and not consent.knows(c)]
    if not blind or not consent.reached:
        return ()
    text = marked(
        "no column of the table has addresses for {channels}: one like phone or street would", channels=", ".join(blind)
    )
    return (Notice("unknown_channel", text),)


def check_names(options: TopOptions, table: ScoredTable, actions: StageActions) -> None:
    """Raises UsageError for a stage, phase or channel that does not exist."""
    frame = table.frame
    phases = frame["phase"].drop_nulls().cast(pl.String).unique().to_list() if "phase" in frame.columns else []
    known = {
        "stage": list(dict.fromkeys([*table.stages, *frame["stage"].drop_nulls().cast(pl.String).unique()])),
        "phase": sorted({*phases, *(table.manifest.get("rules") or {}).get("phases", {})}),
        "channel": list(dict.fromkeys([*actions.channels, *CHANNELS])),
    }
    for name, names in known.items():
        value = getattr(options, name)
        if value is None or value in names or (name == "channel" and channel_name(value) in names):
            continue
        raise UsageError(
            marked("--{name}: there is no {name2} {value}", name=name, name2=name, value=repr(value)),
            hint=near(value, names),
        )


def as_json(found: Top, options: TopOptions) -> bytes:
    """The result as JSON text."""
    content = {
        "schema": 1, "clv": __version__, "command": "top", "as_of": found.as_of, "horizon": found.horizon,
        "customers": found.customers, "open_to": found.open_to, "for": options.purpose, "top": found.rows,
        "warnings": [n.document() for n in found.notices],
    }  # fmt: skip
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def as_table(found: Top) -> pl.DataFrame:
    """The rows as a frame."""
    numbers = (AT_STAKE, IF_KEPT, "clv", "p_alive", "avg_days_between_purchases", "total_spend")
    types: dict[str, type[pl.DataType]] = dict.fromkeys(LISTED, pl.String)
    types |= dict.fromkeys(numbers, pl.Float64) | {"days_since_last_purchase": pl.Int64}
    return pl.DataFrame(list(found.rows), schema=types, orient="row")


def as_csv(found: Top) -> bytes:
    """The rows as CSV; the head alone where nobody is named."""
    return as_table(found).write_csv().encode()
