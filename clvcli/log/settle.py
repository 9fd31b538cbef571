"""A log that has been read: the purchases that remain, and what is said of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.run_day import day_of
from clvcli.log import account, anomalies, limits
from clvcli.log.closures import about_closures
from clvcli.log.collect import Collected
from clvcli.log.columns import Role, currency_columns
from clvcli.log.currency import check_counts, codes_of, converted_of, one_of, that_count
from clvcli.log.customers import Settled
from clvcli.log.duplicates import Identical
from clvcli.log.fates import Fates, Mask, Settling, fates_of
from clvcli.log.footers import counted, totals_notice
from clvcli.log.id_joins import about_phones, with_joins
from clvcli.log.odd import Odd, settle_odd
from clvcli.log.parts import columns_of_all, currencies_of_all, told_of
from clvcli.log.quality import REJECTS_SCHEMA, DataQuality, Log
from clvcli.log.reading import about_trimmed
from clvcli.log.remedies import about_rejects, nothing_left, of_several_kinds
from clvcli.log.remedies import named as named_columns
from clvcli.log.schedules import about_schedule
from clvcli.log.side_tables import attributes_of_log, examples_of, lines_of_log, orders_of
from clvcli.log.statuses import SAYS, status_notices, statuses
from clvcli.log.sums import Days, summed
from clvcli.log.totals import proved as proved_totals


@dataclass(frozen=True)
class Sums:
    """What is bought: `plain` by day of customers without a return, `odd` of the others; `used` records, `zeros` of
    them with the amount 0; `excluded`: reason -> records."""

    plain: Days
    odd: Odd
    used: int
    zeros: int
    excluded: Mapping[str, int]


def settle(log: Settling) -> Log:
    """Raises InputError, TooManyRejects: see read_log."""
    found, options = log.found, log.terms.options
    rejects, totals = _without_totals(found)
    refused = _refused(log, rejects, totals)
    _refuse(log, rejects, refused)
    as_of = as_of_day(options.as_of, log.terms.run_day, found.first, found.last, log.tables.name)
    currencies, about_currencies = _currencies(log)
    limits.usual_sign(found.negative, found.positive, log.terms.roles["amount"], log.tables.name)
    people = found.customers.settled()
    fates = fates_of(log, people, as_of)
    sums = _summed(log, fates)
    facts = {**refused.facts, **_facts(log, fates, sums, refused, one_of(currencies, log.proved.marks))}
    if log.examples:
        facts["examples"] = examples_of(log, fates, sums.odd, people, rejects)
    bought = sums.plain.beside(sums.odd.bought).purchases(people.ids)
    dates = log.proved.decided.dates
    quality = replace(
        refused,
        used=sums.used,
        duplicates=fates.twice.size,
        excluded=sums.excluded,
        notices=(
            *log.notices,
            *_about_totals(totals),
            *(Notice(*n) for n in (*dates.notices, *log.proved.decided.notices)),
            *about_trimmed(found.customers.trimmed, people.joined),
            *about_currencies,
            *_with_options(log, status_notices(found.statuses, log.terms.roles["amount"], options.decimals)),
            *_about_pairs(log, fates),
            *fates.overlap,
            *_with_options(log, _warned(log, people, fates, sums, refused.read)),
            *about_closures(bought, as_of, log.terms.roles["date"], as_iso=dates.label.startswith("ISO")),
            *about_schedule(bought, getattr(options, "model", None)),
        ),
        facts=facts,
    )
    attributes = attributes_of_log(log, fates, sums.odd, people) if log.keep else None
    lines = None if log.lines is None else lines_of_log(log, fates, sums.odd, people)
    return Log(bought, attributes, as_of, quality, rejects, lines)


def _with_options(log: Settling, notices: list[Notice]) -> list[Notice]:
    """The notices with options to copy; those of one kind of files would leave out all others."""
    if len(log.parts) > 1:
        return of_several_kinds(notices)
    return named_columns(notices, log.terms.roles, log.terms.options)


def _refuse(log: Settling, rejects: pl.DataFrame, refused: DataQuality) -> None:
    """Raises TooManyRejects, and InputError where no record has a date that counts."""
    found, options, roles, name = log.found, log.terms.options, log.terms.roles, log.tables.name
    one_kind = len(log.parts) == 1
    remedy = partial(about_rejects, rejects, refused.read, roles, options) if one_kind else lambda: None
    limits.check_rejects(options.max_rejects, rejects, refused, name, remedy)
    if found.first is None and found.left_out:
        replace(refused, excluded={"where": found.left_out}).refuse_nothing_used()
    if found.first is None and rejects.height:
        wrong, hint = nothing_left(rejects, refused.read, roles)
        raise InputError(
            marked("{place}: no record can be used: {wrong}", place=name, wrong=wrong), hint=hint, code="no_used_record"
        )


def _summed(log: Settling, fates: Fates) -> Sums:
    """Adds up what is used. Raises InputError beyond the largest sum."""
    odd = settle_odd(log, fates)
    who, day, amount = (_taken(values, fates.plain) for values in (fates.who, fates.day, fates.amount))
    size = float(amount.sum(dtype=np.float64))  # none of them is negative
    size += float(odd.records.filter(odd.fate.is_null())["amount"].cast(pl.Float64).abs().sum())
    limits.check_total(size, log.tables.name)
    zeros = int(np.count_nonzero(amount == 0)) + _zeros(odd)
    plain = summed(who - np.uint32(1), day, amount)
    return Sums(plain, odd, who.size + odd.fate.null_count(), zeros, _excluded(log.found, fates, odd))


def _identical(log: Settling, fates: Fates) -> Identical:
    """Equal records that count."""
    return Identical(0, 0) if log.terms.options.duplicates == "drop" else fates.identical


def _facts(log: Settling, fates: Fates, sums: Sums, refused: DataQuality, currency: str | None) -> dict[str, Any]:
    """What the manifest tells of the records."""
    unit = 10**log.terms.options.decimals
    return {
        "returns": {name: units / unit for name, units in sums.odd.worth.items()},
        "zero_amounts": sums.zeros,
        "identical_lines": _identical(log, fates).extra,
        "currency": currency,
        "roles": [
            one for part in log.parts for one in _roles(part.roles, refused.facts if len(log.parts) == 1 else {})
        ],
        "statuses": [
            {"column": s.column, "value": s.value, "records": s.records, "money": s.money / unit, "says": SAYS[s.kind]}
            for s in statuses(log.found.statuses)
        ],
    }


def _currencies(log: Settling) -> tuple[Mapping[str, Mapping[str | None, int]], list[Notice]]:
    """Records by currency of each column that names one, and what to say of them. Raises InputError for several."""
    roles, name = log.terms.roles, log.tables.name
    columns = currencies_of_all(log.parts, log.found.currencies)
    counts: Mapping[str, Mapping[str | None, int]] = {c: codes_of(n) for c, n in columns.items()}
    if not any("currency" in part.roles for part in log.parts):
        counts = that_count(counts, currency_columns(list(counts)))
    converted = converted_of(log.tables.columns, roles["amount"].text)
    apart = marked("read the files of each currency on their own, or convert them first")
    remedy = apart if len(log.parts) > 1 else None
    return counts, [*check_counts(counts, log.proved.marks, name, converted, remedy)]


def _taken(values: npt.NDArray[Any], mask: Mask) -> npt.NDArray[Any]:
    """The values where the mask holds; no copy of all of them."""
    return values if mask.all() else values[mask]


def _refused(log: Settling, rejects: pl.DataFrame, totals: pl.DataFrame) -> DataQuality:
    """What is known of a log before a record is used."""
    more = {str(name): len(part) for (name,), part in totals.group_by("file")}
    dates = log.proved.decided.dates
    kinds = log.terms.decided.kinds
    amount = log.terms.roles["amount"]
    mark = log.proved.decided.mark or "."
    if amount.is_sql:
        mark = "," if any(kinds[n].is_number and kinds[n].mark == "," for n in amount.reads) else "."
    elif log.tables.types[amount.text].is_numeric():
        mark = "."
    return DataQuality(
        read=log.found.read - totals.height,
        used=0,
        duplicates=0,
        excluded={},
        rejected=account.counts(rejects["reason"]),
        notices=(),
        columns=columns_of_all(log.parts),
        inputs=tuple(counted(table.facts(), more) for table in log.tables.tables if log.found.records[table.file]),
        facts={
            "date_format": dates.label,
            "date_sure": dates.sure,
            "decimal_mark": mark,
            **({"source_says": source} if (source := told_of(log.parts)) else {}),
        },
    )


def _without_totals(found: Collected) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rejects that are no totals of their file, and those that are."""
    rejects = pl.concat(found.rejects) if found.rejects else pl.DataFrame(schema=REJECTS_SCHEMA)
    rejects = rejects.cast(REJECTS_SCHEMA)  # type: ignore[arg-type]
    told = pl.DataFrame(proved_totals(found.files), schema={"file": pl.String, "line": pl.Int64}, orient="row")
    key = ["file", "line"]
    left = rejects.join(told, on=key, how="anti", maintain_order="left")
    return left, rejects.join(told, on=key, how="semi", maintain_order="left")


