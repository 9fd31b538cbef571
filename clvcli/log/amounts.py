"""Amounts as text -> integer minor units. The decimal mark is proved by the data or asked for, never assumed."""

import re
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from clvcli.core.errors import InputError
from clvcli.log.ids import BLANKS, NULL_LIKE

PLAIN = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"
STRAY = 0.01
"""One value in a hundred is a typing error, not the proof of how the others are to be read."""
LARGEST = 2**53
"""Amounts beyond this many minor units are rejected: floating-point means would no longer be exact."""

CODES = (
    "AED ALL AMD ARS AUD AZN BAM BDT BGN BHD BOB BRL BWP BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP ETB EUR FJD "
    "GBP GEL GHS GTQ HKD HNL HRK HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KRW KWD KZT LBP LKR MAD MDL MKD MMK MOP "
    "MUR MVR MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SEK SGD THB TND "
    "TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND XAF XOF XPF YER ZAR ZMW"
)
CURRENCY = (
    r"(?:[$€£¥₹₽₩₺₴₪฿₫₦¢]|(?:US|CA|AU|NZ|HK|R)\$|\bkr\.?|\bRs\.?|zł|Kč|Ft|\bFr\.?"
    rf"|\b(?:{CODES.replace(' ', '|')})\b)"
)
SAME_CURRENCY = {"USD": "$", "US$": "$", "EUR": "€", "GBP": "£", "INR": "₹", "Rs": "₹", "Rs.": "₹"}
SPACES = "\u0020\u00a0\u202f\u2009\u2007"
EXPONENT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]{1,4}")
BODY = re.compile(rf"[0-9][0-9.,'’{SPACES}]*|[.,][0-9]+")


@dataclass(frozen=True)
class Body:
    """The parts of an amount that is not plain: sign, currency mark, digits with their marks."""

    negative: bool
    currency: str
    digits: str


@dataclass(frozen=True)
class Amounts:
    """`plain`: text like `-1234.5`; what is no amount is kept behind a `?`. `mark` is the decimal mark, `currencies`
    the marks seen."""

    plain: pl.Series
    mark: str
    currencies: tuple[str, ...]


def normalise(raw: pl.Series, column: str, decimals: int, mark: str | None, typed: bool = False) -> Amounts:
    """Takes thousands marks, currency marks, parentheses and trailing signs off. Raises InputError when the decimal
    mark cannot be told (`1.234`: a thousand or one and a bit?). `typed`: the file itself says that they are numbers."""
    text = raw.str.strip_chars(BLANKS + SPACES)
    counted = pl.DataFrame({"text": text}).filter(pl.col("text").is_not_null()).group_by("text").len()
    read, mark, currencies = read_counted(counted, column, decimals, "." if typed else mark)
    if not read:
        return Amounts(text, mark, currencies)
    mapped = text.replace_strict(list(read), list(read.values()), default=text, return_dtype=pl.String)
    return Amounts(mapped, mark, currencies)


def read_counted(
    frame: pl.DataFrame, column: str, decimals: int, mark: str | None
) -> tuple[dict[str, str | None], str, tuple[str, ...]]:
    """Distinct texts (columns `text`, `len`) -> the plain text of those that are not plain, the decimal mark, the
    currency marks. Raises as `normalise` does, never with a `mark`."""
    plain_frame = frame.filter(pl.col("text").str.contains(PLAIN))
    odd = frame.filter(~pl.col("text").str.contains(PLAIN))
    bodies = {value: body for value in odd["text"].to_list() if (body := take_apart(value)) is not None}
    if mark is None:
        weights = dict(odd.iter_rows())
        mark = prove_mark(plain_frame, {b.digits: weights[v] for v, b in bodies.items()}, column, decimals)
    found = {value: plain_text(value, bodies.get(value), mark) for value in odd["text"].to_list()}
    if mark == ",":  # A dot is then a thousands mark in plain-looking values too.
        dotted = plain_frame.filter(pl.col("text").str.contains(".", literal=True))["text"].to_list()
        found |= {value: plain_text(value, take_apart(value), mark) for value in dotted}
    read = {
        value: number if number is not None or value.lower() in NULL_LIKE else "?" + value
        for value, number in found.items()
    }
    return read, mark, tuple(sorted({b.currency for b in bodies.values() if b.currency}))


def take_apart(value: str) -> Body | None:
    """`(€ 1.234,50)` -> Body(True, "€", "1.234,50"); None when it is no amount."""
    if len(value) > 60:
        return None
    rest = value.replace("\u2212", "-").strip(SPACES)
    negative = signed = False
    if rest.startswith("(") and rest.endswith(")"):
        negative, rest = True, rest[1:-1].strip(SPACES)
    currency = ""
    for _ in range(3):  # The sign may stand before or after the currency mark.
        if rest[:1] in "+-" and rest[:1] and BODY.search(rest):
            if signed or negative:
                return None
            signed, negative = True, rest[0] == "-"
            rest = rest[1:].strip(SPACES)
        if rest.startswith("(") and rest.endswith(")") and not negative and not signed:
            negative, rest = True, rest[1:-1].strip(SPACES)
        found = re.match(CURRENCY, rest) or re.search(CURRENCY + "$", rest)
        if found is not None and found[0]:
            if currency:
                return None
            currency = SAME_CURRENCY.get(found[0], found[0].rstrip("."))
            rest = (rest[: found.start()] + rest[found.end() :]).strip(SPACES)
    # `9.-` and `9,-` are prices in francs or kroner, not negative ones: neither reading is taken.
    if re.search(r"[0-9][ \u00a0]?-$", rest) and not negative and not signed:
        negative, rest = True, rest[:-1].strip(SPACES)
    if BODY.fullmatch(rest) is None:
        return None
    return Body(negative, currency, rest)


