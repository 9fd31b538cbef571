"""People beside their purchases on a cluster: attributes, leads, margins; what one machine makes of the same file."""

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from engines.spark_fixtures import Run
from engines.test_conformance import same_stages, same_table, same_values, same_warnings

from clvcli.engines.people import read_attributes
from clvcli.engines.spark import batches
from clvcli.engines.spark.blocks import Texts
from clvcli.engines.spark.person_rows import KEY, NOTE, Rows, Typed
from clvcli.lifecycle.load import load_rules
from clvcli.log.read import read_table

LOG, PEOPLE = (ROOT / "sample_data" / name for name in ("transactions.csv", "customers.csv"))


def write_parquet(path: Path) -> None:
    """The same people, some of them twice; with a margin, names that a log has too, and names in another case."""
    people = pl.read_csv(PEOPLE, infer_schema=False)
    people = people.with_columns(
        (pl.int_range(pl.len()) % 5 / 10 + 0.2).alias("margin"),
        pl.col("visits").cast(pl.Int64).alias("Visits"),
        pl.lit("mine").alias("stage"),
        pl.col("region").str.to_uppercase().alias("Region"),
    )
    pl.concat([people, people[:50]]).write_parquet(path, row_group_size=1000)


CASES: dict[str, list[str | Path]] = {
    "csv": [PEOPLE, "--by", "region"],
    "parquet": ["people.parquet", "--by", "first_amount", "--margin", "margin", "--as-of", "2024-10-31",
                "--previous", "earlier.parquet", "--model", "mbg-nbd"],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_attributes_and_leads_are_the_same(case: str, on_cluster: Run, on_this_machine: Run, tmp_path: Path) -> None:
    write_parquet(tmp_path / "people.parquet")
    if case == "parquet":
        assert on_this_machine("score", LOG, "--as-of", "2024-05-31", "-o", "earlier.parquet", "-q").code == 0
    args: list[str | Path] = ["score", LOG, "-q", "--customers", *CASES[case]]
    assert on_this_machine(*args, "-o", "here.parquet").code == 0
    done = on_cluster(*args, "-o", "there")
    assert (done.code, done.err) == (0, "")
    here, there = (json.loads((tmp_path / f"{n}.run.json").read_text()) for n in ("here.parquet", "there"))
    assert there["leads"] > 500
    assert there["series"]["economics"]["customers"] > 5_000
    assert len(there["models"]["groups"]) >= 4
    for part in ("customers", "leads", "purchases", "models", "series", "portfolio"):
        same_values(here[part], there[part], part)
    same_stages(here["stages"], there["stages"])
    same_warnings(here["warnings"], there["warnings"])
    assert ("hidden_attribute" in {w["code"] for w in there["warnings"]}) == (case == "parquet")
    tables = [pl.read_parquet(tmp_path / name) for name in ("here.parquet", "there/*.parquet")]
    same_table(*tables, least=6_500)


@pytest.mark.parametrize(
    ("content", "more", "code", "words"),
    [
        ("id,age\na,1\n b ,2\nb,3\n", [], 3, "1 customers have several different rows, first 'b'"),
        ("id,age\na,1\n,2\n  ,3\n", [], 3, "2 rows have no id"),
        ("id,age\na,1\nb\n", [], 3, "people.csv, line 3: too few fields"),
        ("id,share\na,0.5\n", ["--margin", "share"], 2, "5993 customers of the log are not in --customers"),
        ("id,share\na,half\n", ["--margin", "share"], 2, "1 customers of people.csv have no rate of 0 or more"),
    ],
)
def test_people_who_cannot_be_told_apart_are_refused(
    content: str, more: list[str], code: int, words: str, on_cluster: Run, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(content)
    done = on_cluster("score", LOG, "--customers", "people.csv", *more, "-o", "there")
    assert done.code == code
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["people.csv"]


def test_people_of_tasks_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 700)
    table = read_table(str(PEOPLE), "customers")
    table = pl.concat([table, table[::7]])
    rules = load_rules("rfm-lifecycle")
    texts = Texts(None, {name: pl.col(name) for name in table.columns})
    rows = pl.concat(Rows(texts, "customer_id", tuple(table.columns))(table.iter_slices(500)))
    step = Typed(rules, str(PEOPLE), None, None, tuple(table.columns))
    found = pl.concat(step(rows.sort(KEY).iter_slices(300)))
    assert found[NOTE].null_count() == found.height
    whole = read_attributes(str(PEOPLE), rules).frame
    assert whole is not None
    assert found.drop(NOTE).equals(whole)
