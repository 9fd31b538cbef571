"""Subscription logs: contracts or payments -> spells of monthly revenue, whatever was paid in advance spread over time.

1,200 paid for 12 months are a spell of 12 months at 100 a month. A spell runs from `start` to `end`, its last day; null
while it runs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.core.options import EconomicsOptions
from clvcli.log.dates import read_dates

GRACE_DAYS = 15
"""A payment this late still renews; a contract that starts this soon after another continues it."""
LONGEST_TERM = 1200


@dataclass(frozen=True)
class Contracts:
    """`spells`: customer_id, start, end, monthly (minor units, Float64), renewal and term (months), until (the end as
    written, also where it lies ahead), plan and contract (null where nothing says them); sorted.

    `paid`: each was a payment, so that several make a contract.
    """

    spells: pl.DataFrame
    as_of: date
    paid: bool = False


SPELL = ("customer_id", "start", "end", "monthly", "renewal", "term", "until", "plan", "contract")


def asked_lines(options: EconomicsOptions) -> dict[str, str]:
    """What of the records a subscription log needs, for read_log."""
    named = {"end": options.end, "term": options.term, "renewal": options.renewal}
    asked = {name: text for name, text in named.items() if text is not None and _number(text) is None}
    columns = {"plan": options.plan, "contract": options.contract}
    return asked | {name: text for name, text in columns.items() if text is not None}


def is_subscription(options: EconomicsOptions) -> bool:
    """Whether the options make this a log of contracts or of payments for a term."""
    for name in ("renewal", "plan", "contract", "rows"):
        if getattr(options, name) is not None and options.end is None and options.term is None:
            raise UsageError(
                marked("--{name} needs --end or --term", name=name), hint="--term 12: an amount pays for 12 months"
            )
    return options.end is not None or options.term is not None


def read_contracts(lines: pl.DataFrame, options: EconomicsOptions, as_of: date, run_day: date) -> Contracts:
    """Spells from used records. Without --end each record is a payment that covers its term.

    With --end and without --as-of the day on which to stand is the latest of all starts and ends up to the day of the
    run. Raises InputError for ends and terms that cannot be read.
    """
    term = _months(lines, "term", options.term, 1)
    renewal = _months(lines, "renewal", options.renewal, None) if options.renewal else term
    spells = lines.select("customer_id", start="day").with_columns(
        monthly=lines["amount"].cast(pl.Float64) / term,
        renewal=renewal,
        term=term,
        **{name: lines[name] if name in lines.columns else pl.lit(None, pl.String) for name in ("plan", "contract")},
    )
    if options.end is None:
        return Contracts(_paid(spells, as_of), as_of, paid=True)
    ends = _ends(lines["end"], options)
    known = ends.filter((ends <= run_day).fill_null(False)).max()
    stand = max(as_of, known) if options.as_of is None and isinstance(known, date) else as_of
    spells = spells.with_columns(end=ends)
    wrong = spells.filter(pl.col("end") < pl.col("start"))
    if wrong.height:
        raise InputError(
            marked(
                "--end: {count} contracts end before they start, first of customer {first}",
                count=wrong.height,
                first=repr(wrong["customer_id"][0]),
            ),
            hint="mend them, or leave them out with --where",
        )
    _refuse_twice(spells)
    running = pl.col("end") >= stand
    spells = spells.with_columns(until="end", end=pl.when(~running).then("end"))
    return Contracts(spells.select(SPELL).sort(SPELL, nulls_last=True), stand)


def _refuse_twice(spells: pl.DataFrame) -> None:
    """A contract is one customer's, and runs once at a time. Raises InputError."""
    known = spells.filter(pl.col("contract").is_not_null())
    people = known.group_by("contract").agg(pl.col("customer_id").n_unique()).filter(pl.col("customer_id") > 1)
    if people.height:
        raise InputError(
            marked(
                "--contract: {count} contracts are of several customers, first {first}",
                count=people.height,
                first=repr(people["contract"].sort()[0]),
            ),
            hint="another column may have their ids",
        )
    ordered = known.sort("contract", "start", pl.col("end").fill_null(date.max))
    before = pl.col("end").fill_null(date.max).shift(1).over("contract")
    twice = ordered.filter(pl.col("start") < before)["contract"].unique().sort()
    if twice.len():
        raise InputError(
            marked(
                "--contract: {count} contracts run twice at a time, first {first}",
                count=twice.len(),
                first=repr(twice[0]),
            ),
            hint="--duplicates drop leaves lines out that are equal; mend the others",
        )


def numbered(spells: pl.DataFrame) -> pl.DataFrame:
    """Sorted by customer and start, with `chain`: the same number where spells of a customer follow each other within
    15 days."""
    ordered = spells.sort("customer_id", "start", pl.col("end").fill_null(date.max), maintain_order=True)
    reach = pl.col("end").fill_null(date.max).cum_max().over("customer_id").shift(1)
    same = pl.col("customer_id") == pl.col("customer_id").shift(1)
    gap = (pl.col("start") - reach).dt.total_days()
    begins = ~(same & (gap <= GRACE_DAYS + 1)).fill_null(False)
    return ordered.with_columns(chain=begins.cum_sum())


def relationships(spells: pl.DataFrame) -> pl.DataFrame:
    """Spells of a customer that follow each other within 15 days, joined: customer_id, start, end, renewal, monthly.

    `renewal` is that of the first spell, everything else (monthly, term, plan) that of the last. With `chain`.
    """
    known = {"customer_id", "start", "end", "renewal"}
    return (
        numbered(spells)
        .group_by("chain", maintain_order=True)
        .agg(
            pl.col("customer_id").first(),
            pl.col("start").min(),
            pl.when(pl.col("end").is_null().any()).then(None).otherwise(pl.col("end").max()).alias("end"),
            pl.col("renewal").first(),
            *(pl.col(name).last() for name in SPELL if name in spells.columns and name not in known),
        )
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
    return ordered.with_columns(until=end, end=pl.when(~runs).then(end)).select(SPELL)


def _ends(text: pl.Series, options: EconomicsOptions) -> pl.Series:
    if text.null_count() == text.len():
        return pl.Series([None] * text.len(), dtype=pl.Date)
    read = read_dates(text, options.end or "end", options.date_format, options.tz).frame
    bad = text.filter(read["date_reason"].is_not_null() & text.is_not_null() & (read["date_reason"] != "missing_date"))
    if bad.len():
        raise InputError(
            marked("--end: {count} values are no dates, first {first}", count=bad.len(), first=repr(bad[0])),
            hint="leave it empty while it runs",
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
            raise InputError(
                marked(
                    "--{role}: {count} values are no whole months, first {first}",
                    role=role,
                    count=bad.len(),
                    first=repr(bad[0]),
                ),
                hint="like 1 or 12",
            )
        return months.cast(pl.Int64)
    if fixed is None or not 1 <= fixed <= LONGEST_TERM:
        raise UsageError(
            marked(
                "--{role}: is a number of months from 1 to {longest_term}; got {text}",
                role=role,
                longest_term=LONGEST_TERM,
                text=repr(text),
            )
        )
    return pl.repeat(fixed, lines.height, dtype=pl.Int64, eager=True)


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
