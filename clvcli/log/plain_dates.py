"""Dates that are written as most of their log are: parsed in place, without a look at each text on its own.

A form is a regular expression that fixes every character's place, and the format with which Polars reads it; what does
not match is left to `dates.py`, which knows every shape.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from clvcli.log.date_shapes import EARLIEST, LATEST
from clvcli.log.ids import BLANKS

CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
TIMES = {
    "": "",
    CLOCK: "%H:%M",
    rf"{CLOCK}:[0-5][0-9]": "%H:%M:%S",
    rf"{CLOCK}:[0-5][0-9]\.[0-9]{{1,6}}": "%H:%M:%S%.f",
}
ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])"
MARKS = (("/", "/"), (r"\.", "."), ("-", "-"))
SHORT = "[0-9]{1,2}"
DAYS: dict[tuple[str, str | None], list[tuple[str, str]]] = {
    ("ymd", None): [("[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d")],
    ("ymd/", None): [(f"[0-9]{{4}}{m}[0-9]{{2}}{m}[0-9]{{2}}", f"%Y{s}%m{s}%d") for m, s in MARKS[:2]],
    ("compact", "ymd"): [("[0-9]{8}", "%Y%m%d")],
    ("numbers", "dmy"): [(f"{SHORT}{m}{SHORT}{m}[0-9]{{4}}", f"%d{s}%m{s}%Y") for m, s in MARKS],
    ("numbers", "mdy"): [(f"{SHORT}{m}{SHORT}{m}[0-9]{{4}}", f"%m{s}%d{s}%Y") for m, s in MARKS],
}
"""For each shape and order of a rule (see dates.py) the days of it that are plain."""
SAMPLED = 50
A_DAY = 86_400_000_000


@dataclass(frozen=True)
class Form:
    """`pattern` matches whole texts; `format` reads them; `timed`: a time of day stands there, `zoned`: an offset."""

    pattern: str
    format: str
    timed: bool
    zoned: bool
    day_format: str


@dataclass(frozen=True)
class PlainDates:
    """A row a text: `day` (Date) and `stamp` (Int64, microseconds of the local time), null where the text is left to
    the careful way. `seen`: texts that prove of their column what all those read here do, and how many they are."""

    day: pl.Series
    stamp: pl.Series
    seen: "Counter[str]"


def form_of(texts: pl.Series, shape: str | None, order: str | None) -> Form | None:
    """The plain form that most of the first texts have, where there is one."""
    sample = texts.head(SAMPLED)
    known = sample.len() - sample.null_count()
    best: tuple[int, Form] | None = None
    for pattern, day_format in DAYS.get((shape or "", order), DAYS.get((shape or "", None), [])):
        days = sample.str.contains(f"^{pattern}")
        if not days.any():
            continue
        for form in _forms(pattern, day_format):
            count = int(sample.str.contains(form.pattern).sum())
            if count == known > 0:
                return form
            if count and (best is None or count > best[0]):
                best = (count, form)
    return best[1] if best and 2 * best[0] > known else None


def _forms(pattern: str, day_format: str) -> list[Form]:
    found = []
    for clock, time_format in TIMES.items():
        for mark in ("T", " ") if clock else ("",):
            found.append(
                Form(f"^{pattern}{mark}{clock}$", f"{day_format}{mark}{time_format}", bool(clock), False, day_format)
            )
            if "%S" in time_format:
                zoned = f"{day_format}{mark}%H:%M:%S%.f%#z"
                found.append(Form(f"^{pattern}{mark}{clock}{ZONE}$", zoned, True, True, day_format))
    return found


def plain_dates(texts: pl.Series, form: Form, tz: str, *, ambiguous: bool) -> PlainDates:
    """Reads the texts of the form. `ambiguous`: which days stand there proves the order of day and month."""
    fits = texts.str.contains(form.pattern)
    text = pl.select(pl.when(fits).then(texts)).to_series()
    moment = _moments(text, form, tz)
    day = moment.dt.date() if form.timed else moment
    inside = day.is_between(EARLIEST, LATEST)
    if not inside.all():
        day = pl.select(pl.when(inside).then(day)).to_series()
        text = pl.select(pl.when(inside).then(text)).to_series()
    stamp = moment.dt.epoch("us") if form.timed else day.to_physical().cast(pl.Int64) * A_DAY
    return PlainDates(day, stamp, _seen(text, day, stamp, form, ambiguous=ambiguous))


def _moments(text: pl.Series, form: Form, tz: str) -> pl.Series:
    if not form.timed:
        return text.str.to_date(form.format, strict=False)
    if not form.zoned:
        return text.str.to_datetime(form.format, strict=False, time_unit="us")
    utc = text.str.to_datetime(form.format, strict=False, time_unit="us", time_zone="UTC")
    local = pl.col(utc.name).dt.convert_time_zone(tz).dt.replace_time_zone(None, ambiguous="earliest")
    return utc.to_frame().select(local).to_series()


def _seen(text: pl.Series, day: pl.Series, stamp: pl.Series, form: Form, *, ambiguous: bool) -> "Counter[str]":
    count = day.len() - day.null_count()
    if not count:
        return Counter()
    late = bool((stamp % A_DAY != 0).any()) if form.timed else False
    clock = " 11:11:11" if late else " 00:00:00" if form.timed else ""
    if form.zoned:
        zone = pl.when(pl.col("t").str.ends_with("Z")).then(pl.lit("Z")).otherwise(pl.col("t").str.slice(-6))
        found = text.alias("t").to_frame().select(zone.alias("z")).to_series().drop_nulls().value_counts(name="n")
        return Counter({f"2024-01-05 11:11:11{z.lstrip('0123456789.')}": n for z, n in found.iter_rows()})
    if not ambiguous:
        first = day.drop_nulls()[0]
        return Counter({first.strftime(form.day_format) + clock: count})
    low, high = (int(d) for d in (day.to_physical().min(), day.to_physical().max()))  # type: ignore[arg-type]
    counted = np.bincount(day.to_physical().drop_nulls().to_numpy() - low, minlength=high - low + 1)
    days = pl.Series(np.flatnonzero(counted) + low).cast(pl.Int32).cast(pl.Date).dt.to_string(form.day_format)
    return Counter(dict(zip((days + clock).to_list(), counted[counted > 0].tolist(), strict=True)))


def stripped(texts: pl.Series) -> pl.Series:
    """Texts without blanks at their ends."""
    return texts.str.strip_chars(BLANKS)
