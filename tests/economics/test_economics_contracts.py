"""Subscription logs by hand: MRR and what moves it, prepaid terms, retention by renewal."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clvcli.commands.economics.contracts import relationships
from clvcli.commands.economics.renewal import observed_survival, renewals_of

HEADER = "customer,start,end,monthly"
COLUMNS = ("--date", "start", "--end", "end", "--amount", "monthly")


def written(path: Path, header: str, rows: Iterable[Sequence[object]]) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def economics(clv: Any, *args: object) -> dict[str, Any]:
    done = clv("economics", *args, "--json", "-q")
    assert done.code == 0, done.err
    return dict(json.loads(done.out))


def test_one_of_four_contracts_ends(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-05", "", 100), ("b", "2024-01-05", "2024-02-10", 50), ("c", "2024-01-05", "", 30),
            ("d", "2024-01-05", "", 20)]  # fmt: skip
    log = written(tmp_path / "c.csv", HEADER, rows)
    content = economics(clv, log, *COLUMNS, "--as-of", "2024-02-29", "--margin", "0.4")
    found = content["groups"][0]
    assert content["kind"] == "contracts"
    assert (found["arpa"], found["churn"]["rate"]) == (pytest.approx(50), pytest.approx(1 / 4))
    assert found["ltv"]["churn"]["revenue"] == pytest.approx(200)
    assert found["ltv"]["churn"]["margin"] == pytest.approx(80)
    assert found["mrr_churn"]["gross"] == pytest.approx(50 / 200)


def test_mrr_moves(clv: Any, tmp_path: Path) -> None:
    rows = [
        ("a", "2024-01-01", "2024-01-31", 100), ("a", "2024-02-01", "", 120),  # upgrade by 20
        ("b", "2024-01-10", "2024-02-14", 50), ("b", "2024-03-20", "", 40),  # leaves, comes back
        ("c", "2024-01-15", "2024-02-29", 30), ("c", "2024-03-01", "", 10),  # downgrade by 20
        ("d", "2024-03-03", "", 70),
    ]  # fmt: skip
    log = written(tmp_path / "c.csv", HEADER, rows)
    content = economics(clv, log, *COLUMNS, "--as-of", "2024-03-31")
    months = {p["period"]: p for p in content["periods"]}
    moves = ("revenue", "new_mrr", "returned_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr")
    assert [months["2024-01"][m] for m in moves] == [180, 180, 0, 0, 0, 0]
    assert [months["2024-02"][m] for m in moves] == [150, 0, 0, 20, 0, 50]  # 180 + 20 - 50
    assert [months["2024-03"][m] for m in moves] == [240, 70, 40, 0, 20, 0]  # 150 + 70 + 40 - 20
    assert [months[m]["active"] for m in sorted(months)] == [3, 2, 4]
    # Lost 50 in February and 20 in March of 180 + 150; won 20.
    assert content["groups"][0]["mrr_churn"] == {
        "at_risk": 330, "gross": pytest.approx(70 / 330), "net": pytest.approx(50 / 330),
    }  # fmt: skip


def test_a_year_prepaid_is_spread_over_its_months(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-05", 1200), ("b", "2024-01-20", 600)]
    log = written(tmp_path / "p.csv", "customer,date,amount", rows)
    content = economics(clv, log, "--term", "12", "--as-of", "2025-01-31")
    revenue = [p["revenue"] for p in content["periods"]]
    # a: 100 a month at 12 month ends, not paid again by 15 days after 2025-01-04; b, due on 2025-01-19, has till then.
    assert revenue == [150.0] * 12 + [50.0]
    early = economics(clv, log, "--term", "12", "--as-of", "2024-12-31")
    assert [p["revenue"] for p in early["periods"]] == [150.0] * 12


def test_terms_from_a_column(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-05", 1200, 12), ("b", "2024-01-20", 30, 1), ("b", "2024-02-22", 30, 1)]
    log = written(tmp_path / "p.csv", "customer,date,amount,months", rows)
    content = economics(clv, log, "--term", "months", "--as-of", "2024-02-29")
    assert [p["revenue"] for p in content["periods"]] == [130.0, 130.0]  # two days late is still a renewal


def test_who_left_at_which_renewal() -> None:
    def contract(start: str, end: str | None) -> tuple[str, date, date | None, int, float]:
        return ("x", date.fromisoformat(start), date.fromisoformat(end) if end else None, 12, 100.0)

    frame = pl.DataFrame(
        [
            contract("2021-01-01", "2021-12-31"),  # at the first
            contract("2021-01-01", "2022-01-01"),  # at the first, however the end is written
            contract("2021-03-01", "2022-06-15"),  # within the second year: at the second
            contract("2021-01-01", None),  # through three by 2024-06-30
            contract("2023-07-01", None),  # through none
        ],
        schema={"customer_id": pl.String, "start": pl.Date, "end": pl.Date, "renewal": pl.Int64, "monthly": pl.Float64},
        orient="row",
    )
    seen = renewals_of(frame, 12, date(2024, 6, 30))
    assert seen.left.tolist() == [2, 1, 0]
    assert seen.stayed.tolist() == [1, 0, 0, 1]
    # Four had to decide at the first renewal, two of them left; two at the second, one left; one at the third.
    assert observed_survival(seen) == pytest.approx([1, 1 / 2, 1 / 4, 1 / 4])


def test_contracts_that_follow_each_other_are_one_relationship() -> None:
    days = [("2024-01-01", "2024-03-31"), ("2024-04-10", "2024-06-30"), ("2024-09-01", None)]
    spells = pl.DataFrame(
        {
            "customer_id": ["x"] * 3,
            "start": [date.fromisoformat(s) for s, _ in days],
            "end": [date.fromisoformat(e) if e else None for _, e in days],
            "monthly": [10.0, 20.0, 30.0],
            "renewal": [1] * 3,
        }
    )
    joined = relationships(spells)
    assert joined["start"].to_list() == [date(2024, 1, 1), date(2024, 9, 1)]
    assert joined["end"].to_list() == [date(2024, 6, 30), None]
    assert joined["monthly"].to_list() == [20.0, 30.0]


def test_the_published_curve_through_the_command(clv: Any, tmp_path: Path) -> None:
    """The regular customers of Fader & Hardie (2007): 1,000 who began on the same day, seven renewals."""
    there = [1000, 631, 468, 382, 326, 289, 262, 241]
    rows: list[tuple[object, ...]] = []
    for year, (before, after) in enumerate(pairwise(there), start=1):
        rows += [(f"c{i}", "2010-01-01", f"{2009 + year}-12-31", 10) for i in range(after, before)]
    rows += [(f"c{i}", "2010-01-01", "", 10) for i in range(there[-1])]
    log = written(tmp_path / "c.csv", HEADER, rows)
    args = (*COLUMNS, "--as-of", "2017-01-01", "--renewal", "12", "--period", "year", "--new-per-month", "2")
    content = economics(clv, log, *args)
    curve = content["contract_retention"][0]
    assert curve["model"]["params"]["alpha"] == pytest.approx(0.704, abs=0.0006)
    assert curve["model"]["params"]["beta"] == pytest.approx(1.182, abs=0.0006)
    assert curve["model"]["log_likelihood"] == pytest.approx(-1680.27, abs=0.006)
    assert curve["observed"][:8] == pytest.approx([n / 1000 for n in there])
    assert content["groups"][0]["trust"]["way"] == "contract"
    # Next year: the 241 stay until their renewal in January 2018, at 10 a month; two come each month.
    first, last = content["forecast"][0], content["forecast"][11]
    assert first["existing"] == pytest.approx(241 * 10)
    assert last["existing"] == pytest.approx(241 * 10 * curve["fitted"][8] / curve["fitted"][7])
    assert [first["new"], content["forecast"][10]["new"]] == pytest.approx([20, 220])


def test_bad_contracts(clv: Any, tmp_path: Path) -> None:
    log = written(tmp_path / "c.csv", HEADER, [("a", "2024-01-05", "2023-01-01", 100)])
    done = clv("economics", log, *COLUMNS)
    assert done.code == 3
    assert "before they start" in done.err
    log = written(tmp_path / "c.csv", HEADER, [("a", "2024-01-05", "soon", 100), ("b", "2024-01-05", "2024-02-01", 1)])
    done = clv("economics", log, *COLUMNS)
    assert done.code == 3
    assert "--end" in done.err
    done = clv("economics", log, "--date", "start", "--amount", "monthly", "--term", "0")
    assert done.code == 2


def test_the_sample_of_subscriptions_needs_no_flag(clv: Any) -> None:
    """ARPA is that of the monthly revenues of those under contract, not of all records ever."""
    data = Path(__file__).parents[2] / "sample_data" / "subscriptions.csv"
    done = clv("economics", data, "--json", "-q")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["kind"] == "contracts"
    typed = clv(
        "economics", data, "--json", "-q", "--date", "start_date", "--end", "end_date", "--amount", "monthly_revenue",
        "--renewal", "prepaid_months",
    )  # fmt: skip
    assert json.loads(typed.out)["groups"] == found["groups"]
    assert "contracts_recognised" in {w["code"] for w in found["warnings"]}


def test_an_export_of_stripe(clv: Any, tmp_path: Path) -> None:
    """A year at 120 and months at 10 are both an MRR of 10."""
    header = "id,Customer ID,Plan,Quantity,Currency,Interval,Amount,Status,Start Date (UTC),Ended At (UTC)"
    rows = [
        ("sub_1", "cus_a", "pro", 1, "eur", "year", "120.00", "active", "2023-01-15 10:00:00", ""),
        ("sub_2", "cus_b", "basic", 1, "eur", "month", "10.00", "active", "2023-02-03 11:30:00", ""),
        (
            "sub_3",
            "cus_c",
            "basic",
            1,
            "eur",
            "month",
            "10.00",
            "canceled",
            "2023-02-10 09:00:00",
            "2023-07-10 09:00:00",
        ),
    ]
    log = written(tmp_path / "subscriptions.csv", header, rows)
    done = clv("economics", log, "--json", "-q", "--as-of", "2023-12-31")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["kind"] == "contracts"
    assert found["groups"][0]["arpa"] == pytest.approx(10)


def test_an_order_log_is_no_contract(clv: Any, tmp_path: Path) -> None:
    log = written(tmp_path / "orders.csv", "customer_id,date,amount,start_date", [("a", "2024-01-05", 9, "2023-01-01")])
    assert json.loads(clv("economics", log, "--json", "-q").out)["kind"] == "purchases"
