"""Days that everybody has: the holidays of a country, by the library `holidays`, and days of the rules' own."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.lifecycle.validation_errors import near


def holidays_of(told: Mapping[str, Any], years: Sequence[int]) -> dict[str, list[date]]:
    """Name -> its days in those years. `told`: `country` (a code like NL), `dates`: name -> ISO days.

    Raises ConfigError for a country that the library lacks, or where it is not installed.
    """
    found: dict[str, list[date]] = {}
    country = told.get("country")
    if country:
        for day, name in sorted(_of_country(str(country), years)):
            for part in name.split("; "):
                found.setdefault(part, []).append(day)
    for name, days in (told.get("dates") or {}).items():
        found[name] = [date.fromisoformat(str(day)) for day in days]
    return found


def days_of(name: str, told: Mapping[str, Any], years: Sequence[int]) -> list[date]:
    """The days of one holiday. Raises ConfigError for one that nobody knows."""
    known = holidays_of(told, years)
    if name not in known:
        raise ConfigError(marked("no column, moment or holiday {name}", name=repr(name)), hint=near(name, known))
    return known[name]


def _of_country(country: str, years: Sequence[int]) -> list[tuple[date, str]]:
    try:
        import holidays
    except ImportError:
        raise ConfigError("holidays: a country needs the library", hint='pip install "clvcli[calendars]"') from None
    try:
        return list(holidays.country_holidays(country.upper(), years=list(years)).items())
    except NotImplementedError:
        codes = list(holidays.list_supported_countries())
        raise ConfigError(
            marked("holidays: no country {country}", country=repr(country)), hint=near(country.upper(), codes)
        ) from None
