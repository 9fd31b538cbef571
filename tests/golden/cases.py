"""Every golden log by name. A new kind of log is a new line here; then `python -m golden accept` from tests/."""
# ruff: noqa: E501  # a table: one case a line

import csv
import random
import uuid
from collections.abc import Callable

from golden import parquet
from golden.lines import HEADER, Content, Golden, Record, among, changed, log, packed, records, text

THREE = HEADER[:3]
AMONG = {
    "one refund of a purchase": ("C00003,2024-05-05,7.77,O9,1,tea,DE", "C00003,2024-05-06,-7.77,O9,1,tea,DE"),
    "one refund of nothing": ("C00003,2024-05-06,-7.77,O9,1,tea,DE",),
    "a refund before its purchase": ("C00003,2024-05-06,-7.77,O9,1,tea,DE", "C00003,2024-05-08,7.77,O8,1,tea,DE"),
    "one bad date": ("C00003,yesterday,7.77,O9,1,tea,DE",),
    "one impossible date": ("C00003,2023-02-30,7.77,O9,1,tea,DE",),
    "one missing date": ("C00003,,7.77,O9,1,tea,DE",),
    "one date to come": ("C00003,2031-01-01,7.77,O9,1,tea,DE",),
    "one early date": ("C00003,1890-01-01,7.77,O9,1,tea,DE",),
    "one bad amount": ("C00003,2024-05-06,free,O9,1,tea,DE",),
    "one missing amount": ("C00003,2024-05-06,,O9,1,tea,DE",),
    "a zero amount": ("C00003,2024-05-06,0.00,O9,1,tea,DE",),
    "a short line": ("C00003,2024-05-06",),
    "short of the last fields": ("C00003,2024-05-06,7.77,O9,1",),
    "a long line": ("C00003,2024-05-06,7.77,O9,1,tea,DE,more,fields",),
    "a stray quote within": ('C00003,2024-05-06,7.77,O9,1,5" pipe,DE',),
    "a stray quote in the id": ('Smi"th,2024-05-06,7.77,O9,1,tea,DE',),
    "quotes that are not closed": ('C00003,2024-05-06,7.77,O9,1,"tea,DE',),
    "text after a quote": ('C00003,2024-05-06,7.77,O9,1,"tea"x,DE',),
    "quoted lines with breaks": ('C00003,2024-05-06,7.77,O9,1,"tea\nof two\nlines",DE',),
    "a quoted break in the id": ('"C00003\nB",2024-05-06,7.77,O9,1,tea,DE',),
    "NUL in a text": ("C00003,2024-05-06,7.77,O9,1,te\0a,DE",),
    "NUL in the id": ("C00\0003,2024-05-06,7.77,O9,1,tea,DE",),
    "NUL in the amount": ("C00003,2024-05-06,7\0.77,O9,1,tea,DE",),
    "an empty id": (",2024-05-06,7.77,O9,1,tea,DE",),
    "ids that say nobody": ("NULL,2024-05-06,7.77,O9,1,tea,DE", "n/a,2024-05-06,8.77,O9,2,tea,DE", "guest,2024-05-06,8.77,O9,2,tea,DE"),
    "a blank before an id": (" C00003,2024-05-06,7.77,O9,1,tea,DE",),
    "blanks after an id": ("C00003  ,2024-05-06,7.77,O9,1,tea,DE",),
    "control characters": ("C\x1b[31m3,2024-05-06,7.77,O9,1,tea,DE", "C\x073,2024-05-06,7.77,O9,1,tea,DE"),
    "an invisible character": ("C00003\u200b,2024-05-06,7.77,O9,1,tea,DE",),
    "letters of other cases": ("c00003,2024-05-06,7.77,O9,1,tea,DE",),
    "a huge integer": ("C00003,2024-05-06,1234567890123456789,O9,1,tea,DE",),
    "a number of 40 digits": (f"C00003,2024-05-06,{'9' * 40},O9,1,tea,DE",),
    "a whale": ("C00003,2024-05-06,90000000000.00,O9,1,tea,DE",),
    "exponents": ("C00003,2024-05-06,1.5E+02,O9,1,tea,DE", "C00003,2024-05-06,2e-1,O9,2,tea,DE"),
    "odd signs": ("C00003,2024-05-06,+7.77,O9,1,tea,DE", "C00003,2024-05-06,(7.77),O9,1,tea,DE", "C00003,2024-05-07,8.11-,O9,1,tea,DE", "C00003,2024-05-07,\u22129.12,O9,1,tea,DE"),
    "more decimals": ("C00003,2024-05-06,7.775,O9,1,tea,DE", "C00003,2024-05-06,0.005,O9,2,tea,DE"),
    "an amount with its sign": ("C00003,2024-05-06,$7.77,O9,1,tea,DE",),
    "an amount with a comma": ('C00003,2024-05-06,"1,234.50",O9,1,tea,DE',),
    "a time among days": ("C00003,2024-05-06 23:59:59,7.77,O9,1,tea,DE",),
    "blank lines": ("", "   ", "C00003,2024-05-06,7.77,O9,1,tea,DE", ""),
    "a line of commas": (",,,,,,",),
    "a header again": (",".join(HEADER),),
    "a line twice": ("C00003,2024-05-06,7.77,O9,1,tea,DE",) * 2,
    "a bot": tuple(f"C00003,2024-05-{i % 28 + 1:02d},1.{i % 90 + 10},P{i},1,tea,DE" for i in range(400)),
}  # fmt: skip
"""Lines among those of the clean log."""


