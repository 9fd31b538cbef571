"""What a text must be to be the value of an option. Each raises ValueError with a plain sentence."""

import re

from clvcli.core.horizon import days_or_span, parse_span
from clvcli.core.language import marked


def a_date_or_today(text: str) -> None:
    from datetime import date

    if text == "today":
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(marked("is a date like 2024-12-31, or today")) from None


def a_date(text: str) -> None:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(marked("is a date like 2024-12-31")) from None


def tolerance(text: str) -> None:
    number = text.removesuffix("%")
    try:
        value = float(number) if text.endswith("%") else int(number)
    except ValueError:
        raise ValueError(marked("is a count like 100 or a share like 1%")) from None
    if not 0 <= value < float("inf") or (text.endswith("%") and value > 100):
        raise ValueError(marked("is a count of 0 or more, or a share from 0% to 100%"))


def a_share(text: str) -> None:
    if not 0 < float(text) < 1:
        raise ValueError(marked("is between 0 and 1"))


def a_wait(text: str) -> None:
    if not 0 < float(text) <= 86_400:
        raise ValueError(marked("is more than 0 and at most 86400 seconds"))


def not_negative(text: str) -> None:
    if float(text) < 0:
        raise ValueError(marked("is 0 or more"))


def decimals(text: str) -> None:
    if not 0 <= int(text) <= 8:
        raise ValueError(marked("is a whole number from 0 to 8"))


def folds(text: str) -> None:
    if not 1 <= int(text) <= 24:
        raise ValueError(marked("is a whole number from 1 to 24"))


def a_span(text: str) -> None:
    parse_span(text, infinite=False)


def a_span_or_days(text: str) -> None:
    days_or_span(text)


def what_if(text: str) -> None:
    if not re.fullmatch(r"[+-][0-9]+(\.[0-9]+)?pp|(100|[0-9]{1,2}(\.[0-9]+)?)%", text.strip()):
        raise ValueError(marked("is a step like +5pp, or a retention like 85%"))


def whole_share(text: str) -> None:
    if not 0 < float(text) <= 1:
        raise ValueError(marked("is above 0 and at most 1"))


def one_or_more(text: str) -> None:
    if int(text) < 1:
        raise ValueError(marked("is 1 or more"))


def a_count(text: str) -> None:
    if int(text) < 1:
        raise ValueError(marked("is 1 or more"))


def at_least_one(text: str) -> None:
    if not 1 <= float(text) <= 100:
        raise ValueError(marked("is a number from 1 to 100"))


def a_part(text: str) -> None:
    if not 0 <= float(text) < 1:
        raise ValueError(marked("is 0 or more and below 1"))


def caps(text: str) -> None:
    count, _, span = text.partition("/")
    if not (count.strip().isdigit() and int(count) >= 1 and span):
        raise ValueError(marked("is a number of contacts per span, like 1/7d"))
    parse_span(span, infinite=False)
