"""Subscription logs: contracts or payments -> spells of monthly revenue, whatever was paid in advance spread over time.

1,200 paid for 12 months are a spell of 12 months at 100 a month. A spell runs from `start` to `end`, its last day; null
while it runs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.options import EconomicsOptions
from clvcli.log.dates import read_dates

GRACE_DAYS = 15
"""A payment this late still renews; a contract that starts this soon after another continues it."""
LONGEST_TERM = 1200


@dataclass(frozen=True)
class Contracts:
    """`spells`: customer_id, start, end, monthly (minor units, Float64), renewal (months); sorted."""

    spells: pl.DataFrame
    as_of: date


def asked_lines(options: EconomicsOptions) -> dict[str, str]:
    """What of the records a subscription log needs, for read_log."""
    named = {"end": options.end, "term": options.term, "renewal": options.renewal}
    return {name: text for name, text in named.items() if text is not None and _number(text) is None}


def is_subscription(options: EconomicsOptions) -> bool:
    """Whether the options make this a log of contracts or of payments for a term."""
    if options.renewal is not None and options.end is None and options.term is None:
        raise UsageError("--renewal needs --end or --term", hint="--term 12: an amount pays for 12 months")
    return options.end is not None or options.term is not None


def read_contracts(lines: pl.DataFrame, options: EconomicsOptions, as_of: date, run_day: date) -> Contracts:
    """Spells from used records. Without --end each record is a payment that covers its term.

    With --end and without --as-of the day on which to stand is the latest of all starts and ends up to the day of the
    run. Raises InputError for ends and terms that cannot be read.
    """
    term = _months(lines, "term", options.term, 1)
    renewal = _months(lines, "renewal", options.renewal, None) if options.renewal else term
    spells = lines.select("customer_id", start="day").with_columns(
        monthly=lines["amount"].cast(pl.Float64) / term, renewal=renewal, term=term
    )
    if options.end is None:
        return Contracts(_paid(spells, as_of), as_of)
    ends = _ends(lines["end"], options)
    known = ends.filter((ends <= run_day).fill_null(False)).max()
    stand = max(as_of, known) if options.as_of is None and isinstance(known, date) else as_of
    spells = spells.with_columns(end=ends)
    wrong = spells.filter(pl.col("end") < pl.col("start"))
    if wrong.height:
        raise InputError(
            f"--end: {wrong.height} contracts end before they start, first of customer {wrong['customer_id'][0]!r}",
            hint="mend them, or leave them out with --where",
        )
    running = pl.col("end") >= stand
    spells = spells.with_columns(end=pl.when(~running).then("end"))
    columns = ["customer_id", "start", "end", "monthly", "renewal"]
    return Contracts(spells.select(columns).sort(columns, nulls_last=True), stand)


def relationships(spells: pl.DataFrame) -> pl.DataFrame:
    """Spells of a customer that follow each other within 15 days, joined: customer_id, start, end, renewal, monthly.

    `monthly` is that of the last spell, `renewal` that of the first.
    """
    ordered = spells.sort("customer_id", "start", pl.col("end").fill_null(date.max), nulls_last=True)
    reach = pl.col("end").fill_null(date.max).cum_max().over("customer_id").shift(1)
    same = pl.col("customer_id") == pl.col("customer_id").shift(1)
    gap = (pl.col("start") - reach).dt.total_days()
    begins = ~(same & (gap <= GRACE_DAYS + 1)).fill_null(False)
    numbered = ordered.with_columns(chain=begins.cum_sum())
    return (
        numbered.group_by("chain", maintain_order=True)
        .agg(
            pl.col("customer_id").first(),
            pl.col("start").min(),
            end=pl.when(pl.col("end").is_null().any()).then(None).otherwise(pl.col("end").max()),
            renewal=pl.col("renewal").first(),
            monthly=pl.col("monthly").last(),
        )
        .drop("chain")
    )


def _paid(payments: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Payments to spells: until the next payment where it comes in time, else for the term; the last one runs while it
    is not overdue."""
    ordered = payments.sort("customer_id", "start", "monthly")
    covered = pl.col("start").dt.offset_by(pl.format("{}mo", "term")) - timedelta(days=1)
    following = pl.when(pl.col("customer_id") == pl.col("customer_id").shift(-1)).then(pl.col("start").shift(-1))
    late = (following - covered).dt.total_days() - 1
    end = pl.when(late.is_between(1, GRACE_DAYS)).then(following - timedelta(days=1)).otherwise(covered)
    runs = (following.is_null() & (covered + timedelta(days=GRACE_DAYS) >= as_of)) | (end >= as_of)
    frame = ordered.with_columns(end=pl.when(~runs).then(end))
    return frame.select("customer_id", "start", "end", "monthly", "renewal")


def _ends(text: pl.Series, options: EconomicsOptions) -> pl.Series:
    if text.null_count() == text.len():
        return pl.Series([None] * text.len(), dtype=pl.Date)
    read = read_dates(text, options.end or "end", options.date_format, options.tz).frame
    bad = text.filter(read["date_reason"].is_not_null() & text.is_not_null() & (read["date_reason"] != "missing_date"))
    if bad.len():
        raise InputError(
            f"--end: {bad.len()} values are no dates, first {bad[0]!r}", hint="leave it empty while it runs"
        )
    return read["day"]


def _months(lines: pl.DataFrame, role: str, text: str | None, default: int | None) -> pl.Series:
    """Months for each record: the same for all, or from a column."""
    fixed = default if text is None else _number(text)
    if text is not None and fixed is None:
        months = lines[role].cast(pl.Float64, strict=False)
        good = ((months >= 1) & (months <= LONGEST_TERM) & (months == months.round())).fill_null(False)
        if not good.all():
            bad = lines.filter(~good)[role]
            raise InputError(f"--{role}: {bad.len()} values are no whole months, first {bad[0]!r}", hint="like 1 or 12")
        return months.cast(pl.Int64)
    if fixed is None or not 1 <= fixed <= LONGEST_TERM:
        raise UsageError(f"--{role}: is a number of months from 1 to {LONGEST_TERM}; got {text!r}")
    return pl.repeat(fixed, lines.height, dtype=pl.Int64, eager=True)


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
