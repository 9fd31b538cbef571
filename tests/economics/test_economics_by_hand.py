"""`clv economics` on logs small enough for a spreadsheet; the arithmetic stands beside each figure."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

Rows = Iterable[Sequence[object]]


def written(path: Path, header: str, rows: Rows) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """Four customers pay 100, 50, 30, 20 in January; the one of 20 is gone in February."""
    january = [(c, "2024-01-05", a) for c, a in (("a", 100), ("b", 50), ("c", 30), ("d", 20))]
    february = [(c, "2024-02-05", a) for c, a in (("a", 100), ("b", 50), ("c", 30))]
    return written(tmp_path / "four.csv", "customer_id,date,amount", [*january, *february])


def economics(clv: Any, *args: object, code: int = 0) -> dict[str, Any]:
    done = clv("economics", *args, "--json", "-q")
    assert done.code == code, done.err
    return dict(json.loads(done.out)) if code == 0 else {}


def everybody(content: dict[str, Any]) -> dict[str, Any]:
    return dict(content["groups"][0])


def test_one_of_four_leaves(clv: Any, four: Path) -> None:
    content = economics(clv, four, "--margin", "0.4", "--retention", "+5pp")
    found = everybody(content)
    assert content["active_window"] == {"periods": 1, "source": "from the data"}
    assert found["arpa"] == pytest.approx((100 + 50 + 30 + 20) / 4)  # 50: those of January, whose staying is known
    assert found["ampu"] == pytest.approx(50 * 0.4)
    assert found["churn"]["rate"] == pytest.approx(1 / 4)
    assert found["lifetime"] == {"periods": pytest.approx(4), "months": pytest.approx(4)}
    assert found["ltv"]["churn"]["revenue"] == pytest.approx(200)
    assert found["ltv"]["churn"]["margin"] == pytest.approx(80)
    assert found["what_if"]["churn"] == pytest.approx(0.20)
    assert found["what_if"]["ltv_revenue"] == pytest.approx(250)  # before margin
    assert found["average_order_value"] == pytest.approx(380 / 7)
    assert found["purchases_per_customer"] == pytest.approx(7 / 4)


def test_the_table_of_periods(clv: Any, four: Path, tmp_path: Path) -> None:
    done = clv("economics", four, "-o", "periods.csv", "-q")
    assert done.code == 0, done.err
    lines = (tmp_path / "periods.csv").read_text().splitlines()
    assert lines[0] == (
        "by,group,period,starts,ends,complete,active,new,returned,churned,churn,purchases,revenue,profit,arpa,ampu"
    )
    assert lines[1] == "all,all,2024-01,2024-01-01,2024-01-31,true,4,4,0,0,,4,200.0,200.0,50.0,50.0"
    assert lines[2] == "all,all,2024-02,2024-02-01,2024-02-29,true,3,0,0,1,0.25,3,180.0,180.0,60.0,60.0"
    assert len(lines) == 3


@pytest.fixture
def loyal(tmp_path: Path) -> Path:
    """100 customers buy for 50 at the start of each quarter of three years."""
    days = [f"{year}-{month:02}-01" for year in (2021, 2022, 2023) for month in (1, 4, 7, 10)]
    rows = [(f"c{i:03}", day, 50) for i in range(100) for day in days]
    return written(tmp_path / "loyal.csv", "customer_id,date,amount", rows)


def test_fifty_times_four_times_three(clv: Any, loyal: Path, tmp_path: Path) -> None:
    spend = written(tmp_path / "spend.csv", "month,spend", [("2021-01", 3000), ("2021-02", 2000)])
    content = economics(clv, loyal, "--as-of", "2023-12-31", "--margin", "0.25", "--spend", spend)
    found = everybody(content)
    assert content["active_window"]["periods"] == 3  # nine of ten came back within three months
    sales = found["ltv"]["sales"]
    assert found["average_order_value"] == pytest.approx(50)
    assert sales["purchases_per_year"] == pytest.approx(4)
    assert sales["retention_years"] == pytest.approx(3)
    assert sales["revenue"] == pytest.approx(600)  # 50 x 4 x 3
    assert sales["margin"] == pytest.approx(150)  # x 25 %
    cac = found["cac"]
    assert (cac["spend"], cac["new"], cac["cac"]) == (5000, 100, pytest.approx(50))
    assert cac["by_way"]["sales"] == {
        "clv": pytest.approx(150), "ratio": pytest.approx(3), "ratio_low": None, "ratio_high": None,
        "reaches_target": True, "allowable": pytest.approx(50),
    }  # fmt: skip
    # 150 in 36 months are 4.1667 a month; 50 / 4.1667 = 12.
    assert cac["payback_months"] == pytest.approx(12)


def test_nobody_left_is_null_with_a_reason(clv: Any, loyal: Path) -> None:
    content = economics(clv, loyal, "--as-of", "2023-12-31", "--retention", "+5pp")
    found = everybody(content)
    assert found["churn"]["rate"] is None
    # 36 months, the first two too early for a window of 3, the last has no next: 33 x 100 customer-months.
    assert found["churn"]["at_risk"] == 33 * 100
    assert found["churn"]["at_most"] == pytest.approx(3 / 3300)
    assert found["churn"]["reason"].startswith("nobody left in 3,300 customer-months")
    assert found["lifetime"] == {"periods": None, "months": None}
    assert found["ltv"]["churn"] == {"revenue": None, "margin": None, "within_horizon": None}
    assert found["what_if"]["ltv_revenue"] is None
    assert "nobody left" in found["what_if"]["reason"]
    assert "nobody left" in " ".join(found["trust"]["why"])


def test_a_month_that_is_not_over_tells_no_churn(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-20", 10), ("b", "2024-01-25", 10), ("a", "2024-02-03", 10)]
    found = everybody(economics(clv, written(tmp_path / "l.csv", "customer,date,amount", rows)))
    assert found["churn"]["rate"] is None
    assert "--as-of" in found["churn"]["reason"]
    whole = everybody(economics(clv, tmp_path / "l.csv", "--as-of", "2024-02-29"))
    assert whole["churn"]["rate"] == pytest.approx(1 / 2)


def test_concentration(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-01", 80), *((c, "2024-01-01", 5) for c in "bcde")]
    content = economics(clv, written(tmp_path / "l.csv", "customer,date,amount", rows))
    assert content["concentration"]["total_spend"]["best_fifth"] == pytest.approx(0.80)
    # (-4 x 5 - 2 x 5 + 0 x 5 + 2 x 5 + 4 x 80) / (5 x 100) = 300 / 500
    assert content["concentration"]["total_spend"]["gini"] == pytest.approx(0.60)


def test_groups_costs_and_what_marks_them(clv: Any, four: Path, tmp_path: Path) -> None:
    people = written(
        tmp_path / "people.csv", "customer_id,channel",
        [("a", "web"), ("b", "web"), ("c", "shop"), ("d", "shop"), ("lead", "web")],
    )  # fmt: skip
    spend = written(
        tmp_path / "spend.csv", "date,channel,cost",
        [("2024-01-03", "web", 60), ("2024-01-20", "shop", 40), ("2023-12-01", "shop", 999)],
    )  # fmt: skip
    content = economics(clv, four, "--customers", people, "--spend", spend, "--by", "channel")
    groups = {g["group"]: g for g in content["groups"]}
    assert list(groups) == ["all", "shop", "web"]
    assert groups["shop"]["arpa"] == pytest.approx((30 + 20) / 2)
    assert groups["shop"]["churn"]["rate"] == pytest.approx(1 / 2)
    assert groups["shop"]["ltv"]["churn"]["revenue"] == pytest.approx(50)
    assert groups["web"]["churn"]["rate"] is None
    # The spend of December 2023 lies before the log.
    assert [groups[g]["cac"]["cac"] for g in ("all", "web", "shop")] == pytest.approx([100 / 4, 60 / 2, 40 / 2])
    assert groups["shop"]["cac"]["by_way"]["churn"]["ratio"] == pytest.approx(50 / 20)
    assert sum(groups[g]["customers"] for g in ("web", "shop")) == groups["all"]["customers"] == 4


def test_margin_by_customer(clv: Any, four: Path, tmp_path: Path) -> None:
    people = written(tmp_path / "p.csv", "customer_id,rate", [("a", 0.5), ("b", 0.1), ("c", 0), ("d", 0.25)])
    found = everybody(economics(clv, four, "--customers", people, "--margin", "rate"))
    assert found["ampu"] == pytest.approx((50 + 5 + 0 + 5) / 4)
    assert found["margin"] == pytest.approx(120 / 380 - 5 / 380)  # 2 x 50 + 2 x 5 + 0 + 5 of 380


def test_lead_to_first_and_first_to_second(clv: Any, tmp_path: Path) -> None:
    log = written(
        tmp_path / "l.csv", "customer,date,amount",
        [("a", "2024-01-11", 1), ("a", "2024-01-31", 1), ("b", "2024-03-01", 1), ("c", "2024-06-30", 1)],
    )  # fmt: skip
    people = written(
        tmp_path / "p.csv", "customer_id,signup_date",
        [("a", "2024-01-01"), ("b", "2024-01-01"), ("c", "2024-06-25"), ("d", "2024-01-01"), ("e", "2024-06-29")],
    )  # fmt: skip
    content = economics(clv, log, "--customers", people)
    first = content["journey"]["lead_to_first"]
    # Waits: a 10, b 60, c 5; d and e did not. Watched for 90 days: a, b, d; two of them within 90.
    assert (first["of"], first["made"], first["rate"]) == (5, 3, pytest.approx(0.6))
    assert first["median_wait"] == 10
    assert (first["watched"], first["within"]) == (3, pytest.approx(2 / 3))
    second = content["journey"]["first_to_second"]
    assert (second["of"], second["made"], second["median_wait"]) == (3, 1, 20)


def test_who_comes_back_for_service(clv: Any, tmp_path: Path) -> None:
    log = written(
        tmp_path / "l.csv", "customer,date,amount,kind",
        [
            ("a", "2024-01-01", 20000, "car"), ("a", "2024-07-01", 300, "service"), ("b", "2024-01-01", 15000, "car"),
            ("c", "2024-01-01", 100, "service"), ("d", "2024-02-01", 9000, "car"), ("d", "2024-02-01", 50, "service"),
        ],
    )  # fmt: skip
    found = economics(clv, log, "--service", "kind = 'service'")["journey"]["service_return"]
    # Buyers of a car: a, b, d. a came 182 days later; d's service was on the day of the purchase; c bought none.
    assert (found["of"], found["made"], found["median_wait"]) == (3, 1, 182)


def test_cohorts(clv: Any, four: Path) -> None:
    cells = {(c["cohort"], c["age"]): c for c in economics(clv, four)["cohorts"]}
    assert cells["2024-01", 1]["retention"] == pytest.approx(3 / 4)
    assert cells["2024-01", 1]["revenue"] == pytest.approx(180)
    assert cells["2024-01", 1]["cumulative_revenue_per_customer"] == pytest.approx(380 / 4)


@pytest.mark.slow
def test_clear_errors(clv: Any, four: Path, tmp_path: Path) -> None:
    for args, code, word in (
        (("--by", "nothing"), 3, "no column nothing"),
        (("--by", "clv"), 2, "--by stage"),
        (("--horizon", "inf"), 2, "--discount-rate"),
        (("--renewal", "12"), 2, "--term"),
        (("--retention", "more"), 2, "+5pp"),
        (("--signup", "x"), 2, "--customers"),
        (("-o", "-", "--json"), 2, "stdout"),
    ):
        done = clv("economics", four, *args)
        assert done.code == code, (args, done.err)
        assert word in done.err
    bad = written(tmp_path / "s.csv", "month,spend", [("2024-01", "lots")])
    done = clv("economics", four, "--spend", bad)
    assert done.code == 3
    assert "'lots'" in done.err


def test_it_reads_at_60_columns(clv: Any, four: Path) -> None:
    done = clv("economics", four, COLUMNS="60")
    assert done.code == 0
    drawn = [line for line in done.page.splitlines() if not line.startswith("warning:")]
    assert max(len(line) for line in drawn) <= 60
    assert "25.0%" in done.page
    assert "200.00" in done.page


def test_the_table_on_stdout(clv: Any, four: Path) -> None:
    done = clv("economics", four, "-o", "-", "-f", "ndjson", "-q")
    assert [json.loads(line)["active"] for line in done.out.splitlines()] == [4, 3]


@pytest.mark.slow
def test_money_that_is_worth_less_later(clv: Any, cdnow_csv: Path) -> None:
    """A new customer without an end, discounted, is worth more than within a year and less than without a discount."""
    one, ten, ever = (
        everybody(economics(clv, cdnow_csv, "--as-of", "1997-09-30", *args))["ltv"]["model"]["new"]
        for args in (("--horizon", "12m"), ("--horizon", "10y"), ("--horizon", "inf", "--discount-rate", "0.1"))
    )
    assert one < ever < ten
    discounted = everybody(economics(clv, cdnow_csv, "--as-of", "1997-09-30", "--discount-rate", "0.1"))
    assert 0.9 * one < discounted["ltv"]["model"]["new"] < one


SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.mark.slow
def test_the_sample_data(clv: Any) -> None:
    """The shipped logs go through, with everything asked for at once."""
    content = economics(
        clv, SAMPLE / "transactions.csv", "--customers", SAMPLE / "customers.csv", "--spend", SAMPLE / "spend.csv",
        "--by", "channel", "--by", "stage", "--margin", "0.4", "--retention", "+5pp", "--new-per-month", "200",
    )  # fmt: skip
    groups = content["groups"]
    for column in ("channel", "stage"):
        assert sum(g["customers"] for g in groups if g["by"] == column) == groups[0]["customers"]
        spent = sum(g["revenue"] for g in groups if g["by"] == column)
        assert spent == pytest.approx(groups[0]["revenue"])
    split = [g for g in groups if g["by"] == "channel"]
    assert sum(g["cac"]["spend"] for g in split) == pytest.approx(groups[0]["cac"]["spend"])
    for row in content["periods"]:
        if row["by"] == "all":
            assert row["cac"] == (pytest.approx(row["spend"] / row["new"]) if row["new"] else None)