def cases() -> list[Golden]:
    """All of them; names are unique."""
    odd = [Golden(name, {"log.csv": among(*lines)}) for name, lines in AMONG.items()]
    return [*odd, *_ids(), *_dates(), *_amounts(), *_files(), *_layouts(), *_options(), *parquet.cases(), *_large()]


def _one(name: str, content: Content, *args: str) -> Golden:
    return Golden(name, {"log.csv": content}, args)


def _ids() -> list[Golden]:
    def of(change: Callable[[int], str]) -> bytes:
        return log(changed(0, lambda v, _: change(int(v[1:]))))

    return [
        _one("clean", log(records())),
        _one("integer ids", of(str)),
        _one("ids with leading zeros", of(lambda i: f"{i:06d}")),
        _one("leading zeros lost in some", log(changed(0, lambda v, i: v[1:] if i % 9 else str(int(v[1:]))))),
        _one("UUIDs", of(lambda i: str(uuid.UUID(int=random.Random(i).getrandbits(128))))),
        _one("e-mail ids", of(lambda i: f"person.{i}@example{i % 7}.com")),
        _one("long ids", of(lambda i: f"customer-of-the-shop-{i:040d}")),
        _one("ids with .0", of(lambda i: f"{i + 1000}.0")),
        _one("ids in many alphabets", of(lambda i: f"{'ÄéЖ中'[i % 4]}{i}")),
        _one("a fifth without id", log(changed(0, lambda v, i: v if i % 5 else ""))),
        _one("one customer", log(changed(0, lambda *_: "A"))),
    ]


def _dates() -> list[Golden]:
    def of(change: Callable[[str], str], *args: str, name: str) -> Golden:
        return _one(f"dates {name}", log(changed(1, lambda v, _: change(v))), *args)

    def turned(mark: str, order: str = "dmy") -> Callable[[str], str]:
        return lambda v: mark.join(dict(zip("ymd", v.split("-"), strict=True))[part] for part in order)

    day, tz = ("--date-format", "%Y-%m-%d"), ("--tz", "America/New_York")
    zones = [f"{i:02d}:30:00{z}" for i, z in ((0, "+02:00"), (23, "-05:00"), (12, "+00:00"))]
    mixed = changed(1, lambda v, i: f"{v}T{zones[i % 3]}")
    return [
        of(str, *day, name="of the format that is named"),
        of(turned("/"), name="d/m/Y"),
        of(turned("/", "mdy"), name="m/d/Y"),
        of(turned("."), name="d.m.Y"),
        of(turned("/"), "--date-format", "%d/%m/%Y", name="d/m/Y as said"),
        of(turned(""), name="dmY without marks"),
        of(turned("", "ymd"), name="Ymd without marks"),
        of(lambda v: f"{v}T22:30:00+02:00", name="with an offset"),
        of(lambda v: f"{v}T22:30:00+02:00", *tz, name="with an offset, another zone"),
        of(lambda v: f"{v}T22:30:00.123Z", name="with thousandths"),
        of(lambda v: f"{v} 22:30:00", name="with a time"),
        of(lambda v: f"{v} 22:30", name="with hours and minutes"),
        of(lambda v: turned("/")(v) + " 22:30:15", name="d/m/Y with a time"),
        of(lambda v: turned("/")(v[:8] + f"{int(v[8:]) % 12 + 1:02d}"), name="that prove no order"),
        _one("dates of several zones", log(mixed), *tz),
        _one("dates with and without a zone", log(changed(1, lambda v, i: v if i % 9 else f"{v}T01:00:00+02:00"))),
        _one("dates of two orders", log(changed(1, lambda v, i: turned("/", "mdy" if i % 2 else "dmy")(v)))),
    ]


