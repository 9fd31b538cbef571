"""Returns by hand: pairing newest first, whole orders before lines, netting, keeping."""

from datetime import date, datetime

import polars as pl
import pytest

from clvcli.log.returns import settle


def records(*rows: tuple[str, str, int] | tuple[str, str, int, str | None]) -> pl.DataFrame:
    """(customer, ISO time, minor units[, order]) -> what `settle` takes."""
    found = []
    for i, row in enumerate(rows):
        moment = datetime.fromisoformat(row[1])
        stamp = int((moment - datetime(1970, 1, 1)).total_seconds() * 1e6)
        found.append((row[0], moment.date(), stamp, row[2], row[3] if len(row) > 3 else None, i))
    schema = {
        "customer": pl.String,
        "day": pl.Date,
        "stamp": pl.Int64,
        "amount": pl.Int64,
        "order": pl.String,
        "tie": pl.UInt64,
    }
    order = pl.col("order").rank("dense").cast(pl.UInt64)
    return pl.DataFrame(found, schema=schema, orient="row").with_columns(order)


def test_the_newest_purchase_of_the_amount_is_taken_back() -> None:
    done = settle(records(("A", "2024-01-01", 500), ("A", "2024-02-01", 500), ("A", "2024-03-01", -500)), "reverse")
    assert done.fate.to_list() == [None, "reversed", "reversed"]
    assert done.purchases.rows() == [("A", date(2024, 1, 1), 500)]


def test_two_returns_take_two_purchases() -> None:
    done = settle(
        records(("A", "2024-01-01", 5), ("A", "2024-01-02", 5), ("A", "2024-01-03", -5), ("A", "2024-01-04", -5)),
        "reverse",
    )
    assert done.fate.to_list() == ["reversed"] * 4


def test_nothing_after_the_return_is_taken() -> None:
    done = settle(records(("A", "2024-01-02 12:00", 5), ("A", "2024-01-02 11:00", -5)), "reverse")
    assert done.fate.to_list() == [None, "return"]


def test_the_same_moment_counts_as_before() -> None:
    assert (
        settle(records(("A", "2024-01-02", -5), ("A", "2024-01-02", 5)), "reverse").fate.to_list() == ["reversed"] * 2
    )


def test_another_customers_purchase_stays() -> None:
    assert settle(records(("A", "2024-01-01", 5), ("B", "2024-01-02", -5)), "reverse").fate.to_list() == [
        None,
        "return",
    ]


def test_whole_orders_come_first() -> None:
    """The cancellation of order 1 (3 + 4) takes its lines, though order 2 has a newer line of 3."""
    rows = records(
        ("A", "2024-01-01", 3, "1"), ("A", "2024-01-01", 4, "1"), ("A", "2024-01-02", 3, "2"),
        ("A", "2024-01-03", -3, "C1"), ("A", "2024-01-03", -4, "C1"),
    )  # fmt: skip
    assert settle(rows, "reverse").fate.to_list() == ["reversed", "reversed", None, "reversed", "reversed"]


def test_lines_are_paired_where_orders_are_not() -> None:
    rows = records(("A", "2024-01-01", 3, "1"), ("A", "2024-01-01", 4, "1"), ("A", "2024-01-03", -4, "C1"))
    assert settle(rows, "reverse").fate.to_list() == [None, "reversed", "reversed"]


def test_zero_amounts_are_purchases() -> None:
    assert settle(records(("A", "2024-01-01", 0)), "reverse").purchases.rows() == [("A", date(2024, 1, 1), 0)]


def test_net_reduces_the_latest_purchases_as_far_as_it_reaches() -> None:
    """7 given back take the 4 of the fifth, which is then no purchase, and 3 of the 5 before it."""
    done = settle(
        records(("A", "2024-01-01", 5), ("A", "2024-01-05", 4), ("A", "2024-01-09", -7), ("B", "2024-01-01", -1)), "net"
    )
    assert done.purchases.rows() == [("A", date(2024, 1, 1), 2)]
    assert (done.reversed, done.netted, done.unmatched) == (0, 7, 1)
    assert done.fate.to_list() == [None, None, None, "return"]


def test_a_return_that_reaches_too_far_is_used_all_the_same() -> None:
    done = settle(records(("A", "2024-01-01", 5), ("A", "2024-01-09", -7)), "net")
    assert done.purchases.rows() == []
    assert (done.netted, done.unmatched) == (5, 2)
    assert done.fate.to_list() == [None, None]


def test_net_takes_exact_pairs_first() -> None:
    rows = records(("A", "2024-01-01", 5), ("A", "2024-01-05", 8), ("A", "2024-01-09", -5))
    done = settle(rows, "net")
    assert done.fate.to_list() == ["reversed", None, "reversed"]
    assert done.purchases.rows() == [("A", date(2024, 1, 5), 8)]
    assert done.reversed == 5


@pytest.mark.parametrize("how", ["net", "reverse"])
def test_a_discount_belongs_to_its_order(how: str) -> None:
    """A gift card of 20 in order 2 leaves order 1, which cost 20, alone."""
    rows = records(("A", "2024-01-01", 20, "1"), ("A", "2024-02-01", 50, "2"), ("A", "2024-02-01", -20, "2"))
    done = settle(rows, how)
    assert done.fate.to_list() == [None, None, None]
    assert done.purchases.rows() == [("A", date(2024, 1, 1), 20), ("A", date(2024, 2, 1), 30)]


@pytest.mark.parametrize("how", ["net", "reverse"])
def test_an_order_that_cancels_itself_is_reversed(how: str) -> None:
    done = settle(
        records(("A", "2024-01-01", 20, "1"), ("A", "2024-01-01", -20, "1"), ("A", "2024-01-01", 0, "2")), how
    )
    assert done.fate.to_list() == ["reversed", "reversed", None]
    assert done.purchases.rows() == [("A", date(2024, 1, 1), 0)]


def test_an_order_below_zero_is_a_return() -> None:
    """An exchange: 30 given back, 10 bought; 20 are taken off the purchase before."""
    rows = records(("A", "2024-01-01", 50, "1"), ("A", "2024-02-01", -30, "2"), ("A", "2024-02-01", 10, "2"))
    assert settle(rows, "net").purchases.rows() == [("A", date(2024, 1, 1), 30)]
    assert settle(rows, "reverse").fate.to_list() == [None, "return", "return"]


def test_keep_sums_as_it_stands() -> None:
    done = settle(records(("A", "2024-01-01", 5), ("A", "2024-01-01", -2), ("A", "2024-01-05", -4)), "keep")
    assert done.purchases.rows() == [("A", date(2024, 1, 1), 3)]
    assert done.negative_days == 1


@pytest.mark.parametrize("how", ["reverse", "net", "keep"])
def test_no_records(how: str) -> None:
    assert settle(records(), how).purchases.height == 0
