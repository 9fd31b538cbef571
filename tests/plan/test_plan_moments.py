"""Due dates by hand: usage, birthdays, replacement; what is not understood."""

from datetime import date

import polars as pl
import pytest

from clvcli.commands.plan.calls import Days, calls
from clvcli.commands.plan.moments import due_dates, occasion, replacement, usage
from clvcli.core.errors import InputError, UsageError
from clvcli.core.horizon import parse_span
from clvcli.lifecycle.actions import StageAction, StageActions

LEAD = parse_span("14d")
WISHES = StageActions((StageAction("regular", "write", "email", None, None),), {})


def people(**columns: list[str | None]) -> pl.DataFrame:
    """Customers A, B, ... in the stage `regular` with attributes as text, the way a CSV brings them."""
    n = len(next(iter(columns.values())))
    ids = [chr(ord("A") + i) for i in range(n)]
    return pl.DataFrame({"customer_id": ids, "stage": ["regular"] * n, **columns})


def dues(text: str, frame: pl.DataFrame, start: date, end: date) -> list[tuple[str, str]]:
    moment = occasion(text) if "+" not in text else usage(text, LEAD) if "/" in text else replacement(text, LEAD)
    found, _ = due_dates(moment, frame, start, end)
    return [(c, str(d)) for c, d in found.sort("customer_id", "due").iter_rows()]


def test_worked_example_of_usage() -> None:
    """Visit on 2026-01-10, service every 15,000 km at 1,250 km a month: 15000 / 1250 = 12 months: due 2027-01-10;
    14 days of lead time: contact 2026-12-27.
    """
    frame = people(last_visit=["2026-01-10"], km_a_month=["1250"])
    moment = usage("service=last_visit+15000/km_a_month", LEAD)
    days = Days(date(2026, 12, 1), date(2027, 1, 31))
    found, notices = calls(frame, StageActions((), {}), [moment], days)
    row = found.row(0, named=True)
    assert (row["due"], row["day"], row["action"]) == (date(2027, 1, 10), date(2026, 12, 27), "service")
    assert row["reason"] == "service due 2027-01-10"
    assert found.height == 1
    assert not notices


def test_usage_that_is_no_whole_month() -> None:
    # 10,000 / 4,000 = 2.5 months: 31 January + 2 months = 31 March, + 0.5 x 30.4375 = 15 days: 15 April.
    frame = people(visit=["2026-01-31"], every=["10000"], km=["4000"])
    assert dues("visit+every/km", frame, date(2026, 4, 1), date(2026, 5, 1))[0] == ("A", "2026-04-15")


def test_services_recur_and_the_overdue_are_called_at_once() -> None:
    # Every 6 months. A: 1 July, then 1 January. B was due on 1 March: overdue; the next one 6 months after the start.
    frame = people(visit=["2026-01-01", "2025-09-01"], km=["2000", "2000"])
    found = dues("visit+12000/km", frame, date(2026, 6, 15), date(2027, 1, 31))
    assert [f for f in found if f[0] == "A"][:2] == [("A", "2026-07-01"), ("A", "2027-01-01")]
    assert [f for f in found if f[0] == "B"][:2] == [("B", "2026-03-01"), ("B", "2026-12-15")]
    rows, _ = calls(frame, WISHES, [usage("visit+12000/km", LEAD)], Days(date(2026, 6, 15), date(2026, 6, 30)))
    service = rows.filter(pl.col("priority") == 0).sort("customer_id")
    # A: 1 July less 14 days = 17 June; B: overdue, on the first day.
    assert service["day"].to_list() == [date(2026, 6, 17), date(2026, 6, 15)]
    assert service["channel"].to_list() == ["email", "email"]


def test_birthdays_with_29_february() -> None:
    frame = people(birthday=["1980-02-29", "1990-12-24", "1970-01-05", None])
    assert dues("birthday", frame, date(2027, 2, 1), date(2027, 3, 31)) == [
        ("A", "2027-02-28"), ("A", "2028-02-29"), ("B", "2027-12-24"), ("B", "2028-12-24"), ("C", "2028-01-05"),
    ]  # fmt: skip
    rows, _ = calls(frame, WISHES, [occasion("birthday:7d")], Days(date(2026, 12, 1), date(2026, 12, 31)))
    found = rows.filter(pl.col("priority") == 0).sort("customer_id").select("customer_id", "day", "reason").rows()
    # B: 24 December less 7 days. C: 5 January of next year less 7 days.
    assert found == [("B", date(2026, 12, 17), "birthday 2026-12-24"), ("C", date(2026, 12, 29), "birthday 2027-01-05")]


def test_replacement() -> None:
    frame = people(boiler=["2016-11-30", "2020-01-01"])
    assert dues("boiler+10y", frame, date(2026, 11, 1), date(2026, 11, 30)) == [
        ("A", "2026-11-30"), ("B", "2030-01-01")
    ]  # fmt: skip
    rows, _ = calls(frame, WISHES, [replacement("boiler+10y:2w", LEAD)], Days(date(2026, 11, 1), date(2026, 11, 30)))
    found = rows.filter(pl.col("priority") == 0).select("customer_id", "day", "action").rows()
    assert found == [("A", date(2026, 11, 16), "boiler")]  # 30 November less two weeks


def test_what_cannot_be_read_is_counted() -> None:
    frame = people(birthday=["soon", "1990-05-01"], km=["0", "many"])
    _, notices = due_dates(occasion("birthday"), frame, date(2026, 1, 1), date(2026, 12, 31))
    assert [(n.code, n.message[:1]) for n in notices] == [("unreadable_attribute", "1")]
    _, notices = due_dates(usage("birthday+100/km", LEAD), frame, date(2026, 1, 1), date(2026, 12, 31))
    assert [n.code for n in notices] == ["unreadable_attribute", "no_usage"]


@pytest.mark.parametrize("text", ["last+15000", "/km", "last+/km", "last+15000/km:soon"])
def test_usage_that_is_not_understood(text: str) -> None:
    with pytest.raises(UsageError, match="--usage"):
        usage(text, LEAD)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="no column birthday"):
        due_dates(occasion("birthday"), people(x=["1"]), date(2026, 1, 1), date(2026, 1, 2))


def test_no_second_contact_for_the_same_moment() -> None:
    # 24 December less 7 days: 17 December. Who was written to on the 18th is not again; last year's does not count.
    frame = people(birthday=["1990-12-24", "1990-12-24"])
    earlier = pl.DataFrame(
        {"customer_id": ["A", "B"], "day": [date(2026, 12, 18), date(2025, 12, 18)], "action": ["birthday"] * 2}
    )
    days = Days(date(2026, 12, 19), date(2026, 12, 31))
    rows, _ = calls(frame, StageActions((), {}), [occasion("birthday:7d")], days, earlier)
    assert rows.select("customer_id", "day").rows() == [("B", date(2026, 12, 19))]