def _amounts() -> list[Golden]:
    def of(name: str, change: Callable[[str], str], *args: str) -> Golden:
        return _one(name, log(changed(2, lambda v, _: change(v))), *args)

    comma = text(changed(2, lambda v, _: v.replace(".", ",")), separator=";").encode()
    priced = [[*row, str(i % 4 + 1), row[2]] for i, row in enumerate(records())]
    names = (*HEADER[:2], "shown", *HEADER[3:], "quantity", "price")
    sold = _sold(priced)
    money = [[*row, "EUR"] for row in records()]
    return [
        _one("decimal comma", comma),
        of("thousands with comma", lambda v: f"{float(v) + 1000:,.2f}"),
        of("thousands with dot", lambda v: f"{float(v) + 1000:,.2f}".translate(str.maketrans(",.", ".,"))),
        of("dollars", lambda v: f"${v}"),
        of("whole numbers", lambda v: v.split(".")[0]),
        of("three decimals", lambda v: f"{v}5"),
        of("three decimals kept", lambda v: f"{v}5", "--decimals", "3"),
        of("no decimals", lambda v: v, "--decimals", "0"),
        of("all negative", lambda v: f"-{v}"),
        of("a mark before three digits", lambda v: f"{v[0]}.{v[-2:]}5"),
        of("blanks around amounts", lambda v: f" {v} "),
        _one("quantity times price", log(priced, names), "--amount", "quantity * price"),
        _one("quantity times price, returned", log(sold, names), "--amount", "quantity * price", "--order-id", "order_id"),
        _one("an SQL amount, rounded", log(priced, names), "--amount", "round(quantity * price * 0.81, 2)"),
        _one("a bad price", log([*priced, [*priced[5][:8], "free"]], names), "--amount", "quantity * price"),
        _one("an SQL id and date", log(records()), "--customer", "lower(customer_id)", "--date", "left(date, 10)"),
        _one("one currency", log(money, (*HEADER, "currency")), "--currency", "currency"),
        _one("one currency that nobody names", log(money, (*HEADER, "currency"))),
        _one("two currencies", log([*money, [*money[3][:7], "USD"]], (*HEADER, "currency"))),
        _one("one of two currencies", log([*money, [*money[3][:7], "USD"]], (*HEADER, "currency")), "--where", "currency = 'EUR'"),
    ]  # fmt: skip


def _sold(priced: list[Record]) -> list[Record]:
    """Lines of quantities and prices, a twentieth of them brought back two days later as an order of their own."""
    back = [[*row[:3], f"R{i}", *row[4:7], f"-{row[7]}", row[8]] for i, row in enumerate(priced) if i % 20 == 0]
    return [*priced, *back]


def _files() -> list[Golden]:
    rows = records()
    whole, halves = log(rows), (log(rows[:300]), log(rows[300:]))
    turned = log([row[::-1] for row in rows[300:]], HEADER[::-1])
    return [
        Golden("two files", {"a.csv": halves[0], "b.csv": halves[1]}, data=("a.csv", "b.csv")),
        Golden("two files in the other order", {"a.csv": halves[0], "b.csv": halves[1]}, data=("b.csv", "a.csv")),
        Golden("two files of other columns", {"a.csv": halves[0], "b.csv": turned}, data=("a.csv", "b.csv")),
        Golden("a folder", {f"in/{i}.csv": log(rows[i * 70 : i * 70 + 70]) for i in range(10)}, data=("in",)),
        Golden("a glob", {"p1.csv": halves[0], "p2.csv": halves[1]}, data=("p*.csv",)),
        Golden("two files, one with a refund", {"a.csv": whole, "b.csv": log([["C00003", "2024-06-01", "-1.25", *rows[0][3:]]])}, data=("a.csv", "b.csv")),
        Golden("two files that share lines", {"a.csv": whole, "b.csv": halves[1]}, data=("a.csv", "b.csv")),
        Golden("two files that share lines, dropped", {"a.csv": whole, "b.csv": halves[1]}, ("--duplicates", "drop"), ("a.csv", "b.csv")),
        Golden("gzip", {"log.csv.gz": packed(whole)}, data=("log.csv.gz",)),
        Golden("gzip with a bad date", {"log.csv.gz": packed(among(*AMONG["one bad date"]))}, data=("log.csv.gz",)),
        Golden("gzip of two members", {"log.csv.gz": packed(whole[:5000]) + packed(whole[5000:])}, data=("log.csv.gz",)),
        Golden("stdin", {"log.csv": whole}, data=("-",), stdin="log.csv"),
        Golden("a file without records", {"log.csv": log([])}),
        Golden("an empty file", {"log.csv": b""}),
        Golden("no file", {}),
        Golden("one record", {"log.csv": log(rows[:1])}),
    ]  # fmt: skip


