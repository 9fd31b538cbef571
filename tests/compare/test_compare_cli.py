"""`clv compare` and `clv plan` as users type them, on two runs of CDNOW a month apart."""

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

DAYS = ("1997-03-31", "1997-04-30")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, cdnow_csv: Path) -> Path:
    """The log scored on two days, CSV and Parquet."""
    from clvcli.core.options import ScoreOptions
    from clvcli.scoring.job import score

    folder = tmp_path_factory.mktemp("runs")
    for day, name in zip(DAYS, ("old.csv", "new.parquet"), strict=True):
        score(ScoreOptions(data=(str(cdnow_csv),), as_of=day, output=str(folder / name)))
    return folder


def test_a_month_apart(clv: Clv, runs: Path) -> None:
    done = clv("compare", runs / "old.csv", runs / "new.parquet", "-o", "moves.csv", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    old = pl.read_csv(runs / "old.csv", infer_schema=False)
    new = pl.read_parquet(runs / "new.parquet")
    before = dict(old["stage"].value_counts().iter_rows())
    after = dict(new["stage"].value_counts().iter_rows())
    for stage in found["stages"]:
        rows = [t["customers"] for t in found["transitions"] if t["old"] == stage]
        columns = [t["customers"] for t in found["transitions"] if t["new"] == stage]
        assert (sum(rows), sum(columns)) == (before.get(stage, 0), after.get(stage, 0))
        shares = [t["share"] for t in found["transitions"] if t["old"] == stage]
        assert not shares or sum(shares) == pytest.approx(1)
    assert found["days"] == 30
    assert found["lift"] is None
    assert found["before_after"]["label"] == "not evidence"
    assert "not evidence" in done.page


def test_ids_in_one_file_only(clv: Clv, runs: Path, tmp_path: Path) -> None:
    """Five customers of OLD are not in NEW and seven of NEW not in OLD: every one is counted."""
    whole = pl.read_csv(runs / "old.csv", infer_schema=False)
    whole[7:].write_csv(tmp_path / "old.csv")
    pl.read_parquet(runs / "new.parquet")[:-5].write_parquet(tmp_path / "new.parquet")
    manifests = ("--old-manifest", runs / "old.csv.run.json", "--new-manifest", runs / "new.parquet.run.json")
    done = clv("compare", "old.csv", "new.parquet", *manifests, "-o", "moves.csv", "--json")
    assert done.code == 0, done.err
    status = dict(pl.read_csv(tmp_path / "moves.csv")["status"].value_counts().iter_rows())
    assert (status["appeared"], status["vanished"]) == (7, 5)
    assert sum(status.values()) == whole.height
    assert "5 customers of OLD are not in NEW" in done.err


def test_tables_without_a_customer_in_common(clv: Clv, runs: Path, tmp_path: Path) -> None:
    """Everybody is accounted for, nothing is claimed of those in both, and the reader is asked."""
    new = pl.read_parquet(runs / "new.parquet").with_columns(customer_id=pl.format("x{}", "customer_id"))
    new.write_parquet(tmp_path / "new.parquet")
    done = clv("compare", runs / "old.csv", "new.parquet", "--new-manifest", runs / "new.parquet.run.json", "--json")
    assert done.code == 0, done.err
    assert "Nobody is in both: are they of the same log?" in done.page
    told = json.loads(done.out)
    assert {t["new"] for t in told["transitions"] if t["old"] != "(appeared)"} == {"(vanished)"}
    lines = {line["measure"]: line for line in told["before_after"]["lines"]}
    assert lines["sales of customers in both"]["after"] is None
    assert lines["bought more often than before"]["after"] is None


def test_without_a_manifest(clv: Clv, runs: Path, tmp_path: Path) -> None:
    table = tmp_path / "alone.csv"
    table.write_bytes((runs / "old.csv").read_bytes())
    done = clv("compare", table, runs / "new.parquet")
    assert done.code == 3
    assert "--old-manifest FILE" in done.err
    plan = clv("plan", table)
    assert plan.code == 3
    assert "--start DATE and --rules FILE" in plan.err
    replaced = clv("plan", table, "--start", "1997-04-01", "--rules", "rfm-lifecycle", "-o", "-")
    assert replaced.code == 0, replaced.err
    assert replaced.out.startswith(b"date,customer_id,stage,campaign,action,channel,variant,reason,")


def test_other_horizons_are_refused_or_explained(clv: Clv, runs: Path, tmp_path: Path) -> None:
    other = json.loads((runs / "new.parquet.run.json").read_text())
    (tmp_path / "other.json").write_text(json.dumps({**other, "horizon": "24m"}))
    args = ("compare", runs / "old.csv", runs / "new.parquet", "--new-manifest", "other.json")
    refused = clv(*args)
    assert refused.code == 2
    assert "horizon 12m and 24m" in refused.err
    allowed = clv(*args, "--allow-different")
    assert allowed.code == 0
    assert "different_runs" in allowed.err


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("old.csv",), 2, "NEW is missing (hint: clv compare OLD NEW"),
        (("new.parquet", "old.csv"), 2, "OLD first"),
        (("old.csv", "old.csv"), 2, "nothing lies between"),
        (("old.csv", "none.csv"), 3, "no such file"),
        (("old.csv", "old.csv.run.json"), 3, "a table that clv score wrote"),
        (("old.csv", "new.parquet", "--first-stage", "x"), 2, "no stage"),
        (("old.csv", "new.parquet", "--json", "-o", "-"), 2, "stdout"),
        (("old.csv", "new.parquet", "-o", "old.csv"), 2, "overwrite"),
    ],
)
def test_refusals(clv: Clv, runs: Path, args: tuple[str, ...], code: int, words: str) -> None:
    done = clv("compare", *args, cwd=runs)
    assert (done.code, words in done.err) == (code, True), done.err


