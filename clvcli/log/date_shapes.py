"""What dates look like in exports: one regular expression a shape, with named parts. Nothing here decides between
them."""

import re
from datetime import date

EARLIEST = date(1970, 1, 2)
"""Days before this are what systems write for `no date` (1900-01-01, 0001-01-01, 1970-01-01)."""
LATEST = date(9999, 12, 31)
TIME = (
    r"(?:(?:[T ]| at |, ?)\s*(?P<h>[0-9]{1,2})[:.](?P<mi>[0-9]{2})(?:[:.](?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r"\s*(?P<p>[AaPp]\.?[Mm]\.?)?\s*(?P<z>Z|UTC|GMT|(?:UTC|GMT)?[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
YEAR = r"(?P<y>[0-9]{4}|[0-9]{2})"
WORD = r"(?P<m>[\p{L}]{3,10})"
SHAPES: dict[str, str] = {
    "ymd": rf"^(?P<y>[0-9]{{4}})(?:-(?P<m>[0-9]{{1,2}})-(?P<d>[0-9]{{1,2}})){TIME}$",
    "ymd/": rf"^(?P<y>[0-9]{{4}})[/.](?P<m>[0-9]{{1,2}})[/.](?P<d>[0-9]{{1,2}}){TIME}\.?$",
    "compact": r"^(?P<a>[0-9]{2})(?P<b>[0-9]{2})(?P<c>[0-9]{2})(?P<e>[0-9]{2})"
    r"(?:[T ]?(?P<h>[0-9]{2}):?(?P<mi>[0-9]{2}):?(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,9}))?"
    r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?)?$",
    "numbers": rf"^(?P<a>[0-9]{{1,2}})[-/. ] ?(?P<b>[0-9]{{1,2}})[-/. ] ?(?P<c>[0-9]{{4}}|[0-9]{{2}}){TIME}$",
    "day month": rf"^{WEEKDAY}(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[-/. ]*(?:of )?{WORD}\.?,?[-/. ]*{YEAR}{TIME}$",
    "month day": rf"^{WEEKDAY}{WORD}\.?[-/ ](?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[-/ ]+(?P<y>[0-9]{{4}}){TIME}$",
    "year month": rf"^(?P<y>[0-9]{{4}})[-/. ]{WORD}[-/. ](?P<d>[0-9]{{1,2}}){TIME}$",
    # In exponent form only with every digit: 1.70428E+12 may be either of two days.
    "epoch": r"^(?P<n>[0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19}|1\.[0-9]{9,}[eE]\+(?:9|09|12))(?:\.[0-9]+)?$",
    "excel": r"^(?P<n>[0-9]{5}(?:\.[0-9]+)?)$",
}
MONTHS = {
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5, "jun": 6,
    "june": 6, "jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10,
    "october": 10, "nov": 11, "november": 11, "dec": 12, "december": 12,
}  # fmt: skip
FOREIGN_MONTHS = re.compile(
    r"(janv|févr|fevr|mars|avr|mai|juin|juil|août|aout|déc|januar|februar|märz|maerz|juni|juli|okt|dez|ene|enero|febrero|marzo|"
    r"abr|mayo|ago|dic|genn|gen\b|giu|lug|sett|ott|fev|maio|set\b|out\b|maj|maart|mrt|mei|sty|lut|kwi|cze|lip|sie|wrz|paź|gru|"
    r"янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|[0-9]\s*月)",
    re.IGNORECASE,
)
ORDERS = {
    "numbers": {"dmy": ("c", "b", "a"), "mdy": ("c", "a", "b"), "ymd": ("a", "b", "c")},
    "compact": {"ymd": ("ab", "c", "e"), "dmy": ("ce", "b", "a"), "mdy": ("ce", "a", "b")},
}
FORMATS = {
    ("numbers", "dmy"): "%d/%m/%Y",
    ("numbers", "mdy"): "%m/%d/%Y",
    ("numbers", "ymd"): "%y/%m/%d",
    ("compact", "ymd"): "%Y%m%d",
    ("compact", "dmy"): "%d%m%Y",
    ("compact", "mdy"): "%m%d%Y",
}
WORDS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
NAMED = ("dmy", "mdy", "ymd", "excel", "epoch", "epoch-ms")
"""Short names that --date-format takes beside %-formats."""
