"""Exports as shops, banks, databases and spreadsheets of several countries write them."""
# ruff: noqa: E501  # a table: one case a line

from datetime import date

from corpus.build import HEADER, Case, base, file, ok, refused, swapped, text

ROWS = base()
CENTS = sum(round(float(row[2]) * 100) for row in ROWS)
EURO = [[c, f"{date.fromisoformat(d):%d.%m.%Y}", a.replace(".", ",")] for c, d, a in ROWS]
SLASH = [[c, d.replace(".", "/"), a] for c, d, a in EURO]
STRIPE = (
    "id",
    "Created date (UTC)",
    "Amount",
    "Amount Refunded",
    "Currency",
    "Converted Amount",
    "Converted Currency",
    "Customer ID",
)
MAGENTO = ("entity_id", "created_at", "base_currency_code", "order_currency_code", "grand_total", "customer_id")
SHOPIFY = (
    "Name",
    "Email",
    "Financial Status",
    "Currency",
    "Total",
    "Lineitem quantity",
    "Lineitem price",
    "Created at",
)
orders = [
    [f"#{1000 + i}", f"{c}@x.com", "paid", "USD", a, "1", a, f"{d} 10:00:00 -0500"] for i, (c, d, a) in enumerate(ROWS)
]
magento = [[str(i), f"{d} 10:00:00", "EUR", "USD" if i % 2 else "EUR", a, c] for i, (c, d, a) in enumerate(ROWS)]
total = f"{CENTS / 100:.2f}"


def sap(amount: str, i: int) -> str:
    number = f"{float(amount) + 1000:,.2f}".translate(str.maketrans(",.", ".,"))
    return number + ("-" if i % 50 == 0 else "")


def lines(form: str, rows: list[list[str]] = ROWS) -> str:
    return "".join(form.format(*row) for row in rows)