def test_plan_writes_a_calendar_and_its_figures(clv: Clv, runs: Path, tmp_path: Path) -> None:
    done = clv("plan", runs / "old.csv", "--days", "14d", "--capacity", "100", "--json")
    assert done.code == 0, done.err
    figures = json.loads(done.out)
    calendar = pl.read_csv(tmp_path / "old.plan.csv")
    assert figures["contacts"] == calendar.height
    assert (figures["start"], figures["end"]) == ("1997-04-01", "1997-04-14")
    assert calendar.group_by("date").len()["len"].max() == 100
    first = calendar.filter(pl.col("date") == "1997-04-01")["stake"]
    assert first.is_sorted(descending=True)
    again = clv("plan", runs / "old.csv", "--days", "14d", "--capacity", "100", "--json")
    assert again.out == done.out  # its own file may be replaced
    (tmp_path / "old.plan.csv.run.json").unlink()
    assert clv("plan", runs / "old.csv").code == 6  # a file that no run wrote may not
    later = clv("plan", runs / "old.csv", "--contacted", "old.plan.csv", "--days", "7d", "-o", "next.csv")
    assert later.code == 0, later.err


def test_lift_by_campaign_from_plan_to_result(clv: Clv, cdnow_csv: Path, tmp_path: Path) -> None:
    """Score with a control group, plan, score later, compare with the calendar: every figure counted again by hand."""
    rules = clv("rules", "show", "--yaml").out.decode() + "\ncontrol_group: {share: 0.3, salt: s}\n"
    (tmp_path / "rules.yaml").write_text(rules)
    for day, name in zip(("1997-06-30", "1997-12-31"), ("old.csv", "new.csv"), strict=True):
        assert clv("score", cdnow_csv, "--rules", "rules.yaml", "--as-of", day, "-o", name, "-q").code == 0
    assert clv("plan", "old.csv", "-o", "plan.csv", "--cost", "email=0.5", "-q").code == 0
    done = clv("compare", "old.csv", "new.csv", "--contacts", "plan.csv", "--json")
    assert done.code == 0, done.err
    found = {c["name"]: c for c in json.loads(done.out)["campaigns"]}
    made = pl.read_csv(tmp_path / "plan.csv", infer_schema=False)
    due = pl.read_csv(tmp_path / "plan.csv.due.csv", infer_schema=False)
    old = pl.read_csv(tmp_path / "old.csv", infer_schema=False)
    control = set(old.filter(pl.col("in_control") == "true")["customer_id"])
    assert control
    assert not control & set(made["customer_id"])
    assert control & set(due["customer_id"])
    assert {part for name in found for part in name.split(" + ")} == set(due["campaign"])
    for name, one in found.items():
        listed = due.filter(pl.col("campaign") == name.split(" + ")[0])
        assert one["treated"] + one["control"] == listed.height
        assert one["control"] == listed.filter(pl.col("in_control") == "true").height
        mine = made.filter(pl.col("campaign").is_in(name.split(" + ")))
        assert (one["contacts"], one["contacted"]) == (mine.height, mine["customer_id"].n_unique())
        assert one["cost"] == pytest.approx(mine["cost"].cast(pl.Float64).sum())
    assert "Campaigns" in clv("compare", "old.csv", "new.csv", "--contacts", "plan.csv").page
    without = clv("plan", "old.csv", "-o", "other.csv", "-q")
    assert without.code == 0
    (tmp_path / "other.csv.due.csv").unlink()
    assert "not_due" in clv("compare", "old.csv", "new.csv", "--contacts", "other.csv").err
    wrong = clv("compare", "old.csv", "new.csv", "--contacts", "old.csv.rejects.csv")
    assert (wrong.code, "no columns customer_id and campaign" in wrong.err) == (3, True)