def _about_totals(totals: pl.DataFrame) -> list[Notice]:
    return [] if totals.is_empty() else [totals_notice(totals["file"][0], totals["line"][0], totals.height)]


def as_of_day(given: str | None, run_day: date, first: date | None, last: date | None, name: str) -> date:
    """The day on which to stand. Raises InputError when no record has a date, or all are later than --as-of."""
    if first is None or last is None:
        raise InputError(
            marked("{place}: no record has a date that counts", place=name),
            hint="--date names the column of the dates",
            code="no_used_record",
        )
    if given is None:
        return last
    as_of = day_of(given, run_day)
    if as_of < first:
        raise InputError(
            marked("{place}: --as-of {as_of} is before the first date, {first}", place=name, as_of=as_of, first=first),
            hint="a later --as-of",
            code="as_of_too_early",
        )
    return as_of


def _about_pairs(log: Settling, fates: Fates) -> list[Notice]:
    pairs = fates.repeated_pairs
    return [anomalies.about_pairs(pairs, log.terms.options.decimals)] if pairs is not None and pairs.differing else []


def _excluded(found: Collected, fates: Fates, odd: Odd) -> dict[str, int]:
    """Reason -> records, the most frequent first."""
    counts = Counter({
        "where": found.left_out, "after_as_of": int(np.count_nonzero(fates.late)),
        "no_customer_id": int(np.count_nonzero(fates.nobody)), **odd.excluded(),
    })  # fmt: skip
    return dict(sorted((+counts).items(), key=lambda item: (-item[1], item[0])))


