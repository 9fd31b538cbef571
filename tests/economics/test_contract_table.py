"""The table of a subscription log, a row a contract: by hand, its properties, its stages, what is refused."""

import csv
import io
import json
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import ROOT, Clv

from clvcli.models.contract import sbg

SAMPLE = ROOT / "sample_data" / "subscriptions.csv"
HEADER = "contract_id,customer_id,plan,start_date,end_date,price,term_months"
NUMBERS = ("expected_renewals", "expected_revenue", "revenue_low", "revenue_high", "clv")


def written(path: Path, header: str, rows: Iterable[Sequence[object]]) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def contracts(clv: Clv, *args: object) -> list[dict[str, str]]:
    done = clv("economics", *args, "-o", "-", "-q")
    assert done.code == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out.decode())))


def the_regular(price: float = 120, plan: str = "basic", began: int = 2010) -> list[tuple[object, ...]]:
    """The 1,000 regular customers of Fader & Hardie (2007), seven renewals: contract, customer, plan, start, end."""
    there = [1000, 631, 468, 382, 326, 289, 262, 241]
    rows: list[tuple[object, ...]] = []
    for year, (before, after) in enumerate(pairwise(there), start=1):
        over = f"{began - 1 + year}-12-31"
        rows += [(f"{plan}{i}", f"c-{plan}{i}", plan, f"{began}-01-01", over, price, 12) for i in range(after, before)]
    rows += [(f"{plan}{i}", f"c-{plan}{i}", plan, f"{began}-01-01", "", price, 12) for i in range(there[-1])]
    return rows


def test_the_published_customers_by_hand(clv: Clv, tmp_path: Path) -> None:
    log = written(tmp_path / "subs.csv", HEADER, the_regular())
    table = contracts(clv, log, "--as-of", "2017-01-01", "--horizon", "3y", "--margin", "0.5")
    rows = {row["contract_id"]: row for row in table}
    assert len(table) == 1000
    stays, gone = rows["basic0"], rows["basic999"]
    # The paper prints alpha .704 and beta 1.182: r(t) = (beta + t - 1) / (alpha + beta + t - 1), seven renewals made.
    r = sbg.retention(0.704, 1.182, 10)[7:]
    more = r[0] + r[0] * r[1] + r[0] * r[1] * r[2]
    assert float(stays["p_churn"]) == pytest.approx(1 - r[0], abs=1e-4)
    assert float(stays["expected_renewals"]) == pytest.approx(more, rel=1e-3)
    assert float(stays["expected_revenue"]) == pytest.approx(120 * more, rel=1e-3)
    assert float(stays["clv"]) == pytest.approx(60 * more, rel=1e-3)
    # 8 % leave at the next renewal: more than 5 %, so that nothing may come; three payments are the most likely.
    assert (float(stays["revenue_low"]), float(stays["revenue_high"])) == (0, 360)
    assert (stays["renewals"], stays["tenure_months"], stays["next_renewal"]) == ("7", "84", "2018-01-01")
    assert (stays["monthly"], stays["status"], stays["end"]) == ("10.0", "running", "")
    assert (stays["model"], stays["model_group"]) == ("sbg", "pooled")
    assert (gone["status"], gone["end"], gone["p_churn"], gone["next_renewal"]) == ("ended", "2010-12-31", "", "")
    assert [float(gone[name]) for name in NUMBERS] == [0] * 5
    assert (stays["stage"], gone["stage"]) == ("build", "churned")


def test_money_to_come_is_discounted_to_the_day_of_its_payment(clv: Clv, tmp_path: Path) -> None:
    log = written(tmp_path / "subs.csv", HEADER, the_regular())
    plain = contracts(clv, log, "--as-of", "2017-07-02", "--horizon", "1y")[0]
    less = contracts(clv, log, "--as-of", "2017-07-02", "--horizon", "1y", "--discount-rate", "0.1")[0]
    # The one payment within a year stands on 2018-01-01, 183 days away.
    assert plain["next_renewal"] == "2018-01-01"
    ratio = float(less["expected_revenue"]) / float(plain["expected_revenue"])
    assert ratio == pytest.approx(1.1 ** -(183 / 365.25), rel=1e-8)


