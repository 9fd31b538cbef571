"""--where may read what --customers knows of the customer of each record: as if the log had those columns."""

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, Clv

DATA = ROOT / "sample_data"
LOG, PEOPLE = DATA / "transactions.csv", DATA / "customers.csv"


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("channel = 'search'", pl.col("channel") == "search"),
        ("channel <> 'search'", pl.col("channel") != "search"),
        ("acquisition_cost > 8", pl.col("acquisition_cost").cast(pl.Float64) > 8),
        ("abandoned_cart", pl.col("abandoned_cart") == "true"),
        ("signup_date < DATE '2023-06-01'", pl.col("signup_date") < "2023-06-01"),
        ("channel = 'search' AND customer_id < 'C0002000'",
         (pl.col("channel") == "search") & (pl.col("customer_id") < "C0002000")),
    ],
)  # fmt: skip
def test_the_same_as_a_log_of_those_customers(clv: Clv, tmp_path: Path, where: str, wanted: pl.Expr) -> None:
    people = pl.read_csv(PEOPLE, infer_schema=False).filter(wanted)
    people.write_csv(tmp_path / "few.csv")
    with LOG.open(encoding="utf-8") as lines, (tmp_path / "log.csv").open("w", encoding="utf-8") as kept:
        ids = set(people["customer_id"])
        kept.writelines(line for i, line in enumerate(lines) if not i or line.split(",")[0].strip() in ids)
    done = clv("score", LOG, "--customers", PEOPLE, "--where", where, "-o", "a.csv", "-q")
    other = clv("score", "log.csv", "--customers", "few.csv", "-o", "b.csv", "-q", "--max-rejects", "100%")
    assert (done.code, other.code) == (0, 0), done.err + other.err
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    excluded = json.loads((tmp_path / "a.csv.run.json").read_text())["rows"]["excluded"]
    assert excluded["where"] > 0


def test_leads_for_whom_it_cannot_hold_are_none(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("customer_id,date,amount\na,2024-01-05,10\nb,2024-02-01,5\n")
    (tmp_path / "people.csv").write_text("customer_id,channel\na,search\nb,mail\nlead1,search\nlead2,mail\nlead3,\n")
    done = clv("score", "log.csv", "--customers", "people.csv", "-o", "t.csv", "-q", "--no-model",
               "--where", "channel = 'search' AND amount > 1")  # fmt: skip
    assert done.code == 0, done.err
    ids = pl.read_csv(tmp_path / "t.csv")["customer_id"].to_list()
    assert ids == ["a", "lead1", "lead3"]  # nobody knows the channel of lead3


def test_under_hashed_ids_it_finds_the_same_people(clv: Clv, tmp_path: Path) -> None:
    tables = []
    for name, more in (("plain", ()), ("hashed", ("--hash-ids", "some salt"))):
        args = ("--customers", PEOPLE, "--where", "channel = 'search' AND amount > 1", *more)
        done = clv("score", LOG, *args, "-o", f"{name}.csv", "-q")
        assert done.code == 0, done.err
        tables.append(pl.read_csv(tmp_path / f"{name}.csv").select("purchases", "total_spend", "last_purchase_date"))
    assert tables[0].sort(pl.all()).equals(tables[1].sort(pl.all()))


@pytest.mark.parametrize(
    "args",
    [
        ("economics", LOG),
        ("crosssell", DATA / "lines.csv", "--product", "product", "--amount", "quantity * unit_price"),
    ],
    ids=["economics", "crosssell"],
)
def test_other_commands_see_them_too(clv: Clv, args: tuple[object, ...]) -> None:
    all_of_them = clv(*args, "--customers", PEOPLE, "--json")
    some = clv(*args, "--customers", PEOPLE, "--where", "region = 'south'", "--json")
    assert (all_of_them.code, some.code) == (0, 0), some.err
    used = [json.loads(done.out)["rows"]["used"] for done in (all_of_them, some)]
    assert 0 < used[1] < used[0]


def test_explain_reads_the_log_as_the_run_did(clv: Clv, tmp_path: Path) -> None:
    run = ("--customers", PEOPLE, "--where", "channel = 'search'")
    assert clv("score", LOG, *run, "-o", "t.csv", "-q").code == 0
    customer = pl.read_csv(tmp_path / "t.csv").filter(pl.col("purchases") > 1)["customer_id"][0]
    done = clv("explain", "t.csv", LOG, customer)
    assert done.code == 0, done.err
    assert customer in done.page


def test_a_name_that_nobody_has_is_refused(clv: Clv, tmp_path: Path) -> None:
    done = clv("score", LOG, "--customers", PEOPLE, "--where", "chanel = 'search'")
    assert done.code == 2
    assert "did you mean channel?" in done.err
    (tmp_path / "log.csv").write_text("client,date,amount\na,2024-01-05,10\n")
    other = clv("score", "log.csv", "--customer", "client", "--customers", PEOPLE, "--where", "customer_id = 'a'")
    assert (other.code, "there are client, date, amount" in other.err) == (2, True)
    alone = clv("score", LOG, "--where", "channel = 'search'")
    assert (alone.code, "unknown column channel" in alone.err) == (2, True)
