"""Dates as text -> calendar days. The order of day and month is proved by the data or asked for, never assumed."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.log.calendars import refuse_other_calendars, to_gregorian
from clvcli.log.column_values import quoted
from clvcli.log.date_order import order_of
from clvcli.log.date_parts import parts_of
from clvcli.log.date_shapes import EARLIEST, FORMATS, LATEST, NAMED, ORDERS, PERIODS, SHAPES, WORDS
from clvcli.log.date_words import translated, zones_among
from clvcli.log.ids import BLANKS, NULL_LIKE

SURE = ("ymd", "ymd/", "day month", "month day", "year month")
"""Shapes that can be read in one way only; they may stand in one column."""
FEW = 0.01
USUAL_ZONES = {
    (-300, -240): "America/New_York", (-360, -300): "America/Chicago", (-420, -360): "America/Denver",
    (-480, -420): "America/Los_Angeles", (0, 60): "Europe/London", (120, 180): "Europe/Helsinki",
    (600, 660): "Australia/Sydney",
}  # fmt: skip
"""A zone with these offsets in minutes, winter and summer."""
ANY_ZONE = "POLARS_IGNORE_TIMEZONE_PARSE_ERROR"


@dataclass(frozen=True)
class Dates:
    """One row a record: `day` (Date), `stamp` (Int64, microseconds of the local time, for order within a day) and
    `date_reason` (String, null when fine). `format` and `sure` say how they were read; `zones` what offsets stood
    there."""

    frame: pl.DataFrame
    format: str
    sure: str
    has_times: bool
    notices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DateRule:
    """How a column of dates is read, settled for a whole log: by `date_format`, or by the shape `main` (see
    date_shapes.py) and the `order` of its numbers. `label`, `sure`, `has_times`, `notices` as in Dates; `calendar`: of
    --calendar; `others`: shapes, with the order of their numbers, that may stand beside the main one."""

    date_format: str | None
    main: str | None
    order: str | None
    label: str
    sure: str
    has_times: bool
    notices: tuple[tuple[str, str], ...]
    calendar: str | None = None
    others: tuple[tuple[str, str], ...] = ()


def read_dates(
    raw: pl.Series, column: str, date_format: str | None, tz: str | None, rule: DateRule | None = None
) -> Dates:
    """Reads every distinct text once, by the `rule` of the log where `raw` is only a part of it.

    Raises InputError when the format cannot be told or zones are mixed, UsageError for a format or zone that does not
    exist; with a `rule` neither.
    """
    text = raw.str.strip_chars(BLANKS).alias("text")
    if rule is None:
        rule, _ = settle_dates(dates_among(text.value_counts(name="n")), column, date_format, tz)
    if rule.date_format is None:
        text = in_plain_words(text, rule.calendar)
    parts = _parts(dates_among(text.value_counts(name="n")), rule)
    read = _days(parts, tz or "UTC")
    joined = pl.DataFrame({"text": text}).join(read, on="text", how="left", maintain_order="left")
    missing = pl.col("known").is_null()
    frame = joined.select(
        "day",
        "stamp",
        pl.when(missing).then(pl.lit("missing_date")).otherwise(pl.col("date_reason")).alias("date_reason"),
    )
    return Dates(frame, rule.label, rule.sure, rule.has_times, rule.notices)


def dates_among(counted: pl.DataFrame) -> pl.DataFrame:
    """The texts (columns `text`, `n`) that are no missing value, in an order of their own: the examples of messages
    must not depend on the order of rows."""
    known = pl.col("text").is_not_null() & ~pl.col("text").str.to_lowercase().is_in(NULL_LIKE)
    return counted.filter(known).sort("text")


def in_plain_words(text: pl.Series, calendar: str | None) -> pl.Series:
    """The dates in English, with digits 0 to 9, and of our calendar."""
    return translated(text if calendar is None else to_gregorian(text, calendar))


def settle_dates(
    distinct: pl.DataFrame, column: str, date_format: str | None, tz: str | None, calendar: str | None = None
) -> tuple[DateRule, pl.DataFrame]:
    """The rule for dates of these `distinct` texts (`text`, `n`), and their parts. Raises as read_dates does."""
    check_zone(tz)
    written = distinct["text"]
    if date_format is None or date_format in NAMED:
        _refuse_words(written, column, tz)
        distinct = distinct.with_columns(in_plain_words(written, calendar))
    if date_format is not None and date_format not in NAMED:
        rule = DateRule(date_format, None, None, date_format, "asked for", False, ())
        parts = _parts(distinct, rule)
        if parts.height and parts["iso"].null_count() == parts.height:
            raise InputError(
                marked(
                    "no date in {column} has the format {date_format}; they look like {distinct}",
                    column=column,
                    date_format=date_format,
                    distinct=repr(distinct["text"][0]),
                ),
                hint="leave --date-format out, or write it as the dates are",
                code="dates_unreadable",
            )
    else:
        if calendar is None:
            refuse_other_calendars(written, pl.Series(dtype=pl.Int32), column)
        rule = replace(_rule_by_shape(distinct, column, date_format), calendar=calendar)
        parts = _parts(distinct, rule)
        if calendar is None:
            refuse_other_calendars(written, parts["iso"].dt.year(), column)
        if parts["iso"].count() == 0:
            raise _unreadable(distinct, column)
    notices = _check_mixed_zones(parts, column, tz)
    stamps = _days(parts, tz or "UTC")["stamp"].drop_nulls()
    return replace(rule, has_times=bool((stamps % 86_400_000_000 != 0).any()), notices=(*rule.notices, *notices)), parts


def _parts(distinct: pl.DataFrame, rule: DateRule) -> pl.DataFrame:
    """Columns `text, n, iso (naive Datetime), offset (minutes, null for naive), shape_reason`."""
    return _by_shape(distinct, rule) if rule.date_format is None else _with_format(distinct, rule.date_format)


def check_zone(tz: str | None) -> None:
    """Raises UsageError for a --tz that is no zone."""
    if tz is None:
        return
    os.environ.pop(ANY_ZONE, None)  # with it Polars takes every text for a zone
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(tz)
    except pl.exceptions.PolarsError:
        raise UsageError(marked("--tz: no such zone: {tz}", tz=tz), hint="a name like Europe/Berlin or UTC") from None


def _with_format(distinct: pl.DataFrame, date_format: str) -> pl.DataFrame:
    """Parse distinct texts by an explicit format."""
    if "%" not in date_format:
        raise UsageError(
            marked("--date-format: {date_format} is no format", date_format=repr(date_format)),
            hint=marked("like %d/%m/%Y, or one of {named}", named=", ".join(NAMED)),
        )
    aware = "%z" in date_format or "%:z" in date_format or "%#z" in date_format
    timed = any(mark in date_format for mark in ("%H", "%I", "%T", "%R", "%s", "%c", "%k", "%l", "%X", "%r"))
    try:
        if aware:
            moment = pl.col("text").str.to_datetime(date_format, strict=False, time_unit="us", time_zone="UTC")
            moment = moment.dt.replace_time_zone(None)
        elif timed:
            moment = pl.col("text").str.to_datetime(date_format, strict=False, time_unit="us")
        else:
            moment = pl.col("text").str.to_date(date_format, strict=False).cast(pl.Datetime("us"))
        parts = distinct.with_columns(iso=moment, offset=pl.lit(0 if aware else None, dtype=pl.Int32))
    except pl.exceptions.PolarsError as problem:
        raise UsageError(
            marked(
                "--date-format: {date_format}: {splitlines}",
                date_format=repr(date_format),
                splitlines=str(problem).splitlines()[0][:120],
            ),
            hint="%d/%m/%Y",
        ) from None
    bad = pl.when(pl.col("iso").is_null()).then(pl.lit("bad_date"))
    return parts.with_columns(bad.alias("shape_reason"))


def _with_shape(distinct: pl.DataFrame) -> pl.DataFrame:
    return distinct.with_columns(
        shape=pl.coalesce(
            pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(name)) for name, pattern in SHAPES.items()
        )
    )


def _rule_by_shape(distinct: pl.DataFrame, column: str, named: str | None) -> DateRule:
    """The shape that most records have; the order of its numbers is `named` or proved."""
    shaped = _with_shape(distinct)
    counts = dict(shaped.drop_nulls("shape").group_by("shape").agg(pl.sum("n")).sort("n", "shape").iter_rows())
    if not distinct.height:
        raise InputError(marked("{place}: every date is empty", place=column), hint="--date names another column")
    if not counts:
        raise _unreadable(distinct, column)
    main = max(counts, key=lambda name: (counts[name], name))
    if named is not None and named in ("excel", "epoch", "epoch-ms"):
        main = named.removesuffix("-ms")
    order, sure = None, marked("proved by its shape")
    notices: tuple[tuple[str, str], ...] = ()
    if main in ORDERS:
        order, sure, notices = order_of(shaped.filter(pl.col("shape") == main), main, column, named)
    others = _proved_beside(shaped, main, counts, column)
    notices = (*notices, *_about_others(others, counts, column))
    example = shaped.filter(pl.col("shape") == main)["text"][0] if main in counts else ""
    return DateRule(None, main, order, _label(main, order, example), sure, False, notices, others=others)


def _proved_beside(
    shaped: pl.DataFrame, main: str, counts: Mapping[str, int], column: str
) -> tuple[tuple[str, str], ...]:
    """Beside dates that can be read in one way only, those of day, month and year in numbers, where they themselves
    prove an order that none of them contradicts; a few of them are errors, and rejected."""
    if main not in SURE or counts.get("numbers", 0) <= FEW * sum(counts.values()):
        return ()
    some = shaped.filter(pl.col("shape") == "numbers")
    some = some.filter(pl.col("text").str.contains("[0-9]{4}"))
    try:
        order, _, _ = order_of(some, "numbers", column, None)
    except InputError:
        return ()
    days = parts_of(some, "numbers", order)["iso"]
    return (("numbers", order),) if some.height and not days.null_count() else ()


def _about_others(
    others: tuple[tuple[str, str], ...], counts: Mapping[str, int], column: str
) -> tuple[tuple[str, str], ...]:
    return tuple(
        ("dates_of_two_forms", marked(
            "{n:d} dates in {column} are written {order}, unlike the others; their own days prove it; export all dates "
            "in one format",
            n=counts[shape], column=column, order=WORDS[order],
        ))
        for shape, order in others
    )  # fmt: skip


def guessed(counted: pl.DataFrame) -> DateRule | None:
    """A rule to begin with where the texts (`text`, `n`) prove none: their shape, and any order of its numbers."""
    known = dates_among(counted)
    shaped = _with_shape(known.with_columns(in_plain_words(known["text"], None))).drop_nulls("shape")
    if shaped.is_empty():
        return None
    main = str(shaped.group_by("shape").agg(pl.sum("n")).sort("n", "shape")["shape"][-1])
    return DateRule(None, main, next(iter(ORDERS.get(main, {})), None), "", "", False, ())


def _by_shape(distinct: pl.DataFrame, rule: DateRule) -> pl.DataFrame:
    """By the shape of the rule; other shapes that can be read in one way only may stand beside such a one."""
    shaped = _with_shape(distinct)
    orders = dict(rule.others)
    allowed = {*(SURE if rule.main in SURE else (rule.main,)), *orders}
    found = sorted(set(shaped["shape"].drop_nulls()) & allowed)
    pieces = [parts_of(shaped.filter(pl.col("shape") == name), name, orders.get(name, rule.order)) for name in found]
    others = shaped.filter(pl.col("shape").is_null() | ~pl.col("shape").is_in(sorted(allowed)))
    reason = pl.when(pl.col("shape").is_null()).then(pl.lit("bad_date")).otherwise(pl.lit("other_date_format"))
    rest = others.select(
        "text", "n", pl.lit(None, pl.Datetime("us")).alias("iso"), pl.lit(None, pl.Int32).alias("offset"),
        reason.alias("shape_reason"),
    )  # fmt: skip
    return pl.concat([*pieces, rest])


def _label(shape: str, order: str | None, example: str) -> str:
    """The name of the format in messages: `%d.%m.%Y`, with the mark that the dates have."""
    if shape == "ymd":
        return "ISO (year-month-day)"
    usual = "%Y/%m/%d" if shape == "ymd/" else FORMATS.get((shape, order or ""), shape)
    mark = next((c for c in example if c in "-/. "), "/")
    short = re.match(r"\d\d?[-/. ] ?\d\d?[-/. ] ?\d\d(?!\d)", example) is not None
    return usual.replace("/", mark).replace("%Y", "%y" if short else "%Y")


def _refuse_words(written: pl.Series, column: str, tz: str | None) -> None:
    """Raises InputError for a word that names several zones."""
    found = zones_among(written) if tz is None else None
    if found is not None:
        word, zones = found
        raise InputError(
            marked("the times in {column} bear {word}, which names several zones", column=column, word=word),
            hint=marked("--tz {first} or --tz {second}", first=zones[0], second=zones[1]),
            code="times_with_offsets",
        )  # fmt: skip


def _unreadable(distinct: pl.DataFrame, column: str) -> InputError:
    value = distinct["text"][0]
    for name, (pattern, remedy) in PERIODS.items():
        if re.search(pattern, value):
            return InputError(
                marked(
                    "the dates in {column} are {name}, like {value}, not days",
                    column=column, name=name, value=repr(value),
                ),
                hint=marked(remedy, column=quoted(column).replace('"', '\\"')), code="dates_unreadable",
            )  # fmt: skip
    return InputError(
        marked("the dates in {column} cannot be read, like {value}", column=column, value=repr(value[:60])),
        hint="give their format: --date-format %d/%m/%Y; or name another column: --date",
        code="dates_unreadable",
    )


def _check_mixed_zones(parts: pl.DataFrame, column: str, tz: str | None) -> list[tuple[str, str]]:
    good = parts.filter(pl.col("iso").is_not_null())
    offsets = sorted(good["offset"].drop_nulls().unique().to_list())
    if not offsets:
        return []
    naive = int(good.filter(pl.col("offset").is_null())["n"].sum())
    shown = ", ".join(f"{'-' if o < 0 else '+'}{abs(o) // 60:02d}:{abs(o) % 60:02d}" for o in offsets[:4])
    if tz is None and naive:
        raise InputError(
            marked(
                "the dates in {column} mix times with an offset ({shown}) and times without ({naive} records)",
                column=column,
                shown=shown,
                naive=naive,
            ),
            hint="--tz names the zone whose calendar days count, like --tz Europe/Berlin",
            code="times_with_offsets",
        )
    if tz is None and len(offsets) > 1:
        usual = USUAL_ZONES.get(tuple(offsets), "Europe/Berlin")
        raise InputError(
            marked("the times in {column} have several offsets ({shown})", column=column, shown=shown),
            hint=marked("--tz names the zone whose calendar days count, like --tz {usual}, or --tz UTC", usual=usual),
            code="times_with_offsets",
        )
    if tz is None and offsets != [0]:
        message = marked("times with the offset {shown} were put on UTC days; --tz names another zone", shown=shown)
        return [("converted_times", message)]
    return []


def _days(parts: pl.DataFrame, tz: str) -> pl.DataFrame:
    """`text, known, day, stamp, date_reason`."""
    utc = (pl.col("iso") - pl.duration(minutes=pl.col("offset"))).dt.replace_time_zone("UTC")
    local = utc.dt.convert_time_zone(tz).dt.replace_time_zone(None, ambiguous="earliest")
    moment = pl.when(pl.col("offset").is_null()).then(pl.col("iso")).otherwise(local)
    day = moment.dt.date()
    # Years beyond 9999 exist in Polars, not in calendars.
    outside = (day < EARLIEST) | (day > LATEST)
    reason = pl.coalesce("shape_reason", pl.when(outside).then(pl.lit("impossible_date")))
    return parts.select(
        "text",
        pl.lit(True).alias("known"),
        pl.when(~outside).then(day).alias("day"),
        pl.when(~outside).then(moment.dt.epoch("us")).alias("stamp"),
        reason.alias("date_reason"),
    )