def test_the_sample_has_a_row_a_contract_and_agrees_with_the_forecast(clv: Clv, tmp_path: Path) -> None:
    done = clv("economics", SAMPLE, "-o", "contracts.csv", "--json", "-q")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    table = pl.read_csv(tmp_path / "contracts.csv")
    assert table.height == len(SAMPLE.read_text().splitlines()) - 1
    total = found["contracts"]
    assert table["expected_revenue"].sum() == pytest.approx(total["expected_revenue"], rel=1e-8)
    assert total["expected_revenue"] == pytest.approx(sum(m["existing"] for m in found["forecast"]), rel=1e-9)
    assert total["revenue_low"] < total["expected_revenue"] < total["revenue_high"]
    assert total["running"] == table.filter(pl.col("status") == "running").height
    assert total["retention_elasticity"] > 1
    probabilities = table["p_churn"].drop_nulls()
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert (table["revenue_low"] <= table["revenue_high"]).all()
    ended = table.filter(pl.col("status") != "running")
    assert ended.height > 0
    assert ended["p_churn"].null_count() == ended.height
    assert all(ended[name].sum() == 0 for name in NUMBERS)
    page = " ".join(clv("economics", SAMPLE, "-q").out.decode().split())
    assert "1% more retention makes it" in page


def test_the_order_of_rows_and_a_higher_price(clv: Clv, tmp_path: Path) -> None:
    head, *lines = SAMPLE.read_text().splitlines()
    first = contracts(clv, SAMPLE)
    random.Random(5).shuffle(lines)
    (tmp_path / "other.csv").write_text("\n".join([head, *lines]) + "\n")
    assert contracts(clv, "other.csv") == first
    at = head.split(",").index("monthly_revenue")
    raised = [line.split(",") for line in lines]
    for fields in raised:
        fields[at] = f"{float(fields[at]) * 1.5:.2f}"
    (tmp_path / "dear.csv").write_text("\n".join([head, *(",".join(f) for f in raised)]) + "\n")
    for now, then in zip(contracts(clv, "dear.csv"), first, strict=True):
        assert now["p_churn"] == then["p_churn"]
        for name in NUMBERS[1:]:
            assert float(now[name]) == pytest.approx(1.5 * float(then[name]), rel=1e-8)


def test_plans_that_are_large_enough_have_curves_of_their_own(clv: Clv, tmp_path: Path) -> None:
    loyal = [(f"p{i}", f"c-p{i}", "pro", "2010-01-01", "2012-12-31" if i < 60 else "", 500, 12) for i in range(500)]
    loyal += [(f"q{i}", f"c-q{i}", "pro", "2010-01-01", "2015-12-31", 500, 12) for i in range(60)]
    few = [(f"f{i}", f"c-f{i}", "free", "2010-01-01", "2010-12-31" if i < 3 else "", 0, 12) for i in range(10)]
    log = written(tmp_path / "subs.csv", HEADER, [*the_regular(), *loyal, *few])
    rows = {row["contract_id"]: row for row in contracts(clv, log, "--as-of", "2017-01-01")}
    groups = [rows[name]["model_group"] for name in ("basic0", "p499", "f9")]
    assert groups == ["basic", "pro", "pooled"]
    alone = contracts(clv, written(tmp_path / "alone.csv", HEADER, the_regular()), "--as-of", "2017-01-01")
    assert rows["basic0"]["p_churn"] == next(r for r in alone if r["contract_id"] == "basic0")["p_churn"]
    assert float(rows["p499"]["p_churn"]) < float(rows["f9"]["p_churn"])


def test_an_upgrade_replaces_a_contract_and_goes_on_with_its_tenure(clv: Clv, tmp_path: Path) -> None:
    upgrade = [("u1", "c-u", "basic", "2014-01-01", "2015-12-31", 120, 12)]
    upgrade += [("u2", "c-u", "pro", "2016-01-01", "", 600, 12)]
    log = written(tmp_path / "subs.csv", HEADER, [*the_regular(), *upgrade])
    rows = {row["contract_id"]: row for row in contracts(clv, log, "--as-of", "2017-01-01")}
    old, new = rows["u1"], rows["u2"]
    assert (old["status"], old["stage"], old["expected_revenue"]) == ("replaced", "", "0.0")
    assert (new["status"], new["renewals"], new["start"]) == ("running", "3", "2016-01-01")