def _layouts() -> list[Golden]:
    rows = records()
    whole = text(rows)
    foot = 'Total,,"26,123.45",,,,\n'
    wide = (*HEADER, *(f"note_{i}" for i in range(12)))
    return [
        _one("byte-order mark", b"\xef\xbb\xbf" + whole.encode()),
        _one("CRLF", text(rows, end="\r\n").encode()),
        _one("CR", text(rows, end="\r").encode()),
        _one("line ends of two kinds", among(*("C00003,2024-05-06,7.77,O9,1,tea,DE\r",) * 1)),
        _one("no end of the last line", whole.rstrip("\n").encode()),
        _one("all quoted", text(rows, quoting=csv.QUOTE_ALL).encode()),
        _one("tabs", text(rows, separator="\t").encode()),
        _one("pipes", text(rows, separator="|").encode()),
        _one("semicolons", text(rows, separator=";").encode()),
        _one("UTF-16", whole.encode("utf-16")),
        _one("latin-1", log(changed(5, lambda *_: "Tee für zwei")).decode().encode("latin-1"), "--encoding", "latin-1"),
        _one("not UTF-8", log(changed(5, lambda *_: "Tee für zwei")).decode().encode("latin-1")),
        _one("lines before the header", b"Orders of the shop\nmade by night\n\n" + whole.encode()),
        _one("a footer", (whole + foot).encode()),
        _one("totals within", among("Total,,123.45,,,,")),
        _one("no header", text(rows, None).encode(), "--no-header", "--customer", "column_1", "--date", "column_2", "--amount", "column_3"),
        _one("twelve more text columns", log([[*row, *(f"some text {i} of {row[3]}" for i in range(12))] for row in rows], wide)),
        _one("three columns", log([row[:3] for row in rows], THREE)),
        _one("columns of other names", log([row[:3] for row in rows], ("Client", "Order Date", "Total Price"))),
        _one("no date column", log([row[:3] for row in rows], ("who", "what", "how_much"))),
        _one("a blank around every field", "\n".join(" , ".join(row[:3]) for row in [list(THREE), *rows]).encode()),
    ]  # fmt: skip


