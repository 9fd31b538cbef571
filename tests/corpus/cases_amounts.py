"""Decimal and thousands marks, currencies, odd numbers, signs, zeros, whales, cents."""
# ruff: noqa: E501  # a table: one case a line

from corpus.build import HEADER, Case, base, file, ok, refused, swapped, with_rows

THOUSANDS = base()
FIVE_HUNDRED = [f"{1000 + i * 7}" for i in range(200)]


def money(change: object) -> bytes:
    assert callable(change)
    return file(swapped(2, change))


def grouped(mark: str, decimal: str) -> bytes:
    return money(lambda v, _: f"{float(v) + 1000:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", mark))


def bad(value: str, reason: str = "bad_amount") -> Case:
    return ok(
        f"amount {value!r}", with_rows(["C001", "2024-05-05", value]), read=201, rejected={reason: 1}, lines=(202,)
    )


PRICES = [[*row[:2], str(i % 3 + 1), row[2]] for i, row in enumerate(base())]
LINES = ("customer_id", "date", "Quantity", "UnitPrice")
MONEY = sum(round(float(r[2]) * 100) for r in base())
CURRENCIES = [[*row, "EUR" if i % 2 else "USD"] for i, row in enumerate(base())]

CASES: list[Case] = [
    ok("comma thousands", grouped(",", "."), total=MONEY + 200 * 100000),
    ok("dot thousands and decimal comma", grouped(".", ","), total=MONEY + 200 * 100000),
    ok("apostrophe thousands", grouped("'", "."), total=MONEY + 200 * 100000),
    ok("blank thousands and decimal comma", grouped(" ", ","), total=MONEY + 200 * 100000),
    ok("no-break-space thousands", grouped("\u00a0", ","), total=MONEY + 200 * 100000),
    ok("narrow no-break-space thousands", grouped("\u202f", ","), total=MONEY + 200 * 100000),
    refused("a mark before three digits in every value", money(lambda _, i: f"{i % 9 + 1}.{100 + i}"), "do not show their decimal mark",
            "--decimal-mark"),
    refused("a comma before three digits in every value", money(lambda _, i: f"{i % 9 + 1},{100 + i}"), "do not show their decimal mark"),
    refused("one value is no proof", file([*swapped(2, lambda _, i: f"{i % 9 + 1}.{100 + i}"), ["C001", "2024-05-05", "12.5"]]), "do not show their decimal mark"),
    ok("thousands asked for", money(lambda _, i: f"{i % 9 + 1}.{100 + i}"), args={"decimal_mark": ","},
       total=sum((i % 9 + 1) * 1000 + 100 + i for i in range(200)) * 100),
    ok("three decimals asked for", money(lambda _, i: f"{i % 9 + 1}.{100 + i}"), args={"decimal_mark": ".", "decimals": 3}),
    refused("both decimal marks", money(lambda v, i: v.replace(".", ",") if i % 2 else v), "both decimal marks"),
    ok("a decimal comma among dots", with_rows(["C001", "2024-05-05", "9,50"]), read=201, rejected={"bad_amount": 1}),
    ok("dollar signs", money(lambda v, _: f"${v}")),
    ok("euro signs behind", money(lambda v, _: f"{v} €")),
    ok("pound signs in some", money(lambda v, i: f"£{v}" if i % 2 else v)),
    ok("currency codes", money(lambda v, _: f"EUR {v}")),
    ok("one currency, two marks", money(lambda v, i: f"${v}" if i % 2 else f"{v} USD")),
    ok("kroner", money(lambda v, _: f"{v} kr")),
    refused("two currency signs", money(lambda v, i: f"${v}" if i % 2 else f"€{v}"), "2 currencies", "convert"),
    ok("one currency in its column", file([[*r, "EUR"] for r in base()], header=(*HEADER, "currency"))),
    refused("two currencies in their column", file(CURRENCIES, header=(*HEADER, "currency")), "2 currencies .EUR, USD", "--where"),
    ok("one of two currencies chosen", file(CURRENCIES, header=(*HEADER, "currency")), excluded={"where": 100}, customers=20,
       args={"where": "currency = 'EUR'"}),
    refused("two currencies named", file(CURRENCIES, header=(*HEADER, "geld")), "2 currencies", args={"currency": "geld"}),
    refused("two currencies in a column of another name", file(CURRENCIES, header=(*HEADER, "order_currency_code")), "2 currencies .EUR, USD"),
    refused("two currencies, in German", file(CURRENCIES, header=(*HEADER, "Währung")), "2 currencies .EUR, USD"),
    refused("two columns of currencies", file([[*r, "EUR"] for r in CURRENCIES], header=(*HEADER, "currency", "base currency")), "2 currencies", '--currency'),
    ok("a currency and its sign", file([[*r, "€" if i % 9 else "eur "] for i, r in enumerate(base())], header=(*HEADER, "currency"))),
    ok("some records name no currency", file([[*r, "EUR" if i % 9 else "NULL"] for i, r in enumerate(base())], header=(*HEADER, "currency")), "no_currency"),
    refused("a sign against the column", file([[*r[:2], "$" + r[2], "EUR"] for r in base()], header=(*HEADER, "currency")), r"bear the mark \$, but currency says EUR"),
    bad("9.-"), bad("9,-"), bad("+-5"), bad("-9.00-"), bad("(-9.00)"), bad("9.00 PCS"), bad("9.00 TTC"), bad("ABC 9.00"), bad("1/2"), bad("10k"), bad("9 .00"),
    bad("'9.00"), bad("#DIV/0!"), bad("-"),
    refused("percent", money(lambda v, _: v + "%"), "bad_amount 200"),
    *(ok(f"amount {text!r}", with_rows(["C001", "2024-05-05", text]), read=201, total=MONEY + cents)
      for text, cents in {"9.00\u200b": 900, "–9.00": -900, "٩.00": 900, "１２.00": 1200, "١٢": 1200}.items()),
    ok("amount '9.00 CR'", with_rows(["C001", "2024-05-05", "9.00 CR"]), "credit_and_debit", read=201, total=MONEY - 900),
    ok("debit and credit", money(lambda v, i: v + (" DR" if i % 3 else " CR")), "credit_and_debit", "unmatched_returns",
       excluded={"return": 13}, total=958330),
    ok("Indian lakhs", money(lambda v, i: f"1,{10 + i % 80},{v.zfill(6)}"), total=sum(10000000 + (10 + i % 80) * 100000 + round(float(r[2]) * 100) for i, r in enumerate(base()))),
    ok("half a cent goes away from zero", with_rows(["C001", "2024-05-05", "0.005"], ["C001", "2024-05-06", "2.675"]), "rounded_amounts", read=202, total=MONEY + 1 + 268),
    bad("NaN", "missing_amount"), bad("inf"), bad("-inf"), bad("Infinity"), bad("1e400", "amount_too_large"), bad("abc"),
    bad("", "missing_amount"), bad("NULL", "missing_amount"), bad("1.2.3"), bad("12-50"), bad("--5"), bad("0x1F"), bad("1_000"),
    bad("12%"), bad("99999999999999999999", "amount_too_large"), bad("5 USD or so"), bad("=1+1"),
    ok("an amount beyond 64 bits", with_rows(["C001", "2024-05-05", "1234567890123456789"]), read=201, rejected={"amount_too_large": 1}),
    ok("a very large amount", with_rows(["C001", "2024-05-05", "12345678901234.56"]), "dominant_customer_spend", read=201,
       total=MONEY + 1234567890123456),
    ok("exponents", with_rows(["C001", "2024-05-05", "1.5E+02"]), read=201, total=MONEY + 15000),
    ok("parentheses are negative", with_rows(["C001", "2024-05-05", "(9.00)"]), read=201, excluded={"return": 1}, args={"returns": "reverse"}),
    ok("currency and parentheses", file([*swapped(2, lambda v, _: f"${v}"), ["C001", "2024-05-05", "$(9.00)"]]), read=201,
       excluded={"return": 1}, args={"returns": "reverse"}),
    ok("trailing minus", with_rows(["C001", "2024-05-05", "9.00-"]), read=201, excluded={"return": 1}, args={"returns": "reverse"}),
    ok("typographic minus", with_rows(["C001", "2024-05-05", "\u22129.00"]), read=201, excluded={"return": 1}, args={"returns": "reverse"}),
    ok("minus before the currency", file([*swapped(2, lambda v, _: f"${v}"), ["C001", "2024-05-05", "-$9.00"]]), read=201,
       excluded={"return": 1}, args={"returns": "reverse"}),
    ok("plus signs", money(lambda v, _: f"+{v}"), total=MONEY),
    ok("blanks around", money(lambda v, _: f"  {v} "), total=MONEY),
    ok("whole numbers", money(lambda v, _: v.split(".", maxsplit=1)[0])),
    ok("rounded", money(lambda v, _: v + "55"), "rounded_amounts", total=MONEY + 200),
    ok("zeros beyond the decimals", money(lambda v, _: v + "000"), total=MONEY),
    refused("all negative", money(lambda v, _: "-" + v), "most amounts are negative .200 of 200", "--amount"),
    ok("all negative, sign turned", money(lambda v, _: "-" + v), args={"amount": "-amount"}, total=MONEY),
    ok("zeros", file(swapped(2, lambda v, i: "0.00" if i % 20 == 0 else v)), "zero_amounts"),
    ok("a whale", with_rows(["C777", "2024-05-05", "900000.00"]), "dominant_customer_spend", read=201, customers=41),
    ok("a bot", file(base() + [["C777", f"2024-05-{i % 28 + 1:02d}", f"1.{10 + i}"] for i in range(60)]), "dominant_customer_records",
       read=260, customers=41),
    ok("half in cents", money(lambda v, i: v if i % 2 else str(round(float(v) * 100)) ), "mixed_units"),
    ok("cents from a month on", file([[c, d, v if d < "2024-07-01" else f"{float(v) * 100 + 0.1:.2f}"] for c, d, v in base()]),
       "mixed_units"),
    refused("price of one", file(PRICES, header=LINES), "no amount column", 'Quantity \\* UnitPrice'),
    ok("quantity times price", file(PRICES, header=LINES), args={"amount": "Quantity * UnitPrice"},
       total=sum((i % 3 + 1) * round(float(r[2]) * 100) for i, r in enumerate(base()))),
    ok("a bad price in an expression", file([*PRICES, ["C001", "2024-05-05", "1", "free"]], header=LINES), read=201,
       rejected={"bad_amount": 1}, args={"amount": "Quantity * UnitPrice"}),
    ok("an empty price in an expression", file([*PRICES, ["C001", "2024-05-05", "1", ""]], header=LINES), read=201,
       rejected={"missing_amount": 1}, args={"amount": "Quantity * UnitPrice"}),
    refused("an unknown column in an expression", file(PRICES, header=LINES), "no column Price", exit=3, args={"amount": "Quantity * Price"}),
    refused("a subquery", file(PRICES, header=LINES), "amount", exit=2, args={"amount": "(SELECT 1)"}),
]  # fmt: skip
