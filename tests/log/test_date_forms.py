"""Dates as exports write them, in many languages, over one to twenty years, each with the day that it is."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from babel.dates import format_date

from clvcli.core.errors import InputError
from clvcli.log.calendars import CALENDARS
from clvcli.log.date_words import _words
from clvcli.log.dates import in_plain_words, read_dates, settle_dates

Form = Callable[[datetime], str]


def like(pattern: str) -> Form:
    return lambda t: t.strftime(pattern)


def without_zeros(pattern: str) -> Form:
    return lambda t: pattern.format(y=t.year, m=t.month, d=t.day, h=t.hour % 12 or 12, H=t.hour, i=f"{t.minute:02}",
                                    p="PM" if t.hour >= 12 else "AM", q="p" if t.hour >= 12 else "a")  # fmt: skip


def in_language(language: str, style: str) -> Form:
    return lambda t: format_date(t.date(), style, locale=language)


PLAIN = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y%m%d %H:%M:%S", "%Y%m%dT%H%M%S", "%d/%m/%Y", "%m/%d/%Y",
    "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M %p", "%d %b %Y", "%d-%b-%Y", "%b-%d-%y", "%b %d, %Y", "%B %d, %Y", "%A, %d %B %Y",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %Y %H:%M:%S GMT+0000 (Greenwich Mean Time)", "%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%d %H:%M:%S UTC", "%s",
)  # fmt: skip
FORMS: dict[str, Form] = {
    **{pattern: like(pattern) for pattern in PLAIN},
    "US without zeros": without_zeros("{m}/{d}/{y} {h}:{i} {p}"),
    "Spanish halves of the day": without_zeros("{d}/{m}/{y} {h}:{i}:00 {q}. m."),
    "Excel": without_zeros("{y}/{m}/{d} {H}:{i}"),
    "ISO without zeros": without_zeros("{y}-{m}-{d}"),
    "Japanese": without_zeros("{y}年{m}月{d}日 {H}時{i}分"),
    "full-width": lambda t: f"{t:%Y/%m/%d}".translate({48 + i: 0xFF10 + i for i in range(10)}),
    "Arabic digits": lambda t: f"{t:%Y-%m-%d}".translate({48 + i: 0x660 + i for i in range(10)}),
    **{
        f"{language} {style}": in_language(language, style)
        for language in ("de", "fr", "es", "pt", "it", "pl", "ru", "tr", "ar_SA", "he", "ja", "zh", "nl", "sv")
        for style in ("long", "full")
        if language != "ar_SA"
    },
    **{f"{language} medium": in_language(language, "medium") for language in ("fr", "es", "ru", "tr", "he", "ja")},
    **{f"ar {style}": in_language("ar_EG", style) for style in ("long", "full")},
}  # fmt: skip


def days_over(years: int) -> list[datetime]:
    step = timedelta(days=max(1, years * 365 // 90), hours=5, minutes=7)
    start = datetime(2024 - years, 1, 3, 0, 30)
    return [start + i * step for i in range(90)]


def test_there_are_enough_of_them() -> None:
    assert len(FORMS) >= 60


@pytest.mark.parametrize("name", FORMS)
def test_a_form_over_one_to_twenty_years(name: str) -> None:
    for years in (1, 2, 3, 7, 20):
        times = days_over(years)
        texts = pl.Series([FORMS[name](t) for t in times])
        read = read_dates(texts, "date", None, None).frame["day"].to_list()
        assert read == [t.date() for t in times], (years, texts[0])


@pytest.mark.parametrize(("text", "words"), [
    ("2022-W01", ["week", "--date-format %G-W%V-%u", "|| '-1'"]), ("2022-W01-4", ["week", "--date-format %G-W%V-%u"]),
    ("2022-Q1", ["quarter"]), ("Q1 2022", ["quarter"]), ("2022-01", ["month", "|| '-01'"]),
    ("Jan 2022", ["month", "'1 ' ||"]), ("01/2022", ["month", "'01/' ||"]), ("januar 2022", ["month", "'1 ' ||"]),
])  # fmt: skip
def test_what_is_no_day_is_named_with_what_to_do(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as told:
        read_dates(pl.Series([text]), "Order Date", None, None)
    said = f"{told.value.message} {told.value.hint}"
    assert all(word in said for word in words), said
    assert "--date" not in said or '\\"Order Date\\"' in said or "--date-format" in said


@pytest.mark.parametrize(("calendar", "text"), [
    ("jalali", "1402/10/15"), ("jalali", "۱۵ دی ۱۴۰۲"), ("hijri", "1445-06-23"), ("buddhist", "15/01/2567"),
    ("buddhist", "5 ม.ค. 2567"), ("japanese", "令和6年1月5日"), ("japanese", "R6.1.5"), ("minguo", "民國113年1月5日"),
])  # fmt: skip
def test_another_calendar_is_named_and_read_when_asked(calendar: str, text: str) -> None:
    assert calendar in CALENDARS
    with pytest.raises(InputError) as told:
        read_dates(pl.Series([text]), "date", None, None)
    assert told.value.hint == f"--calendar {calendar}"
    if calendar in ("jalali", "hijri"):
        pytest.importorskip({"jalali": "jdatetime", "hijri": "hijridate"}[calendar])
    rule, parts = settle_dates(pl.DataFrame({"text": [text], "n": [1]}), "date", None, None, calendar)
    assert rule.calendar == calendar
    assert parts["iso"][0].date() == date(2024, 1, 15 if text.startswith("15/") else 5)


def test_zones_by_name_and_those_that_are_several() -> None:
    read = read_dates(pl.Series(["2022-01-06 20:00 EST"]), "date", None, None)
    assert read.frame["day"][0] == date(2022, 1, 7)
    assert read.notices[0][0] == "converted_times"
    with pytest.raises(InputError, match="several zones") as told:
        read_dates(pl.Series(["2022-01-06 20:00 CST"]), "date", None, None)
    assert told.value.hint == "--tz America/Chicago or --tz Asia/Shanghai"
    named = read_dates(pl.Series(["2022-01-06 20:00 CST"]), "date", None, "America/Chicago")
    assert named.frame["day"][0] == date(2022, 1, 6)
    with pytest.raises(InputError) as told:
        read_dates(pl.Series(["2022-01-06 20:00 PST", "2022-06-06 20:00 PDT"]), "date", None, None)
    assert "--tz America/Los_Angeles" in str(told.value.hint)


def test_a_few_dates_of_another_form_count_where_they_prove_their_order() -> None:
    usual = [f"2022-01-{i:02}" for i in range(1, 29)]
    read = read_dates(pl.Series([*usual, "13-02-2022", "04-03-2022"]), "date", None, None)
    assert read.frame["day"].to_list()[-2:] == [date(2022, 2, 13), date(2022, 3, 4)]
    assert read.notices[0][0] == "dates_of_two_forms"
    unproved = read_dates(pl.Series([*usual, "04-03-2022"]), "date", None, None).frame
    assert unproved["date_reason"].to_list()[-1] == "other_date_format"


def test_no_name_is_a_month_in_one_language_and_another_in_the_next() -> None:
    from babel.dates import get_month_names

    from clvcli.log.date_words import LANGUAGES, SHORT

    words = _words()
    for language in LANGUAGES:
        for number, name in get_month_names("wide", locale=language).items():
            if not any(c.isdigit() for c in name):
                assert words[name.lower().rstrip(".")] == SHORT[number], (language, name)


def test_plain_dates_are_left_alone() -> None:
    texts = pl.Series(["2022-01-06", "1/6/2022 3:13 PM", "Jan 6, 2022", "2022-01-06T15:13:53Z"])
    assert in_plain_words(texts, None).to_list() == texts.to_list()
