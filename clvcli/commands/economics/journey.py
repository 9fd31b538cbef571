"""The first steps: lead to first purchase, first to second; and who comes back for service."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.log.names import plain

SIGNUPS = ("signupdate", "signup", "leaddate", "registered", "registrationdate", "registeredat", "createdat", "created")
WATCHED_DAYS = 90


@dataclass(frozen=True)
class Step:
    """`made` of `of` made the step so far; waits in days of those who did. `within` and `watched`: of those who have
    been watched for 90 days, the share who made it within 90 days: what a growing customer base does not distort."""

    of: int
    made: int
    rate: float | None
    median_wait: float | None
    mean_wait: float | None
    within: float | None
    watched: int


def step(waits: pl.DataFrame) -> Step:
    """`waits`: one row a person with `watched` (days from the start to as_of) and `wait` (days, null: not yet)."""
    made = waits["wait"].drop_nulls()
    long = waits.filter(pl.col("watched") >= WATCHED_DAYS)
    soon = int((long["wait"] <= WATCHED_DAYS).sum())
    median, mean = made.median(), made.mean()
    return Step(
        of=waits.height,
        made=made.len(),
        rate=made.len() / waits.height if waits.height else None,
        median_wait=float(median) if isinstance(median, (int, float)) else None,
        mean_wait=float(mean) if isinstance(mean, (int, float)) else None,
        within=soon / long.height if long.height else None,
        watched=long.height,
    )


def first_to_second(customers: pl.DataFrame, as_of: date) -> Step:
    """Of those who bought, who bought again. `customers`: first_day, second_day (null: not yet); buyers only."""
    wait = (pl.col("second_day") - pl.col("first_day")).dt.total_days()
    return step(customers.select(watched=(pl.lit(as_of) - pl.col("first_day")).dt.total_days(), wait=wait))


def lead_to_first(everyone: pl.DataFrame, signup: str | None, as_of: date) -> Step | None:
    """Of the people of --customers with a day of signing up, who bought; None where no column has that day.

    `everyone`: leads and buyers with first_day (null for leads) and their attributes. A purchase before the signup
    counts as made, with a wait of 0. Raises UsageError for a column that is not there, InputError for no dates.
    """
    column = signup or next((c for c in everyone.columns if plain(c) in SIGNUPS), None)
    if column is None:
        return None
    if column not in everyone.columns:
        raise UsageError(
            marked("--signup {column}: --customers has no such column", column=column), hint="--signup COLUMN"
        )
    day = pl.col(column).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    people = everyone.select("first_day", text=pl.col(column).cast(pl.String), day=day)
    bad = people.filter(pl.col("day").is_null() & pl.col("text").is_not_null())
    if bad.height:
        raise InputError(
            marked(
                "--signup {column}: {count} values are no dates, first {first}",
                column=column,
                count=bad.height,
                first=repr(bad["text"][0]),
            ),
            hint="like 2024-06-30",
        )
    people = people.filter(pl.col("day") <= as_of)
    watched = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    wait = (pl.col("first_day") - pl.col("day")).dt.total_days().clip(0)
    return step(people.select(watched=watched, wait=wait))


def service_return(lines: pl.DataFrame, as_of: date) -> Step:
    """Of the customers who bought something other than service, who came back for service on a later day.

    `lines`: customer_id, day, service ("true" where it is service).
    """
    is_service = (pl.col("service") == "true").fill_null(False)
    sales = lines.filter(~is_service).group_by("customer_id").agg(bought=pl.col("day").min())
    visits = lines.filter(is_service).join(sales, on="customer_id").filter(pl.col("day") > pl.col("bought"))
    first = visits.group_by("customer_id").agg(came=pl.col("day").min())
    both = sales.join(first, on="customer_id", how="left")
    wait = (pl.col("came") - pl.col("bought")).dt.total_days()
    return step(both.select(watched=(pl.lit(as_of) - pl.col("bought")).dt.total_days(), wait=wait))
