"""A language on a terminal: English figures as every screen has them, others by Babel, in letters that screens show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from clvcli.core.currency import currency_of
from clvcli.core.errors import more_warnings, warning_line
from clvcli.core.language import ENGLISH, Language
from clvcli.core.phrases import noticed
from clvcli.report import numbers

UNSHOWN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u200e": None, "\u200f": None, "\u061c": None,
                          "\u2066": None, "\u2069": None})  # fmt: skip
"""Blanks that do not break and marks of direction: a terminal orders letters itself, or not at all."""


@dataclass(frozen=True)
class Screen(Language):
    """How a terminal writes texts and figures. English does without Babel, which loads longer than a screen draws."""

    def priced(self, currency: str | None) -> "Screen":
        """The same with a currency beside amounts."""
        return replace(self, currency=currency)

    @property
    def english(self) -> bool:
        """Whether texts stay as they stand in the code."""
        return self.code == ENGLISH

    def __call__(self, message: str, /, **values: str) -> str:
        return super().__call__(message, **values).translate(UNSHOWN)

    def many(self, one: str, more: str, n: int, **values: str) -> str:
        return super().many(one, more, n, **values).translate(UNSHOWN)

    def told(self, text: str) -> str:
        """A text of the code in this language where the catalogue has it, else as it stands."""
        return text if self.english else (self.retold(text) or text).translate(UNSHOWN)

    def count(self, number: float | None) -> str:
        return numbers.count(number) if self.english else super().count(number).translate(UNSHOWN)

    def signed(self, number: int) -> str:
        """A change of a count."""
        return f"{number:+,}" if self.english else f"{'-' if number < 0 else '+'}{self.count(abs(number))}"

    def percent(self, share: float | None, digits: int = 1) -> str:
        return numbers.percent(share, digits) if self.english else super().percent(share, digits).translate(UNSHOWN)

    def money(self, amount: float | None) -> str:
        if amount is None or (self.english and self.currency is None):
            return numbers.money(amount)
        if abs(amount) >= 1000:
            return super().money(amount).translate(UNSHOWN)
        return self.exact(amount)

    def exact(self, amount: float) -> str:
        """An amount with its cents, however large."""
        if self.english and self.currency is None:
            return f"{amount:,.2f}"
        return self.cents(amount).translate(UNSHOWN)

    def figure(self, value: float) -> str:
        """Any number in four digits."""
        if self.english:
            return numbers.figure(value)
        digits = 0 if abs(value) >= 1000 or value == round(value) else 4 if abs(value) < 1 else 2
        return self.decimal(value, digits).translate(UNSHOWN)

    def day(self, day: str | date | None) -> str:
        if self.english:
            return numbers.day(str(day) if day else None)
        return super().day(day).translate(UNSHOWN)

    def iso(self, day: date) -> str:
        """A date: as machines write it in English, as people do elsewhere."""
        return str(day) if self.english else self.day(day)

    def both(self, parts: list[str]) -> str:
        return " and ".join(parts) if self.english else super().both(parts).translate(UNSHOWN)

    def span(self, horizon: str) -> str:
        return numbers.span_words(horizon) if self.english else super().span(horizon).translate(UNSHOWN)


def screen_of(manifest: Mapping[str, Any]) -> Screen:
    """The language and the currency that the run of a manifest was asked for."""
    from clvcli.report.page import argument

    return Screen(str(argument(manifest, "lang") or ENGLISH), currency_of(manifest))


def warned(code: str, message: str, t: Screen) -> str:
    """The line of a warning; `message` is cut to a line already."""
    if t.english:
        return warning_line(code, message)
    return t("warning: {text}", text=noticed(code, message, t).translate(UNSHOWN)) + f" [clv help {code}]"


def more_warned(number: int, t: Screen) -> str:
    """The line that counts the warnings that are not shown."""
    if t.english:
        return more_warnings(number)
    return t.many("and {n} more warning: -v shows all", "and {n} more warnings: -v shows all", number)


def failed(message: str, hint: str | None, code: str | None, t: Screen, exit_code: int | None = None) -> str:
    """The line of an error, without the name of the program."""
    told = noticed(code, message, t, exit_code=exit_code).translate(UNSHOWN)
    return f"{told} ({t('hint: {hint}', hint=t.told(hint))})" if hint else told
