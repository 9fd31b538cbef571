"""Known exports: told by their header alone, read with the right values, and what is said of it."""

import csv
import json
from pathlib import Path

import pytest
from conftest import Clv

from clvcli.log.exports.form import every_export, load_export, shipped_exports

SAMPLES: dict[str, tuple[str, dict[str, tuple[int, str]]]] = {
    "shopify": (
        "Name,Email,Financial Status,Created at,Total,Refunded Amount,Currency,Lineitem name\n"
        "#1,a@x.org,paid,2024-01-05 23:30:00 -0500,30.00,0.00,USD,Mug\n#1,a@x.org,,2024-01-05 23:30:00 -0500,,,,Cup\n"
        "#2,b@x.org,partially_refunded,2024-02-05 10:00:00 -0500,50.00,20.00,USD,Mug\n"
        "#3,c@x.org,voided,2024-02-06 10:00:00 -0500,70.00,0.00,USD,Mug\n"
        "#4,a@x.org,paid,2024-03-05 10:00:00 -0400,10.00,0.00,USD,Mug\n",
        {"a@x.org": (2, "40.00"), "b@x.org": (1, "30.00")},
    ),
    "woocommerce": (
        "Order Number;Order Status;Order Date;Billing Email;Order Total Amount;Order Refund Amount;Order Currency\n"
        "1;wc-completed;13.01.2024 10:00;a@x.org;1.200,00 €;-200,00 €;EUR\n"
        "2;wc-failed;14.01.2024 10:00;b@x.org;50,00 €;0,00 €;EUR\n"
        "3;wc-completed;15.02.2024 10:00;a@x.org;50,50 €;0,00 €;EUR\n",
        {"a@x.org": (2, "1050.50")},
    ),
    "stripe-payments": (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer ID\n"
        "ch_1,2024-01-05 10:00:00,20.00,5.00,usd,Paid,cus_1\nch_2,2024-01-06 10:00:00,20.00,0.00,usd,Failed,cus_2\n"
        "ch_3,2024-01-07 10:00:00,9.00,9.00,usd,Refunded,cus_3\nch_4,2024-02-07 10:00:00,9.00,0.00,usd,Paid,cus_1\n",
        {"cus_1": (2, "24.00")},
    ),
    "online-retail": (
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
        "1,A,2,2011-01-05 10:00,1.50,7\n1,B,1,2011-01-05 10:00,2.00,7\n2,A,3,2011-02-05 10:00,1.50,8\n",
        {"7": (1, "5.00"), "8": (1, "4.50")},
    ),
    "kkbox": (
        "msno,payment_plan_days,plan_list_price,actual_amount_paid,is_auto_renew,transaction_date,"
        "membership_expire_date,is_cancel\n"
        "u1,30,149,149,1,20150105,20150204,0\nu1,30,149,149,1,20160105,20160204,0\n"
        "u2,30,149,149,1,20170105,20170105,1\nu2,30,149,99,1,20170205,20170305,0\n",
        {"u1": (2, "298.00"), "u2": (1, "99.00")},
    ),
    "quickbooks-sales-by-customer": (
        "My Company\nSales by Customer Detail\n\n,Date,Transaction Type,Num,Amount\nAda,,,,\n"
        ",01/25/2024,Invoice,1,28.01\n,02/25/2024,Invoice,2,10.00\nTotal for Ada,,,,$38.01\nBob,,,,\n"
        ",03/25/2024,Invoice,3,5.00\nTotal for Bob,,,,$5.00\n",
        {"Ada": (2, "38.01"), "Bob": (1, "5.00")},
    ),
    "magento-orders": (
        "increment_id,created_at,customer_email,status,grand_total,total_refunded\n"
        "1,2024-01-05 10:00:00,a@x.org,complete,20.00,\n2,2024-01-06 10:00:00,b@x.org,canceled,20.00,\n"
        "3,2024-01-07 10:00:00,a@x.org,complete,20.00,\n",
        {"a@x.org": (2, "40.00")},
    ),
    "ga4-purchases": (
        "event_date,event_name,user_pseudo_id,purchase_revenue,transaction_id\n"
        "20210102,purchase,u.1,10.00,t1\n20220103,page_view,u.2,,\n20230104,purchase,u.1,5.00,t2\n",
        {"u.1": (2, "15.00")},
    ),
    "olist-joined": (
        "order_id,customer_unique_id,order_status,order_purchase_timestamp,order_item_id,price,freight_value\n"
        "o1,u1,delivered,2018-01-05 10:00:00,1,10.00,2.00\no1,u1,delivered,2018-01-05 10:00:00,2,10.00,2.00\n"
        "o2,u2,canceled,2018-01-06 10:00:00,1,10.00,2.00\no3,u2,shipped,2018-01-07 10:00:00,1,1.00,1.00\n",
        {"u1": (1, "24.00"), "u2": (1, "2.00")},
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_read_by_its_header_alone(clv: Clv, tmp_path: Path, name: str) -> None:
    text, right = SAMPLES[name]
    (tmp_path / "log.csv").write_text(text)
    done = clv("score", "log.csv", "--no-model", "-o", "scored.csv")
    assert done.code == 0, done.err
    with open(tmp_path / "scored.csv", newline="") as file:
        found = {
            r["customer_id"]: (int(r["purchases"]), f"{float(r['total_spend']):.2f}") for r in csv.DictReader(file)
        }
    assert found == right
    manifest = json.loads((tmp_path / "scored.csv.run.json").read_text())
    assert manifest["source"].startswith(load_export(name).name)
    assert load_export(name).name in done.err


@pytest.mark.parametrize("name", shipped_exports())
def test_shipped_exports_pass_the_lint_and_are_told_apart(name: str) -> None:
    export = load_export(name)
    assert export.url.startswith("https://")
    others = [e.key for e in every_export() if e.key != name and set(e.columns) == set(export.columns)]
    assert not others


def test_none_reads_it_as_any_log(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(SAMPLES["online-retail"][0])
    assert "no amount column" in clv("score", "log.csv", "--source", "none").err
    done = clv("score", "log.csv", "--source", "none", "--amount", "Quantity", "--no-model", "-o", "s.csv")
    assert "Source" not in done.err


def test_a_replaced_amount_is_warned_of(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(SAMPLES["stripe-payments"][0])
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
