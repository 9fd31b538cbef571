"""The exact path's end: the fate of every single record, and the log that remains."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.options import LogOptions
from clvcli.log import account, duplicates, returns, suspicions, verdicts
from clvcli.log.columns import Role
from clvcli.log.currency import check_one
from clvcli.log.examples import examples
from clvcli.log.gather import Gathered
from clvcli.log.lines import used_lines
from clvcli.log.purchases import Purchases
from clvcli.log.quality import DataQuality, Log
from clvcli.log.reading import Reading


def settle_records(
    gathered: Gathered,
    reading: Reading,
    roles: Mapping[str, Role],
    options: LogOptions,
    run_day: date,
    keep: tuple[str, ...],
    more: Mapping[str, Role] | None,
) -> Log:
    """Gives every record its fate, in the order of the contract, and sums the used ones up."""
    records = reading.records
    reasons = account.reject_reasons(records, run_day, options.as_of is not None)
    rejects = _rejects(gathered, reading, reasons)
    rejected = account.counts(rejects["reason"])
    read = records.height + gathered.broken.height
    columns = {name: role.text for name, role in roles.items()}
    refused = DataQuality(read, 0, 0, {}, rejected, (), columns, gathered.inputs, reading.facts)
    verdicts.check_rejects(options.max_rejects, rejects, refused, gathered.name)
    accepted = records["day"].filter(reasons.is_null())
    as_of = as_of_day(options.as_of, run_day, accepted.min(), accepted.max(), gathered.name)

    fate = pl.select(pl.when(reasons.is_not_null()).then(pl.lit("rejected"))).to_series()
    if options.where is not None:
        fate = account.after(fate, "where", ~reading.condition(options.where))
    named = check_one(reading.currencies, reading.marks, fate, gathered.name)
    _check_sign(records["amount"].filter(fate.is_null()), roles["amount"], gathered.name)
    fate, identical, repeated = _duplicates(fate, gathered, reading, options)
    fate = account.after(fate, "after_as_of", records["day"] > as_of)
    fate = account.after(fate, "no_customer_id", records["customer"].is_null())
    alive = fate.is_null()
    settled = returns.settle(_for_returns(gathered.frame, records, alive), options.returns)
    fate = _spread(fate, alive, settled.fate)

    used = fate.is_null()
    verdicts.check_total(float(records["amount"].filter(used).cast(pl.Float64).abs().sum()), gathered.name)
    excluded = account.counts(fate.filter(fate.is_not_null() & ~fate.is_in(["rejected", "duplicate"])))
    warned = _notices(records, used, read, excluded, identical, settled, options)
    warned += suspicions.about_age(accepted.max(), run_day, options.max_age)  # type: ignore[arg-type]
    shown = {"roles": _roles(roles, reading), "examples": examples(gathered, reading, rejects, fate, options.decimals)}
    quality = replace(
        refused,
        used=int(used.sum()),
        duplicates=int((fate == "duplicate").sum()),
        excluded=excluded,
        notices=(*gathered.notices, *reading.notices, *named, *repeated, *warned),
        facts={**reading.facts, **_counts(records, used, identical), **shown},
    )
    purchases, attributes = settled.purchases, _attributes(gathered, records.filter(used), used, keep)
    lines = None if more is None else used_lines(gathered.frame, records, used, more)
    return Log(Purchases.of(purchases.rename({"customer": "customer_id"})), attributes, as_of, quality, rejects, lines)


def _check_sign(amounts: pl.Series, role: Role, name: str) -> None:
    verdicts.usual_sign(int((amounts < 0).sum()), int((amounts > 0).sum()), role, name)


def as_of_day(given: str | None, run_day: date, first: Any, last: Any, name: str) -> date:
    """The day on which to stand. Raises InputError when no record has a date, or all are later than --as-of."""
    if not isinstance(first, date) or not isinstance(last, date):
        raise InputError(f"{name}: no record has a date that counts", hint="see the rejected records: clv check")
    if given is None:
        return last
    as_of = run_day if given == "today" else date.fromisoformat(given)
    if as_of < first:
        raise InputError(f"{name}: --as-of {as_of} is before the first date, {first}", hint="a later --as-of")
    return as_of


def _rejects(gathered: Gathered, reading: Reading, reasons: pl.Series) -> pl.DataFrame:
    listed = account.list_rejects(gathered.place, reasons, reading.texts)
    order = pl.DataFrame({"file": [str(facts["path"]) for facts in gathered.inputs]}).with_row_index("_")
    both = pl.concat([listed, gathered.broken]).join(order, on="file", how="left")
    return both.sort("_", "line", maintain_order=True).drop("_")


def _duplicates(
    fate: pl.Series, gathered: Gathered, reading: Reading, options: LogOptions
) -> tuple[pl.Series, duplicates.Identical, list[Notice]]:
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
        pairs = duplicates.find_repeated_pairs(order.filter(alive), line.filter(alive), rank)
        fate = _spread(fate, alive, pl.select(pl.when(pairs.repeated).then(pl.lit("duplicate"))).to_series())
        if pairs.differing:
            return fate, identical, [suspicions.about_pairs(pairs, options.decimals)]
    return fate, identical, []


def _spread(fate: pl.Series, alive: pl.Series, found: pl.Series) -> pl.Series:
    """The fates `found` for the records that are alive, put in their places."""
    return fate.scatter(alive.arg_true(), found) if found.len() else fate


def _for_returns(frame: pl.DataFrame, records: pl.DataFrame, alive: pl.Series) -> pl.DataFrame:
    tie = pl.repeat(None, records.height, dtype=pl.String, eager=True)
    if bool((records["amount"].filter(alive) < 0).any()):
        tie = frame.select(pl.concat_str(pl.all().fill_null(""), separator="\x1f").alias("tie")).to_series()
    return records.select("customer", "day", "stamp", "amount", "order").with_columns(tie=tie).filter(alive)


def _attributes(
    gathered: Gathered, records: pl.DataFrame, used: pl.Series, keep: tuple[str, ...]
) -> pl.DataFrame | None:
    """The kept columns of each customer's first day; the smallest text where that day has several."""
    if not keep:
        return None
    missing = [name for name in keep if name not in gathered.frame.columns]
    if missing:
        known = ", ".join(gathered.frame.columns[:12])
        raise InputError(f"{gathered.name}: no column {missing[0]}", hint=f"it has {known}")
    kept = gathered.frame.select(pl.col(name).alias(f"kept {i}") for i, name in enumerate(keep)).filter(used)
    return attributes_of(pl.concat([records.select("customer", "day"), kept], how="horizontal"), keep)


