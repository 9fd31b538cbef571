"""Amounts as text -> integer minor units. The decimal mark is proved by the data or asked for, never assumed."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.currency_marks import currency_of, distinct, places_of, together
from clvcli.log.ids import BLANKS, NULL_LIKE

PLAIN = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"
STRAY = 0.01
"""One value in a hundred is a typing error, not the proof of how the others are to be read."""
LARGEST = 2**53
"""Amounts beyond this many minor units are rejected: floating-point means would no longer be exact."""

SPACES = "\u0020\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
INVISIBLE = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD]
)
"""Marks of the direction of writing, and others without a width."""
PLAIN_MARKS = {
    **INVISIBLE,
    **dict.fromkeys(map(ord, "\u2212\u2013\uff0d\ufe63"), "-"),
    **dict.fromkeys(map(ord, "\u066b\uff0e"), "."),
    **dict.fromkeys(map(ord, "\u060c\uff0c"), ","),
    **dict.fromkeys(map(ord, "\u066c\u00b4`\u2018"), "'"),
    **{0xFF0B: "+", 0xFF08: "(", 0xFF09: ")"},
}
"""Signs and marks of other scripts, and the plain ones that they stand for."""
SIDES = ("CR", "DR")
"""Credit and debit, as ledgers and banks mark them."""
EXPONENT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]{1,4}")
BODY = re.compile(rf"[0-9][0-9.,'’{SPACES}]*|[.,][0-9]+")
PARTS = re.compile(rf"([^0-9]*?)((?:(?<![.,])[.,])?[0-9][0-9.,'’{SPACES}]*)([^0-9]*)")
SIDE = re.compile(r"(?i)(?<![a-z])(cr|dr)\.?$|^(cr|dr)\.?(?![a-z])")


@dataclass(frozen=True)
class Body:
    """The parts of an amount that is not plain: sign, currency (see currency_marks.py), digits with their marks, and
    `side`: CR or DR."""

    negative: bool
    currency: str
    digits: str
    side: str = ""


@dataclass(frozen=True)
class Counted:
    """`read`: text -> plain text of those that are not plain; `mark`: the decimal mark; `currencies`: those named;
    `back`: the side, CR or DR, that is taken back, else empty; `sided`: records with it."""

    read: dict[str, str | None]
    mark: str
    currencies: tuple[str, ...]
    back: str
    sided: int


@dataclass(frozen=True)
class Amounts:
    """`plain`: text like `-1234.5`; what is no amount is kept behind a `?`. `mark` is the decimal mark, `currencies`
    the marks seen."""

    plain: pl.Series
    mark: str
    currencies: tuple[str, ...]


def normalise(
    raw: pl.Series, column: str, decimals: int, mark: str | None, typed: bool = False, back: str | None = None
) -> Amounts:
    """Takes thousands marks, currency marks, parentheses and trailing signs off. Raises InputError when the decimal
    mark cannot be told (`1.234`: a thousand or one and a bit?). `typed`: the file itself says that they are numbers."""
    text = raw.str.strip_chars(BLANKS + SPACES)
    counted = pl.DataFrame({"text": text}).filter(pl.col("text").is_not_null()).group_by("text").len()
    found = read_counted(counted, column, decimals, "." if typed else mark, back)
    read = found.read
    if read:
        text = text.replace_strict(list(read), list(read.values()), default=text, return_dtype=pl.String)
    return Amounts(text, found.mark, found.currencies)


def read_counted(frame: pl.DataFrame, column: str, decimals: int, mark: str | None, back: str | None = None) -> Counted:
    """What distinct texts (columns `text`, `len`) prove. Raises as `normalise` does, never with a `mark`. `back`: the
    side that is taken back, where it is known (see Counted)."""
    plain_frame = frame.filter(pl.col("text").str.contains(PLAIN))
    odd = frame.filter(~pl.col("text").str.contains(PLAIN))
    bodies = {value: body for value in odd["text"].to_list() if (body := take_apart(value)) is not None}
    weights: dict[str, int] = dict(odd.iter_rows())
    if mark is None:
        digits: Counter[str] = Counter()
        for value, body in bodies.items():
            digits[body.digits] += weights[value]
        mark = prove_mark(plain_frame, digits, column, _places(distinct(b.currency for b in bodies.values()), decimals))
    sides = Counter(dict.fromkeys(SIDES, 0))
    for value, body in bodies.items():
        if body.side and body.digits.strip("0.,"):
            sides[body.side] += weights[value]
    if back is None:
        unmarked = plain_frame.filter(pl.col("text").str.contains("[1-9]"))["len"].sum()
        unmarked += sum(weights[v] for v, b in bodies.items() if not b.side and b.digits.strip("0.,"))
        back = _taken_back(sides, int(unmarked))
    found = {value: plain_text(value, bodies.get(value), mark, back) for value in odd["text"].to_list()}
    if mark == ",":  # A dot is then a thousands mark in plain-looking values too.
        dotted = plain_frame.filter(pl.col("text").str.contains(".", literal=True))["text"].to_list()
        found |= {value: plain_text(value, take_apart(value), mark, back) for value in dotted}
    read = {
        value: number if number is not None or value.lower() in NULL_LIKE else "?" + value
        for value, number in found.items()
    }
    currencies = tuple(c for c in distinct(b.currency for b in bodies.values()) if c)
    return Counted(read, mark, currencies, back, sides[back])


def _places(currencies: tuple[str, ...], decimals: int) -> int:
    """Digits after the decimal mark: as the currency has them where only one is named, and it has none or three."""
    known = {places_of(c) for c in currencies if c}
    return known.pop() or 0 if len(known) == 1 and None not in known else decimals


def _taken_back(sides: Mapping[str, int], unmarked: int) -> str:
    """Of credit and debit, the side that is the rarer one is taken back; where one stands beside amounts without a
    mark, that one."""
    there = [side for side in SIDES if sides[side]]
    if len(there) == 1:
        return there[0] if unmarked else ""
    return min(there, key=lambda side: sides[side]) if there else ""


def take_apart(value: str) -> Body | None:
    """`(€ 1.234,50)` -> Body(True, "EUR", "1.234,50"); None when it is no amount."""
    if len(value) > 60:
        return None
    rest = (value if value.isascii() else _plain_characters(value)).strip(SPACES)
    side = ""
    if (found := SIDE.search(rest)) is not None:
        side = (found[1] or found[2]).upper()
        rest = (rest[: found.start()] + rest[found.end() :]).strip(SPACES)
    rest, negative, signed = _without_sign(rest)
    parts = PARTS.fullmatch(rest)
    if parts is None:
        return None
    before, digits, behind = (part.strip(SPACES) for part in parts.groups())
    if digits[0] in ".," and currency_of(before + digits[0]) and before[-1:].isalpha():  # `Rs.50` are fifty
        before, digits = before + digits[0], digits[1:]
    # `9.-` and `9,-` are prices in francs or kroner, not negative ones: neither reading is taken.
    for mark in (before, behind):
        bare = mark.strip("+-" + SPACES)
        if bare != mark:
            if signed or len(mark) - len(bare) != 1 + mark.count(" ") or (mark is behind and digits[-1] in ".,"):
                return None
            signed, negative = True, "-" in mark
    if behind in ("k", "K"):  # a thousand, not a currency: 10k is refused rather than read as 10
        return None
    names = [name.strip("+-" + SPACES) for name in (before, behind)]
    currencies = [currency_of(name) for name in names if name]
    if None in currencies or (signed and side) or (negative and side) or not BODY.fullmatch(digits):
        return None
    currency = currencies[0] if len(currencies) == 1 else together(map(str, currencies)) if currencies else ""
    return None if currency is None else Body(negative, currency, digits, side)


def _plain_characters(value: str) -> str:
    """Digits and signs of any script as ASCII ones, without marks of direction."""
    numbers = {ord(c): str(unicodedata.decimal(c)) for c in value if not c.isascii() and c.isdecimal()}
    return value.translate({**PLAIN_MARKS, **numbers})


def _without_sign(rest: str) -> tuple[str, bool, bool]:
    """The amount without accounting brackets and a leading sign; whether it is negative, whether it had either."""
    brackets = re.fullmatch(r"([^()]*)\(([^()]*)\)([^()]*)", rest)
    if brackets is not None and re.search("[0-9]", brackets[2]):
        inner = brackets[2].strip(SPACES)
        if inner[:1] in "+-" and inner:
            return rest, False, False
        return f"{brackets[1]}{inner}{brackets[3]}", True, True
    if rest[:1] in ("+", "-"):
        return rest[1:].strip(SPACES), rest[0] == "-", True
    return rest, False, False


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
            marked(
                "the amounts in {column} use both decimal marks: a dot in {dots} records, a comma in {commas}",
                column=column,
                dots=proofs["."],
                commas=proofs[","],
            ),
            hint="export all amounts in one format",
            code="decimal_mark_unknown",
        )
    doubtful = sum(open_to_doubt.values())
    if open_to_doubt and sum(proofs.values()) < max(1, STRAY * doubtful):
        value = min(open_to_doubt)
        used = {"." if "." in v else "," for v in open_to_doubt}
        if decimals >= 3 and used == {"."}:
            return "."
        if decimals == 0 and len(used) == 1:
            return "," if used == {"."} else "."
        mark = "." if "." in value else ","
        whole, part = value.replace(".", "").replace(",", ""), value.replace(",", ".")
        keep = "" if mark == "." else " --decimal-mark ,"
        raise InputError(
            marked(
                "the amounts in {column} do not show their decimal mark: {value} may be {whole} or {part}",
                column=column,
                value=value,
                whole=whole,
                part=part,
            ),
            hint=marked(
                "--decimal-mark {mark} reads {whole}, --decimals 3{keep} reads {part}",
                mark="," if mark == "." else ".",
                whole=whole,
                keep=keep,
                part=part,
            ),
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


def plain_text(value: str, body: Body | None, mark: str, back: str = "") -> str | None:
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
    negative = body.negative or (body.side != "" and body.side == back)
    return ("-" if negative else "") + (whole or "0") + ("." + part if part else "")


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
