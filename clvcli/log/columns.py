"""Which column is the customer, the date, the amount: named, given as SQL, or recognised by its usual name."""

import difflib
import re
import shlex
import unicodedata
from dataclasses import dataclass

from clvcli.core.errors import InputError, UsageError
from clvcli.core.options import LogOptions
from clvcli.sql import SqlError, columns_of

# Names without case, blanks and marks; in tiers: one of a better tier wins, two of one tier are a tie and refused.
USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "customer": (
        "customerid custid clientid userid buyerid memberid shopperid accountid customernumber customerno custno "
        "customerkey customercode clientno clientnumber kundennummer kundennr kundenid idclient clienteid "
        "numeroclient usernumber customeruniqueid idcliente codicecliente klantnummer klantnr klantid kundnummer "
        "kundnr kundid idklienta",
        "klant klient kund customer client user buyer member shopper account cust kunde cliente uid customeremail",
        "id email",
    ),
    "date": (
        "date orderdate invoicedate transactiondate purchasedate saledate salesdate transdate txndate trandate "
        "datum fecha orderday purchaseday bestelldatum rechnungsdatum datecommande dateorder datepurchase "
        "bookingdate dateoforder orderpurchasetimestamp dataordine datapedido datavenda datafattura orderdatum "
        "factuurdatum fechapedido fechafactura datedefacture",
        "timestamp datetime orderdatetime transactiondatetime invoicedatetime orderedat purchasedat createdat "
        "orderts ts ordertime transactiontime purchasetime createddate datecreated processedat",
    ),
    "amount": (
        "amount revenue total value sales spend amt orderamount ordertotal ordervalue totalamount totalprice "
        "totalvalue transactionamount transactionvalue purchaseamount purchasevalue saleamount salesamount "
        "invoiceamount invoicetotal linetotal lineamount netamount netsales netrevenue grossamount grosssales "
        "grandtotal totalsales turnover betrag umsatz montant montantttc montantht importe importo totale bedrag "
        "totaal belopp kwota valor valortotal paymentvalue subtotal",
        "price cost payment sum",
    ),
}
QUANTITIES = frozenset({"quantity", "qty", "units", "menge", "cantidad", "quantite", "itemcount"})
UNIT_PRICES = frozenset({"unitprice", "priceperunit", "itemprice", "priceeach", "price", "rate", "einzelpreis"})
MONEY = frozenset({"usd", "eur", "gbp", "chf", "jpy", "cad", "aud", "sek", "nok", "dkk", "pln", "inr", "cny", "brl"})
CURRENCY_NAME = re.compile(
    r"\w*(?<!con)currency(code|iso|id)?|curr(code)?|isocurrency\w*|w(ae|a)hrung\w*|wkz\w*|waers|"
    r"devise|monnaie|moneda|divisa|valuta|valutakod"
)
NEEDED = ("customer", "date", "amount")
OPTIONAL = ("order_id", "line_id", "currency")


@dataclass(frozen=True)
class Role:
    """What fills a role: a column of that name, or SQL. `how` is `named`, `expression` or `recognised`."""

    name: str
    text: str
    how: str
    reads: frozenset[str]

    @property
    def is_sql(self) -> bool:
        return self.how == "expression"


def resolve_roles(options: LogOptions, columns: list[str], name: str) -> dict[str, Role]:
    """The role of each column. Raises InputError when a needed column is not found or two tie, UsageError for bad
    SQL."""
    roles: dict[str, Role] = {}
    if options.line_id is not None and options.order_id is None:
        raise UsageError("--line-id alone tells no lines apart", hint="--order-id names the column of the order")
    for role in (*NEEDED, *OPTIONAL):
        given = getattr(options, role)
        if given is not None:
            roles[role] = _given(role, given, columns, name)
    taken = {role.text for role in roles.values() if not role.is_sql}
    for role in NEEDED:
        if role not in roles:
            roles[role] = _recognised(role, [c for c in columns if c not in taken], columns, name)
            taken.add(roles[role].text)
    return {role: roles[role] for role in (*NEEDED, *OPTIONAL) if role in roles}


