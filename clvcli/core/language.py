"""One language for people: texts from a gettext catalogue, numbers, money and dates by Babel.

A language is one file, `clvcli/locale/CODE.po`; English is in the code. Columns, codes and manifests are not
translated. The machine's locale is never asked: the same run gives the same bytes everywhere.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clvcli.core.marked import FIELD, Marked, marked
from clvcli.core.printable import printable

if TYPE_CHECKING:
    from babel import Locale

__all__ = ["END", "ENGLISH", "FOLDER", "LTR", "Language", "languages", "marked", "spoken"]

ENGLISH = "en"
FOLDER = Path(__file__).resolve().parent.parent / "locale"
CODE = (
    r"^[\w{}]+: (?:\S+|\[.*\]|\{[^{}]*\})$"  # a line of YAML
    r"|\bclv (?:(?:help|config|rules show) )?[a-z-]+|\bpip install \S+|\b(?:ulimit|mkdir|chmod) \S+"
    r"|-{1,2}[a-z][\w-]*(?:[ =](?:\"[^\"]*\"|'[^']*'|\S+))?|\{[^{}]*\}|\"[^\"]*\"|'[^']*'|`[^`]*`|\w+[.=(/]\S+"
)
"""What a message writes as it is typed."""
LTR, END = "\u2066", "\u2069"
"""What stands between them is written from left to right, whatever is around it."""
REGIONS = {"en": "en_GB"}
"""Where dates are not written as a language's largest country writes them: the day before the month."""


