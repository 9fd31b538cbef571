"""Day first, month first or year first: proved by the data, asked for, or refused."""

from datetime import date

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.marked import several
from clvcli.log.date_parts import parts_of
from clvcli.log.date_shapes import EARLIEST, FORMATS, ORDERS, SHAPES, WORDS

MIXED_SHARE = 0.1
"""Beyond this share of records that fit only another order, the column mixes them."""


FEW_PROVE = 0.01
"""An order that a smaller share of the records proves may rest on typing errors: two thirds of all days prove it."""


def order_of(
    shaped: pl.DataFrame, shape: str, column: str, named: str | None
) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Day first or month first (or year first): the order in which most records are dates, how sure that is, and what
    to warn of. A tie is refused."""
    if named in ORDERS[shape]:
        return named, "asked for", ()
    long = shaped["text"].str.extract(SHAPES[shape], 3).str.len_bytes() == 4
    long_years = shape == "numbers" and 2 * int(long.sum()) > shaped.height
    readings = {}
    for order in ORDERS[shape]:
        if order == "ymd" and long_years:
            continue
        days = parts_of(shaped, shape, order)["iso"].dt.date()
        good = (days.is_not_null() & (days >= EARLIEST) & (days < date(2100, 1, 1))).fill_null(False)
        possible = pl.select(pl.when(good).then(days)).to_series()
        readings[order] = (int(shaped["n"].filter(good).sum()), possible)
    _drop_by_years(readings)
    if len(readings) == 1:
        return next(iter(readings)), marked("proved by its few years"), ()
    ranked = sorted(readings, key=lambda name: -readings[name][0])
    best, second = ranked[0], ranked[1]
    total = int(shaped["n"].sum())
    if readings[best][0] == readings[second][0] and not readings[best][1].equals(readings[second][1]):
        raise _tie(shaped, shape, column, best, second, readings)
    if readings[second][0] and total - readings[best][0] > MIXED_SHARE * total:
        raise InputError(
            marked(
                "the dates in {column} mix orders: {count} records are {first_order}, others can "
                "only be {second_order}",
                column=column,
                count=readings[best][0],
                first_order=WORDS[best],
                second_order=WORDS[second],
            ),
            hint="export all dates in one format",
        )
    contrary = total - readings[second][0]
    records = several("{n:d} record", "{n:d} records", contrary)
    notices: tuple[tuple[str, str], ...] = ()
    if 0 < contrary < FEW_PROVE * total:
        only = shaped.filter(readings[best][1].is_not_null() & readings[second][1].is_null())["text"].to_list()
        message = several(
            "{column} is read {order} on the word of {n:d} record of {total:,}, like {example}; all others could be "
            "{other}",
            "{column} is read {order} on the word of {n:d} records of {total:,}, like {example}; all others could be "
            "{other}",
            contrary, column=column, order=WORDS[best], total=total, example=min(only), other=WORDS[second],
        )  # fmt: skip
        notices = (("date_order_by_few", message),)
    return best, marked("proved by {records}", records=records), notices


def _tie(
    shaped: pl.DataFrame, shape: str, column: str, best: str, second: str, readings: dict[str, tuple[int, pl.Series]]
) -> InputError:
    """What is wrong where as many records are dates in one order as in the other."""
    differing = shaped.filter(readings[best][1].ne_missing(readings[second][1]))["text"][0]
    first, other = (readings[o][1].filter(shaped["text"] == differing)[0] for o in (best, second))
    if first is None or other is None:
        return InputError(
            marked(
                "the dates in {column} mix orders: {differing} can only be {first_order}, as many "
                "others only {second_order}",
                column=column,
                differing=differing,
                first_order=WORDS[best if first else second],
                second_order=WORDS[second if first else best],
            ),
            hint="export all dates in one format",
            code="dates_mixed",
        )
    return InputError(
        marked(
            "the dates in {column} can be read in two ways: {differing} is {first} ({first_order}) "
            "or {other} ({second_order})",
            column=column,
            differing=differing,
            first=first,
            first_order=WORDS[best],
            other=other,
            second_order=WORDS[second],
        ),
        hint=marked(
            "--date-format {shape} or {shape2}",
            shape=_format(shape, best, differing),
            shape2=_format(shape, second, differing),
        ),
        code="dates_two_ways",
    )


def _drop_by_years(readings: dict[str, tuple[int, pl.Series]]) -> None:
    """Two-digit years: `05.01.24` is also a date year first. The reading with far fewer distinct years is the right
    one."""
    if "ymd" not in readings or "dmy" not in readings or len(readings) != 3:
        return
    if not readings["dmy"][0] or not readings["ymd"][0]:
        return  # no year at all is no proof of a year
    years = {order: days.drop_nulls().dt.year().n_unique() for order, (_, days) in readings.items()}
    if years["dmy"] * 3 <= years["ymd"]:
        del readings["ymd"]
    elif years["ymd"] * 3 <= years["dmy"] and readings["ymd"][0] >= max(readings[o][0] for o in ("dmy", "mdy")):
        del readings["dmy"], readings["mdy"]


def _format(shape: str, order: str, example: str) -> str:
    return order if len(example) > 10 or shape == "compact" else FORMATS[shape, order].replace(
        "/", next((c for c in example if not c.isdigit()), "/")
    ).replace("%Y", "%Y" if len(example.strip()) >= 8 and example[-4:].isdigit() else "%y")  # fmt: skip
