"""Online Retail goes through as it is, and every one of its 541,909 lines is accounted for.

Authority: the counts of known dirt in the README beside the data, and the same counted here with the csv module alone.
"""

import csv
import gzip
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from clvcli.core.options import LogOptions
from clvcli.log.read import read_log
from clvcli.log.returns import settle

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail.csv.gz"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not beside this checkout"),
]
RUN_DAY = date(2026, 11, 22)
AMOUNT = "Quantity * UnitPrice"


def options(**more: object) -> LogOptions:
    return LogOptions(data=(str(DATA),), amount=AMOUNT, **more)  # type: ignore[arg-type]


def test_every_line_is_accounted_for() -> None:
    log = read_log(options(customer="CustomerID", date="InvoiceDate", order_id="InvoiceNo"), RUN_DAY)
    q = log.quality
    assert q.read == 541_909
    assert q.is_complete()
    assert q.rejected == {}
    assert q.excluded["no_customer_id"] == 135_080
    assert set(q.excluded) == {"no_customer_id", "reversed", "return"}
    # 581483 and 541431 are cancelled in full minutes later: neither is a purchase.
    assert log.purchases["amount"].max() < 7_718_360  # type: ignore[operator]
    notices = {n.code: n.message for n in q.notices}
    assert notices["identical_lines"].startswith("5268 identical lines")
    assert log.as_of == date(2011, 12, 9)


def test_customer_and_date_are_recognised() -> None:
    q = read_log(options(), RUN_DAY).quality
    assert (q.columns["customer"], q.columns["date"]) == ("CustomerID", "InvoiceDate")


def test_kept_returns_sum_up_as_the_csv_module_sums_them() -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["CustomerID"]:
                exact = Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) * 100
                cents = int(abs(exact) + Decimal("0.5")) * (-1 if exact < 0 else 1)
                wanted[row["CustomerID"], row["InvoiceDate"][:10]] += cents
    log = read_log(options(returns="keep"), RUN_DAY)
    found = {(customer, str(day)): amount for customer, day, amount in log.purchases.iter_rows()}
    assert found == {key: value for key, value in wanted.items() if value >= 0}


def test_158_invoices_are_cancelled_as_a_whole() -> None:
    """Authority: "the 158 fully reversed invoices" of the README beside the data. (With lines paired: 175.)"""
    log = read_log(options(returns="keep"), RUN_DAY, lines={"invoice": "InvoiceNo", "time": "InvoiceDate"})
    assert log.lines is not None
    orders = log.lines.group_by(customer="customer_id", tie="invoice").agg(
        pl.col("day").min(),
        pl.col("amount").sum(),
        pl.col("time").min().str.to_datetime().dt.epoch("us").alias("stamp"),
    )
    done = settle(orders.with_columns(pl.col("tie").hash(), order=pl.lit(None, pl.UInt64)), "reverse")
    assert int((done.fate == "reversed").sum()) == 2 * 158
