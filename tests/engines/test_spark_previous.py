"""An earlier table and a saved model on a cluster: what is told of them is what the default engine tells."""

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from engines.spark_fixtures import Run
from engines.test_conformance import same_table, same_values, same_warnings

LOG = ROOT / "sample_data" / "transactions.csv"


@pytest.fixture
def earlier(tmp_path: Path, on_this_machine: Run) -> Path:
    """A table of half a year before, in two files of a folder, with its manifest; ten customers are in it alone."""
    assert on_this_machine("score", LOG, "--as-of", "2024-06-30", "-o", "earlier.parquet", "-q").code == 0
    folder = tmp_path / "earlier"
    folder.mkdir()
    table = pl.read_parquet(tmp_path / "earlier.parquet")
    table = table.with_columns(pl.when(pl.int_range(pl.len()) % 9 == 5).then(None).otherwise("stage").alias("stage"))
    gone = table.head(10).with_columns(("gone-" + pl.col("customer_id")).alias("customer_id"))
    table[:1000].write_parquet(folder / "a.parquet")
    pl.concat([table[1000:], gone]).write_parquet(folder / "b.parquet")
    (tmp_path / "earlier.parquet.run.json").rename(tmp_path / "earlier.run.json")
    return folder


@pytest.fixture
def model(tmp_path: Path, on_this_machine: Run) -> Path:
    """Models by group of long ago, whose pooled one expects half as many purchases as are made."""
    fitted = on_this_machine("fit", LOG, "--as-of", "2023-11-30", "--by", "first_amount", "-o", "model.json", "-q")
    assert fitted.code == 0
    content = json.loads((tmp_path / "model.json").read_text())
    content["purchase"]["params"]["alpha"] *= 2
    (tmp_path / "model.json").write_text(json.dumps(content))
    return tmp_path / "model.json"


@pytest.mark.parametrize("horizon", ["12m", pytest.param("6m", marks=pytest.mark.long_on_cluster)])
def test_who_changed_stage_is_told_alike(
    horizon: str, earlier: Path, model: Path, on_cluster: Run, on_this_machine: Run, tmp_path: Path
) -> None:
    args = ["score", LOG, "--previous", earlier.name, "--use-model", model, "--horizon", horizon, "-q"]
    args += ["--by", "first_amount", "--changed-only"] if horizon == "12m" else []
    assert on_this_machine(*args, "-o", "here.parquet").code == 0
    done = on_cluster(*args, "-o", "there")
    assert (done.code, done.err) == (0, "")
    here, there = (json.loads((tmp_path / f"{n}.run.json").read_text()) for n in ("here.parquet", "there"))
    for part in ("models", "stages", "series", "portfolio", "previous"):
        same_values(here[part], there[part], part)
    same_warnings(here["warnings"], there["warnings"])
    codes = {warning["code"] for warning in there["warnings"]}
    assert codes >= {"model_period", "model_drift"}
    assert ("groups_unused" in codes) == (horizon == "6m")
    assert there["previous"]["left"] == 11  # one has brought everything back since
    moved = there["series"]["transitions"]
    assert moved["changed"] > 1_000
    # Valued for another horizon, the earlier values are no comparison.
    assert (len(moved["up"]), len(moved["down"])) == ((10, 10) if horizon == "12m" else (0, 0))
    tables = [pl.read_parquet(tmp_path / name) for name in ("here.parquet", "there/*.parquet")]
    same_table(*tables, least=3_000)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plain.csv", "reads earlier tables in Parquet alone"),
        ("log.parquet", "is no scored table: it has no column stage"),
        ("twice.parquet", "a customer_id is empty or appears twice"),
    ],
)
def test_what_is_no_earlier_table_is_refused(name: str, words: str, on_cluster: Run, tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer_id": ["a", "b", "a"], "stage": "new"})
    frame.write_csv(tmp_path / "plain.csv")
    frame.drop("stage").write_parquet(tmp_path / "log.parquet")
    frame.write_parquet(tmp_path / "twice.parquet")
    done = on_cluster("score", LOG, "--previous", name, "-o", "there")
    assert done.code == 3
    assert done.err.startswith(f"clv: {name}: ")
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.parquet", "plain.csv", "twice.parquet"]
