"""Exports of several tables: joined by their keys, with the values of the joined log; what joins nothing is told."""

import csv
import json
import random
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

CUSTOMERS = """customer_id,customer_unique_id,customer_city
c1,u1,franca
c2,u1,franca
c3,u2,sao paulo
c4,u3,sao paulo
"""
ORDERS = """order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_customer_date
o1,c1,delivered,2018-01-05 10:00:00,2018-01-05 11:07:15,2018-01-10 21:25:13
o2,c2,delivered,2018-03-07 10:00:00,2018-03-07 11:07:15,2018-03-10 21:25:13
o3,c3,canceled,2018-02-05 10:00:00,,
o4,c4,shipped,2018-02-06 10:00:00,2018-02-06 10:00:01,
"""
ITEMS = """order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value
o1,1,p1,s1,2018-01-09 09:45:35,10.00,2.50
o1,2,p1,s1,2018-01-09 09:45:35,10.00,2.50
o2,1,p2,s1,2018-03-09 09:45:35,7.90,0.10
o3,1,p2,s1,2018-02-09 09:45:35,99.00,1.00
o4,1,p2,s2,2018-02-09 09:45:35,5.00,0.00
"""
PAYMENTS = "order_id,payment_sequential,payment_type,payment_value\no1,1,credit_card,25.00\no2,1,voucher,8.00\n"
TABLES = {"customers": CUSTOMERS, "orders": ORDERS, "order_items": ITEMS, "order_payments": PAYMENTS}
RIGHT = {"u1": (2, "33.00"), "u3": (1, "5.00")}
"""By hand: 12.50 twice and 8.00; 5.00; what was cancelled is left out."""


def write(folder: Path, **changed: str | None) -> None:
    folder.mkdir()
    for name, text in {**TABLES, **changed}.items():
        if text is not None:
            (folder / f"olist_{name}_dataset.csv").write_text(text)


def spent(path: Path) -> dict[str, tuple[int, str]]:
    with open(path, newline="") as file:
        return {r["customer_id"]: (int(r["purchases"]), f"{float(r['total_spend']):.2f}") for r in csv.DictReader(file)}


