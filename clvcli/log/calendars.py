"""Dates of other calendars: told by the names of their months or by their years, and read where --calendar names one.

Persian dates by jdatetime, Islamic ones (Umm al-Qura) by hijridate: both in the extra `calendars`. The Buddhist,
Japanese and Taiwanese calendars only count their years from another one.
"""

import re
from functools import cache

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked

CALENDARS = ("jalali", "hijri", "buddhist", "japanese", "minguo")
ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
ERAS |= {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}
"""The year before the first of each Japanese era."""
JALALI = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
HIJRI = (
    "محرم|صفر|ربيع الأول|ربيع الثاني|ربيع الآخر|جمادى الأولى|جمادى الآخرة|جمادى الثانية|"
    "رجب|شعبان|رمضان|شوال|ذو القعدة|ذو الحجة"
)
HIJRI_MONTHS = dict(zip(HIJRI.split("|"), (1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12), strict=True))
ERA = re.compile(r"(明治|大正|昭和|平成|令和|\b[MTSHR](?=[0-9]))\s?([0-9]{1,2}|元)", re.IGNORECASE)
THREE = re.compile(r"([0-9]{1,4})[-/. ]+([0-9]{1,2})[-/. ]+([0-9]{1,4})(.*)$")
NAMES = {
    "jalali": "the Persian (Jalali) calendar", "hijri": "the Islamic (Hijri) calendar",
    "buddhist": "the Buddhist calendar", "japanese": "Japanese eras", "minguo": "the calendar of Taiwan (Minguo)",
}  # fmt: skip


def refuse_other_calendars(texts: pl.Series, years: pl.Series, column: str) -> None:
    """Raises InputError when most dates are those of another calendar. `texts`: as written; `years`: of the dates as
    they were read, null for those that are none."""
    found = _by_words(texts) or _by_years(years)
    if found is not None:
        raise InputError(
            marked(
                "the dates in {column} are of {calendar}, like {example}",
                column=column, calendar=NAMES[found], example=repr(str(texts[0])[:40]),
            ),
            hint=f"--calendar {found}", code="other_calendar",
        )  # fmt: skip


def _by_words(texts: pl.Series) -> str | None:
    patterns = {
        "jalali": "|".join(JALALI), "hijri": rf"{HIJRI}|هـ", "buddhist": "พ\\.ศ\\.",
        "japanese": "明治|大正|昭和|平成|令和|^(?i:[mtshr])[0-9]{1,2}[./-][0-9]{1,2}[./-]", "minguo": "民國|民国",
    }  # fmt: skip
    for name, pattern in patterns.items():
        if 2 * int(texts.str.contains(pattern).sum()) > texts.len() > 0:
            return name
    return None


def _by_years(years: pl.Series) -> str | None:
    known = years.drop_nulls()
    middle = known.median() if known.len() and 2 * known.len() > years.len() else None
    if not isinstance(middle, int | float):
        return None
    return "jalali" if 1340 <= middle <= 1410 else "hijri" if 1411 <= middle <= 1460 else \
        "buddhist" if 2490 <= middle <= 2600 else None  # fmt: skip


def to_gregorian(texts: pl.Series, calendar: str) -> pl.Series:
    """The dates as YYYY-MM-DD with their time of day; those that are none of the calendar as they are. Raises
    UsageError where its library is not there."""
    distinct = texts.drop_nulls().unique()
    _library(calendar)
    read = [_one(text, calendar) for text in distinct.to_list()]
    return texts.replace_strict(distinct, read, default=None, return_dtype=pl.String)


def _one(text: str, calendar: str) -> str:
    from clvcli.log.date_words import LONGEST, plain_digits

    if len(text) > LONGEST:
        return text
    plain = plain_digits(text)
    year_of_era = None
    if calendar == "japanese" and (found := ERA.search(plain)):
        year_of_era = ERAS[found[1].lower()] + (1 if found[2] == "元" else int(found[2]))
        plain = plain[: found.start()] + str(year_of_era) + plain[found.end() :]
    if calendar == "buddhist":
        return re.sub(r"(?<![0-9])2[4-6][0-9]{2}(?![0-9])", lambda m: str(int(m[0]) - 543), plain.replace("พ.ศ.", " "))
    plain = re.sub("[年月]", "-", re.sub("[日号]|พ\\.ศ\\.|民國|民国|هـ", " ", plain))
    for number, name in enumerate(JALALI, 1) if calendar == "jalali" else ():
        plain = re.sub(rf"\s*(?<!\w){name}(?!\w)\s*", f"-{number}-", plain)
    for name, number in HIJRI_MONTHS.items() if calendar == "hijri" else ():
        plain = re.sub(rf"\s*(?<!\w){name}(?!\w)\s*", f"-{number}-", plain)
    parts = THREE.search(plain)
    if parts is None:
        return text
    first, month, last, rest = int(parts[1]), int(parts[2]), int(parts[3]), parts[4]
    year, day = (first, last) if first > 31 or (calendar == "minguo" and first > last) else (last, first)
    try:
        return _day(year, month, day, calendar) + (f" {rest.strip()}" if rest.strip() else "")
    except (ValueError, OverflowError):
        return text


def _day(year: int, month: int, day: int, calendar: str) -> str:
    if calendar == "jalali":
        import jdatetime  # type: ignore[import-untyped]

        return str(jdatetime.date(year, month, day).togregorian())
    if calendar == "hijri":
        from hijridate import Hijri

        return str(Hijri(year, month, day).to_gregorian())
    return f"{year + (1911 if calendar == 'minguo' else 0):04}-{month:02}-{day:02}"


@cache
def _library(calendar: str) -> None:
    import importlib.util

    module = {"jalali": "jdatetime", "hijri": "hijridate"}.get(calendar)
    if module is not None and importlib.util.find_spec(module) is None:
        raise UsageError(
            marked("--calendar {calendar} needs {module}", calendar=calendar, module=module),
            hint='pip install "clvcli[calendars]"',
        )
