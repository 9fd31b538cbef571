"""What the first values of columns look like: a date, an amount, a customer."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import polars as pl

from clvcli.log.names import is_order, is_quantity, is_unit_price, plain

LOOK = 2000
"""Records that are looked at."""
ENOUGH = 8
"""Values from which on it counts that no value appears twice."""
MOSTLY = 0.9
NEAR_WORDS = {
    "customer": r"cust|client|user|buyer|member|guest|patient|donor|who|person|name|mail|phone|account|kund|klient|"
    r"cliente|acheteur|клиент|покуп|контраг|musteri|عمیل|לקוח|مشتری|客|顧|会員|会员|用户|买家|メール|邮箱",
    "date": r"date|day|time|when|dat|fecha|data|tarih|дата|день|تاریخ|תאריך|日|时间",
    "amount": r"am(oun)?t|tot|val|sum|paid|pay|price|revenue|sale|spend|betrag|preis|montant|prix|import|monto|valor|"
    r"preco|prezzo|kwot|cen|сумм|цен|стоим|tutar|fiyat|مبلغ|סכום|מחיר|قیمت|金|额|価|价",
}
"""Parts of plain names that speak for a role."""
OTHER_THING = (
    r"typ|status|statut|etat$|estado|stato$|descri|beschreib|libelle|currency|wahrung|devise|moneda|valuta|zone|"
    r"market|sku|menge|city|stadt|^ort|land$|state|country|pays$|post|zip|tax|steuer|fee|gebuhr|entgelt|frais|commission|"
    r"settlement|abrechnung|versement|product|produ|item|article|artikel|payment|zahlung|paiement|delivery|versand|"
    r"livraison|balance|guthaben|saldo|solde|source|device|channel|kanal|タイプ|ステータス|通貨|手数料|残高|時間|"
    r"タイムゾーン|статус|тип|валюта"
)
"""Names of columns that are no customer, whatever stands in them."""
OTHER_MONEY = r"fee|gebuhr|entgelt|frais|commission|tax$|steuer|balance|guthaben|saldo|solde|shipping|discount|remise|"
OTHER_MONEY += r"rabatt|手数料|残高|комисси|скидк|refund|rembours|erstatt"
"""Names of amounts that are not what was paid."""
SIGNED_OR_GROUPED = r"^-[0-9]|^[0-9]{1,3}(?:,[0-9]{3})+$"
PERSON = r"mail|phone|cust|client|kund|klient|клиент|顧客|客户|会员|メール|邮箱"
"""Names of columns whose values stand for people even where each bought once."""
YEAR = r"(?:19|20)[0-9]{2}"
DATE_LIKE = (
    rf"^\W*(?:{YEAR}[-/.年 ]\s?[0-9]{{1,2}}[-/.月 ]|[0-9]{{1,2}}[-/. ]\s?(?:[0-9]{{1,2}}|\pL{{3,12}}\.?)[-/., ]\s?"
    rf"(?:{YEAR}|[0-9]{{2}})(?:\D|$)|\pL{{3,12}}[.,]?[ -][0-9]{{1,2}}(?:st|nd|rd|th)?,?[ -]|"
    rf"{YEAR}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:\D|$)|1[0-9]{{9}}(?:[0-9]{{3}})?$)"
)
NUMBER_LIKE = r"^\s*[-+(]?\s*\D{0,4}[0-9][0-9.,' \x{00a0}]*\s*\)?-?\D{0,4}$"
MONEY_LIKE = r"[0-9][.,][0-9]{1,2}(?:\s*\D{1,4})?$"
"""Ends in decimals, with or without a currency."""
PATTERNS = {"date": DATE_LIKE, "amount": NUMBER_LIKE}


class Contents:
    """The first records; `head` is not called before something of them is asked for."""

    def __init__(self, head: Callable[[], pl.DataFrame]) -> None:
        self._head = head

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The records that are looked at."""
        return self._head().head(LOOK)

    def column(self, name: str) -> pl.Series:
        """The column, empty where the records lack it."""
        return self.frame[name] if name in self.frame.columns else pl.Series(name, [], dtype=pl.String)

    def values(self, column: str) -> pl.Series:
        """Its values as text, without blanks at the ends, without empty ones."""
        texts = self.column(column).cast(pl.String, strict=False).str.strip_chars().drop_nulls()
        return texts.filter(texts != "")

    def is_key(self, column: str) -> bool:
        """Whether no value appears twice, among enough of them: an order, a record, no customer."""
        values = self.values(column)
        return values.len() >= ENOUGH and values.n_unique() == values.len()

    def share(self, column: str, pattern: str) -> float:
        """Of its values, those that match."""
        if self.column(column).dtype.is_temporal():
            return float(pattern == DATE_LIKE)
        values = self.values(column)
        return float(values.str.contains(pattern).mean() or 0) if values.len() else 0.0  # type: ignore[arg-type]

    def is_date(self, column: str) -> bool:
        """Whether nearly all values look like dates."""
        return self.share(column, DATE_LIKE) >= MOSTLY

    def is_number(self, column: str) -> bool:
        """Whether nearly all values look like numbers, with or without a currency."""
        return self.column(column).dtype.is_numeric() or (
            self.share(column, NUMBER_LIKE) >= MOSTLY and not self.is_date(column)
        )


