"""The roles of some records, read by what their whole log proves: who, when, how much, which order.

What is written as most of its column is read in place; the rest goes, text by text, through `dates.py` and
`amounts.py`, which also say what is wrong with it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import marked, several
from clvcli.core.options import LogOptions
from clvcli.log import ids
from clvcli.log.amounts import minor_units
from clvcli.log.beside import Beside, with_beside
from clvcli.log.classes import date_class, value_class
from clvcli.log.columns import Role
from clvcli.log.date_shapes import EARLIEST
from clvcli.log.dates import DateRule, read_dates
from clvcli.log.exact_decimals import Evaluated, evaluated
from clvcli.log.expressions import Kinds, amount_texts, condition, text_of
from clvcli.log.plain_amounts import form_of as amount_form
from clvcli.log.plain_amounts import plain_amounts, text_of_typed, typed_units
from clvcli.log.plain_dates import A_DAY, PlainDates, form_of, plain_dates, stripped
from clvcli.log.typed import in_calendar

SAMPLED, FEW = 2000, 400
"""Of so many first dates so few are distinct where each distinct one is read on its own."""
Seen = Counter[tuple[str, str, str | None]]
"""What texts prove: (`date` or `value`, column, text) -> records. Texts that prove the same count as one."""


@dataclass(frozen=True)
class Decided:
    """What the whole log proves about its columns, for readers of a part of it. `mark` and `back` (see amounts.py) of
    the amount column, and the most `digits` behind its mark; `notices`: code and message of what to warn of."""

    dates: DateRule
    mark: str | None
    kinds: Kinds
    back: str = ""
    notices: tuple[tuple[str, str], ...] = ()
    digits: int = 0


@dataclass(frozen=True)
class Blame:
    """What is wrong with some records: `row` (UInt32), `column`, `value`, `reason`; ascending by row."""

    frame: pl.DataFrame

    @classmethod
    def none(cls) -> "Blame":
        """An empty list of faults."""
        return cls(
            pl.DataFrame(schema={"row": pl.UInt32, "column": pl.String, "value": pl.String, "reason": pl.String})
        )


@dataclass(frozen=True)
class Reading:
    """A row a record: `customer` (String, as written), `day` (Date), `stamp` (Int64), `amount` (Int64 minor units; null
    where there is none that counts), `rounded` (Boolean, or None where no amount was). `order` and `line`: String, None
    without such a role. `dates` and `amounts`: what is wrong. `date_text`: as written. `seen`: what the texts prove.
    """

    customer: pl.Series
    day: pl.Series
    stamp: pl.Series
    amount: pl.Series
    rounded: pl.Series | None
    order: pl.Series | None
    line: pl.Series | None
    date_text: pl.Series
    dates: Blame
    amounts: Blame
    seen: Seen


def texts_of(frame: pl.DataFrame, names: Mapping[str, object] | frozenset[str] | list[str]) -> pl.DataFrame:
    """The columns of these names as text."""
    return pl.DataFrame([frame[n] if frame[n].dtype == pl.String else text_of_typed(frame[n]) for n in names])


def read_roles(
    frame: pl.DataFrame, roles: Mapping[str, Role], options: LogOptions, decided: Decided, *, raw: bool = False
) -> Reading:
    """Reads every role of the records of a frame: text columns, or typed ones. `raw`: `seen` has every text as written.

    Raises UsageError for SQL that does not work on these columns, InputError for results that cannot be counted.
    """
    seen: Seen = Counter()
    date_text, day, stamp, dates = _dates(frame, roles["date"], options, decided, seen, raw=raw)
    amount, rounded, amounts = _amounts(frame, roles["amount"], options, decided, seen, raw=raw)
    _count_values(frame, roles, decided, seen, raw=raw)
    return Reading(
        _text(roles["customer"], frame, decided.kinds), day, stamp, amount, rounded,
        _named(roles.get("order_id"), frame, decided.kinds), _named(roles.get("line_id"), frame, decided.kinds),
        date_text, dates, amounts, seen,
    )  # fmt: skip


def _text(role: Role, frame: pl.DataFrame, kinds: Kinds) -> pl.Series:
    if role.is_sql:
        return text_of(role, texts_of(frame, role.reads), kinds)
    return frame[role.text] if frame[role.text].dtype == pl.String else text_of_typed(frame[role.text])


def _named(role: Role | None, frame: pl.DataFrame, kinds: Kinds) -> pl.Series | None:
    if role is None:
        return None
    text = _text(role, frame, kinds).str.strip_chars(ids.BLANKS)
    return text.to_frame("id").select(ids.without_null_like(pl.col("id"))).to_series()


def order_of(frame: pl.DataFrame, roles: Mapping[str, Role], decided: Decided) -> pl.Series:
    """The order of each record, null without one."""
    order = _named(roles.get("order_id"), frame, decided.kinds)
    return pl.repeat(None, frame.height, dtype=pl.String, eager=True) if order is None else order


def _dates(
    frame: pl.DataFrame, role: Role, options: LogOptions, decided: Decided, seen: Seen, *, raw: bool
) -> tuple[pl.Series, pl.Series, pl.Series, Blame]:
    rule, tz = decided.dates, options.tz or "UTC"
    if not role.is_sql and isinstance(frame[role.text].dtype, (pl.Date, pl.Datetime)) and rule.date_format is None:
        text, day, stamp = _typed_dates(frame[role.text], tz)
        plain = _seen_of_typed(frame[role.text], stamp)
    else:
        text = _text(role, frame, decided.kinds)
        if text.head(SAMPLED).n_unique() < FEW:
            return _few_dates(text, role, options, rule, seen, raw=raw)
        found = _plainly(text, rule, tz, ambiguous=rule.order is not None)
        if found is None:
            read = read_dates(text, role.text, None, options.tz, rule).frame
            _count_dates(text, role, rule, seen, raw=raw)
            return text, read["day"], read["stamp"], _blame(read["date_reason"], role.text, text)
        day, stamp, plain = found.day, found.stamp, found.seen
    if raw and text.dtype == pl.String:
        _count_dates(text, role, rule, seen, raw=True)
    else:
        seen.update({("date", role.text, t): n for t, n in plain.items()})
    if not day.null_count():
        return text, day, stamp, Blame.none()
    left = day.is_null()
    rows, rest = left.arg_true(), text.filter(left)
    if rest.dtype != pl.String:
        rest = text_of_typed(rest)
    read = read_dates(rest, role.text, None, options.tz, rule).frame
    if not raw:
        _count_dates(rest, role, rule, seen, raw=False)
    day, stamp = day.scatter(rows, read["day"]), stamp.scatter(rows, read["stamp"])
    return text, day, stamp, _blame(read["date_reason"], role.text, rest, rows)


def _plainly(text: pl.Series, rule: DateRule, tz: str, *, ambiguous: bool) -> PlainDates | None:
    """What is written as most of the first texts are; None where the rule has no plain form."""
    if rule.date_format is not None or rule.calendar is not None:
        return None
    form = form_of(text, rule.main, rule.order)
    return None if form is None else plain_dates(text, form, tz, ambiguous=ambiguous)


def _few_dates(
    text: pl.Series, role: Role, options: LogOptions, rule: DateRule, seen: Seen, *, raw: bool
) -> tuple[pl.Series, pl.Series, pl.Series, Blame]:
    """Each distinct text is read once."""
    distinct = text.unique().drop_nulls()
    codes = text.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32)
    day, stamp, reason = _read_few(distinct, role.text, options.tz, rule)
    counted = np.bincount(codes.drop_nulls().to_numpy(), minlength=distinct.len())
    add_dates(distinct, counted, role.text, rule, seen, raw=raw)
    if reason.null_count() == reason.len() and not text.null_count():
        return text, day.gather(codes), stamp.gather(codes), Blame.none()
    reasons = reason.gather(codes)
    if text.null_count():
        reasons = reasons.scatter(text.is_null().arg_true(), "missing_date")
    return text, day.gather(codes), stamp.gather(codes), _blame(reasons, role.text, text)


def _read_few(distinct: pl.Series, name: str, tz: str | None, rule: DateRule) -> tuple[pl.Series, pl.Series, pl.Series]:
    """`day`, `stamp` and `reason` of each text: the careful way takes as long for one text as for thousands, so that it
    sees only what is not plain."""
    found = _plainly(distinct, rule, tz or "UTC", ambiguous=False)
    left = distinct if found is None else distinct.filter(found.day.is_null())
    reason = pl.repeat(None, distinct.len(), dtype=pl.String, eager=True)
    if found is not None and not left.len():
        return found.day, found.stamp, reason
    read = read_dates(left, name, None, tz, rule).frame
    if found is None:
        return read["day"], read["stamp"], read["date_reason"]
    rows = found.day.is_null().arg_true()
    return (
        found.day.scatter(rows, read["day"]), found.stamp.scatter(rows, read["stamp"]),
        reason.scatter(rows, read["date_reason"]),
    )  # fmt: skip


def _typed_dates(column: pl.Series, tz: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    name, kind = pl.col(column.name), column.dtype
    inside = in_calendar(name, kind)
    if isinstance(kind, pl.Date):
        day = column.to_frame().select(inside).to_series()
        return column, day, day.to_physical().cast(pl.Int64) * A_DAY
    moment = inside.cast(pl.Datetime("us", kind.time_zone))  # type: ignore[attr-defined]
    if kind.time_zone is not None:  # type: ignore[attr-defined]
        moment = moment.dt.convert_time_zone(tz).dt.replace_time_zone(None, ambiguous="earliest")
    local = column.to_frame().select(moment).to_series()
    day = local.dt.date()
    early = pl.select(pl.when(day >= EARLIEST).then(day)).to_series()
    return column, early, local.dt.epoch("us")


def _seen_of_typed(column: pl.Series, stamp: pl.Series) -> "Counter[str]":
    """The text of a date of this type, with a time of day where some have one, and how many there are."""
    count = stamp.len() - stamp.null_count()
    zone = "+00:00" if getattr(column.dtype, "time_zone", None) else ""
    timed = bool((stamp % A_DAY != 0).any())
    return Counter({"2024-01-05" + (" 11:11:11" + zone if timed or zone else ""): count} if count else {})


def _blame(reason: pl.Series, column: str | pl.Series, value: pl.Series, rows: pl.Series | None = None) -> Blame:
    """Of the records with a reason. `rows`: their numbers, where only some records are told of."""
    bad = reason.is_not_null()
    if not bad.any():
        return Blame.none()
    at = bad.arg_true()
    names = (
        column.gather(at) if isinstance(column, pl.Series) else pl.repeat(column, at.len(), dtype=pl.String, eager=True)
    )
    frame = pl.DataFrame({"row": at if rows is None else rows.gather(at), "column": names, "value": value.gather(at),
                          "reason": reason.gather(at)})  # fmt: skip
    return Blame(frame.cast({"row": pl.UInt32}))


def _amounts(
    frame: pl.DataFrame, role: Role, options: LogOptions, decided: Decided, seen: Seen, *, raw: bool
) -> tuple[pl.Series, pl.Series | None, Blame]:
    if role.is_sql:
        done: Evaluated = evaluated(frame, role, options.decimals, decided.kinds)
        units, rounded = done.units, done.rounded
    elif frame[role.text].dtype == pl.String:
        text = frame[role.text]
        found = plain_amounts(text, amount_form(text, decided.mark or "."), options.decimals)
        units, rounded = found.units, None
        if raw:
            _count(seen, role.text, text, raw=True)
        else:
            seen.update({("value", role.text, t): n for t, n in found.seen.items()})
            if units.null_count():
                _count(seen, role.text, text.filter(units.is_null()), raw=False)
    else:
        units, rounded = typed_units(frame[role.text], options.decimals), None
    if not units.null_count():
        return units, rounded, Blame.none()
    left = units.is_null()
    rows = left.arg_true()
    rest = texts_of(frame.filter(left), sorted(role.reads))
    typed = frozenset(n for n in role.reads if frame[n].dtype.is_numeric())
    kinds = decided.kinds if role.is_sql else None
    told = amount_texts(role, rest, options.decimals, decided.mark, typed, kinds, decided.back)
    slow = minor_units(told.plain, options.decimals)
    units = units.scatter(rows, slow["amount"])
    if slow["rounded"].any():
        rounded = rounded if rounded is not None else pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        rounded = rounded.scatter(rows, slow["rounded"])
    return units, rounded, _blame(slow["amount_reason"], told.column, told.value, rows)


def _count_dates(text: pl.Series, role: Role, rule: DateRule, seen: Seen, *, raw: bool) -> None:
    """Adds what dates prove."""
    found = text.alias("t").value_counts(name="n")
    add_dates(found["t"], found["n"].to_numpy(), role.text, rule, seen, raw=raw)


def add_dates(
    distinct: pl.Series, counted: npt.NDArray[Any], name: str, rule: DateRule, seen: Seen, *, raw: bool
) -> None:
    """The same of distinct texts of the column and how often they stand there: by an explicit format only whether they
    have times (see rules.py)."""
    if rule.date_format is not None:
        stamps = read_dates(distinct, name, None, None, rule).frame["stamp"]
        timed = (stamps % A_DAY != 0).fill_null(False).to_numpy()
        known = stamps.is_not_null().to_numpy()
        seen["date", name, "times"] += int(counted[timed].sum())
        seen["date", name, "days"] += int(counted[known & ~timed].sum())
        return
    classes = distinct if raw else distinct.alias("t").to_frame().select(date_class(pl.col("t"))).to_series()
    for text, n in zip(classes, counted.tolist(), strict=True):
        seen["date", name, text] += n


def _count_values(frame: pl.DataFrame, roles: Mapping[str, Role], decided: Decided, seen: Seen, *, raw: bool) -> None:
    """Adds what the columns prove that SQL reads."""
    counted = (
        {roles["amount"].text}
        if not roles["amount"].is_sql and frame[roles["amount"].text].dtype == pl.String
        else set()
    )
    for name in decided.kinds:
        if name not in counted:
            column = frame[name]
            _count(seen, name, column if column.dtype == pl.String else text_of_typed(column), raw=raw)


def _count(seen: Seen, name: str, texts: pl.Series, *, raw: bool) -> None:
    found = texts.alias("t").value_counts(name="n")
    if not raw:
        found = found.with_columns(value_class(pl.col("t"))).group_by("t").agg(pl.col("n").sum())
    seen.update({("value", name, t): n for t, n in found.iter_rows()})


def where_holds(
    frame: pl.DataFrame, reading: Reading, roles: Mapping[str, Role], options: LogOptions, decided: Decided,
    beside: Beside | None = None,
) -> pl.Series:  # fmt: skip
    """--where for each record; NULL is False. The columns of date and amount are a Date or Datetime, a Decimal."""
    assert options.where is not None
    known: dict[str, pl.Series] = {}
    if not roles["date"].is_sql:
        timed = decided.dates.has_times
        known[roles["date"].text] = reading.stamp.cast(pl.Datetime("us")) if timed else reading.day
    amount = roles["amount"]
    if not amount.is_sql and amount.text in options.where:
        known[amount.text] = _decimals(frame[amount.text], options.decimals, decided)
    names = [n for n in decided.kinds if n in frame.columns]
    return condition(
        options.where, *with_beside(beside, reading.customer, texts_of(frame, names), known, decided.kinds)
    )


def _decimals(column: pl.Series, decimals: int, decided: Decided) -> pl.Series:
    """The numbers of a column as --where sees them: with all their digits."""
    texts = stripped(column if column.dtype == pl.String else text_of_typed(column))
    mark = "." if column.dtype.is_numeric() else decided.mark or "."
    plain = plain_amounts(texts, amount_form(texts, mark), decimals).plain
    left = plain.is_null()
    if left.any():
        from clvcli.log.amounts import PLAIN, normalise

        typed = column.dtype.is_numeric()
        rest = normalise(texts.filter(left), column.name, decimals, mark, typed, decided.back).plain
        fits = pl.select(pl.when(rest.str.contains(PLAIN)).then(rest)).to_series()
        plain = plain.scatter(left.arg_true(), fits)
    return plain.cast(pl.Decimal(38, 9), strict=False)


def about_trimmed(records: int, joined: int) -> list[Notice]:
    """Ids with blanks at their ends: in how many records, and how many ids that made equal to another one."""
    if not records:
        return []
    told = marked("removed")
    if joined:
        told = several(
            "removed, which made {n:d} id equal to another", "removed, which made {n:d} ids equal to another", joined
        )
    message = several(
        "{n:d} record with blanks at the ends of the customer id: {told}; export ids without them",
        "{n:d} records with blanks at the ends of the customer id: {told}; export ids without them",
        records, told=told,
    )  # fmt: skip
    return [Notice("trimmed_ids", message)]