def languages() -> tuple[str, ...]:
    """The codes of all languages, English first."""
    return (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.po")))


def spoken(message: str) -> bool:
    """Whether a message has words to translate: not options, names in capitals, commands and lines of YAML alone."""
    return re.search(r"\b[a-z]{2,}\b", re.sub(CODE, " ", message)) is not None


@dataclass(frozen=True)
class Catalogue:
    """The texts of a language: of a message one, of a counted message one for each plural form."""

    texts: dict[str, tuple[str, ...]]
    form: Callable[[int], int]


@dataclass(frozen=True)
class Language:
    """How texts and figures are written. currency: a code like EUR, or any word; None writes bare amounts."""

    code: str = ENGLISH
    currency: str | None = None

    @property
    def rtl(self) -> bool:
        """Whether it is written from right to left."""
        return _locale(self.code).text_direction == "rtl"

    def clauses(self, *parts: str) -> str:
        """Parts of one sentence, by the semicolon of the language."""
        return ("؛ " if self.code == "ar" else "; ").join(parts)

    def listed(self, *parts: str) -> str:
        """Parts of one line, by the comma of the language."""
        return ("، " if self.code == "ar" else ", ").join(parts)

    def __call__(self, message: str, /, **values: str) -> str:
        """A message in this language; `{name}` in it stands for a value."""
        found = _catalogue(self.code).texts.get(message)
        return (found[0] if found else message).format(**values)

    def retold(self, text: str) -> str | None:
        """A text of the code in this language, with the values that it was marked with; None for one that no catalogue
        has. A value that was marked itself is retold too."""
        texts = _catalogue(self.code).texts
        if not isinstance(text, Marked):
            return texts[text][0] if text in texts else None
        told = {name: self.retold(value) for name, value in text.values.items() if isinstance(value, Marked)}
        if text.message not in texts and (None in told.values() or not told or spoken(text.message)):
            return None
        forms = texts.get(text.message, (text.message,))
        form = 0 if text.more is None else _catalogue(self.code).form(text.values["n"])
        if not text.values:
            return forms[form]
        return FIELD.sub(
            lambda field: told.get(field[1]) or self._written(text.values[field[1]], field[2] or ""), forms[form]
        )

    def _written(self, value: object, how: str) -> str:
        """A value of a message. `how`: the format of English, which says whether it is a count, a share or money."""
        if isinstance(value, str):
            return f"{LTR}{value}{END}" if self.rtl and value.isascii() and value else value
        if not how or not isinstance(value, int | float | date):
            return str(value)
        if isinstance(value, date):
            whole = "%d" in how or "%Y" not in how
            return _date(self.code, value, "MMMM") if how == "%B" else self.day(value) if whole else self.month(value)
        digits = int(found[1]) if (found := re.search(r"\.(\d)", how)) else 0
        if how.endswith("%"):
            return self.percent(value, digits)
        return _money(self.code, value, None, whole=False) if how == ",.2f" else self.decimal(value, digits)

    def many(self, one: str, more: str, n: int, **values: str) -> str:
        """A message that counts: `{n}` is the number as people write it."""
        catalogue = _catalogue(self.code)
        found = catalogue.texts.get(one)
        text = found[catalogue.form(n)] if found else (one if n == 1 else more)
        return text.format(n=self.count(n), **values)

    def name(self, text: object, limit: int = 80) -> str:
        """A text of the rules: translated where the catalogue has it, else as its author wrote it, cut at `limit`."""
        found = _catalogue(self.code).texts.get(str(text))
        clean = found[0] if found else printable(str(text)).replace("\n", " ")
        return clean if len(clean) <= limit else clean[: limit - 1] + "…"

    def count(self, number: float | None) -> str:
        """A count, with one decimal where it is no whole number and small."""
        if number is None:
            return "-"
        whole = float(number).is_integer() or abs(number) >= 100
        return _number(self.code, round(number) if whole else round(number, 1))

    def decimal(self, number: float, digits: int) -> str:
        """A number with so many decimals at most."""
        return _number(self.code, round(number, digits), digits)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share in percent."""
        return "-" if share is None else _percent(self.code, round(share, digits + 2), digits)

    def money(self, amount: float | None) -> str:
        """An amount with its currency, without decimals from 100 on."""
        if amount is None:
            return "-"
        return _money(self.code, amount, self.currency, whole=abs(amount) >= 100)

    def cents(self, amount: float) -> str:
        """An amount with its currency and its decimals."""
        return _money(self.code, amount, self.currency, whole=False)

    def about(self, amount: float) -> str:
        """An amount within a sentence, with its currency, without decimals from 10 on."""
        whole = abs(amount) >= 10
        if self.code == ENGLISH and self.currency is None:
            return f"{amount:,.0f}" if whole else f"{amount:,.2f}"
        return _money(self.code, round(amount, 0 if whole else 2), self.currency, whole=whole)

    def money_format(self) -> str:
        """How a spreadsheet shows amounts with their currency."""
        if self.currency is None:
            return "#,##0.00"
        from babel.numbers import get_currency_symbol

        sign = get_currency_symbol(self.currency, locale=_locale(self.code)).replace('"', "")
        placed = _placed(self.code, sign)
        shape = "".join(c for c in placed if c in "\u00a4\u00a0 #,.0").replace("\u00a0", " ")
        return shape.replace("\u00a4", f'"{sign}"')

    def short(self, number: float) -> str:
        """A number for an axis: 950, 1.2K, 35K."""
        return _compact(self.code, number)

    def day(self, day: str | date | None) -> str:
        """An ISO date with the month's name; what is none as it stands."""
        return _date(self.code, day, "yMMMd")

    def month(self, day: str | date | None) -> str:
        """Month and year of a date, or of YYYY-MM."""
        return _date(self.code, f"{day}-01" if isinstance(day, str) and len(day) == 7 else day, "yMMM")

    def both(self, parts: list[str]) -> str:
        """Some texts as a list: `a, b and c`."""
        from babel.lists import format_list

        return format_list(parts, locale=_locale(self.code)) if len(parts) > 1 else "".join(parts)

    def span(self, horizon: str) -> str:
        """`12m` as `12 months`; `inf` as `their lifetime`."""
        number, unit = horizon.strip()[:-1], horizon.strip()[-1:].lower()
        if horizon.strip().lower() == "inf":
            return self("their lifetime")
        names = {"d": "day", "w": "week", "m": "month", "y": "year"}
        return _unit(self.code, int(number), names[unit]) if number.isdigit() and unit in names else horizon


@cache
def _locale(code: str, *, dates: bool = False) -> "Locale":
    from babel import Locale

    return Locale.parse(REGIONS.get(code, code) if dates else code)


@cache
def _catalogue(code: str) -> Catalogue:
    if code == ENGLISH:
        return Catalogue({}, lambda n: int(n != 1))
    from gettext import c2py

    texts = _entries((FOLDER / f"{code}.po").read_text(encoding="utf-8"))
    plural = re.search(r"plural=(.*);", texts.pop("")[0])
    assert plural is not None
    return Catalogue({key: tuple(forms) for key, forms in texts.items() if all(forms)}, c2py(plural[1]))


def _entries(content: str) -> dict[str, list[str]]:
    """Message -> its translations. Babel's reader takes ten times as long, which every command would wait for."""
    texts: dict[str, list[str]] = {}
    forms: list[str] = []
    kind = text = ""
    for line in [*content.split("\n"), "msgid"]:
        if line[:1] == '"':
            text += line[1:-1]
        elif line[:3] == "msg":
            if "\\" in text:
                text = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else str(found[1]), text)
            if kind == "msgid":
                forms = texts[text] = []
            elif kind and kind != "msgid_plural":
                forms.append(text)
            kind, _, quoted = line.partition(" ")
            text = quoted[1:-1]
    return texts


