"""What looks wrong in a log although every record can be read: told as warnings, nothing is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.horizon import parse_span
from clvcli.core.marked import marked, several
from clvcli.log.duplicates import Identical, RepeatedPairs
from clvcli.log.id_anomalies import suspicious_ids
from clvcli.log.remedies import literal, where

ENOUGH_CUSTOMERS, ENOUGH_RECORDS = 8, 50
EXTREME = {"lines": (marked("records"), 0.1), "amount": (marked("spend"), 0.2)}
"""For each column of the totals what it counts, and which share of one customer is large."""
CUSTOMER_IS_NOT = "\2customer <> "
TIMES_THE_MEAN = 5
"""A customer is extreme when its share is large and this many times the mean share."""
LONG_GAP_DAYS = 365
CENTS = (30, 300)
"""A factor in this range is taken for the hundred between a unit and its cents."""
SAMPLE = 100_000
BLOCK = 1 << 15
"""Rows at a time: temporary arrays of all of them would be fresh memory, which costs more than the counting."""


def records(number: int) -> str:
    """`1 record`, `2 records`."""
    return several("{n:d} record", "{n:d} records", number)


def about_lines(read: int, used: int, nobody: int, zeros: int, identical: Identical, decimals: int) -> list[Notice]:
    """Records without a customer, identical lines, amounts of zero."""
    found: list[Notice] = []
    if nobody > 0.05 * read:
        message = several(
            "{n:d} of {read:d} records ({share:.0%}) has no customer id and is left out; --customer names another "
            "column",
            "{n:d} of {read:d} records ({share:.0%}) have no customer id and are left out; --customer names another "
            "column",
            nobody, read=read, share=nobody / read,
        )  # fmt: skip
        found.append(Notice("no_customer_id", message))
    if identical.extra:
        message = several(
            "{n:d} identical line (worth {worth:,.2f}) counted; --duplicates drop omits them",
            "{n:d} identical lines (worth {worth:,.2f}) counted; --duplicates drop omits them",
            identical.extra, worth=identical.value / 10**decimals,
        )  # fmt: skip
        found.append(Notice("identical_lines", message))
    if identical.extra >= max(5, 0.2 * read):
        message = marked(
            "{share:.0%} of the lines stand in the log before: it looks appended twice; check the export, or "
            "--duplicates drop",
            share=identical.extra / read,
        )
        found.append(Notice("appended_twice", message))
    if zeros:
        message = several(
            "{n:d} used record with the amount 0 ({share:.1%}): zero is a purchase too; to leave them out: {option}",
            "{n:d} used records with the amount 0 ({share:.1%}): zero is a purchase too; to leave them out: {option}",
            zeros, share=zeros / used, option=where("\2amount <> 0"),
        )  # fmt: skip
        found.append(Notice("zero_amounts", message))
    return found


def about_days(days: pl.DataFrame, decimals: int, totals: pl.DataFrame) -> list[Notice]:
    """Everything that the used records show when summed up. `days`: day, amount, lines, sorted by customer and day;
    `totals`: customer, lines, amount."""
    return suspicious_ids(totals) + about_customers(totals) + about_amounts(days, decimals) + about_dates(days)


@dataclass(frozen=True)
class Extreme:
    """Of the records or of the minor units of all: the `whole`, the `most` of one customer, and the first such id."""

    whole: int
    most: int
    name: str

    @classmethod
    def of(cls, totals: pl.DataFrame, column: str) -> "Extreme":
        """`totals`: customer and the column, at least one row."""
        most = pl.col(column).max()
        name = totals.filter(pl.col(column) == most)["customer"].min()
        return cls(int(totals[column].sum()), int(totals[column].max()), str(name))  # type: ignore[arg-type]


def about_customers(totals: pl.DataFrame) -> list[Notice]:
    """One id with an extreme share of records or of spend: a bot, a shared account, a wholesaler."""
    if not totals.height:
        return []
    return about_extremes(totals.height, {column: Extreme.of(totals, column) for column in EXTREME})


def about_extremes(customers: int, extremes: Mapping[str, Extreme]) -> list[Notice]:
    """The same of what the customers add up to. `extremes`: one for each column of EXTREME."""
    if customers < ENOUGH_CUSTOMERS:
        return []
    found = []
    for column, (what, limit) in EXTREME.items():
        whole, most, name = extremes[column].whole, extremes[column].most, extremes[column].name
        if whole > 0 and most / whole >= max(limit, TIMES_THE_MEAN / customers):
            message = marked(
                "customer {name} alone has {share:.0%} of the {what}; a bot, a till or a wholesaler? Leave it out: "
                "{option}",
                name=repr(name), share=most / whole, what=what, option=where(CUSTOMER_IS_NOT + literal(name)),
            )  # fmt: skip
            found.append(Notice(f"dominant_customer_{what}", message))
    return found


def about_amounts(days: pl.DataFrame, decimals: int) -> list[Notice]:
    """Amounts of which a part seems to be in cents: whole ones some hundred times the ones with decimals, or a jump
    by a factor of about a hundred from one month on. Looks at an even sample of the sorted days."""
    return about_sample(days.gather_every(every_nth(days.height)), decimals)


def every_nth(days: int) -> int:
    """Which part of so many days is looked at: one in that many."""
    return max(1, days // SAMPLE)


def about_sample(days: pl.DataFrame, decimals: int) -> list[Notice]:
    """See about_amounts. `days`: day, amount, in any order."""
    paid = days.filter(pl.col("amount") > 0).select("day", "amount")
    if paid.height < ENOUGH_RECORDS:
        return []
    return _whole_and_decimal(paid, decimals) or _jump(paid)


def _whole_and_decimal(paid: pl.DataFrame, decimals: int) -> list[Notice]:
    whole = pl.col("amount") % 10**decimals == 0
    parts = paid.group_by(whole.alias("whole")).agg(pl.col("amount").median().alias("m"), pl.len().alias("n"))
    sides = {row["whole"]: row for row in parts.iter_rows(named=True)}
    if len(sides) == 2 and min(side["n"] for side in sides.values()) > 0.1 * paid.height:
        ratio = sides[True]["m"] / sides[False]["m"]
        if CENTS[0] <= ratio <= CENTS[1]:
            message = marked(
                "amounts without decimals are {ratio:.0f} times those with: part of the log may be in cents; convert "
                "it with --amount",
                ratio=ratio,
            )
            return [Notice("mixed_units", message)]
    return []


def _jump(paid: pl.DataFrame) -> list[Notice]:
    months = paid.group_by(pl.col("day").dt.truncate("1mo")).agg(pl.col("amount").median()).sort("day")
    medians: list[float] = months["amount"].to_list()
    for i in range(1, len(medians)):
        low, high = sorted([medians[:i], medians[i:]], key=lambda side: sorted(side)[len(side) // 2])
        ratio = sorted(high)[len(high) // 2] / sorted(low)[len(low) // 2]
        if CENTS[0] <= ratio <= CENTS[1] and min(high) > 10 * max(low):
            message = marked(
                "from {month:%Y-%m} on amounts differ {ratio:.0f} times from those before: part of the log may be in "
                "cents; convert it with --amount",
                month=months["day"][i], ratio=ratio,
            )  # fmt: skip
            return [Notice("mixed_units", message)]
    return []


def about_dates(dated: pl.DataFrame) -> list[Notice]:
    """A few records more than a year apart from all others: one such date moves a fit. `dated`: day, lines."""
    total = int(dated["lines"].to_numpy().sum(dtype=np.int64))
    if total < ENOUGH_RECORDS:
        return []
    gaps = (
        _lines_by_day(dated)
        .with_columns(gap=pl.col("day").diff().dt.total_days(), before=pl.col("lines").cum_sum() - pl.col("lines"))
        .filter(pl.col("gap") > LONG_GAP_DAYS)
    )
    for row in gaps.iter_rows(named=True):
        before, after = row["before"], total - row["before"]
        few = min(before, after)
        if few <= max(1, 0.01 * total):
            others = where(f"\2date {'>=' if before <= after else '<'} DATE '{row['day']}'")
            side = marked("before {day:%Y-%m-%d}", day=row["day"])
            if before > after:
                side = marked("on or after {day:%Y-%m-%d}", day=row["day"])
            message = marked(
                "{n:d} records {side} lie more than a year apart from all others; a wrong date moves the fit; leave "
                "them out: {option}",
                n=few, side=side, option=others,
            )  # fmt: skip
            return [Notice("isolated_dates", message)]
    return []


def _lines_by_day(dated: pl.DataFrame) -> pl.DataFrame:
    """day, lines: one row for each day that has lines. Counted by position: a fifth of the time of grouping."""
    day, counts = dated["day"].to_physical().to_numpy(), dated["lines"].to_numpy()
    first, last = int(day.min()), int(day.max())
    lines = np.zeros(last - first + 1, dtype=np.int64)
    for start in range(0, day.size, BLOCK):
        rows = slice(start, start + BLOCK)
        lines += np.bincount(day[rows] - first, weights=counts[rows], minlength=lines.size).astype(np.int64)
    there = np.flatnonzero(lines)
    return pl.DataFrame({"day": (there + first).astype(np.int32), "lines": lines[there]}).with_columns(
        pl.col("day").cast(pl.Date)
    )


def about_age(newest: date, run_day: date, max_age: str | None) -> list[Notice]:
    """--max-age: a feed that has dried up."""
    if max_age is None:
        return []
    if parse_span(max_age, infinite=False).after(newest) >= run_day:
        return []
    days = (run_day - newest).days
    message = marked(
        "the newest record is of {newest:%Y-%m-%d}, {days:d} days before today ({today:%Y-%m-%d}): older than "
        "--max-age {max_age}; check the export",
        newest=newest, days=days, today=run_day, max_age=max_age,
    )  # fmt: skip
    return [Notice("stale_feed", message)]


def about_pairs(pairs: RepeatedPairs, decimals: int) -> Notice:
    """Order lines that were dropped although they say something else than the one that was kept."""
    message = several(
        "{n:d} record (worth {worth:,.2f}) repeat an order line with another customer, date or amount: dropped; are "
        "--order-id and --line-id the right columns?",
        "{n:d} records (worth {worth:,.2f}) repeat an order line with another customer, date or amount: dropped; are "
        "--order-id and --line-id the right columns?",
        pairs.differing, worth=pairs.value / 10**decimals,
    )  # fmt: skip
    return Notice("repeated_pairs_differ", message)


ORDERS = {
    "customers": ("order_of_several_customers", marked("several customers")),
    "days": ("order_on_several_dates", marked("several dates")),
}


def order_notices(hits: Mapping[str, tuple[int, object]]) -> list[Notice]:
    """One order id under several customers or on several days: how many ids there are for each column of ORDERS, and
    the first of them."""
    found = []
    for column, (code, what) in ORDERS.items():
        count, first = hits[column]
        if count:
            message = marked(
                "{n:d} order ids stand under {what}, like {first}; is --order-id the right column?",
                n=count, what=what, first=repr(first),
            )  # fmt: skip
            found.append(Notice(code, message))
    return found