def _options() -> list[Golden]:
    rows, orders, lines = records(), ("--order-id", "order_id"), ("--order-id", "order_id", "--line-id", "line")
    clean, dirty = log(rows), log(dirt(rows))
    attributes = b"customer_id,vip,contactable\nC00001,yes,yes\nC00002,no,no\nX1,no,yes\nX2,yes,yes\n"
    discount = [
        row for i in range(0, 700, 9) for row in ([*rows[i][:2], "-0.50", rows[i][3], "9", "discount", rows[i][6]],)
    ]
    undone = [
        row
        for i in range(0, 700, 11)
        for row in ([*rows[i][:2], f"-{rows[i][2]}", *rows[i][3:4], "8", "undone", rows[i][6]],)
    ]
    return [
        _one("dirt", dirty, "--max-rejects", "10%"),
        _one("dirt beyond what is allowed", dirty),
        _one("dirt, duplicates dropped", dirty, "--max-rejects", "10%", "--duplicates", "drop"),
        _one("dirt, returns netted", dirty, "--max-rejects", "10%", "--returns", "net"),
        _one("dirt, returns kept", dirty, "--max-rejects", "10%", "--returns", "keep"),
        _one("dirt, orders", dirty, "--max-rejects", "10%", *orders),
        _one("dirt, orders, returns netted", dirty, "--max-rejects", "10%", "--returns", "net", *orders),
        _one("dirt, order lines", dirty, "--max-rejects", "10%", *lines),
        _one("dirt, where", dirty, "--max-rejects", "10%", "--where", "country <> 'FR' AND amount > 2"),
        _one("dirt, as of", dirty, "--max-rejects", "10%", "--as-of", "2024-03-31"),
        _one("dirt, by country", dirty, "--max-rejects", "10%", "--by", "country"),
        _one("dirt, no rejects allowed", dirty, "--max-rejects", "0"),
        _one("orders", clean, *orders),
        _one("order lines", clean, *lines),
        _one("order lines that repeat", log([*rows, *rows[50:90]]), *lines),
        _one("orders with discounts", log([*rows, *discount]), *orders),
        _one("orders undone by their own lines", log([*rows, *undone]), *orders),
        _one("where", clean, "--where", "country = 'DE'"),
        _one("where on a date", clean, "--where", "date >= DATE '2023-07-01'"),
        _one("where that leaves nothing", clean, "--where", "country = 'XX'"),
        _one("where that is wrong", clean, "--where", "county = 'DE'"),
        _one("identical lines", log([*rows, *rows[:20]])),
        _one("identical lines dropped", log([*rows, *rows[:20]]), "--duplicates", "drop"),
        _one("appended twice", log([*rows, *rows])),
        _one("as of a day within", clean, "--as-of", "2023-12-31"),
        _one("as of a day before all", clean, "--as-of", "2020-01-01"),
        _one("as of today", clean, "--as-of", "today"),
        _one("acquired from", clean, "--acquired-from", "2023-06-01"),
        _one("by country", clean, "--by", "country"),
        _one("by the first amount", clean, "--by", "first_amount"),
        Golden("attributes and leads", {"log.csv": clean, "customers.csv": attributes}, ("--customers", "customers.csv")),
        _one("rows in another order", log(random.Random(3).sample(dirt(rows), len(dirt(rows)))), "--max-rejects", "10%"),
        _one("strict", among(*AMONG["a zero amount"]), "--strict"),
        _one("no model", clean, "--no-model"),
    ]  # fmt: skip


def dirt(rows: list[Record]) -> list[Record]:
    """The records with one in twenty spoilt, each kind in turn."""
    found: list[Record] = []
    for i, row in enumerate(rows):
        found.append(row)
        if i % 20:
            continue
        who, day, amount, order, line, *rest = row
        found.append(
            [
                [who, day, f"-{amount}", order, line, *rest],
                [who, "2024-13-01", amount, order, line, *rest],
                ["", day, amount, order, line, *rest],
                [who, day, "#REF!", order, line, *rest],
                row,
                [f" {who}", day, amount, f"{order}x", line, *rest],
                [who, day, "-3.33", f"{order}r", line, *rest],
                [who, day, "", order, line, *rest],
                [who, day, amount],
                [who, day, "0", f"{order}z", line, *rest],
            ][i // 20 % 10]
        )
    return found


def _large() -> list[Golden]:
    rows = records(60_000, 9_000, 16)
    clean, args = log(rows), ("--max-rejects", "10%")
    broken = clean + b'C00003,2024-05-06,7.77,O9,1,5" pipe,DE\nC00003,2024-05-06\n' + clean[clean.index(b"\n") + 1 :]
    found = [
        Golden("large, clean", {"log.csv": clean}),
        Golden("large, dirt", {"log.csv": log(dirt(rows))}, args),
        Golden("large, dirt, orders", {"log.csv": log(dirt(rows))}, (*args, "--order-id", "order_id")),
        Golden("large, dirt, dropped", {"log.csv": log(dirt(rows))}, (*args, "--duplicates", "drop")),
        Golden("large, one refund at the end", {"log.csv": clean + b"C00003,2024-06-01,-1.25,O9,1,tea,DE\n"}),
        Golden("large, broken lines, all twice", {"log.csv": broken}),
        Golden("large, gzip, dirt", {"log.csv.gz": packed(log(dirt(rows)))}, args, ("log.csv.gz",)),
        Golden("large, late offset", {"log.csv": clean + b"C00003,2024-06-01T01:00:00+02:00,1.25,O9,1,tea,DE\n"}),
        Golden("large, late decimal comma", {"log.csv": clean + b'C00003,2024-06-01,"1,25",O9,1,tea,DE\n'}),
        Golden("large, late day before month", {"log.csv": clean + b"C00003,31/12/2023,1.25,O9,1,tea,DE\n"}),
    ]  # fmt: skip
    return [Golden(g.name, g.files, g.args, g.data, large=True) for g in found]