def prove_mark(plain: pl.DataFrame, digits: dict[str, int], column: str, decimals: int) -> str:
    """The decimal mark that the values prove. A mark before exactly three digits proves nothing."""
    dotted = plain.filter(pl.col("text").str.contains(".", literal=True))
    proofs = {".": 0, ",": 0}
    open_to_doubt: dict[str, int] = {}
    values = dict(
        dotted.with_columns(pl.col("text").str.strip_chars("+-")).group_by("text").agg(pl.sum("len")).iter_rows()
    )
    for value, count in (values | digits).items():
        verdict = _verdict(value)
        if verdict in proofs:
            proofs[verdict] += count
        elif verdict == "?":
            open_to_doubt[value] = count
    if proofs["."] and proofs[","] and min(proofs.values()) > 0.1 * sum(proofs.values()):
        raise InputError(
            f"the amounts in {column} use both decimal marks: a dot in {proofs['.']} records, a comma in {proofs[',']}",
            hint="export all amounts in one format",
            code="decimal_mark_unknown",
        )
    doubtful = sum(open_to_doubt.values())
    if open_to_doubt and sum(proofs.values()) < max(1, STRAY * doubtful):
        value = min(open_to_doubt)
        if decimals >= 3 and all("." in v for v in open_to_doubt):
            return "."
        raise InputError(
            f"the amounts in {column} do not show their decimal mark: {value} may be "
            f"{value.replace('.', '').replace(',', '')} or {value.replace(',', '.')}",
            hint="--decimal-mark . or --decimal-mark ,",
            code="decimal_mark_unknown",
        )
    return "," if proofs[","] > proofs["."] else "."


def _verdict(digits: str) -> str:
    """`.` or `,` when the value proves it to be the decimal mark, `?` when a mark is open to doubt, else empty."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return ""
    last = marks[-1]
    after = len(digits) - digits.rindex(last) - 1
    before = re.sub(r"[^0-9]", "", digits[: digits.index(marks[0])])
    if len(set(marks)) == 2:
        return last if marks.count(last) == 1 else ""
    if len(marks) > 1:
        return "," if last == "." else "."
    if after != 3 or len(before) > 3 or before in {"", "0"} or before.startswith("0"):
        return last
    return "?"


def plain_text(value: str, body: Body | None, mark: str) -> str | None:
    """The amount as plain text, None when it is no number with this decimal mark."""
    if EXPONENT.fullmatch(value) and mark == ".":
        number = Decimal(value)
        if (
            number and abs(number.adjusted()) >= 40
        ):  # Too large to count, or too small to be seen: neither is written out.
            return ("-" if number < 0 else "") + ("1" + "0" * 40 if number.adjusted() > 0 else "0." + "0" * 40 + "1")
        return format(number, "f")
    if body is None:
        return None
    groups = "'’" + SPACES + (",." if mark == "." else ".,")[0]
    whole, _, part = body.digits.partition(mark)
    if part and not re.fullmatch("[0-9]*", part):
        return None
    if not re.fullmatch("[0-9]*", whole):
        grouped = re.fullmatch(rf"[0-9]{{1,3}}(?:([{groups}])[0-9]{{2,3}})*([{groups}])[0-9]{{3}}", whole)
        if grouped is None or len({c for c in whole if c in groups}) > 1:
            return None
        whole = re.sub(f"[{groups}]", "", whole)
    if not whole and not part:
        return None
    return ("-" if body.negative else "") + (whole or "0") + ("." + part if part else "")


def minor_units(plain: pl.Series, decimals: int) -> pl.DataFrame:
    """Columns `amount` (Int64 minor units, half away from zero; null where it is no amount), `rounded` (Boolean: digits
    beyond `decimals` were lost) and `amount_reason` (String, null when it is fine)."""
    column = pl.col("text")
    whole = column.str.extract(r"^[+-]?([0-9]*)").str.strip_chars_start("0")
    part = column.str.extract(r"\.([0-9]*)$").fill_null("")
    digits = whole + (part + "0" * (decimals + 1)).str.slice(0, decimals + 1)
    is_plain = column.str.contains(PLAIN)
    small = whole.str.len_bytes() <= 16 - decimals
    units = (digits.cast(pl.Int64, strict=False) + 5) // 10
    signed = pl.when(column.str.starts_with("-")).then(-units).otherwise(units)
    missing = column.is_null() | column.str.to_lowercase().is_in(NULL_LIKE)
    fits = is_plain & small & (units <= LARGEST)
    return pl.DataFrame({"text": plain}).select(
        pl.when(fits).then(signed).alias("amount"),
        (fits & (part.str.slice(decimals).str.strip_chars_end("0") != "")).fill_null(False).alias("rounded"),
        pl.when(missing)
        .then(pl.lit("missing_amount"))
        .when(~is_plain)
        .then(pl.lit("bad_amount"))
        .when(~fits)
        .then(pl.lit("amount_too_large"))
        .alias("amount_reason"),
    )
