"""Ids, columns, lines, orders, duplicates, returns, conditions."""
# ruff: noqa: E501  # a table: one case a line

from corpus.build import HEADER, Case, base, file, ok, refused, swapped, with_rows

ORDERS = (*HEADER, "order_id", "line")


def ids(change: object) -> bytes:
    assert callable(change)
    return file(swapped(0, change))


def nobody(value: str) -> Case:
    return ok(
        f"id {value!r} is no customer",
        with_rows([value, "2024-05-05", "9.00"]),
        read=201,
        excluded={"no_customer_id": 1},
    )


ordered = [[*row, f"O{i}", "1"] for i, row in enumerate(base())]
BACK = [["C001", "2024-05-01", "20.00"], ["C001", "2024-05-02", "-20.00"]]

CASES: list[Case] = [
    nobody(""), nobody(" "), nobody("NULL"), nobody("nan"), nobody("N/A"), nobody("None"), nobody("#N/A"), nobody("\\N"),
    ok("a quarter without id", ids(lambda v, i: "" if i % 4 == 0 else v), "no_customer_id", excluded={"no_customer_id": 50}, customers=30),
    ok("leading zeros stay", ids(lambda v, _: f"00{int(v[1:])}")),
    ok("001 and 1", file([*swapped(0, lambda v, _: v[1:]), ["1", "2024-05-05", "9.00"]]), "leading_zeros", read=201, customers=41),
    ok("ids with .0", ids(lambda v, _: f"{10000 + int(v[1:])}.0"), "float_ids"),
    ok("ids with E+", ids(lambda v, _: f"1.{int(v[1:]):02d}E+11"), "scientific_ids"),
    ok("ids that Excel wrapped", ids(lambda v, _: f'="{v}"'), "formula_ids"),
    ok("ids like amounts", ids(lambda v, _: f"1,{v[1:]}"), "float_ids"),
    ok("ids with the apostrophe of Excel", ids(lambda v, i: f"'{v}" if i < 40 else v), "formula_ids", customers=80),
    *(ok(f"nobody in particular: {name}", with_rows([name, "2024-05-05", "9.00"]), "placeholder_ids", read=201, customers=41) for name in
      ("Walk In", "walk-in customer", "Laufkunde", "guest@shop.com", "no-reply@shop.com", "Total", "GUEST CHECKOUT", "--", "0")),
    ok("Cyrillic letters that look like Latin ones", with_rows(["С001", "2024-05-05", "9.00"]), "unicode_variants", read=201, customers=41),
    ok("wide digits", with_rows(["Ｃ００１", "2024-05-05", "9.00"]), "unicode_variants", read=201, customers=41),
    ok("guest", with_rows(["guest", "2024-05-05", "9.00"]), "placeholder_ids", read=201, customers=41),
    ok("-1", with_rows(["-1", "2024-05-05", "9.00"]), "placeholder_ids", read=201, customers=41),
    ok("case variants", with_rows(["c001", "2024-05-05", "9.00"]), "case_variants", read=201, customers=41),
    ok("Unicode variants", with_rows(["Café", "2024-05-05", "9.00"], ["Cafe\u0301", "2024-05-05", "9.00"]), "unicode_variants",
       read=202, customers=42),
    ok("Café and Cafè", with_rows(["Café", "2024-05-05", "9.00"], ["Cafè", "2024-05-05", "9.00"]), read=202, customers=42),
    ok("zero-width blank", with_rows(["C001\u200b", "2024-05-05", "9.00"]), "invisible_characters", "unicode_variants",
       read=201, customers=41),
    ok("no-break space at the end", with_rows(["C001\u00a0", "2024-05-05", "9.00"]), "invisible_characters", "unicode_variants",
       read=201, customers=41),
    ok("escape sequence", with_rows(["\x1b[31mred", "2024-05-05", "9.00"]), "invisible_characters", read=201, customers=41),
    ok("markup is text", with_rows(["[/][red]x", "2024-05-05", "9.00"], ["<b>x</b>", "2024-05-05", "9.00"]), read=202, customers=42),
    ok("formula is text", with_rows(["=1+1", "2024-05-05", "9.00"]), read=201, customers=41),
    ok("mojibake", with_rows(["CafÃ©", "2024-05-05", "9.00"]), "damaged_text", read=201, customers=41),
    ok("blanks at the ends", ids(lambda v, i: f" {v}  " if i % 3 == 0 else v), "trimmed_ids"),
    ok("long ids", ids(lambda v, _: v * 1000)),
    ok("names of a shop export", file(base(), header=("Client", "Order Date", "Total Price"))),
    ok("CustomerID, InvoiceDate", file(base(), header=("CustomerID", "InvoiceDate", "Revenue"))),
    *(ok(f"names in {tongue}", file(base(), header=names.split(","))) for tongue, names in {
        "French": "Numéro client,Date,Montant TTC", "Dutch": "Klantnummer,Datum,Bedrag", "Italian": "ID cliente,Data ordine,Totale",
        "Swedish": "Kundnummer,Datum,Belopp", "Spanish": "Cliente,Fecha,Importe", "German": "Kundennummer,Rechnungsdatum,Umsatz (EUR)"}.items()),
    refused("a condition of two", file(base()), "semicolon", exit=2, args={"where": "1 = 1; 2 = 2"}),
    refused("an empty name", file(base()), "--amount: is empty", "customer_id, date, amount", exit=2, args={"amount": " "}),
    refused("two dates tie", file([[*r, r[1]] for r in base()], header=("customer_id", "order_date", "amount", "invoice_date")),
            "several columns may be the date", "--date"),
    ok("two dates, one named", file([[*r, r[1]] for r in base()], header=("customer_id", "order_date", "amount", "ship_date")),
       args={"date": "order_date"}),
    refused("no date column", file(base(), header=("id", "day", "amt")), "no date column among id, day, amt", "--date day"),
    refused("no customer column", file(base(), header=("who", "date", "amount")), "no customer column", "--customer"),
    refused("a misspelt name", file(base()), "no column amuont", "did you mean amount", args={"amount": "amuont"}),
    ok("an id by SQL", file(base()), args={"customer": "lower(customer_id)"}),
    ok("a date by SQL", file(swapped(1, lambda v, _: f"day {v}")), args={"date": "right(date, 10)"}),
    ok("where", file(base()), args={"where": "customer_id <> 'C001'"}, excluded={"where": 5}, customers=39),
    ok("where on a number", file(base()), args={"where": "amount > 100"}, excluded={"where": 89}, customers=None),
    ok("where on a date", file(base(form="%d/%m/%Y")), args={"where": "date >= DATE '2024-01-01'"}),
    refused("where is no condition", file(base()), "--where", exit=2, args={"where": "amount + 1"}),
    refused("where on an unknown column", file(base()), "unknown column countri", exit=2, args={"where": "countri = 'FR'"}),
    ok("identical lines are kept", file(base() + base(3)), "identical_lines", read=203),
    ok("identical lines are dropped", file(base() + base(3)), read=203, duplicates=3, args={"duplicates": "drop"}),
    ok("appended twice", file(base() + base()), "identical_lines", "appended_twice", read=400),
    ok("order lines sum up", file([[*r, f"O{i // 2}", str(i % 2)] for i, r in enumerate(sorted(base()))], header=ORDERS),
       "order_of_several_customers", "order_on_several_dates", args={"order_id": "order_id"}, customers=40),
    ok("a repeated order line is dropped", file([*ordered, ordered[0]], header=ORDERS), "identical_lines", read=201, duplicates=1,
       args={"order_id": "order_id", "line_id": "line"}),
    ok("a repeated order line of another amount", file([*ordered, [*ordered[0][:2], "99.00", *ordered[0][3:]]], header=ORDERS), "repeated_pairs_differ",
       read=201, duplicates=1, args={"order_id": "order_id", "line_id": "line"}),
    *(ok(f"{no} is no order", file([[*row, no, "1"] for row in base()], header=ORDERS), args={"order_id": "order_id", "line_id": "line"}) for no in ("", "NULL", "N/A")),
    refused("lines of no order", file(ordered, header=ORDERS), "--line-id alone", exit=2, args={"line_id": "line"}),
    ok("a return with its purchase", with_rows(*BACK), read=202, excluded={"reversed": 2}),
    ok("a return before its purchase", with_rows(*[[r[0], d, r[2]] for r, d in zip(BACK, ("2024-05-02", "2024-05-01"), strict=True)]),
       read=202, excluded={"return": 1}, args={"returns": "reverse"}),
    ok("a return of another size", with_rows(BACK[0], ["C001", "2024-05-02", "-19.99"]), read=202),
    ok("a return of another size is no reversal", with_rows(BACK[0], ["C001", "2024-05-02", "-19.99"]), read=202,
       excluded={"return": 1}, args={"returns": "reverse"}),
    ok("a return is netted", with_rows(*BACK), read=202, excluded={"reversed": 2}, args={"returns": "net"}),
    ok("a return beyond the purchase", with_rows(["C999", "2024-05-01", "5.00"], ["C999", "2024-05-02", "-9.00"]),
       "unmatched_returns", read=202, customers=40, args={"returns": "net"}),
    ok("returns kept", with_rows(["C999", "2024-05-02", "-9.00"]), "negative_days", read=201, args={"returns": "keep"}),
    ok("one customer", file([["A", f"2024-05-0{i + 1}", "9.50"] for i in range(5)]), read=5, customers=1),
    ok("one record", file([["A", "2024-05-01", "9.50"]]), read=1, customers=1),
]  # fmt: skip
