"""Amounts as fourteen languages write them, each with the number that it stands for."""

from decimal import Decimal
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

from clvcli.core.errors import InputError
from clvcli.log.amounts import minor_units, normalise, read_counted, take_apart
from clvcli.log.currency_marks import CODES, currency_of, distinct

NBSP, THIN, NARROW = "\u00a0", "\u2009", "\u202f"
LANGUAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("1234.56", "1,234.56"), ("${}", "US${}", "US $ {}", "£{}", "{} USD", "usd {}", "GBP{}", "A${}", "C$ {}")),
    "en-IN": (("1,234.56", "1234.56"), ("₹{}", "₹ {}", "Rs. {}", "Rs.{}", "{} INR", "INR {}")),
    "de": (("1.234,56", "1234,56", f"1{NBSP}234,56"), ("{} €", "€ {}", "{}€", "EUR {}", "{} EUR", "{} Euro")),
    "de-CH": (("1'234.56", "1’234.56"), ("CHF {}", "Fr. {}", "SFr. {}", "{} CHF")),
    "fr": ((f"1{NBSP}234,56", f"1{NARROW}234,56", "1 234,56"), (f"{{}}{NBSP}€", "{} EUR", "{} eur", "€{}")),
    "es": (("1.234,56", "1234,56"), ("{} €", "U$S {}", "S/ {}", "S/. {}", "Bs. {}", "MX$ {}")),
    "pt": (("1.234,56", "1234,56"), ("R$ {}", "R${}", "{} BRL", "{} €")),
    "it": (("1.234,56", "1234,56"), ("€ {}", "{} €", "EUR{}")),
    "pl": ((f"1{NBSP}234,56", "1234,56", "1.234,56"), ("{} zł", "{}zł", "zł {}", "{} PLN", "{} zl")),
    "ru": ((f"1{NBSP}234,56", f"1{THIN}234,56"), ("{} ₽", "{} руб.", "{} р.", "{} руб", "{} RUB", "{} грн")),
    "tr": (("1.234,56", "1234,56"), ("₺{}", "₺ {}", "{} TL", "{} TRY")),
    "ar": (("١٬٢٣٤٫٥٦", "1,234.56"), ("{} ر.س", "{} د.إ", "\u200f{} ج.م", "SAR {}", "{} SR")),
    "he": (("1,234.56", "1234.56"), ("₪{}", "\u200f{} ₪", "{} ש״ח", "ILS {}", "{} NIS")),
    "fa": (("۱٬۲۳۴٫۵۶", "1234.56"), ("{} ریال", "{} تومان", "\u202b{} ﷼\u202c")),
    "ja": (("1,234.56", "１，２３４．５６"), ("¥{}", "￥{}", "{}円", "JPY {}")),
    "zh": (("1,234.56", "1234.56"), ("¥{}", "￥ {}", "{}元", "CNY {}", "NT${}", "HK${}", "RMB {}")),
}  # fmt: skip
PLAIN_FORMS = [
    (language, mark.format(number), Decimal("1234.56"))
    for language, (numbers, marks) in LANGUAGES.items() for number, mark in product(numbers, marks)
]  # fmt: skip
NEGATIVE_FORMS = [
    (language, style.format(written), -Decimal("1234.56"))
    for language, (numbers, marks) in LANGUAGES.items()
    for written in (numbers[0], *(m.format(numbers[0]) for m in marks[:3]))
    for style in ("-{}", "({})", "{}-", "\u2212{}")
]  # fmt: skip
FORMS = [*PLAIN_FORMS, *NEGATIVE_FORMS]


def test_there_are_enough_of_them() -> None:
    assert len({text for _, text, _ in FORMS}) >= 300
    assert len(LANGUAGES) >= 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_of_a_language_is_its_number(language: str) -> None:
    for _, text, number in (f for f in FORMS if f[0] == language):
        read = normalise(pl.Series([text] * 3), "amount", 2, None)
        assert minor_units(read.plain, 2)["amount"].to_list() == [int(number * 100)] * 3, text


