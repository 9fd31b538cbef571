"""A log that has been read: the fates that need more than one record, the purchases that remain, what is said of it."""

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
from clvcli.log.duplicates import Identical, RepeatedPairs, find_repeated_pairs
from clvcli.log.exports.form import Export
from clvcli.log.footers import counted, totals_notice
from clvcli.log.id_joins import about_phones, with_joins
from clvcli.log.judge import Terms
from clvcli.log.odd import Odd, settle_odd
from clvcli.log.overlaps import about_overlaps, earlier_versions
from clvcli.log.proofs import Proved
from clvcli.log.quality import REJECTS_SCHEMA, DataQuality, Log
from clvcli.log.reading import about_trimmed
from clvcli.log.remedies import about_rejects, nothing_left
from clvcli.log.remedies import named as named_columns
from clvcli.log.same import repeated
from clvcli.log.schedules import about_schedule
from clvcli.log.side_tables import attributes_of_log, examples_of, lines_of_log, orders_of
from clvcli.log.statuses import SAYS, status_notices, statuses
from clvcli.log.sums import EPOCH, Days, summed
from clvcli.log.tables import Tables
from clvcli.log.totals import proved as proved_totals

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Settling:
    """A log of which every record was judged. `keep`, `lines`, `examples`: see read_log; `export`: which it is."""

    tables: Tables
    terms: Terms
    found: Collected
    proved: Proved
    notices: tuple[Notice, ...]
    keep: tuple[str, ...]
    lines: Mapping[str, Role] | None
    examples: bool
    export: Export | None = None


@dataclass(frozen=True)
class Fates:
    """Of the records that are alive, (records,): `who`: from 1, 0 for nobody; `used`: not yet those of odd customers
    whom returns take out; `odd`: records of odd customers. `late`, `nobody`, `twice`: which are those."""

    who: npt.NDArray[np.uint32]
    day: npt.NDArray[np.int32]
    amount: npt.NDArray[np.int64]
    twice: Rows
    late: Mask
    nobody: Mask
    plain: Mask
    odd: Rows
    identical: Identical
    repeated_pairs: RepeatedPairs | None
    overlap: tuple[Notice, ...] = ()


def settle(log: Settling) -> Log:
    """Raises InputError, TooManyRejects: see read_log."""
    found, terms, name = log.found, log.terms, log.tables.name
    options, roles = terms.options, terms.roles
    rejects, totals = _without_totals(found)
    refused = _refused(log, rejects, totals)
    remedy = partial(about_rejects, rejects, refused.read, roles, options)
    limits.check_rejects(options.max_rejects, rejects, refused, name, remedy)
    if found.first is None and found.left_out:
        replace(refused, excluded={"where": found.left_out}).refuse_nothing_used()
    if found.first is None and rejects.height:
        wrong, hint = nothing_left(rejects, refused.read, roles)
        raise InputError(
            marked("{place}: no record can be used: {wrong}", place=name, wrong=wrong), hint=hint, code="no_used_record"
        )
    as_of = as_of_day(options.as_of, terms.run_day, found.first, found.last, name)
    counts = {column: codes_of(counted) for column, counted in found.currencies.items()}
    converted = converted_of(log.tables.columns, roles["amount"].text)
    currencies = _currencies(counts, roles)
    named = check_counts(currencies, log.proved.marks, name, converted)
    limits.usual_sign(found.negative, found.positive, roles["amount"], name)
    people = found.customers.settled()
    fates = _fates(log, people, as_of)
    rows = fates.odd
    odd = settle_odd(
        found, rows, fates.who[rows], fates.day[rows], fates.amount[rows], terms, log.tables.read, log.keep
    )
    who, day, amount = (_taken(values, fates.plain) for values in (fates.who, fates.day, fates.amount))
    size = float(amount.sum(dtype=np.float64))  # none of them is negative
    size += float(odd.records.filter(odd.fate.is_null())["amount"].cast(pl.Float64).abs().sum())
    limits.check_total(size, name)
    plain = summed(who - np.uint32(1), day, amount)
    excluded = _excluded(found, fates, odd)
    used = who.size + odd.fate.null_count()
    zeros = int(np.count_nonzero(amount == 0)) + _zeros(odd)
    warned = _warned(log, people, fates, odd, plain, refused.read, used, zeros, excluded)
    assert found.last is not None
    warned += anomalies.about_age(found.last, terms.run_day, options.max_age)
    identical = Identical(0, 0) if options.duplicates == "drop" else fates.identical
    dates = log.proved.decided.dates
    said = (*log.notices, *_about_totals(totals), *(Notice(*n) for n in (*dates.notices, *log.proved.decided.notices)))
    facts = {
        "returns": {name: units / 10**options.decimals for name, units in odd.worth.items()},
        "zero_amounts": zeros,
        "identical_lines": identical.extra,
        "currency": one_of(currencies, log.proved.marks),
        "roles": _roles(roles, refused.facts),
        "statuses": [
            {
                "column": s.column,
                "value": s.value,
                "records": s.records,
                "money": s.money / 10**options.decimals,
                "says": SAYS[s.kind],
            }
            for s in statuses(found.statuses)
        ],
    }
    if log.examples:
        facts["examples"] = examples_of(log, fates, odd, people, rejects)
    bought = plain.beside(odd.bought).purchases(people.ids)
    quality = replace(
        refused,
        used=used,
        duplicates=fates.twice.size,
        excluded=excluded,
        notices=(
            *said,
            *about_trimmed(found.customers.trimmed, people.joined),
            *named,
            *status_notices(found.statuses, roles["amount"], options.decimals),
            *_about_pairs(log, fates),
            *fates.overlap,
            *named_columns(warned, roles, options),
            *about_closures(bought, as_of, roles["date"], as_iso=dates.label.startswith("ISO")),
            *about_schedule(bought, getattr(options, "model", None)),
        ),
        facts={**refused.facts, **facts},
    )
    attributes = attributes_of_log(log, fates, odd, people) if log.keep else None
    lines = None if log.lines is None else lines_of_log(log, fates, odd, people)
    return Log(bought, attributes, as_of, quality, rejects, lines)


