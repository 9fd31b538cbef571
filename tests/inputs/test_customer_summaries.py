"""A row a customer in place of a log: what it can give comes out as from the log."""

import json
import random
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

import clvcli

AS_OF = "2024-12-31"
DECIDED = ("stage", "phase", "action")
"""Columns that may read single purchases."""


def log(customers: int = 150, seed: int = 3) -> str:
    """Customers who buy every few weeks for a while, one-time buyers among them; the last record is of AS_OF."""
    draw, lines = random.Random(seed), ["customer_id,date,amount"]
    for i in range(customers):
        day, alive = date(2023, 1, 1) + timedelta(days=draw.randrange(500)), True
        while alive and day < date.fromisoformat(AS_OF):
            lines.append(f"c{i:03},{day},{draw.randrange(500, 9000) / 100:.2f}")
            day, alive = day + timedelta(days=draw.randrange(5, 90)), draw.random() < 0.75
    return "\n".join([*lines, f"c000,{AS_OF},20.00"]) + "\n"


SUMMARY = (
    "id,x,t.x,T.cal,zbar\n"
    + "".join(f"a{i:03},{i % 7},{(i % 7) * 11},{120 + i},{10 + i % 9 if i % 7 else ''}\n" for i in range(90))
)  # fmt: skip


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log and its scored table."""
    folder = tmp_path_factory.mktemp("summary")
    (folder / "log.csv").write_text(log())
    run = clvcli.score(str(folder / "log.csv"))
    run.table.write_csv(folder / "scored.csv", float_precision=None)
    return folder


def test_the_scored_table_is_a_summary_of_its_log(clv: Clv, scored: Path, tmp_path: Path) -> None:
    before = pl.read_csv(scored / "scored.csv", infer_schema=False)
    out = tmp_path / "again.csv"
    done = clv("score", "--summary", str(scored / "scored.csv"), "--as-of", AS_OF, "-o", str(out))
    assert done.code == 0, done.err
    after = pl.read_csv(out, infer_schema=False)
    same = [column for column in before.columns if column not in DECIDED]
    assert after.select(same).equals(before.select(same))
    manifest = json.loads((tmp_path / "again.csv.run.json").read_text())
    assert manifest["purchases"] == int(before["purchases"].cast(pl.Int64).sum())
    assert {w["code"] for w in manifest["warnings"]} >= {"summary_without_days"}


def test_rules_that_read_no_single_purchase_give_the_same_stages(clv: Clv, scored: Path, tmp_path: Path) -> None:
    rules = tmp_path / "own.yaml"
    rules.write_text(
        "schema: 1\nname: own\nphases: {keep: theirs}\nstages:\n"
        "  - {stage: good, phase: keep, when: f_score >= 4 AND p_alive > 0.5}\notherwise: {stage: rest, phase: keep}\n"
    )
    for name, data in (("log", [str(scored / "log.csv")]), ("summary", [str(scored / "scored.csv"), "--summary"])):
        done = clv("score", *data, "--as-of", AS_OF, "--rules", str(rules), "-o", str(tmp_path / f"{name}.csv"))
        assert done.code == 0, done.err
    assert (tmp_path / "log.csv").read_bytes() == (tmp_path / "summary.csv").read_bytes()


def test_a_model_of_a_summary_is_that_of_its_log(clv: Clv, scored: Path, tmp_path: Path) -> None:
    for name, data in (("log", [str(scored / "log.csv")]), ("summary", [str(scored / "scored.csv"), "--summary"])):
        done = clv("fit", *data, "--as-of", AS_OF, "-o", str(tmp_path / f"{name}.json"))
        assert done.code == 0, done.err
    one, other = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("log", "summary"))
    assert one["purchase"] == other["purchase"]
    assert one["spend"] == other["spend"]


def test_a_model_of_single_amounts_scores_a_summary(clv: Clv, scored: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "m.json")
    done = clv("fit", str(scored / "log.csv"), "--as-of", AS_OF, "--spend-basis", "amounts", "-o", model)
    assert done.code == 0, done.err
    for name, data in (("log", [str(scored / "log.csv")]), ("summary", [str(scored / "scored.csv"), "--summary"])):
        args = ["--as-of", AS_OF, "--use-model", model, "-o", str(tmp_path / f"{name}.csv")]
        done = clv("score", *data, *args)
        assert done.code == 0, done.err
    one, other = (pl.read_csv(tmp_path / f"{name}.csv")["clv"] for name in ("log", "summary"))
    assert one.equals(other)


@pytest.mark.parametrize(("unit", "length"), [("day", 1.0), ("week", 7.0), ("month", 30.4375)])
def test_times_are_read_in_the_unit_that_is_stated(
    clv: Clv, scored: Path, tmp_path: Path, unit: str, length: float
) -> None:
    table = pl.read_csv(scored / "scored.csv")
    days = [(pl.col(n) * 7 / length).round(4).alias(n) for n in ("recency", "T")]
    table.select("customer_id", "frequency", *days, "monetary_value", "total_spend").write_csv(tmp_path / "s.csv")
    out = tmp_path / "o.csv"
    done = clv("score", "--summary", str(tmp_path / "s.csv"), "--time-unit", unit, "--as-of", AS_OF, "-o", str(out))
    assert done.code == 0, done.err
    assert pl.read_csv(out)["clv"].to_list() == pytest.approx(table["clv"].to_list(), rel=1e-9)


def test_without_the_first_amounts_spend_is_that_of_repeat_purchases(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SUMMARY)
    out = tmp_path / "o.csv"
    day = ["--time-unit", "day", "--as-of", AS_OF]
    done = clv("score", "--summary", str(tmp_path / "s.csv"), *day, "-o", str(out))
    assert done.code == 0, done.err
    table, manifest = pl.read_csv(out), json.loads((tmp_path / "o.csv.run.json").read_text())
    assert table["total_spend"].null_count() == table["avg_purchase_value"].null_count() == table.height == 90
    assert table["expected_purchase_value"].null_count() == 0
    assert manifest["models"]["spend"]["basis"] == "repeat"
    assert "summary_without_total" in {w["code"] for w in manifest["warnings"]}


BAD = """customer_id,frequency,recency,T,monetary_value,total_spend
b1,1.5,7,70,10,20
b2,2,80,70,10,30
b3,2,,70,10,30
b4,2,many,70,10,30
b5,2,14,70,,30
b6,2,14,70,-1,30
b7,0,14,70,,5
b8,2,14,70,10,5
b9,3,2,70,10,50
,1,7,70,10,20
twice,1,7,70,10,20
twice,1,7,70,10,20
both,1,7,70,10,20
both,2,14,70,10,30
"""


def test_rows_that_cannot_be_are_listed(clv: Clv, tmp_path: Path) -> None:
    good = "".join(f"g{i},{i % 5},{(i % 5) * 9},{99 + i},20,{20 * (i % 5 + 1)}\n" for i in range(60))
    (tmp_path / "s.csv").write_text(BAD + good)
    out = tmp_path / "o.csv"
    args = ["--time-unit", "day", "--as-of", AS_OF, "--max-rejects", "20", "-o", str(out)]
    done = clv("score", "--summary", str(tmp_path / "s.csv"), *args)
    assert done.code == 0, done.err
    rejects = pl.read_csv(f"{out}.rejects.csv").select("line", "column", "reason").rows()
    assert rejects == [
        (2, "frequency", "impossible_history"), (3, "recency", "impossible_history"), (4, "recency", "missing_number"),
        (5, "recency", "bad_number"), (6, "monetary_value", "missing_number"),
        (7, "monetary_value", "impossible_history"), (8, "recency", "impossible_history"),
        (9, "total_spend", "impossible_history"), (10, "recency", "impossible_history"),
        (14, "customer_id", "repeated_customer"), (15, "customer_id", "repeated_customer"),
    ]  # fmt: skip
    rows = json.loads((tmp_path / "o.csv.run.json").read_text())["rows"]
    assert (rows["read"], rows["used"], rows["duplicates"], rows["excluded"]) == (74, 61, 1, {"no_customer_id": 1})


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "--as-of"),
        (["--as-of", AS_OF, "--where", "x > 1"], "--where has no effect with --summary"),
        (["--as-of", AS_OF, "--order-id", "x"], "--order-id has no effect with --summary"),
        (["--as-of", AS_OF, "--model", "auto"], "needs a log"),
        (["--as-of", AS_OF, "--model", "mbg-cnbd"], "needs a log"),
        (["--as-of", AS_OF, "--by", "first_amount"], "total_spend"),
        (["--as-of", AS_OF, "--spend-basis", "amounts"], "needs a log"),
        (["--as-of", AS_OF, "--customer", "nobody"], "no such column"),
        (["--as-of", AS_OF, "--engine", "spark"], "no effect with --engine spark"),
    ],
)
def test_what_a_summary_cannot_do_is_refused(clv: Clv, tmp_path: Path, args: list[str], words: str) -> None:
    (tmp_path / "s.csv").write_text(SUMMARY)
    done = clv("score", "--summary", str(tmp_path / "s.csv"), "-o", str(tmp_path / "o.csv"), *args)
    assert done.code == 2
    assert words in done.err
    assert "hint" in done.err
    assert not (tmp_path / "o.csv").exists()


def test_a_log_is_no_summary(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(log(20))
    done = clv("score", "--summary", str(tmp_path / "log.csv"), "--as-of", AS_OF)
    assert done.code == 3
    assert "a summary has no frequency, recency, T, monetary_value" in done.err


@pytest.mark.parametrize("name", ["s.parquet", "s.xlsx", "s.ndjson"])
def test_a_summary_may_have_any_format(clv: Clv, tmp_path: Path, name: str) -> None:
    table = pl.read_csv(SUMMARY.encode())
    if name == "s.xlsx":
        table.write_excel(tmp_path / name)
    elif name == "s.parquet":
        table.write_parquet(tmp_path / name)
    else:
        table.write_ndjson(tmp_path / name)
    (tmp_path / "s.csv").write_text(SUMMARY)
    for given in (name, "s.csv"):
        args = ["--time-unit", "day", "--as-of", AS_OF, "-o", str(tmp_path / f"{given}.out.csv")]
        done = clv("score", "--summary", str(tmp_path / given), *args)
        assert done.code == 0, done.err
    assert (tmp_path / f"{name}.out.csv").read_bytes() == (tmp_path / "s.csv.out.csv").read_bytes()


def test_a_frame_may_be_a_summary() -> None:
    run = clvcli.score(pl.read_csv(SUMMARY.encode()), summary=True, time_unit="day", as_of=AS_OF)
    assert run.table.height == 90
    assert run.table["clv"].null_count() == 0


def test_ids_of_a_summary_are_hashed(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SUMMARY)
    args = ["--time-unit", "day", "--as-of", AS_OF, "--hash-ids", "salt", "-o", str(tmp_path / "o.csv")]
    done = clv("score", "--summary", str(tmp_path / "s.csv"), *args)
    assert done.code == 0, done.err
    assert not any(name.startswith("a0") for name in pl.read_csv(tmp_path / "o.csv")["customer_id"])


def test_the_published_figures_from_a_summary(clv: Clv, tmp_path: Path) -> None:
    """CDNOW in weeks: Fader, Hardie & Lee (2005), Counting Your Customers the Easy Way, table 2: r .243, alpha 4.414,
    a .793, b 2.426, log-likelihood -9582.4."""
    table = resources.files("lifetimes").joinpath("datasets", "cdnow_customers_summary.csv").read_text()
    head, *lines = table.splitlines()
    (tmp_path / "cdnow.csv").write_text("\n".join([f"{head},monetary_value", *(f"{line},20" for line in lines)]) + "\n")
    args = ["--as-of", "1997-09-30", "-o", str(tmp_path / "m.json"), "-q"]
    done = clv("fit", "--summary", str(tmp_path / "cdnow.csv"), *args)
    assert done.code == 0, done.err
    fit = json.loads((tmp_path / "m.json").read_text())["purchase"]
    assert fit["log_likelihood"] == pytest.approx(-9582.4, abs=0.05)
    assert [fit["params"][n] for n in ("r", "alpha", "a", "b")] == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1e-3)
