"""Texts that prove the same of their column, made equal: so that what a whole log proves fits on the driver.

Which digits an amount has does not tell its decimal mark, nor does the time of day tell day from month.
"""

import polars as pl

from clvcli.log.ids import BLANKS

DIGIT, NO_DIGIT = r"\p{Nd}", "x"
BEYOND_ASCII = r"[^\x00-\x7f]"
OTHER_DIGITS = {"[١-٩]": "١", "[۱-۹]": "۱", "[१-९]": "१", "[১-৯]": "১", "[๑-๙]": "๑", "[１-９]": "１"}
LETTER, MOST_LETTERS = "[A-Za-z]", 6
"""No amount, number or ISO date has more letters than a currency needs: ids are not told of one by one."""
EXPONENT = r"[0-9.][eE][+-]?[0-9]"
TIME = r"([T ,] *)(?:[01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(?:[.,][0-9]+)?"
MIDNIGHT = r"[T ,] *0?0:00(?::00)?(?:[.,]0+)?(?:[^0-9]|$)"
EPOCH = r"^(?:[0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19})(?:\.[0-9]+)?$"
EXCEL = r"^[0-9]{5}\.[0-9]*[1-9][0-9]*$"
SECONDS_A_DAY = 86_400


def value_class(column: pl.Expr) -> pl.Expr:
    """Amounts and what SQL reads: every digit but 0 becomes 1; text without a digit, or with many letters, becomes one
    text."""
    short = column.str.replace_all("[1-9]", "1")
    other = short
    for digits, one in OTHER_DIGITS.items():
        other = other.str.replace_all(digits, one)
    short = pl.when(column.str.contains(BEYOND_ASCII)).then(other).otherwise(short)
    return (
        pl.when(column.is_null())
        .then(None)
        .when(~column.str.contains(DIGIT) | (column.str.count_matches(LETTER) > MOST_LETTERS))
        .then(pl.lit(NO_DIGIT))
        .when(column.str.contains(EXPONENT))
        .then(column)
        .otherwise(short)
    )


def date_class(column: pl.Expr) -> pl.Expr:
    """Dates: a time of day other than midnight becomes one time, seconds since 1970 become one moment."""
    text = column.str.strip_chars(BLANKS)
    digits = text.str.extract(r"^([0-9]+)")
    size = digits.str.len_bytes()
    a_day = pl.when(size == 10).then(1).when(size == 13).then(10**3).when(size == 16).then(10**6).otherwise(10**9)
    within = digits.cast(pl.Int128, strict=False) % (a_day.cast(pl.Int128) * SECONDS_A_DAY) != 0
    return (
        pl.when(text.str.contains(EPOCH) & within)
        .then("1" * 10 + digits.str.slice(10).str.replace_all("[0-9]", "1"))
        .when(text.str.contains(EXCEL))
        .then(pl.lit("40000.5"))
        .when(text.str.contains(MIDNIGHT))
        .then(text)
        .otherwise(text.str.replace(TIME, "${1}11:11${2}"))
    )
