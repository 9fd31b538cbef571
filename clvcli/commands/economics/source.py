"""Where the figures come from: purchases, where silence is all one sees, or contracts, where leaving shows."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from clvcli.commands.economics.churn import activity, default_window, visits_of
from clvcli.commands.economics.contracts import Contracts, asked_lines, is_subscription, read_contracts
from clvcli.commands.economics.mrr import mrr_periods, snapshots
from clvcli.commands.economics.periods import Calendar, calendar_of
from clvcli.core.errors import UsageError
from clvcli.core.fields import FIELDS
from clvcli.core.language import marked
from clvcli.core.options import EconomicsOptions
from clvcli.core.options.scoring import scoring
from clvcli.engines.people import people_of
from clvcli.log.read import Log, read_log, read_table
from clvcli.output.formats.base import with_texts
from clvcli.scoring.scored import Scored, Stage, score_log

ASSIGNED = {"stage", "phase", "action", "in_control", "variant", "rfm_score"}
"""Columns of the scored table that may stand in --by."""


@dataclass(frozen=True)
class Source:
    """The log, scored, cut into periods.

    `customers`: the scored table (leads have purchases = 0) with every --by column; `visits`: customer_id, period and
    sums, by customer and period; `margins`: customer_id, margin where it differs by customer.
    """

    log: Log
    scored: Scored
    customers: pl.DataFrame
    calendar: Calendar
    visits: pl.DataFrame
    window: int
    window_source: str
    margins: pl.DataFrame | None
    margin: float
    contracts: Contracts | None

    def visits_in(self, members: pl.DataFrame | None) -> pl.DataFrame:
        """The visits of the members (column customer_id), or all."""
        if members is None:
            return self.visits
        return self.visits.join(members, on="customer_id", how="semi", maintain_order="left")

    def periods_in(self, visits: pl.DataFrame) -> pl.DataFrame:
        """The periods of these visits."""
        if self.contracts is None:
            return activity(visits, self.calendar, self.window)
        margin = self.margins if self.margins is not None else None
        frame = mrr_periods(visits, self.calendar, margin)
        return frame if margin is not None else frame.with_columns(profit=pl.col("profit") * self.margin)


def read_source(options: EconomicsOptions, run_day: date, stage: Stage) -> Source:
    """Reads and scores. Raises UsageError for options that contradict each other, else what read_log raises."""
    subscription = is_subscription(options)
    if subscription and options.active_window is not None:
        raise UsageError("--active-window has no use where contracts say who left", hint="leave it out")
    if options.horizon.strip().lower() == "inf" and options.discount_rate == 0:
        raise UsageError("--horizon inf needs a --discount-rate above 0", hint="--discount-rate 0.1")
    stage("reading")
    attributes = read_table(options.customers, "customers").columns if options.customers else []
    keep = tuple(c for c in _groups(options) if c not in ASSIGNED | set(attributes))
    lines = _lines(options, subscription=subscription)
    log = read_log(options, run_day, keep=keep, lines=lines, people=people_of(options))
    contracts = None
    if subscription and log.lines is not None:
        contracts = read_contracts(log.lines, options, log.as_of, run_day)
        log = dataclasses.replace(log, as_of=contracts.as_of)
    scored = score_log(scoring(options, no_model=subscription), stage, log=log)
    stage("counting")
    customers = with_texts(scored.table)
    if log.attributes is not None:
        customers = customers.join(log.attributes, on="customer_id", how="left", maintain_order="left")
    customers = customers.with_columns(in_bands(customers[c]) for c in dict.fromkeys(options.by) if c in customers)
    rate = scored.scorer.margin
    margins = None if rate is not None else customers.select("customer_id", pl.col("margin").cast(pl.Float64))
    calendar = calendar_of(log.purchases["day"], log.as_of, options.period)
    if contracts is not None:
        visits = snapshots(contracts.spells, calendar, contracts.as_of)
        return Source(log, scored, customers, calendar, visits, 1, "contracts", margins, _rate(rate), contracts)
    visits = visits_of(_with_profit(log.purchases, rate, margins), calendar)
    window = options.active_window or default_window(visits, calendar)
    source = "given" if options.active_window else "from the data"
    return Source(log, scored, customers, calendar, visits, window, source, margins, _rate(rate), None)


def in_bands(values: pl.Series) -> pl.Series:
    """A column of numbers with more than 12 different ones as five bands of about as many customers; others as they
    are."""
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.null_count() > values.null_count() or numbers.n_unique() <= MOST_NUMBERS:
        return values
    edges = sorted({float(numbers.quantile(share, "nearest") or 0.0) for share in (0.2, 0.4, 0.6, 0.8)})
    at = pl.Series(edges).search_sorted(numbers.fill_null(edges[0]), side="left")
    told = [f"{edge:,.0f}" if abs(edge) >= 1e5 else f"{edge:g}" for edge in edges]
    names = [f"up to {told[0]}", *(f"{a} to {b}" for a, b in pairwise(told)), f"over {told[-1]}"]
    named = pl.Series(names).gather(at)
    return pl.select(pl.when(numbers.is_not_null()).then(named)).to_series().alias(values.name)


def groups_of(source: Source, by: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """(column, value): everybody first, then each value of each column, the most customers first.

    Raises UsageError for columns with more than 100 values.
    """
    found: list[tuple[str | None, str | None]] = [(None, None)]
    for column in by:
        if column not in source.customers.columns:
            raise UsageError(
                marked("--by {column}: no such column in the log or in --customers", column=column), hint="--by stage"
            )
        counts = source.customers.filter(pl.col("purchases") > 0)[column].cast(pl.String).rename("value").value_counts()
        if counts.height > MOST_GROUPS:
            raise UsageError(
                marked(
                    "--by {column}: {count} values are too many for groups", column=column, count=f"{counts.height:,}"
                ),
                hint="a coarser column",
            )
        ordered = counts.sort("count", "value", descending=[True, False], nulls_last=True)
        found += [(column, value) for value in ordered["value"]]
    return found


MOST_GROUPS, MOST_NUMBERS = 100, 12


def members_of(source: Source, column: str | None, value: str | None) -> pl.DataFrame:
    """The scored customers of a group."""
    if column is None:
        return source.customers
    return source.customers.filter(pl.col(column).cast(pl.String).eq_missing(pl.lit(value, pl.String)))


def _groups(options: EconomicsOptions) -> tuple[str, ...]:
    """The --by columns. Raises UsageError for one that is no group."""
    clashing = [c for c in options.by if c in {f.name for f in FIELDS} - ASSIGNED]
    if clashing:
        raise UsageError(
            marked("--by {name}: is a figure of each customer, not a group", name=clashing[0]),
            hint="--by stage",
        )
    return tuple(dict.fromkeys(options.by))


def _lines(options: EconomicsOptions, *, subscription: bool) -> dict[str, str] | None:
    asked = asked_lines(options) if subscription else {}
    if options.service is not None:
        asked["service"] = options.service
    return asked if asked or subscription else None


def _with_profit(purchases: pl.DataFrame, rate: float | None, margins: pl.DataFrame | None) -> pl.DataFrame:
    if margins is None:
        return purchases.with_columns(profit=pl.col("amount") * (1.0 if rate is None else rate))
    joined = purchases.join(margins, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(profit=pl.col("amount") * pl.col("margin"))


def _rate(rate: float | None) -> float:
    return 1.0 if rate is None else rate