def test_the_tables_of_olist_are_read_as_the_joined_log(clv: Clv, tmp_path: Path) -> None:
    write(tmp_path / "olist")
    done = clv("score", "olist", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert spent(tmp_path / "s.csv") == RIGHT
    assert "warning" not in done.err
    manifest = json.loads((tmp_path / "s.csv.run.json").read_text())
    assert manifest["source"].startswith("Olist (its tables): ")
    joined = ["olist/olist_orders_dataset.csv", "olist/olist_customers_dataset.csv"]
    assert [one["joined"] for one in manifest["inputs"]] == [joined]


def test_they_have_the_values_of_the_joined_export(clv: Clv, tmp_path: Path) -> None:
    rng = random.Random(7)
    people, orders, items = ["customer_id,customer_unique_id"], [ORDERS.splitlines()[0]], [ITEMS.splitlines()[0]]
    for i in range(300):
        state = rng.choice(["delivered", "shipped", "canceled", "unavailable"])
        people.append(f"c{i},u{rng.randrange(90)}")
        orders.append(f"o{i},c{i},{state},2018-0{rng.randint(1, 9)}-{rng.randint(10, 28)} 10:00:00,,")
        items += [f"o{i},{n + 1},p,s,,{rng.randint(1, 9000) / 100},{rng.randint(0, 900) / 100}" for n in range(i % 4)]
    for rows in (people, orders, items):
        rows[1:] = rng.sample(rows[1:], len(rows) - 1)
    texts = {n: "\n".join(rows) + "\n" for n, rows in zip(("customers", "orders", "order_items"),
                                                        (people, orders, items), strict=True)}  # fmt: skip
    write(tmp_path / "olist", **texts)
    frames = {name: pl.read_csv(text.encode(), infer_schema=False) for name, text in texts.items()}
    whole = frames["order_items"].join(frames["orders"], on="order_id").join(frames["customers"], on="customer_id")
    whole.write_csv(tmp_path / "joined.csv")
    for source in ("olist", "joined.csv"):
        done = clv("score", source, "--no-model", "-o", f"{source}.out")
        assert done.code == 0, done.err
    assert (tmp_path / "olist.out").read_bytes() == (tmp_path / "joined.csv.out").read_bytes()


def test_rows_that_join_nothing_are_told_and_counted(clv: Clv, tmp_path: Path) -> None:
    items = ITEMS + "o9,1,p1,s1,,4.00,0.00\n"
    customers = CUSTOMERS.replace("c4,u3,sao paulo\n", "")
    write(tmp_path / "olist", order_items=items, customers=customers, orders=ORDERS + "o8,c1,created,2018-03-01,,\n")
    done = clv("score", "olist", "--no-model", "-o", "s.csv")
    told = " ".join(done.err.split())
    assert spent(tmp_path / "s.csv") == {"u1": (2, "33.00")}
    assert "1 record of olist/olist_order_items_dataset.csv without a row of olist/olist_orders_dataset.csv" in told
    assert "1 row of olist/olist_orders_dataset.csv without a record of olist/olist_order_items_dataset.csv" in told
    assert "1 record of olist/olist_order_items_dataset.csv without a row of olist/olist_customers_dataset.csv" in told
    rows = json.loads((tmp_path / "s.csv.run.json").read_text())["rows"]
    assert rows["read"] == 6 == rows["used"] + sum(rows["excluded"].values()) + sum(rows["rejected"].values())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"customers": None}, "the table of customers is not among the files"),
        ({"order_items": None}, "the table of items is not among the files"),
        ({"customers": CUSTOMERS + "c1,u7,franca\n"}, "customer_id c1 appears twice"),
    ],
)
def test_what_cannot_be_joined_is_refused(clv: Clv, tmp_path: Path, changed: dict[str, str | None], said: str) -> None:
    write(tmp_path / "olist", **changed)
    done = clv("score", "olist", "--no-model")
    assert done.code == 3
    assert said in done.err
    assert "(hint: " in done.err


def test_equal_rows_of_a_key_are_one(clv: Clv, tmp_path: Path) -> None:
    write(tmp_path / "olist", customers=CUSTOMERS + "c1,u1,franca\n")
    clv("score", "olist", "--no-model", "-o", "s.csv")
    assert spent(tmp_path / "s.csv") == RIGHT


OWN = """name: Shop tables
summary: items of paid orders
url: https://shop.example/export
tables: {items: [order, line, price], orders: [order, person, day, state], persons: [person, mail]}
join: {orders: order, persons: person}
columns: [order, line, price, day, state, mail]
customer: mail
date: day
amount: price
order_id: order
line_id: line
where: "state = 'paid'"
"""


def test_tables_of_ones_own(clv: Clv, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "a.csv").write_text("order;line;price\n1;1;10,50\n1;2;1,00\n2;1;5,00\n")
    (shop / "b.csv").write_text("order,person,day,state\n1,7,05.01.2024,paid\n")
    (shop / "b2.csv").write_text("order,person,day,state\n2,7,25.01.2024,draft\n")
    (shop / "c.csv").write_text("person,mail\n7,a@x.org\n")
    (tmp_path / "own.yaml").write_text(OWN)
    done = clv("score", "shop", "--source", "own.yaml", "--no-model", "-o", "s.csv")
    assert done.code == 0, done.err
    assert spent(tmp_path / "s.csv") == {"a@x.org": (1, "11.50")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("persons: person}", "persons: mail}", "persons has no column mail of the tables before it"),
        ("tables: {items: [order, line, price]", "tables: {items: order", "tables names tables"),
        ("[order, line, price, day,", "[order, line, price, day, colour,", "colour is none of its columns"),
    ],
)
def test_keys_that_do_not_fit_together(clv: Clv, tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OWN
    (tmp_path / "own.yaml").write_text(OWN.replace(old, new))
    done = clv("sources", "show", "own.yaml")
    assert done.code == 4
    assert said in done.err