def _currencies(
    counts: Mapping[str, Mapping[str | None, int]], roles: Mapping[str, Role]
) -> Mapping[str, Mapping[str | None, int]]:
    return counts if "currency" in roles else that_count(counts, currency_columns(list(counts)))


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
        columns={name: role.text for name, role in log.terms.roles.items()},
        inputs=tuple(counted(table.facts(), more) for i, table in enumerate(log.tables.tables) if log.found.records[i]),
        facts={
            "date_format": dates.label,
            "date_sure": dates.sure,
            "decimal_mark": mark,
            **({"source_says": f"{log.export.name}: {log.export.summary}"} if log.export else {}),
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


def _fates(log: Settling, people: Settled, as_of: date) -> Fates:
    """Duplicates, late records, those of nobody; who has a return among the others."""
    found, options = log.found, log.terms.options
    who = people.rank[np.concatenate(found.who)] if found.who else np.zeros(0, dtype=np.uint32)
    day, amount = np.concatenate(found.day), np.concatenate(found.amount)
    same = repeated(np.concatenate(found.line), amount)
    ends = np.cumsum([part.size for part in found.who]).astype(np.intp)
    names = [table.name for table in log.tables.tables]
    overlap: list[Notice] = []
    found.line.clear()
    found.day.clear()
    found.amount.clear()
    used = np.ones(who.size, dtype=bool)
    twice = same.rows if options.duplicates == "drop" else np.zeros(0, dtype=np.intp)
    used[twice] = False
    pairs = None
    if found.versions:
        rows, overlap = earlier_versions(pl.concat(found.versions), names)
        used[rows] = False
        twice = np.union1d(twice, rows).astype(np.intp)
    elif options.order_id is None:
        overlap = about_overlaps(same.rows, ends, [b.file for b in found.blocks], names, log.tables.columns)
    if found.pairs:
        pairs, rows = _repeated_pairs(found, used, people)
        used[rows] = False
        twice = np.sort(np.concatenate([twice, rows]))
    none = np.zeros(who.size, dtype=bool)
    late = used & (day > (as_of - EPOCH).days) if found.last is not None and found.last > as_of else none
    nobody = used & ~late & (who == 0) if who.size and not who.min() else none
    if late.any() or nobody.any():
        used &= ~late & ~nobody
    odd_rows = np.zeros(0, dtype=np.intp)
    backward = used & (amount < 0) if found.negative else none
    if backward.any():
        odd = np.zeros(people.ids.len() + 1, dtype=bool)
        odd[who[backward]] = True
        odd_rows = np.flatnonzero(used & odd[who])
        used[odd_rows] = False
    return Fates(who, day, amount, twice, late, nobody, used, odd_rows, same.identical, pairs, tuple(overlap))


def _repeated_pairs(found: Collected, alive: Mask, people: Settled) -> tuple[RepeatedPairs, Rows]:
    """The repeated pairs of order and line, and the places of the records that are dropped for it."""
    rows = pl.concat(found.pairs)
    rows = rows.filter(pl.Series(alive[rows["row"].to_numpy()]))
    rank = people.rank[rows["who"].to_numpy()]
    customer = pl.select(pl.when(pl.Series(rank) > 0).then(pl.Series(rank))).to_series()
    pairs = find_repeated_pairs(
        rows["order"], rows["line"], rows.select("day", "stamp", customer=customer, amount="amount")
    )
    return pairs, rows["row"].filter(pairs.repeated).to_numpy().astype(np.intp)


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


def _warned(
    log: Settling, people: Settled, fates: Fates, odd: Odd, plain: Days, read: int, used: int, zeros: int,
    excluded: Mapping[str, int],
) -> list[Notice]:  # fmt: skip
    options = log.terms.options
    identical = Identical(0, 0) if options.duplicates == "drop" else fates.identical
    found = anomalies.about_lines(read, used, excluded.get("no_customer_id", 0), zeros, identical, options.decimals)
    rounded = np.concatenate(log.found.rounded) if log.found.rounded else np.zeros(0, dtype=np.intp)
    of_odd = odd.records.filter(odd.fate.is_null())["row"].to_numpy()
    plainly = rounded[fates.plain[rounded]]
    count = int(plainly.size) + int(np.isin(rounded, of_odd).sum())
    digits = log.proved.decided.digits
    to_zero = int(np.count_nonzero(fates.amount[plainly] == 0))
    limits.check_rounding(to_zero, used, digits, options, log.tables.name)
    found += limits.about_amounts(count, odd.worth["unmatched"], odd.negative_days, options, digits)
    days = plain.beside(odd.used)
    about = anomalies.about_days(days.frame(), options.decimals, days.totals(people.ids))
    customer = log.terms.roles["customer"]
    found += with_joins(about, customer) + about_phones(people.ids, customer)
    if options.order_id is not None:
        found += orders_of(log, fates, odd, people)
    return found


def _roles(roles: Mapping[str, Role], facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """What each role reads, how it was found, and what its values prove."""
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
