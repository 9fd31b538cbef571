"""Moments that call for a contact, from columns of the table: days of the year, service by usage, replacement."""

import re
from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.horizon import DAYS_PER_UNIT, Span, parse_span
from clvcli.core.language import marked

MAX_MONTHS = 1200
"""Longer intervals are mistakes in the data, not services."""
_LEAD = r"(?::\s*(?P<lead>[0-9]+\s*[dwmy]))?"
_NAME = r"(?:(?P<name>[^=+/:]+)=)?"
_OCCASION = re.compile(rf"(?P<day>[^:=]+){_LEAD}")
_USAGE = re.compile(rf"{_NAME}(?P<day>[^=+/:]+)\+(?P<interval>[^=+/:]+)/(?P<monthly>[^=+/:]+){_LEAD}")
_REPLACE = re.compile(rf"{_NAME}(?P<day>[^=+/:]+)\+\s*(?P<life>[0-9]+\s*[dwmy])\s*{_LEAD}")


@dataclass(frozen=True)
class Moment:
    """One `--on`, `--usage` or `--replace`: `name` is the action of its contacts, `day` a column of dates."""

    kind: str
    name: str
    day: str
    lead: Span | None
    interval: str = ""
    monthly: str = ""
    life: Span | None = None


def occasion(text: str) -> Moment:
    """`birthday` or `birthday:7d`; the lead is 0 unless given. Raises UsageError."""
    found = _matched(_OCCASION, text, "--on", "birthday or birthday:7d")
    return Moment("occasion", found["day"], found["day"], _span(found["lead"]))


def usage(text: str, lead: Span) -> Moment:
    """`last_visit+15000/km_a_month`, perhaps `service=` before and `:14d` behind. Raises UsageError."""
    found = _matched(_USAGE, text, "--usage", "last_visit+15000/km_a_month")
    name = found["name"] or found["day"]
    return Moment("usage", name, found["day"], _span(found["lead"]) or lead, found["interval"], found["monthly"])


def replacement(text: str, lead: Span) -> Moment:
    """`boiler_bought+10y`, perhaps `boiler=` before and `:60d` behind. Raises UsageError."""
    found = _matched(_REPLACE, text, "--replace", "boiler_bought+10y")
    name = found["name"] or found["day"]
    return Moment("replacement", name, found["day"], _span(found["lead"]) or lead, life=_span(found["life"]))


def _matched(pattern: re.Pattern[str], text: str, flag: str, example: str) -> dict[str, str]:
    found = pattern.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            marked("{flag}: {text} is not understood", flag=flag, text=repr(text)), hint=f"{flag} {example}"
        )
    return {key: (value or "").strip() for key, value in found.groupdict().items()}


def _span(text: str) -> Span | None:
    return parse_span(text, infinite=False) if text else None


def due_dates(moment: Moment, frame: pl.DataFrame, start: date, end: date) -> tuple[pl.DataFrame, list[Notice]]:
    """customer_id, due: the days of the moment that matter to contacts from `start` to `end`, and what was unreadable.

    Occasions recur every year (29 February: the 28th in other years). A service or a replacement that is overdue stays
    due on its day; services recur after another interval, as if each were made when due, overdue ones on `start`.
    """
    _has(frame, moment.day, moment)
    days = frame.select("customer_id", last=_date(frame, moment.day), text=pl.col(moment.day).cast(pl.String))
    notices = _unread(
        days.filter(pl.col("last").is_null() & (pl.col("text").fill_null("") != "")), moment.day, marked("date")
    )
    days = days.select("customer_id", "last").drop_nulls()
    if moment.kind == "occasion":
        return _yearly(days, start, end), notices
    if moment.life is not None:
        return _no_sooner(days.select("customer_id", due=shifted("last", moment.life))), notices
    rates, more = _months(moment, frame)
    return _services(days.join(rates, on="customer_id"), start, end), [*notices, *more]