def attributes_of(rows: pl.DataFrame, keep: tuple[str, ...]) -> pl.DataFrame:
    """`rows`: customer, day and the values as `kept 0`, `kept 1`, ... -> customer_id and the values of the first
    day. A column that is called customer_id is not there twice."""
    first = rows.filter(pl.col("day") == pl.col("day").min().over("customer"))
    names = {f"kept {i}": name for i, name in enumerate(keep) if name != "customer_id"}
    found = first.group_by("customer").agg(pl.col(*names).min() if names else [])
    return found.rename({"customer": "customer_id", **names}).sort("customer_id")


def _counts(records: pl.DataFrame, used: pl.Series, identical: duplicates.Identical) -> dict[str, int]:
    amounts = records["amount"].filter(used)
    return {"zero_amounts": int((amounts == 0).sum()), "identical_lines": identical.extra}


def _roles(roles: Mapping[str, Role], reading: Reading) -> list[dict[str, str]]:
    """How each column was found and what its values prove."""
    proofs = {
        "date": f"{reading.facts['date_format']}, {reading.facts['date_sure']}",
        "amount": f"decimal mark {reading.facts['decimal_mark']}",
    }
    words = {"named": "named", "expression": "SQL given", "recognised": "recognised by its name"}
    return [
        {"role": name, "column": role.text, "how": words[role.how], "proof": proofs.get(name, "")}
        for name, role in roles.items()
    ]


def _notices(
    records: pl.DataFrame,
    used: pl.Series,
    read: int,
    excluded: Mapping[str, int],
    identical: duplicates.Identical,
    settled: returns.Settled,
    options: LogOptions,
) -> list[Notice]:
    kept = records.filter(used)
    days = kept.group_by("customer", "day").agg(pl.col("amount").sum(), pl.len().cast(pl.Int64).alias("lines"))
    days = days.sort("customer", "day")
    zeros = int((kept["amount"] == 0).sum())
    found = suspicions.about_lines(
        read, kept.height, excluded.get("no_customer_id", 0), zeros, identical, options.decimals
    )
    found += verdicts.about_amounts(
        int(kept["rounded"].sum()), settled.dropped, settled.negative_days, options.decimals
    )
    found += suspicions.about_days(days, options.decimals)
    return found + (suspicions.about_orders(kept) if options.order_id is not None else [])
