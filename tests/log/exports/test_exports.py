"""Known exports: told by their header alone, read with the right values, and what is said of it."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

from clvcli.core.options import LogOptions
from clvcli.log.exports.form import every_export, load_export, shipped_exports
from clvcli.log.read import read_log

RIGHT: dict[str, dict[str, tuple[int, str]]] = {
    "1c-sales": {"ООО Ромашка": (2, "9348.20"), "ИП Иванов": (1, "2104.20")},
    "amazon-orders": {"a@m.com": (1, "17.00"), "b@m.com": (1, "7.50")},
    "amazon-orders-jp": {"x@m.jp": (1, "8710.00"), "y@m.jp": (1, "800.00")},
    "amazon-shipments": {"a@m.com": (2, "19.50")},
    "1c-sales-posted": {"ООО Ромашка": (1, "8348.20")},
    "bank-debit-credit": {"Ada": (2, "120.50")},
    "ebay-orders": {"one": (1, "97.99"), "four": (1, "29.55")},
    "ebay-orders-short": {"one": (2, "102.99"), "four": (1, "29.55")},
    "etsy-items": {"janedoe": (1, "77.00")},
    "etsy-orders": {"jane1": (1, "76.00"), "bob2": (1, "20.00")},
    "ga4-ecommerce": {"u1.1": (2, "42.00"), "u3.3": (1, "8.00")},
    "ga4-purchases": {"u.1": (2, "15.00")},
    "kkbox": {"u1": (2, "298.00"), "u2": (1, "99.00")},
    "magento-grid": {"a@x.org": (2, "39.00"), "b@x.org": (1, "40.00")},
    "magento-orders": {"a@x.org": (2, "40.00")},
    "olist-joined": {"u1": (1, "24.00"), "u2": (1, "2.00")},
    "online-retail": {"7": (1, "5.00"), "8": (1, "4.50")},
    "online-retail-2": {"7": (1, "2.00"), "8": (1, "4.50")},
    "paypal-de": {"anna@x.de": (1, "1000.00"), "bernd@x.de": (1, "50.00")},
    "paypal": {"a@x.org": (1, "40.00"), "b@x.org": (1, "1040.00")},
    "prestashop-orders": {"7": (1, "20.00"), "8": (1, "9.90")},
    "quickbooks-sales-by-customer": {"Ada Example": (1, "1549.00"), "Bob Example": (1, "60.00")},
    "quickbooks-sales-by-customer-classic": {"Ada": (2, "38.01"), "Bob": (1, "5.00")},
    "shopify": {"a@x.org": (2, "40.00"), "b@x.org": (1, "30.00")},
    "square-items": {"CUST1": (1, "30.00")},
    "square-transactions": {"CUST1": (2, "22.00"), "CUST2": (1, "12.00")},
    "stripe-balance": {"cus_1": (1, "580.00"), "cus_2": (1, "400.00")},
    "stripe-payments": {"cus_1": (2, "24.00")},
    "stripe-payments-by-email": {"cus_1": (2, "24.00")},
    "stripe-payments-classic": {"cus_1": (1, "15.00")},
    "superstore": {"CG-1": (1, "993.90"), "DV-1": (2, "24.62")},
    "woocommerce": {"a@x.org": (2, "1050.50")},
    "woocommerce-analytics": {"Ada Example": (1, "10.00")},
    "woocommerce-items": {"a@x.org": (1, "30.00"), "b@x.org": (1, "7.00")},
    "xero-invoices": {"Acme": (1, "300.00"), "Beta": (1, "50.00")},
}
"""Purchases and spend of each customer of the samples, by hand."""

REFUSED = {
    "amazon-all-orders": "names no customer",
    "amazon-date-range": "names no customer",
    "amazon-date-range-de": "names no customer",
    "amazon-settlement": "names no customer",
    "buyers-by-customer": "has one row a customer: it is what clv makes of a log, not a log",
    "datev": "dates have a day and a month, but no year; postings to all accounts stand together",
    "dunnhumby": "counts days from 1 instead of dates",
    "instacart": "has no calendar dates and no amounts, only days since the prior order",
    "olist-orders": "holds no amounts, and a customer_id for each order",
    "prestashop-admin": "names customers by an initial and a surname, which several may share",
    "prestashop-admin-fr": "names customers by an initial and a surname, which several may share",
    "stripe-balance-anonymous": "names no customer",
    "stripe-subscriptions": "lists what was agreed, not what was paid",
}
"""What is said of samples that are no log."""


def sample(name: str) -> str:
    return (Path(__file__).parent / "samples" / f"{name}.csv").read_text(encoding="utf-8")


def test_every_export_has_a_sample() -> None:
    assert sorted([*RIGHT, *REFUSED, "olist-tables"]) == shipped_exports()


@pytest.mark.parametrize("name", RIGHT)
def test_sample_is_read_by_its_header_alone(clv: Clv, tmp_path: Path, name: str) -> None:
    (tmp_path / "log.csv").write_text(sample(name), encoding="utf-8")
    done = clv("score", "log.csv", "--no-model", "-o", "scored.csv")
    assert done.code == 0, done.err
    with open(tmp_path / "scored.csv", newline="") as file:
        found = {
            r["customer_id"]: (int(r["purchases"]), f"{float(r['total_spend']):.2f}") for r in csv.DictReader(file)
        }
    assert found == RIGHT[name]
    manifest = json.loads((tmp_path / "scored.csv.run.json").read_text())
    assert manifest["source"].startswith(load_export(name).name)
    assert load_export(name).name in done.err


SPELLINGS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "snake": lambda header: header.lower().replace(" ", "_"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_capitals_blanks_and_underscores_of_a_header_do_not_matter(tmp_path: Path, spelling: str) -> None:
    wrong = {}
    for name, right in RIGHT.items():
        text = sample(name)
        found = [c for c in load_export(name).columns if c in text]
        header = next(line for line in text.splitlines() if all(c in line for c in found))
        other = SPELLINGS[spelling](header)
        (tmp_path / f"{name}.csv").write_text(text.replace(header, other, 1), encoding="utf-8")
        log = read_log(LogOptions(data=(str(tmp_path / f"{name}.csv"),)), date(2026, 1, 1))
        each = log.purchases.group_by("customer_id").agg(n=pl.len(), spent=pl.col("amount").sum())
        spent = {who: (n, f"{cents / 100:.2f}") for who, n, cents in each.iter_rows()}
        if spent != right or "source_says" not in log.quality.facts:
            wrong[name] = spent
    assert not wrong


def test_two_spellings_of_one_export_are_read_together(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify")
    header, _, rest = sample("shopify").partition("\n")
    rest = rest.replace("@x.org", "@y.org").replace("#", "#9")
    (tmp_path / "exports" / "later.csv").write_text(header.upper() + "\n" + rest)
    done = clv("score", "exports", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    again = {who.replace("@x", "@y"): right for who, right in RIGHT["shopify"].items()}
    assert spent(tmp_path / "s.csv") == {**RIGHT["shopify"], **again}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_log_is_refused(clv: Clv, tmp_path: Path, name: str) -> None:
    (tmp_path / "log.csv").write_text(sample(name), encoding="utf-8")
    done = clv("score", "log.csv")
    assert done.code == 3
    assert REFUSED[name] in done.err
    assert "(hint: " in done.err


def spent(path: Path) -> dict[str, tuple[int, str]]:
    with open(path, newline="") as file:
        return {r["customer_id"]: (int(r["purchases"]), f"{float(r['total_spend']):.2f}") for r in csv.DictReader(file)}


def of_kinds(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.csv").write_text(sample(name), encoding="utf-8")


def test_a_folder_of_several_kinds_is_read_by_each(clv: Clv, tmp_path: Path) -> None:
    kinds = ("shopify", "stripe-payments", "olist-joined", "amazon-shipments")
    of_kinds(tmp_path / "exports", *kinds)
    done = clv("score", "exports", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert spent(tmp_path / "s.csv") == {who: v for name in kinds for who, v in RIGHT[name].items()}
    source = json.loads((tmp_path / "s.csv.run.json").read_text())["source"]
    told = sorted(f"exports/{n}.csv: {load_export(n).name}: {load_export(n).summary}" for n in kinds)
    assert source.split("\n") == told
    assert all(load_export(name).name in done.err for name in kinds)
    check = json.loads(clv("check", "exports", "--json").out)
    assert check["rows"]["read"] == sum(sample(n).count("\n") - 1 for n in kinds)


def test_files_of_a_kind_have_their_own_dates_and_orders(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify")
    (tmp_path / "exports" / "etsy.csv").write_text(
        "Sale Date,Order ID,Buyer User ID,Full Name,Number of Items,Date Shipped,Currency,Order Value,Discount Amount,"
        "Order Total,Card Processing Fees,Order Net,Adjusted Order Total,Buyer,Status\n"
        "02/13/2024,#1,a@x.org,A,1,,USD,9,0,9,0,9,,a@x.org,\n02/14/2024,#1,a@x.org,A,1,,USD,-9,0,-9,0,-9,,a@x.org,\n"
    )
    header = set((tmp_path / "exports" / "etsy.csv").read_text().split("\n")[0].split(","))
    assert header.issuperset(load_export("etsy-orders").columns)
    done = clv("score", "exports", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert spent(tmp_path / "s.csv") == RIGHT["shopify"]  # order #1 of Etsy is reversed, that of Shopify is not


def test_kinds_in_two_currencies_are_refused(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify", "amazon-orders-jp", "stripe-payments")
    stripe = tmp_path / "exports" / "stripe-payments.csv"
    stripe.write_text(stripe.read_text().replace("usd", "eur"))
    done = clv("score", "exports", "--no-model")
    assert done.code == 3
    assert "in 3 currencies (EUR, JPY, USD)" in done.err
    assert "read the files of each currency on their own" in done.err


def test_kinds_that_name_nobody_alike_are_told(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify", "stripe-payments")
    done = clv("score", "exports", "--no-model", "-o", "s.csv")
    told = " ".join(done.err.split())
    assert "no customer of exports/shopify.csv, exports/stripe-payments.csv is in two of them" in told
    assert "clv help kinds_share_nobody" in told
    stripe = tmp_path / "exports" / "stripe-payments.csv"
    stripe.write_text(stripe.read_text().replace("cus_1", "a@x.org"))
    done = clv("score", "exports", "--no-model", "-o", "s.csv")
    assert "kinds_share_nobody" not in done.err


def test_orders_and_their_payments_are_told(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify", "stripe-payments")
    stripe = tmp_path / "exports" / "stripe-payments.csv"
    stripe.write_text(stripe.read_text() + "ch_9,2024-03-05 10:00:00,10.00,0.00,usd,Paid,a@x.org\n")
    done = clv("score", "exports", "--no-model", "-o", "s.csv")
    told = " ".join(done.err.split())
    assert "1 purchase of exports/stripe-payments.csv with the customer, day and amount of one of" in told
    assert "clv help kinds_overlap" in told


def test_no_where_is_proposed_that_would_leave_out_the_other_kinds(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify", "stripe-payments")
    stripe = tmp_path / "exports" / "stripe-payments.csv"
    stripe.write_text(stripe.read_text() + "ch_9,2024-03-07 10:00:00,0.00,0.00,usd,Paid,cus_1\n")
    told = " ".join(clv("score", "exports", "--no-model", "-o", "s.csv").err.split())
    assert "leave them out: --where, for the files of that kind alone" in told
    alone = clv("score", str(stripe), "--no-model", "-o", "t.csv").err
    assert '--where "(Status IN' in " ".join(alone.split())


def test_a_file_of_no_known_kind_beside_a_known_one_is_refused(clv: Clv, tmp_path: Path) -> None:
    of_kinds(tmp_path / "exports", "shopify", "stripe-payments")
    (tmp_path / "exports" / "till.csv").write_text("who,when,paid\na,2024-01-05,5.00\n")
    done = clv("score", "exports", "--no-model")
    assert done.code == 3
    assert "(hint: " in done.err


@pytest.mark.parametrize("name", shipped_exports())
def test_shipped_exports_pass_the_lint_and_are_told_apart(name: str) -> None:
    export = load_export(name)
    assert export.url.startswith("https://")
    alike = (e for e in every_export() if set(e.columns) == set(export.columns) and not e.without and not e.tables)
    others = [] if export.tables else [e.key for e in alike if e.key != name]
    assert not others


def test_none_reads_it_as_any_log(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(sample("online-retail"))
    assert "no amount column" in clv("score", "log.csv", "--source", "none").err
    done = clv("score", "log.csv", "--source", "none", "--amount", "Quantity", "--no-model", "-o", "s.csv")
    assert "Source" not in done.err


def test_a_replaced_amount_is_warned_of(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(sample("stripe-payments"))
    done = clv("score", "log.csv", "--amount", "Amount", "--no-model", "-o", "s.csv")
    assert "--amount replaces what Stripe payments would take" in done.err


def test_a_table_that_is_no_log_is_refused_with_what_to_do(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "rfm.csv").write_text("customer_id,frequency,recency,T,monetary_value\n1,2,30,90,9.5\n2,0,0,80,1\n")
    done = clv("score", "rfm.csv")
    assert done.code == 3
    assert "one row a customer" in done.err


BAD = {
    "x.yaml:1:1: lacks the key 'columns'": "name: A\nsummary: b\nurl: https://a\n",
    "unknown key 'colums'": "name: A\ncolums: [a]\n",
    "customer reads z, which is none of its columns": (
        "name: A\nsummary: b\nurl: https://a\ncolumns: [a, b, c]\ncustomer: z\ndate: a\namount: b\n"
    ),
    "x.yaml:5:1: amount:": (
        "name: A\nsummary: b\nurl: https://a\ncolumns: [a, b, c]\namount: 'b +'\ncustomer: a\ndate: c\n"
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_ones_own_file_is_linted(clv: Clv, tmp_path: Path, message: str) -> None:
    (tmp_path / "x.yaml").write_text(BAD[message])
    done = clv("sources", "show", "x.yaml")
    assert done.code == 4
    assert message in done.err


def test_ones_own_file_is_used(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "name: Till\nsummary: sales\nurl: https://a\ncolumns: [wer, wann, brutto, art]\n"
        "customer: wer\ndate: wann\namount: brutto\nwhere: \"art = 'S'\"\n"
    )
    (tmp_path / "log.csv").write_text("wer,wann,brutto,art\na,2024-01-05,5.00,S\na,2024-02-05,5.00,V\n")
    done = clv("score", "log.csv", "--source", "x.yaml", "--no-model", "-o", "-")
    assert done.code == 0, done.err
    assert b"\na,2024-01-05,2024-01-05," in done.out


def test_list_names_every_export(clv: Clv) -> None:
    told = clv("sources", "list", "--json")
    assert [item["source"] for item in json.loads(told.out)] == shipped_exports()


def test_the_footer_of_ebay_is_no_record(clv: Clv, tmp_path: Path) -> None:
    text = sample("ebay-orders")
    footer = (
        '\n"6","record(s) downloaded,from ","Jan-01-24","00:00:00"," to ","Dec-31-24","23:59:59"\nSeller ID : shop\n'
    )
    for name, more in (("plain", ""), ("footed", footer)):
        (tmp_path / f"{name}.csv").write_text(text + more, encoding="utf-8")
        done = clv("score", f"{name}.csv", "--no-model", "--max-rejects", "0", "-o", f"{name}.out")
        assert done.code == 0, done.err
    assert (tmp_path / "plain.out").read_text() == (tmp_path / "footed.out").read_text()