def test_payments_for_a_term_make_contracts(clv: Clv, tmp_path: Path) -> None:
    rows = [(f"c{i}", f"20{y}-01-10", 1200) for i in range(40) for y in range(18, 19 + i % 6)]
    log = written(tmp_path / "payments.csv", "customer,date,amount", rows)
    table = contracts(clv, log, "--term", "12", "--as-of", "2023-06-30")
    assert len(table) == 40
    by = {row["customer_id"]: row for row in table}
    assert (by["c5"]["status"], by["c5"]["renewals"], by["c5"]["next_renewal"]) == ("running", "5", "2024-01-10")
    assert (by["c0"]["status"], by["c0"]["end"]) == ("ended", "2019-01-09")


def test_stages_see_attributes_and_what_the_table_says(clv: Clv, tmp_path: Path) -> None:
    rows = the_regular()
    rows[-1] = (*rows[-1][:4], "2017-02-01", *rows[-1][5:])  # ends next month
    log = written(tmp_path / "subs.csv", HEADER, rows)
    seen = [("c-basic0", "2016-12-30"), ("c-basic1", "2016-10-01")]
    people = written(tmp_path / "people.csv", "customer_id,last_login", seen)
    table = contracts(clv, log, "--as-of", "2017-01-01", "--customers", people)
    by = {row["contract_id"]: row["stage"] for row in table}
    told = [by[name] for name in ("basic0", "basic1", "basic240", "basic999")]
    assert told == ["build", "churn-risk", "churn-risk", "churned"]
    text = "attributes: {p_churn: {type: number}, plan: {type: text}}\n"
    text += "stages:\n  - {stage: shaky, when: p_churn > 0.05 AND plan = 'basic'}\notherwise: {stage: rest}\n"
    (tmp_path / "mine.yaml").write_text(text)
    mine = contracts(clv, log, "--as-of", "2017-01-01", "--rules", "mine.yaml")
    assert {row["stage"] for row in mine if row["status"] == "running"} == {"shaky"}
    assert {row["stage"] for row in mine if row["status"] == "ended"} == {"rest"}


@pytest.mark.parametrize("kind", ["parquet", "ndjson", "xlsx", "md"])
def test_every_format(clv: Clv, tmp_path: Path, kind: str) -> None:
    log = written(tmp_path / "subs.csv", HEADER, the_regular()[-260:])
    assert clv("economics", log, "--as-of", "2017-01-01", "-f", kind, "-o", f"t.{kind}", "-q").code == 0
    content = (tmp_path / f"t.{kind}").read_bytes()
    if kind == "parquet":
        table = pl.read_parquet(io.BytesIO(content))
        assert table.height == 260
        assert table.select("next_renewal", "p_churn").dtypes == [pl.Date(), pl.Float64()]
    elif kind == "ndjson":
        assert json.loads(content.splitlines()[0])["status"] == "running"
    else:
        assert content


def test_periods_are_the_other_table(clv: Clv) -> None:
    table = contracts(clv, SAMPLE, "--rows", "periods")
    assert {"period", "new_mrr", "returned_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr"} <= table[0].keys()
    refused = clv("economics", ROOT / "sample_data" / "transactions.csv", "--rows", "contracts")
    assert refused.code == 2


def test_a_log_in_which_nobody_has_left_predicts_nothing(clv: Clv, tmp_path: Path) -> None:
    log = written(tmp_path / "subs.csv", HEADER, [("k1", "a", "pro", "2024-01-05", "", 100, 1)])
    row = contracts(clv, log, "--as-of", "2024-06-30")[0]
    assert [row[name] for name in ("p_churn", "expected_revenue", "clv", "model")] == [""] * 4
    assert (row["status"], row["renewals"], row["stage"]) == ("running", "5", "learn")


def test_an_endless_horizon_has_no_interval(clv: Clv, tmp_path: Path) -> None:
    log = written(tmp_path / "subs.csv", HEADER, the_regular())
    row = contracts(clv, log, "--as-of", "2017-01-01", "--horizon", "inf", "--discount-rate", "0.1")[0]
    assert [row[name] for name in ("expected_renewals", "revenue_low", "revenue_high")] == [""] * 3
    fit = sbg.expected_renewals(0.704, 1.182, None, 0.1, tenure=7)
    assert fit is not None
    # Payments begin a year from now: what expected_renewals counts, less the one of today.
    assert float(row["expected_revenue"]) == pytest.approx(120 * (fit - 1), rel=2e-3)


