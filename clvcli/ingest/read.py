"""The front door: DATA -> a clean log in which every record is accounted for."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from clvcli.errors import InputError, Notice
from clvcli.ingest import account, duplicates, returns
from clvcli.ingest.columns import Role, resolve_role
from clvcli.ingest.gather import Gathered, gather, open_all
from clvcli.ingest.lines import used_lines
from clvcli.ingest.quality import DataQuality, Log, TooManyRejects
from clvcli.ingest.reading import Reading, read_roles
from clvcli.ingest.tabular import read_table
from clvcli.options import LogOptions

__all__ = ["DataQuality", "Log", "TooManyRejects", "read_log", "read_table"]


def read_log(
    options: LogOptions, run_day: date, keep: tuple[str, ...] = (), lines: Mapping[str, str] | None = None
) -> Log:
    """Reads DATA and decides on the fate of every record (DESIGN: rejected, where, duplicate, after_as_of,
    no_customer_id, returns, used).

    `run_day` is the day of the run: later dates than the next day are rejected unless --as-of is given. `keep` names
    columns of the log to carry into `Log.attributes`; `lines` maps names to columns or SQL and asks for `Log.lines`,
    the used records with these values. The result does not depend on the order of rows or files.

    It does not refuse a log of which no record is used: that is the caller's to judge, who knows of leads. Raises
    InputError for data that cannot be read or understood, TooManyRejects beyond --max-rejects, UsageError for options
    that do not work on these data.
    """
    contents, notices = open_all(options.data)
    gathered, roles = gather(contents, notices, options)
    reading = read_roles(gathered, roles, options)
    more = {
        role: resolve_role(role, text, gathered.frame.columns, gathered.name) for role, text in (lines or {}).items()
    }
    return _settle(gathered, reading, roles, options, run_day, keep, more)


def _settle(
    gathered: Gathered,
    reading: Reading,
    roles: dict[str, Role],
    options: LogOptions,
    run_day: date,
    keep: tuple[str, ...],
    more: Mapping[str, Role],
) -> Log:
    records = reading.records
    reasons = account.reject_reasons(records, run_day, options.as_of is not None)
    rejects = _rejects(gathered, reading, reasons)
    rejected = account.counts(rejects["reason"])
    read = records.height + gathered.broken.height
    accepted = records["day"].filter(reasons.is_null())
    _check_rejects(options.max_rejects, read, rejected, rejects, gathered, reading, roles)
    as_of = _as_of(options.as_of, run_day, accepted, gathered.name)

    fate = pl.select(pl.when(reasons.is_not_null()).then(pl.lit("rejected"))).to_series()
    if options.where is not None:
        fate = account.after(fate, "where", ~reading.condition(options.where))
    _one_currency(reading, fate, gathered.name)
    fate, identical = _duplicates(fate, gathered, reading, options)
    fate = account.after(fate, "after_as_of", records["day"] > as_of)
    fate = account.after(fate, "no_customer_id", records["customer"].is_null())
    alive = fate.is_null()
    settled = returns.settle(_for_returns(gathered.frame, records, alive), options.returns)
    fate = _spread(fate, alive, settled.fate)

    excluded = account.counts(fate.filter(fate.is_not_null() & ~fate.is_in(["rejected", "duplicate"])))
    used = fate.is_null()
    notices = [*gathered.notices, *reading.notices]
    notices += _notices(reading, read, excluded, used, identical, settled, options)
    quality = DataQuality(
        read=read,
        used=int(used.sum()),
        duplicates=int((fate == "duplicate").sum()),
        excluded=excluded,
        rejected=rejected,
        notices=tuple(notices),
        columns={name: role.text for name, role in roles.items()},
        inputs=gathered.inputs,
        facts=reading.facts,
    )
    _check_total(records["amount"].filter(used), gathered.name)
    attributes = _attributes(gathered, records.filter(used), used, keep)
    purchases = settled.purchases.rename({"customer": "customer_id"})
    lines = used_lines(gathered.frame, records, used, more) if more else None
    return Log(purchases, attributes, as_of, quality, rejects, lines)


def _rejects(gathered: Gathered, reading: Reading, reasons: pl.Series) -> pl.DataFrame:
    listed = account.list_rejects(gathered.place, reasons, reading.texts)
    order = pl.DataFrame({"file": [str(facts["path"]) for facts in gathered.inputs]}).with_row_index("_")
    both = pl.concat([listed, gathered.broken]).join(order, on="file", how="left")
    return both.sort("_", "line", maintain_order=True).drop("_")


def _check_rejects(
    limit: str,
    read: int,
    rejected: dict[str, int],
    rejects: pl.DataFrame,
    gathered: Gathered,
    reading: Reading,
    roles: dict[str, Role],
) -> None:
    bad = sum(rejected.values())
    if bad <= account.allowed_rejects(limit, read):
        return
    reasons = ", ".join(f"{reason} {n}" for reason, n in rejected.items())
    first = rejects.row(0, named=True)
    where = f"line {first['line']}" + (f", {first['column']} {first['value']!r}" if first["column"] else "")
    quality = DataQuality(
        read, 0, 0, {}, rejected, (), {n: r.text for n, r in roles.items()}, gathered.inputs, reading.facts
    )
    raise TooManyRejects(
        f"{gathered.name}: {bad} of {read} records are bad ({reasons}), more than --max-rejects {limit}",
        f"the first is {first['file']}, {where}; mend them, or allow more with --max-rejects",
        rejects,
        quality,
    )


def _as_of(given: str | None, run_day: date, accepted: pl.Series, name: str) -> date:
    first, last = accepted.min(), accepted.max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise InputError(f"{name}: no record has a date that counts", hint="see the rejected records: clv check")
    if given is None:
        return last
    as_of = run_day if given == "today" else date.fromisoformat(given)
    if as_of < first:
        raise InputError(f"{name}: --as-of {as_of} is before the first date, {first}", hint=f"--as-of {last}")
    return as_of


def _one_currency(reading: Reading, fate: pl.Series, name: str) -> None:
    if reading.currency is None:
        return
    found = reading.currency.filter(fate.is_null()).drop_nulls().value_counts(sort=True, name="n")
    if found.height > 1:
        values = sorted(str(v) for v in found.to_series(0).to_list())
        column = reading.currency_column
        raise InputError(
            f"{name}: amounts are in {found.height} currencies ({', '.join(values[:6])})",
            hint=f"choose one: --where \"{column} = '{values[0]}'\", or convert them with --amount",
        )


def _duplicates(
    fate: pl.Series, gathered: Gathered, reading: Reading, options: LogOptions
) -> tuple[pl.Series, duplicates.Identical]:
    """Identical lines among the records that still have no fate; then repeated (order, line) pairs."""
    alive = fate.is_null()
    again, identical = duplicates.find_identical(gathered.frame.filter(alive), reading.records["amount"].filter(alive))
    if options.duplicates == "drop":
        fate = _spread(fate, alive, pl.select(pl.when(again).then(pl.lit("duplicate"))).to_series())
        identical = duplicates.Identical(0, 0)
    order, line = reading.order, reading.line
    if order is not None and line is not None:
        alive = fate.is_null()
        rank = reading.records.select("day", "stamp", "customer", "amount").filter(alive)
        hit = duplicates.find_repeated_pairs(order.filter(alive), line.filter(alive), rank)
        fate = _spread(fate, alive, pl.select(pl.when(hit).then(pl.lit("duplicate"))).to_series())
    return fate, identical


def _spread(fate: pl.Series, alive: pl.Series, found: pl.Series) -> pl.Series:
    """The fates `found` for the records that are alive, put in their places."""
    return fate.scatter(alive.arg_true(), found) if found.len() else fate


def _for_returns(frame: pl.DataFrame, records: pl.DataFrame, alive: pl.Series) -> pl.DataFrame:
    tie = pl.repeat(None, records.height, dtype=pl.String, eager=True)
    if bool((records["amount"].filter(alive) < 0).any()):
        tie = frame.select(pl.concat_str(pl.all().fill_null(""), separator="\x1f").alias("tie")).to_series()
    return records.select("customer", "day", "stamp", "amount", "order").with_columns(tie=tie).filter(alive)


def _check_total(amounts: pl.Series, name: str) -> None:
    if float(amounts.cast(pl.Float64).abs().sum()) > 9e18:
        raise InputError(f"{name}: the amounts add up to more than can be counted", hint="check the amount column")


def _attributes(
    gathered: Gathered, records: pl.DataFrame, used: pl.Series, keep: tuple[str, ...]
) -> pl.DataFrame | None:
    """The kept columns of each customer's first day; the smallest text where that day has several."""
    if not keep:
        return None
    missing = [name for name in keep if name not in gathered.frame.columns]
    if missing:
        raise InputError(
            f"{gathered.name}: no column {missing[0]}", hint=f"it has {', '.join(gathered.frame.columns[:12])}"
        )
    kept = gathered.frame.select(pl.col(name).alias(f"kept {i}") for i, name in enumerate(keep)).filter(used)
    with_days = pl.concat([records.select("customer", "day"), kept], how="horizontal")
    first = with_days.filter(pl.col("day") == pl.col("day").min().over("customer"))
    found = first.group_by("customer").agg(pl.exclude("customer", "day").min()).sort("customer")
    return found.rename({"customer": "customer_id"} | {f"kept {i}": name for i, name in enumerate(keep)})