def _yearly(days: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    found = []
    for year in range(start.year, min(end.year + 2, 9999)):
        # 29 February becomes the 28th where the year has none.
        moved = pl.date(year, pl.col("last").dt.month(), pl.col("last").dt.day().clip(upper_bound=28))
        rest = (pl.col("last").dt.day() - 28).clip(lower_bound=0)
        same = moved + pl.duration(days=rest)
        due = pl.when(same.dt.month() == pl.col("last").dt.month()).then(same).otherwise(moved)
        found.append(days.select("customer_id", due=due.cast(pl.Date)))
    return pl.concat(found).filter(pl.col("due") >= start)


def _services(days: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """Days on which services are due. `days`: customer_id, last, months."""
    first = days.select("customer_id", "months", due=months_after("last", "months"))
    found = [first.select("customer_id", "due")]
    base = first.with_columns(due=pl.max_horizontal("due", pl.lit(start)))
    room = (end - start).days / DAYS_PER_UNIT["month"] + 24
    for k in range(1, 1000):
        more = base.filter(pl.col("months") * k <= room).with_columns(ahead=pl.col("months") * k)
        if more.is_empty():
            break
        found.append(more.select("customer_id", due=months_after("due", "ahead")))
    return _no_sooner(pl.concat(found))


def _no_sooner(due: pl.DataFrame) -> pl.DataFrame:
    return due.drop_nulls().unique().sort("customer_id", "due")


def months_after(day: str, months: str) -> pl.Expr:
    """The day that lies a number of months, not always whole, after another: whole months on the calendar (31 January
    + 1 is the end of February), the rest in days of a mean month, 30.4375, rounded.
    """
    whole = pl.col(months).floor().cast(pl.Int64)
    rest = ((pl.col(months) - whole) * DAYS_PER_UNIT["month"]).round()
    moved = pl.col(day).dt.offset_by(pl.format("{}mo", whole))
    return (moved + pl.duration(days=rest.cast(pl.Int64))).cast(pl.Date)


def shifted(day: str, span: Span, times: int = 1) -> pl.Expr:
    """The column `day` moved by a span, `times` over; negative: back."""
    assert span.count is not None
    unit = {"d": "d", "w": "w", "m": "mo", "y": "y"}[span.unit]
    return pl.col(day).dt.offset_by(f"{span.count * times}{unit}")


def _months(moment: Moment, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Notice]]:
    """customer_id and months between two services: interval over monthly usage, where both are above 0."""
    months = _number(frame, moment.interval, moment) / _number(frame, moment.monthly, moment)
    rows = frame.select("customer_id", months=months.round(9))
    good = rows.filter(pl.col("months").is_finite() & (pl.col("months") > 0.1) & (pl.col("months") <= MAX_MONTHS))
    bad = rows.height - good.height
    text = marked(
        "{n:,} customers have no usable interval or usage for {name}: no contact for them", n=bad, name=moment.name
    )
    return good, [Notice("no_usage", text)] if bad else []


def _number(frame: pl.DataFrame, text: str, moment: Moment) -> pl.Expr:
    try:
        return pl.lit(float(text))
    except ValueError:
        _has(frame, text, moment)
        return pl.col(text).cast(pl.Float64, strict=False)


def _date(frame: pl.DataFrame, name: str) -> pl.Expr:
    if frame.schema[name] == pl.String:
        return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return pl.col(name).cast(pl.Date, strict=False)


def _has(frame: pl.DataFrame, name: str, moment: Moment) -> None:
    if name not in frame.columns:
        raise InputError(
            marked("{kind} {name}: the table has no column {name2}", kind=moment.kind, name=moment.name, name2=name),
            hint="clv score --customers FILE brings attributes into the table",
        )


def _unread(rows: pl.DataFrame, name: str, kind: str) -> list[Notice]:
    text = marked("{n:,} values of {name} are no {kind}: no contact for them", n=rows.height, name=name, kind=kind)
    return [Notice("unreadable_attribute", text)] if rows.height else []