@pytest.mark.parametrize("text", [
    "12.\u2014", "12,-", "9.-", "12.50 €/mo", "12x", "abc 12", "--12", "-12-", "(12)-", "12 13%", "5 kg", "1.2.3.4,5,6",
    "2024-01-05", "12:30", "€ 12 $", "A1", "12,50 USD€", "((12))",
])  # fmt: skip
def test_what_is_no_amount_stays_none(text: str) -> None:
    body = take_apart(text)
    assert body is None or minor_units(normalise(pl.Series([text]), "a", 2, ".").plain, 2)["amount"][0] is None


@pytest.mark.parametrize(("decimals", "text", "units"), [
    (0, "1,003", 1003), (0, "1.003", 1003), (3, "1.003", 1003), (8, "0.00441262", 441262), (8, "1.846300e-03", 184630),
    (2, "Rp12.500", 1250000), (2, "12.500 ₫", 1250000), (2, "¥1,200", 120000), (3, "1.234 KD", 1234),
])  # fmt: skip
def test_decimals_and_currencies_settle_a_mark_before_three_digits(decimals: int, text: str, units: int) -> None:
    read = normalise(pl.Series([text] * 3), "amount", decimals, None)
    assert minor_units(read.plain, decimals)["amount"][0] == units


@pytest.mark.parametrize("text", ["1,003", "1.003", "€ 1.003", "1.234 kr"])
def test_else_it_is_asked_for(text: str) -> None:
    with pytest.raises(InputError) as told:
        normalise(pl.Series([text] * 3), "amount", 2, None)
    assert "--decimal-mark" in str(told.value.hint)
    assert "--decimals 3" in str(told.value.hint)


def test_of_credit_and_debit_the_rarer_side_is_taken_back() -> None:
    def signs(*texts: str) -> tuple[list[int], str]:
        frame = pl.Series("text", texts).to_frame().group_by("text").len()
        plain = normalise(pl.Series(texts), "amount", 2, None).plain
        return minor_units(plain, 2)["amount"].to_list(), read_counted(frame, "amount", 2, None).back

    assert signs("1.00CR", "2.00 CR", "3.00DR") == ([100, 200, -300], "DR")
    assert signs("1.00DR", "2.00 Dr.", "3.00CR") == ([100, 200, -300], "CR")
    assert signs("1.00", "3.00 CR") == ([100, -300], "CR")
    assert signs("1.00 CR", "0.00", "3.00 CR") == ([100, 0, 300], "")


def test_a_side_that_is_taken_back_is_told(clv: Clv, tmp_path: Path) -> None:
    rows = [f"c{i % 5},2024-0{1 + i % 9}-05,{i}.00 {'DR' if i % 10 == 0 else 'CR'}\n" for i in range(10, 60)]
    (tmp_path / "ledger.csv").write_text("customer,date,amount\n" + "".join(rows))
    done = clv("score", "ledger.csv", "--no-model")
    assert done.code == 0
    assert "marked DR are taken back" in done.err
    assert '--amount "-amount"' in done.err


@pytest.mark.parametrize(("written", "currency"), [
    ("US $", "USD"), ("руб.", "RUB"), ("eur", "EUR"), ("$", "$"), ("¥", "¥"), ("Kč", "CZK"), ("XYZ", None), ("", None),
    ("$USD", "USD"), ("CAD$", "CAD"), ("€EUR", "EUR"), ("€USD", None),
])  # fmt: skip
def test_the_currency_of_a_mark(written: str, currency: str | None) -> None:
    assert currency_of(written) == currency


def test_a_sign_beside_its_code_is_one_currency() -> None:
    assert distinct({"$", "USD"}) == ("USD",)
    assert distinct({"$", "CAD"}) == ("$", "CAD")
    assert distinct({"kr", "SEK"}) == ("SEK",)
    assert distinct({"¥", "JPY", "CNY"}) == ("CNY", "JPY", "¥")
    assert {currency_of(code.lower()) for code in CODES} == CODES