def propose(role: str, contents: Contents, columns: Sequence[str]) -> str | None:
    """The column that by name and contents is most likely the role, None where none is; for the amount SQL, where it is
    a quantity times a price."""
    if role == "amount":
        price = next((c for c in columns if is_unit_price(c)), None)
        count = next((c for c in columns if is_quantity(c)), None)
        if price and count:
            return f"{quoted(count)} * {quoted(price)}"
    fits = {"customer": _may_be_customer, "date": Contents.is_date, "amount": _may_be_amount}[role]
    found = [c for c in columns if fits(contents, c)]
    if not contents.frame.height:
        found = [c for c in columns if re.search(NEAR_WORDS[role], plain(c))]
    return min(found, key=lambda c: (-_weight(role, contents, c), columns.index(c))) if found else None


def _may_be_customer(contents: Contents, column: str) -> bool:
    values = contents.values(column)
    if not values.len() or contents.is_date(column) or is_order(column):
        return False
    if contents.is_key(column) and not re.search(PERSON, plain(column)):
        return False
    if is_quantity(column) or is_unit_price(column) or contents.share(column, MONEY_LIKE) > 0.3:
        return False
    if contents.share(column, SIGNED_OR_GROUPED) > 0.2:
        return False
    if re.search(OTHER_THING, plain(column)) and not re.search(PERSON, plain(column)):
        return False
    return values.n_unique() > max(2, values.len() / 200) or values.len() < ENOUGH


def _may_be_amount(contents: Contents, column: str) -> bool:
    return contents.is_number(column) and not is_order(column) and not is_quantity(column)


def _weight(role: str, contents: Contents, column: str) -> float:
    """More for a name that speaks for the role, then for contents that do."""
    named = 2.0 * bool(re.search(NEAR_WORDS[role], plain(column)))
    if role == "customer":
        values = contents.values(column)
        return named + values.n_unique() / max(1, values.len())
    if role == "amount":
        spread = contents.share(column, r"[0-9][.,][0-9]{2}\D*$")
        named -= 1.5 * bool(re.search(OTHER_MONEY, plain(column)))
        return named + spread - 3.0 * (contents.is_key(column) and not spread)
    return named


def quoted(column: str) -> str:
    """A column's name as SQL needs it."""
    return column if re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", column) else '"' + column.replace('"', '""') + '"'


def earliest(columns: Sequence[str]) -> list[str]:
    """Date columns in the order in which they may be the day of the purchase: those called like an order or a purchase,
    then those called neither like a document nor like what comes later."""
    late = r"ship|deliver|due|update|modif|cancel|refund|paid|end|expir|versand|liefer|envio|livr|отгруз|teslim"
    early = r"order|purchase|sale|bestell|kauf|command|achat|pedido|compra|ordin|zamow|sprzed|"
    early += r"заказ|продаж|siparis|注文|下单"
    return sorted(columns, key=lambda c: (bool(re.search(late, plain(c))), not re.search(early, plain(c))))
