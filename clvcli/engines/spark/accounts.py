"""What became of the records of a log on a cluster: counts of its parts put together, the customers that remain."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.engines.spark import settle as workers
from clvcli.engines.spark import warn
from clvcli.engines.spark.check import COUNT, REJECT, Check
from clvcli.engines.spark.frames import mapped, narrowed
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import Files
from clvcli.log import anomalies, limits
from clvcli.log.currency import check_counts, one_of
from clvcli.log.duplicates import Identical, RepeatedPairs
from clvcli.log.exports.form import Export
from clvcli.log.footers import totals_notice
from clvcli.log.id_joins import with_joins
from clvcli.log.quality import REJECTS_SCHEMA, DataQuality
from clvcli.log.reading import about_trimmed
from clvcli.log.remedies import about_rejects
from clvcli.log.remedies import named as named_columns
from clvcli.log.settle import as_of_day
from clvcli.log.statuses import Tally, status_notices, together
from clvcli.log.totals import added, proved

MOST_REJECTS = 1_000_000


@dataclass(frozen=True)
class ClusterLog:
    """A clean log on a cluster. `customers`: a Spark frame as engines/base.py describes; `purchases`: one with
    customer_id, first_day, purchases and the lists of spark/settle.py; `days`: first_day (the day), purchases, lines,
    on the driver; `rejects` as in Log."""

    customers: Any
    purchases: Any
    days: pl.DataFrame
    as_of: date
    quality: DataQuality
    rejects: pl.DataFrame
    held: Any
    basis: None = None

    @property
    def first(self) -> date:
        """The day of the first purchase. Raises InputError without one."""
        day = self.days.filter(pl.col("purchases") > 0)["first_day"].min()
        if not isinstance(day, date):
            raise InputError("no purchase is left of the log: returns take all of it", hint="clv check says more")
        return day


def account_of(
    files: Files,
    settled: Any,
    told: pl.DataFrame,
    days: pl.DataFrame,
    check: Check,
    marks: tuple[str, ...],
    needs: tuple[str, ...],
    by: str | None,
    joined: Callable[[], int],
    export: Export | None,
) -> ClusterLog:
    """The log of what was settled. `told`: kind and note of the counts; `joined`: see joined_ids; `export`: which log
    it is. Raises as read_log does."""
    options, run_day = check.options, check.run_day
    records = _records(files, settled, told, check)
    checks, counts, name = records.checks, records.counts, files.first
    first, newest = _span(checks)
    as_of = as_of_day(options.as_of, run_day, first, newest, name)
    currencies = _currencies(checks)
    named = check_counts(currencies, marks, name)
    limits.usual_sign(counts["negative"], counts["positive"], check.roles["amount"], name)
    limits.check_total(float(counts["size"]), name)
    limits.check_rounding(counts["rounded_to_zero"], counts["used"], check.decided.digits, options, name)
    excluded = {n: counts[n] for n in ("where", "after_as_of", "no_customer_id", "reversed", "return") if counts[n]}
    assert newest is not None
    everything = settled.where(f"kind = '{workers.CUSTOMER}'")
    purchases = everything.select("customer_id", "first_day", "purchases", "days", "amounts")
    bought = int(days["purchases"].sum())
    across = _across(settled, purchases, bought, check)
    warned = _notices(counts, across, days, newest, check, joined)
    quality = replace(
        records.quality,
        used=counts["used"],
        duplicates=counts["duplicate"],
        excluded=dict(sorted(excluded.items(), key=lambda i: (-i[1], i[0]))),
        facts={
            "returns": {
                name: counts[f"{name}_worth"] / 10**options.decimals for name in ("reversed", "netted", "unmatched")
            },
            "currency": one_of(currencies, marks),
            **({"source_says": f"{export.name}: {export.summary}"} if export else {}),
        },
        notices=(
            *files.notices,
            *(Notice(*n) for n in (*check.decided.dates.notices, *check.decided.notices)),
            *named,
            *records.notices,
            *status_notices(_statuses(checks), check.roles["amount"], options.decimals),
            *named_columns(warned, check.roles, options),
        ),
    )
    customers = everything.select(*CUSTOMER_COLUMNS, *needs, *workers.group_columns(by))
    return ClusterLog(customers, purchases, days, as_of, quality, records.rejects, settled)


@dataclass(frozen=True)
class _Records:
    """Counts of all records. `checks`: those of each task; `quality`: before any was used; `notices`: of rejects."""

    checks: list[dict[str, Any]]
    counts: "Counter[str]"
    rejects: pl.DataFrame
    quality: DataQuality
    notices: list[Notice]


def _records(files: Files, settled: Any, told: pl.DataFrame, check: Check) -> _Records:
    """Raises InputError without records, TooManyRejects."""
    checks = [json.loads(text) for text in told.filter(pl.col("kind") == COUNT)["note"]]
    counts: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for part in checks:
        counts.update(part["counts"])
        rejected.update(part["rejected"])
    for text in told.filter(pl.col("kind") == workers.COUNT)["note"]:
        counts.update(json.loads(text))
    name = files.first
    if not counts["read"]:
        raise InputError(marked("{place}: has no records", place=name), hint="check the export that writes it")
    listed, cut = _rejects(settled, files, sum(rejected.values()))
    rejects, footers = _without_totals(listed, added(part["files"] for part in checks))
    rejected.subtract(footers["reason"])
    counts["read"] -= footers.height
    by_count = dict(sorted((+rejected).items(), key=lambda i: (-i[1], i[0])))
    columns = {role: found.text for role, found in check.roles.items()}
    quality = DataQuality(counts["read"], 0, 0, {}, by_count, (), columns, tuple(files.inputs()))
    remedy = partial(about_rejects, rejects, quality.read, check.roles, check.options)
    limits.check_rejects(check.options.max_rejects, rejects, quality, name, remedy)
    return _Records(checks, counts, rejects, quality, [*cut, *_totals(footers)])


def _span(checks: list[dict[str, Any]]) -> tuple[date | None, date | None]:
    """The first and the last accepted day."""
    known = [(date.fromisoformat(p["first"]), date.fromisoformat(p["last"])) for p in checks if p["first"]]
    return (min(first for first, _ in known), max(last for _, last in known)) if known else (None, None)


def _currencies(checks: list[dict[str, Any]]) -> dict[str, Counter[str | None]]:
    found: dict[str, Counter[str | None]] = {}
    for part in checks:
        for column, counted in part["currencies"].items():
            found.setdefault(column, Counter()).update(dict(counted))
    return found


def _statuses(checks: list[dict[str, Any]]) -> Tally:
    return together({(name, value): (n, money) for name, value, n, money in part["statuses"]} for part in checks)


def _rejects(settled: Any, files: Files, count: int) -> tuple[pl.DataFrame, list[Notice]]:
    """The rejected records in the order of files and lines; at most a million of them are listed."""
    if not count:
        return pl.DataFrame(schema=REJECTS_SCHEMA), []
    with failures("reading"):
        notes = settled.where(f"kind = '{REJECT}'").select("note").limit(MOST_REJECTS)
        listed = narrowed(mapped(notes, workers.rejects_of, REJECTS_SCHEMA), REJECTS_SCHEMA)
        listed = listed.with_columns(pl.col("line").cast(pl.Int64))
    order = pl.DataFrame({"file": list(files.names.values())}, schema={"file": pl.String}).with_row_index("_")
    listed = listed.join(order, on="file", how="left").sort("_", "line", "column", "value").drop("_")
    text = marked("{n:d} records are rejected; {most:d} of them are listed", n=count, most=MOST_REJECTS)
    return listed, [Notice("rejects_cut", text)] if count > MOST_REJECTS else []


def _without_totals(rejects: pl.DataFrame, told: Mapping[str, list[Any]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rejects that are no totals of their file, and those that are."""
    found = pl.DataFrame(proved(told), schema={"file": pl.String, "line": pl.Int64}, orient="row")
    key = ["file", "line"]
    left = rejects.join(found, on=key, how="anti", maintain_order="left")
    return left, rejects.join(found, on=key, how="semi", maintain_order="left")