@lru_cache(maxsize=8192)
def _number(code: str, number: float, digits: int = 1) -> str:
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(number, format=pattern, locale=_locale(code), numbering_system="default")


@lru_cache(maxsize=8192)
def _percent(code: str, share: float, digits: int) -> str:
    from babel.numbers import format_percent

    plain = str(_locale(code).percent_formats[None].pattern)
    pattern = plain.replace("#,##0", "#,##0" + ("." + "0" * digits if digits else ""))
    return format_percent(share, format=pattern, locale=_locale(code), numbering_system="default")


@lru_cache(maxsize=8192)
def _money(code: str, amount: float, currency: str | None, *, whole: bool) -> str:
    from babel.numbers import format_currency, format_decimal, get_currency_symbol

    pattern = "#,##0" if whole else "#,##0.00"
    if currency is None:
        return format_decimal(amount, format=pattern, locale=_locale(code), numbering_system="default")
    sign = get_currency_symbol(currency, locale=_locale(code))
    placed = _placed(code, sign).replace("#,##0.00", pattern)
    return format_currency(
        amount, currency, format=placed, locale=_locale(code), currency_digits=False, numbering_system="default"
    )


def _placed(code: str, sign: str) -> str:
    """Where the language has its currency; letters keep a blank from the digits (CLDR's spacing, which Babel lacks)."""
    placed = str(_locale(code).currency_formats["standard"].pattern).split(";")[0]
    return placed.replace("\u00a4#", "\u00a4\u00a0#") if sign[-1:].isalpha() else placed


@lru_cache(maxsize=1024)
def _compact(code: str, number: float) -> str:
    from babel.numbers import format_compact_decimal

    if abs(number) < 1000:
        return _number(code, float(f"{number:.3g}"), 3)
    found = format_compact_decimal(number, locale=_locale(code), fraction_digits=1, numbering_system="default")
    # German has no short word for thousands: Babel then writes all digits behind the mark.
    return found if any(map(str.isalpha, found)) else _number(code, float(f"{number:.3g}"))


@cache
def _pattern(code: str, skeleton: str) -> Any:
    """How the language writes a date of these parts; Babel looks through all of its patterns for each date."""
    from babel.dates import match_skeleton

    known = _locale(code, dates=True).datetime_skeletons
    return known[skeleton if skeleton in known else match_skeleton(skeleton, known)]


@lru_cache(maxsize=4096)
def _date(code: str, day: str | date | None, skeleton: str) -> str:
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            return str(day)
    if day is None:
        return "-"
    from datetime import datetime

    return str(_pattern(code, skeleton).apply(datetime(day.year, day.month, day.day), _locale(code, dates=True)))


@cache
def _unit(code: str, number: int, unit: str) -> str:
    if code == ENGLISH:
        return f"{number:,} {unit}{'' if number == 1 else 's'}"
    from babel.units import format_unit

    return str(format_unit(number, f"duration-{unit}", length="long", locale=_locale(code), numbering_system="default"))
