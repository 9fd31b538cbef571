"""The roles of every record, read: who, when, how much, which order. Bad values are null with a reason beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.options import LogOptions
from clvcli.log import ids
from clvcli.log.amounts import PLAIN, minor_units
from clvcli.log.columns import Role
from clvcli.log.currency import currencies_of, refuse_marks
from clvcli.log.dates import DateRule, Dates, read_dates
from clvcli.log.expressions import AmountTexts, Kinds, amount_texts, condition, text_of
from clvcli.log.gather import Gathered
from clvcli.log.suspicions import some


@dataclass(frozen=True)
class Reading:
    """`records`: customer, order (String), day, stamp, date_reason, amount, rounded, amount_reason; one row a record.

    `texts`: for `date` and `amount` the column and the raw value that rejects show. `known` are columns as --where sees
    them, beside the text columns of `frame`. `currencies` are the columns that name one, `marks` the signs in amounts.
    """

    records: pl.DataFrame
    texts: Mapping[str, tuple[pl.Series, pl.Series]]
    frame: pl.DataFrame
    known: Mapping[str, pl.Series]
    order: pl.Series | None
    line: pl.Series | None
    currencies: Mapping[str, pl.Series]
    marks: tuple[str, ...]
    notices: tuple[Notice, ...]
    facts: dict[str, Any]
    trimmed: int
    kinds: Kinds | None

    def condition(self, text: str) -> pl.Series:
        """--where for each record; NULL is False."""
        return condition(text, self.frame, self.known, self.kinds)


@dataclass(frozen=True)
class Decided:
    """What the whole log proves about its columns, for readers of a part of it."""

    dates: DateRule
    mark: str | None
    kinds: Kinds


def read_roles(
    gathered: Gathered, roles: dict[str, Role], options: LogOptions, decided: Decided | None = None
) -> Reading:
    """Reads every role. Raises InputError where a column cannot be understood as a whole; `decided`: it is a part, and
    is read as the whole is."""
    frame, kinds = gathered.frame, decided.kinds if decided else None
    rule, mark = (decided.dates, decided.mark) if decided else (None, options.decimal_mark)
    customer = ids.clean(text_of(roles["customer"], frame, kinds))
    date_text = text_of(roles["date"], frame, kinds)
    try:
        dates = read_dates(date_text, roles["date"].text, options.date_format, options.tz, rule)
        money = amount_texts(roles["amount"], frame, options.decimals, mark, gathered.typed, kinds)
    except InputError as problem:
        raise type(problem)(f"{gathered.name}: {problem.message}", problem.hint) from None
    refuse_marks(money.currencies, gathered.name)
    units = minor_units(money.plain, options.decimals)
    again = (date_text == roles["date"].text) & (money.value == roles["amount"].text)
    date_frame = dates.frame.with_columns(
        pl.when(again.fill_null(False)).then(pl.lit("repeated_header")).otherwise("date_reason").alias("date_reason")
    )
    order = _stripped(roles.get("order_id"), frame, kinds)
    records = pl.DataFrame(
        {
            "customer": customer.values,
            "order": order if order is not None else pl.repeat(None, frame.height, dtype=pl.String, eager=True),
        }
    ).hstack(date_frame.get_columns() + units.get_columns())
    column = pl.repeat(roles["date"].text, frame.height, dtype=pl.String, eager=True)
    return Reading(
        records=records,
        texts={"date": (column, date_text), "amount": (money.column, money.value)},
        frame=frame,
        known=_known(roles, records, dates, money),
        order=order,
        line=_stripped(roles.get("line_id"), frame, kinds),
        currencies=currencies_of(roles.get("currency"), frame, kinds),
        marks=money.currencies,
        notices=_notices(customer, dates),
        facts={"date_format": dates.format, "date_sure": dates.sure, "decimal_mark": money.mark},
        trimmed=customer.trimmed,
        kinds=kinds,
    )


def _stripped(role: Role | None, frame: pl.DataFrame, kinds: Kinds | None) -> pl.Series | None:
    if role is None:
        return None
    text = text_of(role, frame, kinds).str.strip_chars(ids.BLANKS)
    return text.to_frame("id").select(ids.without_null_like(pl.col("id"))).to_series()


def _known(roles: dict[str, Role], records: pl.DataFrame, dates: Dates, money: AmountTexts) -> dict[str, pl.Series]:
    """The date and amount columns as --where sees them: a Date or Datetime, a Decimal."""
    known: dict[str, pl.Series] = {}
    if not roles["date"].is_sql:
        moment = records["stamp"].cast(pl.Datetime("us"))
        known[roles["date"].text] = moment if dates.has_times else records["day"]
    if not roles["amount"].is_sql:
        fits = money.plain.str.contains(PLAIN)
        known[roles["amount"].text] = pl.select(
            pl.when(fits).then(money.plain.cast(pl.Decimal(38, 9), strict=False))
        ).to_series()
    return known


def _notices(customer: ids.Ids, dates: Dates) -> tuple[Notice, ...]:
    found = [Notice(code, message) for code, message in dates.notices]
    return (*found, *about_trimmed(customer.trimmed, customer.joined))


def about_trimmed(records: int, joined: int) -> list[Notice]:
    """Ids with blanks at their ends: in how many records, and how many ids that made equal to another one."""
    if not records:
        return []
    also = f", which made {some(joined, 'id')} equal to another" if joined else ""
    message = f"{some(records, 'record')} with blanks at the ends of the customer id: removed{also}"
    return [Notice("trimmed_ids", message + "; export ids without them")]