def _totals(footers: pl.DataFrame) -> list[Notice]:
    if footers.is_empty():
        return []
    return [totals_notice(footers["file"][0], footers["line"][0], footers.height)]


def _across(settled: Any, purchases: Any, bought: int, check: Check) -> list[Notice]:
    """What customers show beside each other. `bought`: purchases of all."""
    used = settled.where(f"kind in ('{workers.CUSTOMER}', '{workers.NOTHING}')")
    with failures("comparing customers"):
        about = warn.about_totals(used.selectExpr("customer_id as customer", "lines", "spent as amount"))
        found = with_joins(about, check.roles["customer"])
        found += warn.about_amounts(purchases, bought, check.options.decimals)
        if check.options.order_id is not None:
            found += warn.about_orders(settled.where(f"kind = '{workers.ORDER}'"))
        return found


def _notices(
    counts: "Counter[str]",
    across: list[Notice],
    days: pl.DataFrame,
    newest: date,
    check: Check,
    joined: Callable[[], int],
) -> list[Notice]:
    decimals = check.options.decimals
    found = about_trimmed(counts["trimmed"], joined() if counts["trimmed"] else 0)
    if counts["differing"]:
        pairs = RepeatedPairs(pl.Series(dtype=pl.Boolean), counts["differing"], counts["differing_value"])
        found.append(anomalies.about_pairs(pairs, decimals))
    identical = Identical(counts["identical"], counts["identical_value"])
    found += anomalies.about_lines(
        counts["read"], counts["used"], counts["no_customer_id"], counts["zeros"], identical, decimals
    )
    found += limits.about_amounts(
        counts["rounded"], counts["unmatched_worth"], counts["negative_days"], check.options, check.decided.digits
    )
    found += across + anomalies.about_dates(days.select(day="first_day", lines="lines"))
    return found + anomalies.about_age(newest, check.run_day, check.options.max_age)
