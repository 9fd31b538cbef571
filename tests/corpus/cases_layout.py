"""Bytes, encodings, separators, quotes, preambles, headers, containers."""
# ruff: noqa: E501  # a table: one case a line

import io

import polars as pl
from corpus.build import HEADER, Case, base, file, gz, ok, refused, swapped, text, with_rows

Type = type[pl.DataType] | pl.DataType
ROWS = base()
QUOTED = swapped(0, lambda v, i: f'{v}, "{i % 40}"')


def parquet(frame: pl.DataFrame, **how: object) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def typed(amount: Type = pl.Float64, day: Type = pl.Date, customer: Type = pl.String) -> pl.DataFrame:
    frame = pl.DataFrame(ROWS, schema=dict.fromkeys(HEADER, pl.String), orient="row")
    moment = pl.col("date").str.to_date("%Y-%m-%d")
    return frame.select(
        pl.col("customer_id").cast(customer),
        moment.cast(day),
        pl.col("amount").cast(pl.Decimal(12, 2)).cast(amount),
    )


INTEGERS = typed().select(
    pl.col("customer_id").str.slice(1).cast(pl.Int32), "date", (pl.col("amount") * 100).round().cast(pl.Int32)
)
DATA = file(ROWS)
SHORT = base(30)

CASES: list[Case] = [
    ok("plain", DATA),
    ok("semicolon", file(ROWS, sep=";")),
    ok("tab", file(ROWS, sep="\t")),
    ok("pipe", file(ROWS, sep="|")),
    ok("runs of blanks", ("\n".join("   ".join(r) for r in [list(HEADER), *ROWS]) + "\n").encode()),
    ok("semicolon and decimal comma", file(swapped(2, lambda v, _: v.replace(".", ",")), sep=";")),
    ok("tab and decimal comma", file(swapped(2, lambda v, _: v.replace(".", ",")), sep="\t")),
    ok("wrong extension", file(ROWS, sep="\t"), file="orders.parquet"),
    ok("no extension", DATA, file="orders"),
    ok("all quoted", file(ROWS, quote="all")),
    ok("quoted commas and quotes", file(QUOTED)),
    ok("line ends within quotes", file(swapped(0, lambda v, _: f"{v}\nx")), "invisible_characters"),
    ok("single quotes", "".join(",".join(f"'{v}'" for v in r) + "\n" for r in [list(HEADER), *ROWS]).encode()),
    ok("blanks before quotes", "".join(", ".join(f'"{v}"' for v in r) + "\n" for r in [list(HEADER), *ROWS]).encode()),
    ok("blanks behind commas", "".join(", ".join(r) + "\n" for r in [list(HEADER), *ROWS]).encode()),
    ok("a line number after fields of several lines", file([*swapped(0, lambda v, _: f"{v}\nx"), ["C1\nx", "never", "9.00"]]),
       "invisible_characters", read=201, rejected={"bad_date": 1}, lines=(402,)),
    ok("a field of a thousand lines", file([*ROWS, ["C1" + "\n" * 1000 + "x", "2024-05-05", "9.00"]]), "invisible_characters",
       read=201, customers=41),
    ok("CRLF", file(ROWS, end="\r\n")),
    ok("CR", file(ROWS, end="\r")),
    ok("mixed line ends", (text(ROWS[:100]) + text(ROWS[100:], header=None, end="\r\n")).encode()),
    ok("no line end at the end", DATA.rstrip(b"\n")),
    ok("blank lines", DATA.replace(b"\n", b"\n\n")),
    ok("blank lines of blanks", DATA.replace(b"\n", b"\n   \n")),
    ok("UTF-8 with byte-order mark", b"\xef\xbb\xbf" + DATA),
    ok("UTF-16 little", "\ufeff".encode("utf-16-le") + text(ROWS).encode("utf-16-le")),
    ok("UTF-16 big", "\ufeff".encode("utf-16-be") + text(ROWS).encode("utf-16-be")),
    ok("UTF-16 without mark", text(ROWS).encode("utf-16-le")),
    ok("UTF-16 tab as Excel writes it", "\ufeff".encode("utf-16-le") + text(ROWS, sep="\t", end="\r\n").encode("utf-16-le")),
    refused("UTF-16 cut in half", ("\ufeff".encode("utf-16-le") + text(ROWS).encode("utf-16-le"))[:-1], "not valid utf-16"),
    refused("cp1252", with_rows(["Zoë", "2024-05-05", "9.00"]).decode().encode("cp1252"), "line 202: is not UTF-8.*Zoë", "cp1252"),
    ok("cp1252 allowed", with_rows(["Zoë", "2024-05-05", "9.00"]).decode().encode("cp1252"), read=201, customers=41,
       args={"encoding": "cp1252"}),
    refused("unknown encoding", DATA, "no such encoding", exit=2, args={"encoding": "klingon"}),
    ok("sep line of Excel", b"sep=;\n" + file(ROWS, sep=";")),
    ok("preamble", b"Orders of the shop\nexported 2024-12-31\n\n" + DATA),
    ok("preamble of several fields", b"Shop:,Main street\nPeriod:,2024\n\n" + DATA),
    ok("preamble padded with separators", b"Orders,,\nJanuary,,\n" + DATA),
    ok("footer of row count", DATA + b"(200 rows)\n"),
    ok("footer of a total", file(ROWS, sep=";") + b"\nTotal: 22000.00\n"),
    ok("footer row of the table is rejected", DATA + b"Total,,22000.00\n", read=201, rejected={"missing_date": 1}, lines=(202,)),
    ok("ruler below the header", b"customer_id | date | amount\n------------+------+-------\n"
       + b"".join(" | ".join(r).encode() + b"\n" for r in ROWS), "trimmed_ids"),
    ok("trailing separators", DATA.replace(b"\n", b",\n")),
    ok("trailing separators without one in the header", DATA.replace(b"\n", b",\n").replace(b"amount,\n", b"amount\n")),
    ok("trailing separators in some lines", DATA + b"C001,2024-05-05,9.00,,\n", read=201),
    ok("no header", file(ROWS, header=None), args={"header": False, "customer": "column_1", "date": "column_2", "amount": "column_3"}),
    refused("no header, not said", file(ROWS, header=None), "first line looks like data", "--no-header"),
    ok("names with blanks and case", file(ROWS, header=(" Customer ID ", "DATE", "Amount"))),
    ok("invisible characters in the header", file(ROWS, header=("\ufeffcustomer_id", "date\u200b", "amount"))),
    ok("names with a unit", file(ROWS, header=("Customer-ID", "Order Date", "Total (EUR)"))),
    ok("names with a currency", file(ROWS, header=("customer.id", "order-date", "revenue_usd"))),
    ok("empty name", file([[*r, "x"] for r in ROWS], header=(*HEADER, ""))),
    refused("duplicate names", file([[*r, "1"] for r in ROWS], header=(*HEADER, "amount")), "amount appears twice"),
    refused("header with a name too few", file([["1", *r] for r in ROWS], header=HEADER), "3 columns.*4 fields"),
    refused("one column", b"customer_id\n" + b"\n".join(r[0].encode() for r in ROWS), "one column only"),
    refused("empty file", b"", "is empty"),
    refused("only blank lines", b"\n \n\n", "is empty"),
    refused("header only", b"customer_id,date,amount\n", "no records"),
    ok("short line", DATA + b"C001,2024-05-05\n", read=201, rejected={"too_few_fields": 1}, lines=(202,)),
    ok("long line", DATA + b"C001,2024-05-05,9.00,oops\n", read=201, rejected={"too_many_fields": 1}, lines=(202,)),
    ok("cut off in the last line", DATA + b"C001,20", read=201, rejected={"too_few_fields": 1}, lines=(202,)),
    ok("decimal commas split a field", DATA + b"C001,2024-05-05,9,00\n", read=201, rejected={"too_many_fields": 1}),
    ok("stray quote within a field", DATA + b'5" nail,2024-05-05,9.00\n', read=201, customers=41),
    ok("a quote that never ends", file(ROWS, quote="all") + b'"C001,2024-05-05,9.00\n' + file(SHORT, header=None), "identical_lines",
       read=231, rejected={"unclosed_quote": 1}, lines=(202,)),
    ok("a quote that ends too early", file(ROWS, quote="all") + b'"C0"01,2024-05-05,9.00\n', read=201, rejected={"bad_quotes": 1}),
    ok("NUL byte", DATA + b"C0\x0001,2024-05-05,9.00\n", read=201, rejected={"nul_byte": 1}, lines=(202,)),
    ok("huge field", DATA + b"C001,2024-05-05," + b"9" * 300_000 + b"\n", read=201, rejected={"amount_too_large": 1}),
    ok("header again in the middle", DATA + file(SHORT), "identical_lines", read=231, rejected={"repeated_header": 1}, lines=(202,)),
    ok("gzip", gz(DATA), file="orders.csv.gz"),
    ok("gzip without saying so", gz(DATA)),
    ok("gzip of several members", gz(DATA[:2000]) + gz(DATA[2000:])),
    refused("gzip cut short", gz(DATA)[:-20], "gzip data end too early"),
    refused("gzip damaged", gz(DATA)[:200] + b"XXXX" + gz(DATA)[204:], "gzip data"),
    refused("zip", b"PK\x03\x04" + bytes(100), "damaged zip archive", "fetch"),
    refused("old Excel", b"\xd0\xcf\x11\xe0" + bytes(100), "damaged workbook", "CSV"),
    refused("PDF", b"%PDF-1.4 ...", "is a PDF"),
    refused("HTML", b"<!DOCTYPE html><html></html>", "HTML or XML"),
    refused("JSON", b'[{"customer_id": 1}]', "no date and no amount column"),
    ok("Parquet", parquet(typed()), file="orders.parquet"),
    ok("Parquet called CSV", parquet(typed())),
    refused("Parquet and no such zone", parquet(typed()), "no such zone", exit=2, args={"tz": "Mars"}, file="p.parquet"),
    ok("Parquet of text", parquet(typed(pl.String, pl.String)), file="p.parquet"),
    ok("Parquet with Decimal", parquet(typed(pl.Decimal(12, 2))), file="p.parquet"),
    ok("Parquet with a wide Decimal", parquet(typed(pl.Decimal(38, 10))), file="p.parquet"),
    ok("Parquet with categories", parquet(typed(customer=pl.Categorical)), file="p.parquet"),
    ok("Parquet in nanoseconds", parquet(typed(day=pl.Datetime("ns"))), file="p.parquet"),
    ok("Parquet with a zone", parquet(typed(day=pl.Datetime("us", "UTC"))), file="p.parquet"),
    ok("Parquet of Int32 that would wrap", parquet(INTEGERS.with_columns(pl.col("amount") + 2_000_000_000)), file="p.parquet",
       total=200 * 2_000_000_000_00 + sum(round(float(r[2]) * 100) for r in ROWS) * 100),
    ok("Parquet with a day beyond the calendar", parquet(pl.concat([typed(), typed().head(1).with_columns(pl.lit(10**9).cast(pl.Int32).cast(pl.Date).alias("date"))])),
       file="p.parquet", read=201, rejected={"bad_date": 1}, lines=(201,)),
    ok("Parquet with a time beyond the calendar", parquet(pl.concat([typed(day=pl.Datetime("us", "UTC")), typed(day=pl.Datetime("us", "UTC")).head(1).with_columns(
        pl.lit(2**62).cast(pl.Datetime("us", "UTC")).alias("date"))])), file="p.parquet", read=201, rejected={"bad_date": 1}, lines=(201,)),
    refused("Parquet damaged", parquet(typed())[:-40], "damaged Parquet", file="p.parquet"),
    refused("Parquet without rows", parquet(typed().head(0)), "no records", file="p.parquet"),
    ok("two files", {"a.csv": file(ROWS[:90]), "b.csv": file(ROWS[90:], sep=";")}),
    ok("two files, columns in another order", {"a.csv": file(ROWS[:90]), "b.csv": file([r[::-1] for r in ROWS[90:]], header=HEADER[::-1])}),
    ok("CSV and Parquet together", {"a.csv": file(ROWS[:90]), "b.parquet": parquet(typed()[90:])}),
    ok("an empty file among others", {"a.csv": DATA, "b.csv": b""}, "empty_file"),
    ok("a header-only file among others", {"a.csv": DATA, "b.csv": b"customer_id,date,amount\n"}, "empty_file"),
    refused("files of different columns", {"a.csv": DATA, "b.csv": file(ROWS, header=("customer_id", "day", "amount"))},
            "b.csv: no column date"),
]  # fmt: skip