def _zeros(odd: Odd) -> int:
    return int((odd.records.filter(odd.fate.is_null())["amount"] == 0).sum())


def _warned(log: Settling, people: Settled, fates: Fates, sums: Sums, read: int) -> list[Notice]:
    options, odd = log.terms.options, sums.odd
    nobody = sums.excluded.get("no_customer_id", 0)
    identical = _identical(log, fates)
    found = anomalies.about_lines(read, sums.used, nobody, sums.zeros, identical, options.decimals)
    rounded = np.concatenate(log.found.rounded) if log.found.rounded else np.zeros(0, dtype=np.intp)
    of_odd = odd.records.filter(odd.fate.is_null())["row"].to_numpy()
    plainly = rounded[fates.plain[rounded]]
    count = int(plainly.size) + int(np.isin(rounded, of_odd).sum())
    digits = log.proved.decided.digits
    to_zero = int(np.count_nonzero(fates.amount[plainly] == 0))
    limits.check_rounding(to_zero, sums.used, digits, options, log.tables.name)
    found += limits.about_amounts(count, odd.worth["unmatched"], odd.negative_days, options, digits)
    days = sums.plain.beside(odd.used)
    about = anomalies.about_days(days.frame(), options.decimals, days.totals(people.ids))
    customer = log.terms.roles["customer"]
    found += with_joins(about, customer) + about_phones(people.ids, customer)
    if log.found.orders:
        found += orders_of(log, fates, odd, people)
    assert log.found.last is not None
    return found + anomalies.about_age(log.found.last, log.terms.run_day, options.max_age)


def _roles(roles: Mapping[str, Role], facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """What each role reads, how it was found, and what its values prove."""
    proofs = {}
    if facts:  # of one kind of files
        proofs = {
            "date": marked("{format}, {sure}", format=facts["date_format"], sure=facts["date_sure"]),
            "amount": marked("decimal mark {mark}", mark=facts["decimal_mark"]),
        }
    words = {
        "named": marked("named"),
        "expression": marked("SQL given"),
        "recognised": marked("recognised by its name"),
    }
    return [
        {"role": name, "column": role.text, "how": words[role.how], "proof": proofs.get(name, "")}
        for name, role in roles.items()
    ]
