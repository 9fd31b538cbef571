"""Which column is what: by names in fourteen languages and by contents; else the options to copy are right."""

import random
import re
import shlex
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log.columns import resolve_roles

HEADERS = {
    "en": ("Customer ID", "Order Date", "Total Amount"), "en2": ("client_no", "purchase-date", "Net Sales (USD)"),
    "de": ("Kundennummer", "Bestelldatum", "Betrag"), "de2": ("Kunden-Nr.", "Rechnungsdatum", "Umsatz EUR"),
    "fr": ("N° client", "Date de commande", "Montant TTC"), "fr2": ("Client", "Date d'achat", "Montant total"),
    "es": ("ID cliente", "Fecha de compra", "Importe"), "es2": ("Cliente", "Fecha", "Monto total"),
    "pt": ("Código do cliente", "Data da compra", "Valor total"), "pt2": ("Cliente", "Data do pedido", "Valor"),
    "it": ("Codice cliente", "Data ordine", "Importo totale"), "it2": ("Cliente", "Data fattura", "Totale"),
    "pl": ("Kontrahent", "Data sprzedaży", "Wartość brutto"), "pl2": ("Numer klienta", "Data zamówienia", "Kwota"),
    "ru": ("Контрагент", "Дата", "Сумма"), "ru2": ("ID клиента", "Дата заказа", "Сумма заказа (руб.)"),
    "tr": ("Müşteri No", "Sipariş Tarihi", "Tutar"), "tr2": ("MÜŞTERİ KODU", "Satış tarihi", "Toplam Tutar"),
    "ar": ("رقم العميل", "تاريخ الطلب", "المبلغ"), "ar2": ("العميل", "التاريخ", "الإجمالي"),
    "he": ("מספר לקוח", "תאריך הזמנה", "סכום"), "he2": ("לקוח", "תאריך", 'סה"כ'),
    "fa": ("کد مشتری", "تاریخ سفارش", "مبلغ کل"), "fa2": ("مشتری", "تاریخ", "مبلغ"),
    "ja": ("顧客ID", "注文日", "合計金額"), "ja2": ("会員番号", "購入日時", "売上金額"),
    "zh": ("客户编号", "下单时间", "实付金额"), "zh2": ("会员ID", "订单日期", "金额"),
    "zh3": ("客戶編號", "訂單日期", "總金額"),
}  # fmt: skip
ROWS = 40


