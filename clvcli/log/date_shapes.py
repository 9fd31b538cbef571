"""What dates look like in exports: one regular expression a shape, with named parts. Nothing here decides between
them."""

from datetime import date

from clvcli.core.language import marked

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
    "month day": rf"^{WEEKDAY}{WORD}\.?[-/ ](?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?\.?,?[-/ ]+{YEAR}{TIME}$",
    "year month": rf"^(?P<y>[0-9]{{4}})[-/., ]+{WORD}\.?[-/. ]+(?P<d>[0-9]{{1,2}})\.?{TIME}$",
    # In exponent form only with every digit: 1.70428E+12 may be either of two days.
    "epoch": r"^(?P<n>[0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19}|1\.[0-9]{9,}[eE]\+(?:9|09|12))(?:\.[0-9]+)?$",
    "excel": r"^(?P<n>[0-9]{5}(?:\.[0-9]+)?)$",
}
MONTHS = {
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5, "jun": 6,
    "june": 6, "jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10,
    "october": 10, "nov": 11, "november": 11, "dec": 12, "december": 12,
}  # fmt: skip
PERIODS = {
    marked("days of ISO weeks"): (r"^[0-9]{4}-?W[0-9]{2}-?[1-7]$", marked("they are read by --date-format %G-W%V-%u")),
    marked("weeks"): (
        r"^[0-9]{4}[- ]?(?:W|KW|CW|wk)[ -]?[0-9]{1,2}$|^(?:W|KW|CW)[ -]?[0-9]{1,2}[ /-]+[0-9]{4}$",
        marked(
            "purchases need their days: export them; or each week as its Monday: --date \"{column} || '-1'\" "
            "--date-format %G-W%V-%u"
        ),
    ),
    marked("months"): (
        r"^[0-9]{4}[-/.][0-9]{1,2}$",
        marked("purchases need their days: export them; or each month as its first: --date \"{column} || '-01'\""),
    ),
    marked("months of a year"): (
        r"^[0-9]{1,2}[-/.][0-9]{4}$",
        marked(
            "purchases need their days: export them; or each month as its first: --date \"'01/' || {column}\" "
            "--date-format %d/%m/%Y"
        ),
    ),
    marked("months by name"): (
        r"^\p{L}+[.,]?[-/ ]+[0-9]{4}$".replace(r"\p{L}", r"[^\W\d_]"),
        marked("purchases need their days: export them; or each month as its first: --date \"'1 ' || {column}\""),
    ),
    marked("quarters"): (
        r"^[0-9]{4}[- ]?[QT][1-4]$|^[QT][1-4][- /]?[0-9]{4}$",
        marked("purchases need their days: a quarter is too long to tell who still buys; export the days"),
    ),
}
"""What stands for days without being any: a pattern and what to do. `column`: its name."""
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