def resolve_role(role: str, text: str, columns: list[str], name: str) -> Role:
    """The role that the option of that name gives: a column, else SQL. Raises as resolve_roles does."""
    return _given(role, text, columns, name)


def flag_of(role: str) -> str:
    return "--" + role.replace("_", "-")


def _given(role: str, text: str, columns: list[str], name: str) -> Role:
    """An option that equals a column's name is that column, else it is SQL."""
    flag = flag_of(role)
    if not text.strip():
        raise UsageError(f"{flag}: is empty", hint=f"the columns are {_listed(columns)}")
    if text in columns:
        return Role(role, text, "named", frozenset({text}))
    if text.strip() in columns:
        return Role(role, text.strip(), "named", frozenset({text.strip()}))
    try:
        reads = columns_of(text)
    except SqlError as problem:
        hint = problem.hint or f"the columns are {_listed(columns)}"
        raise UsageError(f"{flag}: {text!r} is no column of {name} and no SQL: {problem.message}", hint=hint) from None
    unknown = sorted(reads - set(columns))
    if unknown or not (reads or role == "amount"):
        word = unknown[0] if unknown else text
        near = difflib.get_close_matches(word, columns, 1) or [c for c in columns if plain(c) == plain(word)]
        advice = f"did you mean {near[0]}?" if near else f"the columns are {_listed(columns)}"
        raise InputError(f"{name}: no column {word} ({flag})", hint=advice)
    return Role(role, text, "expression", reads)


def currency_columns(columns: list[str]) -> list[str]:
    """Columns with a usual name of a currency: `Currency`, `order_currency_code`, `Währung`, `WKZ Umsatz`, ..."""
    return [c for c in columns if CURRENCY_NAME.fullmatch(plain(c))]


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def plain(name: str) -> str:
    """`Customer_ID ` -> `customerid`, `Total (EUR)` and `total_eur` -> `total`, `Numéro` -> `numero`."""
    bare = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name.lower()) or name.lower()
    letters = re.sub(r"[\W_]+", " ", _without_accents(bare)).split()
    if len(letters) > 1 and letters[-1] in MONEY:
        letters = letters[:-1]
    return "".join(letters)


def _recognised(role: str, columns: list[str], every: list[str], name: str) -> Role:
    for tier in USUAL_NAMES[role]:
        usual = set(tier.split())
        matches = [c for c in columns if plain(c) in usual]
        if len(matches) > 1:
            raise InputError(
                f"{name}: several columns may be the {role}: {', '.join(matches)}",
                hint=f"{flag_of(role)} {shlex.quote(matches[0])}",
            )
        if matches and not (role == "amount" and _is_price_of_one(matches[0], every)):
            return Role(role, matches[0], "recognised", frozenset(matches))
    raise InputError(f"{name}: no {role} column among {_listed(every)}", hint=_advice(role, columns, every))


def _is_price_of_one(column: str, columns: list[str]) -> bool:
    return plain(column) in UNIT_PRICES and any(plain(c) in QUANTITIES for c in columns)


def _advice(role: str, columns: list[str], every: list[str]) -> str:
    if role == "amount":
        price = next((c for c in every if plain(c) in UNIT_PRICES), None)
        count = next((c for c in every if plain(c) in QUANTITIES), None)
        if price and count:
            return f'--amount "{quoted(count)} * {quoted(price)}"'
    words = {
        "customer": ("cust", "client", "user", "id"),
        "date": ("date", "day", "time", "dat"),
        "amount": ("am", "tot", "val"),
    }
    near = next((c for word in words[role] for c in columns if word in c.lower()), None)
    if role == "amount" and not near:
        return "--amount COLUMN; or --amount 1 where there is none: spend then counts purchases"
    return f"{flag_of(role)} {shlex.quote(near) if near else 'COLUMN'}"


def quoted(column: str) -> str:
    """A column's name as SQL needs it."""
    return column if re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", column) else '"' + column.replace('"', '""') + '"'


def _listed(columns: list[str]) -> str:
    shown = ", ".join(c[:40] for c in columns[:12])
    return shown + (f", ... ({len(columns)} in all)" if len(columns) > 12 else "")
