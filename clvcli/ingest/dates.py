"""Dates as text -> calendar days. The order of day and month is proved by the data or asked for, never assumed."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.errors import InputError, UsageError
from clvcli.ingest.date_shapes import FOREIGN_MONTHS, FORMATS, MONTHS, NAMED, ORDERS, SHAPES, WORDS
from clvcli.ingest.ids import BLANKS, NULL_LIKE

EARLIEST = date(1970, 1, 2)
"""Days before this are what systems write for `no date` (1900-01-01, 0001-01-01, 1970-01-01)."""
SURE = ("ymd", "ymd/", "day month", "month day", "year month")
"""Shapes that can be read in one way only; they may stand in one column."""
MIXED_SHARE = 0.1


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


def read_dates(raw: pl.Series, column: str, date_format: str | None, tz: str | None) -> Dates:
    """Reads every distinct text once. Raises InputError when the format cannot be told or zones are mixed,
    UsageError for a format or zone that does not exist."""
    text = raw.str.strip_chars(BLANKS)
    distinct = (
        pl.DataFrame({"text": text})
        .group_by("text")
        .len("n")
        .filter(pl.col("text").is_not_null() & ~pl.col("text").str.to_lowercase().is_in(NULL_LIKE))
        .sort("text")  # The examples of messages must not depend on the order of rows.
    )
    _check_zone(tz)
    if date_format is not None and date_format not in NAMED:
        parts, label, sure = _with_format(distinct, date_format, column), date_format, "asked for"
    else:
        parts, label, sure = _by_shape(distinct, column, date_format)
    notices = _check_mixed_zones(parts, column, tz)
    read = _days(parts, tz or "UTC")
    joined = pl.DataFrame({"text": text}).join(read, on="text", how="left", maintain_order="left")
    missing = ~pl.col("text").is_in(distinct["text"].implode()) if distinct.height < 1 else pl.col("known").is_null()
    frame = joined.select(
        "day",
        "stamp",
        pl.when(missing).then(pl.lit("missing_date")).otherwise(pl.col("date_reason")).alias("date_reason"),
    )
    has_times = bool((read["stamp"].drop_nulls() % 86_400_000_000 != 0).any())
    return Dates(frame, label, sure, has_times, tuple(notices))


def _check_zone(tz: str | None) -> None:
    if tz is None:
        return
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(tz)
    except pl.exceptions.PolarsError:
        raise UsageError(f"--tz: no such zone: {tz}", hint="a name like Europe/Berlin or UTC") from None


def _with_format(distinct: pl.DataFrame, date_format: str, column: str) -> pl.DataFrame:
    """Columns `text, n, iso (naive Datetime), offset (minutes, null for naive), shape_reason` by an explicit format."""
    if "%" not in date_format:
        raise UsageError(
            f"--date-format: {date_format!r} is no format", hint=f"like %d/%m/%Y, or one of {', '.join(NAMED)}"
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
            f"--date-format: {date_format!r}: {str(problem).splitlines()[0][:120]}", hint="%d/%m/%Y"
        ) from None
    if parts.height and parts["iso"].null_count() == parts.height:
        raise InputError(
            f"no date in {column} has the format {date_format}; they look like {distinct['text'][0]!r}",
            hint="leave --date-format out, or write it as the dates are",
        )
    bad = pl.when(pl.col("iso").is_null()).then(pl.lit("bad_date"))
    return parts.with_columns(bad.alias("shape_reason"))


def _by_shape(distinct: pl.DataFrame, column: str, named: str | None) -> tuple[pl.DataFrame, str, str]:
    """The same columns, by the shape that most records have; the order of its numbers is `named` or proved."""
    shape = pl.coalesce(
        pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(name)) for name, pattern in SHAPES.items()
    )
    shaped = distinct.with_columns(shape=shape)
    counts = dict(shaped.drop_nulls("shape").group_by("shape").agg(pl.sum("n")).sort("n", "shape").iter_rows())
    if not distinct.height:
        raise InputError(f"{column}: every date is empty", hint="--date names another column")
    if not counts:
        raise _unreadable(distinct, column)
    main = max(counts, key=lambda name: (counts[name], name))
    if named is not None and named in ("excel", "epoch", "epoch-ms"):
        main = named.removesuffix("-ms")
    allowed = set(SURE) if main in SURE else {main}
    order, sure = None, "proved by its shape"
    if main in ORDERS:
        order, sure = _order(shaped.filter(pl.col("shape") == main), main, column, named)
    pieces = [_parts(shaped.filter(pl.col("shape") == name), name, order) for name in sorted(set(counts) & allowed)]
    others = shaped.filter(pl.col("shape").is_null() | ~pl.col("shape").is_in(sorted(allowed)))
    reason = pl.when(pl.col("shape").is_null()).then(pl.lit("bad_date")).otherwise(pl.lit("other_date_format"))
    rest = others.select(
        "text", "n", pl.lit(None, pl.Datetime("us")).alias("iso"), pl.lit(None, pl.Int32).alias("offset"),
        reason.alias("shape_reason"),
    )  # fmt: skip
    if sum(piece["iso"].count() for piece in pieces) == 0:
        raise _unreadable(distinct, column)
    label = FORMATS.get((main, order or ""), {"ymd": "ISO (year-month-day)", "ymd/": "%Y/%m/%d"}.get(main, main))
    return pl.concat([*pieces, rest]), label, sure


def _unreadable(distinct: pl.DataFrame, column: str) -> InputError:
    value = distinct["text"][0]
    words = [v for v in distinct["text"].head(1000).to_list() if FOREIGN_MONTHS.search(v)]
    if words:
        return InputError(
            f"the dates in {column} have month names in another language, like {words[0]!r}",
            hint="export them as numbers, best as YYYY-MM-DD",
        )
    return InputError(
        f"the dates in {column} cannot be read, like {value[:60]!r}",
        hint="give their format: --date-format %d/%m/%Y; or name another column: --date",
    )


def _order(shaped: pl.DataFrame, shape: str, column: str, named: str | None) -> tuple[str, str]:
    """Day first or month first (or year first): the order in which most records are dates. A tie is refused."""
    if named in ORDERS[shape]:
        return named, "asked for"
    long = shaped["text"].str.extract(SHAPES[shape], 3).str.len_bytes() == 4
    long_years = shape == "numbers" and 2 * int(long.sum()) > shaped.height
    readings = {}
    for order in ORDERS[shape]:
        if order == "ymd" and long_years:
            continue
        days = _parts(shaped, shape, order)["iso"].dt.date()
        good = days.is_not_null() & (days >= EARLIEST) & (days < date(2100, 1, 1))
        readings[order] = (int(shaped["n"].filter(good.fill_null(False)).sum()), days)
    _drop_by_years(readings)
    if len(readings) == 1:
        return next(iter(readings)), "proved by its few years"
    ranked = sorted(readings, key=lambda name: -readings[name][0])
    best, second = ranked[0], ranked[1]
    total = int(shaped["n"].sum())
    if readings[best][0] == readings[second][0] and not readings[best][1].equals(readings[second][1]):
        differing = shaped.filter(readings[best][1].ne_missing(readings[second][1]))["text"][0]
        first, other = (readings[o][1].filter(shaped["text"] == differing)[0] for o in (best, second))
        raise InputError(
            f"the dates in {column} can be read in two ways: {differing} is {first} ({WORDS[best]}) "
            f"or {other} ({WORDS[second]})",
            hint=f"--date-format {_format(shape, best, differing)} or {_format(shape, second, differing)}",
        )
    if readings[second][0] and total - readings[best][0] > MIXED_SHARE * total:
        raise InputError(
            f"the dates in {column} mix orders: {readings[best][0]} records are {WORDS[best]}, "
            f"others can only be {WORDS[second]}",
            hint="export all dates in one format",
        )
    contrary = total - readings[second][0]
    return best, f"proved by {contrary} record{'s' if contrary != 1 else ''}"


def _drop_by_years(readings: dict[str, tuple[int, pl.Series]]) -> None:
    """Two-digit years: `05.01.24` is also a date year first. The reading with far fewer distinct years is the right
    one."""
    if "ymd" not in readings or "dmy" not in readings or len(readings) != 3:
        return
    years = {order: days.dt.year().n_unique() for order, (_, days) in readings.items()}
    if years["dmy"] * 3 <= years["ymd"] or not readings["ymd"][0]:
        del readings["ymd"]
    elif years["ymd"] * 3 <= years["dmy"] and readings["ymd"][0] >= max(readings[o][0] for o in ("dmy", "mdy")):
        del readings["dmy"], readings["mdy"]


def _format(shape: str, order: str, example: str) -> str:
    return order if len(example) > 10 or shape == "compact" else FORMATS[shape, order].replace(
        "/", next((c for c in example if not c.isdigit()), "/")
    ).replace("%Y", "%Y" if len(example.strip()) >= 8 and example[-4:].isdigit() else "%y")  # fmt: skip


def _parts(shaped: pl.DataFrame, shape: str, order: str | None) -> pl.DataFrame:
    """Named parts of the shape -> `iso` (naive) and `offset` (minutes)."""
    if shape in ("epoch", "excel"):
        return _numbers(shaped, shape)
    found = shaped.select("text", "n", pl.col("text").str.extract_groups(SHAPES[shape]).alias("part")).unnest("part")
    if order is not None:
        names = ORDERS[shape][order]
        found = found.with_columns(**{t: pl.concat_str(list(names[i])) for i, t in enumerate(("y", "m", "d"))})
    month = pl.col("m")
    if shape in ("day month", "month day", "year month"):
        month = month.str.to_lowercase().replace_strict(
            list(MONTHS), [str(n) for n in MONTHS.values()], default=None, return_dtype=pl.String
        )
    year = pl.col("y")
    short = year.str.len_bytes() == 2
    year = pl.when(short & (year >= "69")).then("19" + year).when(short).then("20" + year).otherwise(year)
    day = pl.concat_str(year, pl.lit("-"), month, pl.lit("-"), pl.col("d")).str.to_date("%Y-%m-%d", strict=False)
    clock, offset = _clock(found)
    has_clock = pl.col("h").is_not_null() if "h" in found.columns else pl.lit(False)
    moment = day.cast(pl.Datetime("us")) + pl.when(has_clock).then(clock).otherwise(pl.duration(microseconds=0))
    return found.select("text", "n", iso=moment, offset=offset).with_columns(_impossible())


def _clock(found: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """Time of day as a duration (null when impossible) and the offset in minutes."""
    hour, minute, second = (pl.col(c).cast(pl.Int64, strict=False) for c in ("h", "mi", "s"))
    second = second.fill_null(0)
    micro = (pl.col("f").fill_null("0") + "000000").str.slice(0, 6).cast(pl.Int64)
    if "p" in found.columns:
        afternoon = pl.col("p").str.to_lowercase().str.starts_with("p")
        twelve = pl.when(hour.is_between(1, 12)).then(hour % 12 + pl.when(afternoon).then(12).otherwise(0))
        hour = pl.when(pl.col("p").is_not_null()).then(twelve).otherwise(hour)
    valid = (hour <= 23) & (minute <= 59) & (second <= 60)
    clock = pl.duration(hours=hour, minutes=minute, seconds=second.clip(0, 59), microseconds=micro)
    zone = pl.col("z").str.replace("^(UTC|GMT)", "")
    hours = zone.str.extract(r"^[+-]([0-9]{2})").cast(pl.Int32)
    minutes = zone.str.extract(r"^[+-][0-9]{2}:?([0-9]{2})").cast(pl.Int32).fill_null(0)
    offset = (hours * 60 + minutes) * pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    offset = pl.when(pl.col("z").is_null()).then(None).otherwise(offset.fill_null(0)).cast(pl.Int32)
    return pl.when(valid).then(clock), offset


def _numbers(shaped: pl.DataFrame, shape: str) -> pl.DataFrame:
    """Seconds (or ms, us, ns) since 1970 in UTC; days since 1899-12-30 (Excel)."""
    number = pl.col("text").cast(pl.Float64)
    if shape == "excel":
        moment = pl.datetime(1899, 12, 30, time_unit="us") + pl.duration(
            seconds=(number * 86400).round(0).cast(pl.Int64)
        )
        offset = pl.lit(None, dtype=pl.Int32)
    else:
        digits = pl.col("text").str.extract("^([0-9]+)").str.len_bytes()
        whole = pl.when(pl.col("text").str.contains("[eE]")).then(number).otherwise(
            pl.col("text").str.extract("^([0-9]+)").cast(pl.Float64)
        )  # fmt: skip
        scale = pl.when(digits <= 10).then(1.0).when(digits <= 13).then(1e3).when(digits <= 16).then(1e6).otherwise(1e9)
        scale = (
            pl.when(pl.col("text").str.contains("[eE]"))
            .then(pl.when(number > 1e11).then(1e3).otherwise(1.0))
            .otherwise(scale)
        )
        moment = (whole / scale * 1e6).cast(pl.Int64).cast(pl.Datetime("us"))
        offset = pl.lit(0, dtype=pl.Int32)
    return shaped.select("text", "n", iso=moment, offset=offset).with_columns(_impossible())


def _impossible() -> pl.Expr:
    return pl.when(pl.col("iso").is_null()).then(pl.lit("impossible_date")).alias("shape_reason")


def _check_mixed_zones(parts: pl.DataFrame, column: str, tz: str | None) -> list[tuple[str, str]]:
    good = parts.filter(pl.col("iso").is_not_null())
    offsets = sorted(good["offset"].drop_nulls().unique().to_list())
    if not offsets:
        return []
    naive = int(good.filter(pl.col("offset").is_null())["n"].sum())
    shown = ", ".join(f"{'-' if o < 0 else '+'}{abs(o) // 60:02d}:{abs(o) % 60:02d}" for o in offsets[:4])
    if tz is None and naive:
        raise InputError(
            f"the dates in {column} mix times with an offset ({shown}) and times without ({naive} records)",
            hint="--tz names the zone whose calendar days count, like --tz Europe/Berlin",
        )
    if tz is None and len(offsets) > 1:
        raise InputError(
            f"the times in {column} have several offsets ({shown})",
            hint="--tz names the zone whose calendar days count, like --tz Europe/Berlin, or --tz UTC",
        )
    if tz is None and offsets != [0]:
        message = f"times with the offset {shown} were put on UTC days; --tz names another zone"
        return [("converted_times", message)]
    return []


def _days(parts: pl.DataFrame, tz: str) -> pl.DataFrame:
    """`text, known, day, stamp, date_reason`."""
    utc = (pl.col("iso") - pl.duration(minutes=pl.col("offset"))).dt.replace_time_zone("UTC")
    local = utc.dt.convert_time_zone(tz).dt.replace_time_zone(None, ambiguous="earliest")
    moment = pl.when(pl.col("offset").is_null()).then(pl.col("iso")).otherwise(local)
    day = moment.dt.date()
    too_old = day < EARLIEST
    reason = pl.coalesce("shape_reason", pl.when(too_old).then(pl.lit("impossible_date")))
    return parts.select(
        "text",
        pl.lit(True).alias("known"),
        pl.when(~too_old).then(day).alias("day"),
        pl.when(~too_old).then(moment.dt.epoch("us")).alias("stamp"),
        reason.alias("date_reason"),
    )