BAD: dict[str, tuple[list[tuple[object, ...]], str]] = {
    "before it starts": ([("k1", "a", "pro", "2024-01-05", "2023-01-05", 9, 1)], "end before they start"),
    "twice at a time": (
        [("k1", "a", "pro", "2024-01-05", "", 9, 1), ("k1", "a", "pro", "2024-03-05", "", 9, 1)],
        "1 contracts run twice at a time, first 'k1'",
    ),
    "of two customers": (
        [("k1", "a", "pro", "2024-01-05", "2024-02-04", 9, 1), ("k1", "b", "pro", "2024-03-05", "", 9, 1)],
        "1 contracts are of several customers, first 'k1'",
    ),
    "no months": ([("k1", "a", "pro", "2024-01-05", "", 9, "some")], "--term: 1 values are no whole months"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_contradicts_itself_is_refused(clv: Clv, tmp_path: Path, case: str) -> None:
    rows, said = BAD[case]
    done = clv("economics", written(tmp_path / "subs.csv", HEADER, rows), "-o", "t.csv")
    assert done.code == 3
    assert said in done.err
    assert "hint:" in done.err
    assert not (tmp_path / "t.csv").exists()


def test_prices_of_two_currencies_are_refused(clv: Clv, tmp_path: Path) -> None:
    rows = [("k1", "a", "pro", "2024-01-05", "", 9, 1, "EUR"), ("k2", "b", "pro", "2024-01-05", "", 9, 1, "USD")]
    done = clv("economics", written(tmp_path / "subs.csv", f"{HEADER},currency", rows), "-o", "t.csv")
    assert done.code == 3
    assert "several_currencies" in done.err


def test_bad_records_are_counted_as_those_of_any_log(clv: Clv, tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(f"k{i}", f"c{i}", "pro", "2024-01-05", "", 9, 1) for i in range(300)]
    rows += [("x1", "d", "pro", "someday", "", 9, 1), ("x2", "e", "pro", "2024-01-05", "", "much", 1)]
    done = clv("economics", written(tmp_path / "subs.csv", HEADER, rows), "--json", "-q")
    assert json.loads(done.out)["rows"]["rejected"] == {"bad_amount": 1, "bad_date": 1}


@pytest.mark.parametrize(
    ("interval", "months"),
    [
        ("year", 12),
        ("Annually", 12),
        ("month", 1),
        ("quarter", 3),
        ("3 months", 3),
        ("half-year", 6),
    ],
)
def test_intervals_of_exports(clv: Clv, tmp_path: Path, interval: str, months: int) -> None:
    header = "id,Customer ID,Plan,Quantity,Currency,Interval,Amount,Status,Start Date (UTC),Ended At (UTC)"
    row = ("sub_1", "cus_a", "pro", 1, "eur", interval, "120.00", "active", "2023-01-15 10:00:00", "")
    table: list[dict[str, Any]] = contracts(clv, written(tmp_path / "s.csv", header, [row]), "--as-of", "2023-02-20")
    assert table[0]["contract_id"] == "sub_1"
    assert (table[0]["plan"], int(table[0]["renewal_months"])) == ("pro", months)
    assert float(table[0]["monthly"]) == pytest.approx(120 / months)


def test_a_monthly_figure_may_stand_beside_the_interval_of_renewal(clv: Clv, tmp_path: Path) -> None:
    """MRR is a month's, whatever a contract's interval: that says when the contract may end."""
    rows = [("s1", "a", "2023-01-01", "", 249, "yearly"), ("s2", "b", "2023-01-01", "2023-06-01", 99, "monthly"),
            ("s3", "c", "2023-02-01", "", 99, "monthly")]  # fmt: skip
    header = "subscription_id,customer_id,started_at,cancelled_at,mrr,billing_period"
    table = contracts(clv, written(tmp_path / "subs.csv", header, rows), "--as-of", "2024-06-10")
    told = {row["contract_id"]: (row["monthly"], row["renewal_months"], row["next_renewal"]) for row in table}
    assert told["s1"] == ("249.0", "12", "2025-01-01")
    assert told["s3"] == ("99.0", "1", "2024-07-01")