def _frame(columns: dict[str, list[str]]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _values(rng: random.Random) -> tuple[list[str], list[str], list[str]]:
    who = [f"K{rng.randrange(12):03}" for _ in range(ROWS)]
    day = [f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}" for _ in range(ROWS)]
    paid = [f"{rng.randrange(1, 300)}.{rng.randrange(100):02}" for _ in range(ROWS)]
    return who, day, paid


def _others(rng: random.Random) -> dict[str, list[str]]:
    """Columns that have nothing to do with it."""
    return {
        "Id": [str(9000 + i) for i in range(ROWS)],
        "SKU": [f"S{rng.randrange(5)}" for _ in range(ROWS)],
        "Qty": [str(rng.randrange(1, 4)) for _ in range(ROWS)],
        "Country": [rng.choice(["DE", "FR"]) for _ in range(ROWS)],
        "Shipped": [f"2024-{rng.randrange(1, 13):02}-02" for _ in range(ROWS)],
        "Invoice No": [f"R-{i}" for i in range(ROWS)],
    }


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("seed", range(3))
def test_names_of_fourteen_languages_in_any_order(language: str, seed: int) -> None:
    rng = random.Random(f"{language} {seed}")
    names = HEADERS[language]
    columns = [*zip(names, _values(rng), strict=True), *rng.sample(list(_others(rng).items()), 4)]
    rng.shuffle(columns)
    frame = _frame(dict(columns))
    roles = resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert [roles[r].text for r in ("customer", "date", "amount")] == list(names)


STRANGE = {
    "customer": ("purchaser", "who", "party", "card_no", "Persona", "guest ref"),
    "date": ("when it was", "business_day", "am", "on", "posted"),
    "amount": ("how much", "takings", "eur_gross", "brutto in €", "sale_net"),
}


def _options(hint: str | None) -> dict[str, str]:
    words = shlex.split((hint or "").split(";")[0])
    return dict(zip([w.removeprefix("--") for w in words[::2]], words[1::2], strict=True))


@pytest.mark.parametrize("seed", range(200))
def test_strange_names_are_proposed_by_contents_all_at_once(seed: int) -> None:
    rng = random.Random(seed)
    names = {role: rng.choice(words) for role, words in STRANGE.items()}
    values = dict(zip(names, _values(rng), strict=True))
    others = _others(rng)
    others.pop("Shipped")
    columns = [*((names[r], values[r]) for r in names), *rng.sample(list(others.items()), 3)]
    rng.shuffle(columns)
    frame = _frame(dict(columns))
    with pytest.raises(InputError) as caught:
        resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert _options(caught.value.hint) == names
    again = replace(LogOptions(data=("x",)), **_options(caught.value.hint))  # type: ignore[arg-type]
    assert {r: role.text for r, role in resolve_roles(again, frame.columns, "x.csv", lambda: frame).items()} == names


@pytest.mark.parametrize("suffix", ["", " kr", "kr", " zł", " €", " NOK"])
def test_an_amount_with_its_currency_behind_it_is_no_customer(suffix: str) -> None:
    rng = random.Random(3)
    who, day, paid = _values(rng)
    frame = _frame({"Beløp": [f"{value}{suffix}" for value in paid], "Tidspunkt": day, "Medlem": who})
    with pytest.raises(InputError) as caught:
        resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert _options(caught.value.hint) == {"customer": "Medlem", "date": "Tidspunkt", "amount": "Beløp"}


def test_the_hint_works_when_copied(clv: Clv, tmp_path: Path) -> None:
    rows = "".join(f"{100 + i},p{i % 6},2024-0{1 + i % 9}-05,{i}.50\n" for i in range(1, 30))
    (tmp_path / "log.csv").write_text('"order, no","who ""is"" it","on $day",how much\n' + rows)
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv")
    assert done.code == 3
    assert "no customer, no date and no amount column" in done.err.replace("\n", " ") or "no customer" in done.err
    hint = re.search(r"\(hint: (.*)\)\s+\[clv help", done.err, re.DOTALL)
    assert hint is not None
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", *shlex.split(hint[1].replace("\n", " ")))
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (("invoice_date", "order_date"), "order_date"), (("ship_date", "order_date"), "order_date"),
        (("Rechnungsdatum", "Bestelldatum"), "Bestelldatum"), (("Дата документа", "Дата заказа"), "Дата заказа"),
    ],
)  # fmt: skip
def test_of_two_dates_the_order_is_proposed(names: tuple[str, str], first: str) -> None:
    rng = random.Random(7)
    who, day, paid = _values(rng)
    frame = _frame({"customer": who, names[0]: day, names[1]: day, "amount": paid})
    told = pytest.raises(InputError) if names[1] != "order_date" or names[0] != "ship_date" else None
    if told is None:
        roles = resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
        assert roles["date"].text == first
        return
    with told as caught:
        resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert _options(caught.value.hint) == {"date": first}


def test_a_key_is_no_customer() -> None:
    rng = random.Random(3)
    who, day, paid = _values(rng)
    frame = _frame({"id": [str(i) for i in range(ROWS)], "email": who, "date": day, "amount": paid})
    roles = resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert roles["customer"].text == "email"


def test_a_time_of_day_is_no_date_and_a_yes_no_amount() -> None:
    rng = random.Random(3)
    who, day, paid = _values(rng)
    clock, yes = ["10:30"] * ROWS, ["yes"] * ROWS
    frame = _frame({"customer": who, "time": clock, "created": day, "paid": yes, "gross": paid})
    with pytest.raises(InputError) as caught:
        resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert _options(caught.value.hint) == {"date": "created", "amount": "gross"}


def test_without_amounts_purchases_are_counted() -> None:
    who, day, _ = _values(random.Random(5))
    frame = _frame({"id": who, "date": day})
    with pytest.raises(InputError) as caught:
        resolve_roles(LogOptions(data=("x",)), frame.columns, "x.csv", lambda: frame)
    assert caught.value.hint == "--amount 1; spend then counts purchases"