def _notices(
    reading: Reading,
    read: int,
    excluded: dict[str, int],
    used: pl.Series,
    identical: duplicates.Identical,
    settled: returns.Settled,
    options: LogOptions,
) -> list[Notice]:
    found: list[Notice] = []
    scale = 10**options.decimals
    nobody = excluded.get("no_customer_id", 0)
    if nobody > 0.05 * read:
        found.append(Notice("no_customer_id", f"{nobody} of {read} records ({nobody / read:.0%}) have no customer id"))
    if identical.extra:
        value = f"{identical.value / scale:,.2f}"
        message = f"{identical.extra} identical lines (worth {value}) are counted; --duplicates drop leaves them out"
        found.append(Notice("identical_lines", message))
    rounded = int(reading.records["rounded"].filter(used).sum())
    if rounded:
        message = f"{rounded} amounts were rounded to {options.decimals} decimals; --decimals keeps more"
        found.append(Notice("rounded_amounts", message))
    if settled.dropped:
        message = f"returns worth {settled.dropped / scale:,.2f} exceed the purchase they reduce and were dropped"
        found.append(Notice("returns_beyond_purchases", message))
    if settled.negative_days:
        message = f"{settled.negative_days} days of customers have a negative sum and are no purchases"
        found.append(Notice("negative_days", message))
    return found
