"""Names of outputs: every combination of the contract's section on outputs."""

from typing import Any

import pytest

from clvcli.core.errors import UsageError
from clvcli.output import Targets, plan_targets


@pytest.mark.parametrize(
    ("files", "fmt", "table"),
    [
        (["orders.csv"], None, "orders.scored.csv"),
        (["/data/2024/orders.csv.gz"], None, "orders.scored.csv"),
        (["my.orders.parquet"], "parquet", "my.orders.scored.parquet"),
        (["orders"], "ndjson", "orders.scored.ndjson"),
        (["orders.log"], None, "orders.scored.csv"),
        (["2024.06"], None, "2024.06.scored.csv"),
        (["s3://lake/orders/part.csv.zst"], "xlsx", "part.scored.xlsx"),
        (["a.csv", "b.csv"], None, "scored.csv"),
        (["a.csv", "b.csv"], "parquet", "scored.parquet"),
        (["-"], None, "-"),
        (["C:\\data\\orders.CSV"], None, "orders.scored.csv"),
        ([".csv"], None, ".csv.scored.csv"),
    ],
)
def test_default_name(files: list[str], fmt: str | None, table: str) -> None:
    plan = plan_targets(files, format=fmt)
    assert plan.table == table
    assert plan.default_name is (table != "-")


def test_companions_are_appended() -> None:
    plan = plan_targets(["a.csv"], output="out/scored.parquet", report="r.html")
    assert plan == Targets(
        table="out/scored.parquet",
        manifest="out/scored.parquet.run.json",
        rejects="out/scored.parquet.rejects.csv",
        report="r.html",
        key=None,
        format="parquet",
        manifest_on_stdout=False,
        default_name=False,
    )
    assert list(plan.files) == ["table", "report", "rejects", "manifest"]


@pytest.mark.parametrize("output", ["-", "/dev/null", "/dev/stdout", "/dev/fd/3"])
def test_streams_have_no_companions(output: str) -> None:
    assert plan_targets(["a.csv"], output=output).files == {"table": output}
    named = plan_targets(["a.csv"], output=output, manifest="m.json", rejects="r.csv")
    assert named.files == {"table": output, "rejects": "r.csv", "manifest": "m.json"}


def test_dry_run_writes_only_what_is_named() -> None:
    assert plan_targets(["a.csv"], output="x.csv", report="r.html", dry_run=True).files == {}
    assert plan_targets(["a.csv"], dry_run=True, rejects="r.csv").files == {"rejects": "r.csv"}
    assert plan_targets(["a.csv"], dry_run=True, manifest="m.json", json=True).files == {"manifest": "m.json"}


def test_json_prints_the_manifest_and_still_writes_it() -> None:
    plan = plan_targets(["a.csv"], json=True)
    assert plan.manifest_on_stdout
    assert plan.manifest == "a.scored.csv.run.json"


@pytest.mark.parametrize(
    "typed",
    [
        {"files": ["a.csv"], "output": "-", "json": True},
        {"files": ["-"], "json": True},
        {"files": ["-"], "json": True, "dry_run": True},
        {"files": ["a.csv"], "manifest": "-"},
        {"files": ["a.csv"], "rejects": "-"},
        {"files": ["a.csv"], "report": "-"},
        {"files": ["a.csv"], "output": ""},
        {"files": ["a.csv"], "manifest": ""},
        {"files": ["a.csv"], "output": "x.csv.gz"},
    ],
)
def test_what_cannot_be_is_refused(typed: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        plan_targets(typed.pop("files"), **typed)


def test_json_with_stdin_and_a_named_table_is_fine() -> None:
    assert plan_targets(["-"], output="x.csv", json=True).manifest_on_stdout