CASES: list[Case] = [
    ok("Shopify, an Id of each order is no customer", file([[*r, str(i)] for i, r in enumerate(orders)], header=(*SHOPIFY, "Id")), "converted_times", total=CENTS),
    ok("Shopify, order lines", file(orders, header=SHOPIFY), "converted_times", total=CENTS,
       args={"customer": "Email", "amount": '"Lineitem quantity" * "Lineitem price"', "order_id": "Name"}),
    ok("Stripe", file([[f"ch_{i}", f"{d} 10:{i % 60:02d}", a, "0.00", "usd", a, "eur", f"cus_{c}"] for i, (c, d, a) in enumerate(ROWS)], header=STRIPE), total=CENTS),
    ok("WooCommerce, guests are 0", file([[str(i), f"{d} 10:00:00", a, "EUR", "0" if i % 10 == 0 else c] for i, (c, d, a) in enumerate(ROWS)], header=("order_id", "date", "order_total", "order_currency", "customer_id")),
       "placeholder_ids", customers=37),
    refused("Magento, orders in two currencies", file(magento, header=MAGENTO), "2 currencies .EUR, USD., says order_currency_code", "--currency base_currency_code"),
    ok("Magento, the currency named", file(magento, header=MAGENTO), args={"currency": "base_currency_code"}),
    ok("SAP, minus behind", file([[c[1:].zfill(10), d, sap(a, i)] for i, ((c, _, a), (_, d, _)) in enumerate(zip(ROWS, EURO, strict=True))], header=("KUNNR", "BUDAT", "DMBTR"), sep="\t"),
       excluded={"return": 4}, customers=None, args={"customer": "KUNNR", "date": "BUDAT", "amount": "DMBTR", "returns": "reverse"}),
    ok("SAP, a list framed by lines", ("Dynamische Liste\n\n" + "-" * 40 + "\n|Kunde|Datum     |    Betrag|\n" + "-" * 40 + "\n" + lines("|{}|{}|{:>10}|\n", EURO) + "-" * 40 + "\n").encode(), total=CENTS),
    refused("German Excel", text([["Müller", *EURO[0][1:]], *EURO], sep=";", header=("Kunde", "Datum", "Umsatz"), end="\r\n").encode("cp1252"), "line 2: is not UTF-8.*Müller", "cp1252"),
    ok("German Excel, encoding given", text(EURO, sep=";", header=("Käufer", "Datum", "Umsatz"), end="\r\n").encode("cp1252"), args={"encoding": "cp1252", "customer": "Käufer"}, total=CENTS),
    ok("French Excel", file([[c, d, f"1\u202f{a.zfill(6)}\u00a0€"] for c, d, a in SLASH], sep=";", header=("Client", "Date", "Montant"), end="\r\n"), total=CENTS + 200 * 100000),
    ok("Spanish Excel", file(SLASH, sep=";", header=("Cliente", "Fecha", "Importe"), end="\r\n"), total=CENTS),
    ok("Swedish Excel", file([[c, d, f"{a.replace('.', ',')} kr"] for c, d, a in ROWS], sep=";", header=("Kund", "Datum", "Belopp")), args={"customer": "Kund", "amount": "Belopp"}, total=CENTS),
    ok("Google Sheets", file([[c, f"{int(d[5:7])}/{int(d[8:])}/{d[:4]}", f"${float(a) * 10:,.2f}"] for c, d, a in ROWS], header=("Customer", "Order Date", "Total")), total=CENTS * 10),
    ok("SQL Server with NULL", file([*[[c, f"{d} 00:00:00.000", f"{a}00"] for c, d, a in ROWS], ["NULL", "2024-05-05 00:00:00.000", "9"], ["C001", "NULL", "9"]]),
       read=202, excluded={"no_customer_id": 1}, rejected={"missing_date": 1}, total=CENTS),
    ok("sqlcmd, ruler and row count", ("customer_id,date,amount\n-----------,----,------\n" + text(ROWS, header=None) + "\n(200 rows affected)\n").encode(), total=CENTS),
    ok("Oracle, 31-DEC-24", file([[c, f"{date.fromisoformat(d):%d-%b-%y}".upper(), a] for c, d, a in ROWS], header=("CUST_ID", "ORDER_DATE", "AMOUNT"))),
    ok("Oracle, a time with dots", file([[c, f"{date.fromisoformat(d):%d-%b-%y} 10.15.30.000000 AM".upper(), a] for c, d, a in ROWS], header=("CUST_ID", "ORDER_DATE", "AMOUNT"))),
    ok("Oracle, rows selected", file(ROWS) + b"\n200 rows selected.\n"),
    ok("MySQL, a drawn table", ("+-----+------+------+\n| customer_id | date | amount |\n+-----+------+------+\n" + lines("| {} | {} | {} |\n") + "+-----+------+------+\n200 rows in set (0.00 sec)\n").encode(), "trimmed_ids", total=CENTS),
    ok("Markdown", ("| customer_id | date | amount |\n|---|---|---|\n" + lines("| {} | {} | {} |\n")).encode(), "trimmed_ids", total=CENTS),
    ok("R, names of rows", ('"","customer_id","date","amount"\n' + lines('"7","{}","{}",{}\n')).encode()),
    refused("R, names of rows without a name", ('"customer_id" "date" "amount"\n' + lines('"7" "{}" "{}" {}\n')).encode(), "3 columns.*4 fields"),
    ok("bank, years of two digits", file([[c, f"{d[:6]}{d[8:]}", a, "EUR"] for c, d, a in EURO], sep=";", quote="all", header=("Kunde", "Datum", "Betrag", "Waehrung"))),
    ok("analytics, comments before and the total behind", ("# All data\n# 20240101-20241231\n\nClient ID,Date,Revenue\n" + lines("{},{},${}\n") + f',,"${CENTS / 100:,.2f}"\n').encode(), "totals_line", total=CENTS),
    *(ok(f"total behind: {row.format('...')}", file(ROWS) + row.format(total).encode() + b"\n", "totals_line", total=CENTS) for row in
      ("Total,,{}", ",Grand Total,{}", "Summe:,,{}", "TOTAL,,${}", ",,{}", "\nTotal: 200,,{}", "Total,,{}\nGenerated on 2025-01-01", "Total,,{}\n,,\n,,")),
    ok("total behind that is none", file(ROWS) + b"Total,,123.45\n", read=201, rejected={"missing_date": 1}, lines=(202,)),
    ok("total and mean behind", file(ROWS) + f"Total,,{total}\nMean,,{CENTS / 20000:.2f}\n".encode(), "totals_line", read=201, rejected={"missing_date": 1}, lines=(203,)),
    ok("total of each of two files", {"a.csv": file(ROWS[:2]) + b"Total,,59.20\n", "b.csv": file(ROWS[2:]) + f"Sum,,{CENTS / 100 - 59.20:.2f}\n".encode()}, "totals_line", total=CENTS),
    refused("a subtotal every fifty lines", "".join(text(ROWS[i : i + 50], header=HEADER if i == 0 else None) + "Subtotal,,9.00\n" for i in range(0, 200, 50)).encode(), "4 of 204 records are bad"),
    ok("total with a date is a customer to ask about", file([*ROWS, ["Total", "2024-12-26", total]]), "placeholder_ids", "dominant_customer_spend", read=201, customers=41),
    refused("files put together, many headers", "".join(text(ROWS[i : i + 10]) for i in range(0, 200, 10)).encode(), "repeated_header 19"),
    refused("files put together, columns in another order", (text(ROWS[:100]) + text([r[::-1] for r in ROWS[100:]], header=HEADER[::-1])).encode(), "101 of 201 records are bad"),
    ok("names over two lines", ('"customer\nid","order\r\ndate",amount\n' + text(ROWS, header=None)).encode(), total=CENTS),
    ok("separators alone below the table", file(ROWS) + b",,\n" * 50, total=CENTS),
    ok("two separators behind each record", file(ROWS, header=None).replace(b"\n", b",,\n").join([b"customer_id,date,amount\n", b""]), total=CENTS),
    refused("lines in quotes", "".join(f'"{line}"\n' for line in text(ROWS).splitlines()).encode(), "within one pair of quotes"),
    refused("blanks behind quotes", ("customer_id,date,amount\n" + lines('"{}" ,"{}" ,"{}"\n')).encode(), "no record fits the 3 columns of the header .bad_quotes 200"),
    refused("an exotic separator", file(ROWS, sep="^"), "one column only", "--separator ^"),
    ok("an exotic separator, said", b"sep=^\n" + file(ROWS, sep="^"), total=CENTS),
    refused("control characters as separators", file(ROWS, sep="\x1f"), "one column only"),
    ok("line ends of three kinds", (text(ROWS[:50], end="\r\n") + text(ROWS[50:100], header=None, end="\r") + text(ROWS[100:], header=None)).encode(), total=CENTS),
    ok("mark of byte order in the middle", b"\xef\xbb\xbf" + file(ROWS[:100]) + b"\xef\xbb\xbf" + file(ROWS[100:]), read=201, rejected={"repeated_header": 1}, lines=(102,)),
    ok("five thousand columns", file([[*r, *["x"] * 4997] for r in ROWS[:50]], header=(*HEADER, *(f"c{i}" for i in range(4997)))), read=50),
    ok("bytes beyond the table are zeros", file(ROWS) + bytes(100), read=201, rejected={"nul_byte": 1}),
    ok("swapped columns of text", file(swapped(0, lambda v, i: f'{v} "the {i % 40}"')), total=CENTS),
]  # fmt: skip
