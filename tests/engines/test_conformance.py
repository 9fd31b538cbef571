"""One dirty log through every engine of the folder: the default one is the authority, the others have to equal it.

Record accounting, rejects, warnings, histories, weights, cuts and stages are equal; parameters and scores to 1e-9
relative.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from engines.cluster import ROOT, Cluster
from engines.dirty_log import write_csv
from engines.inside import ENGINES
from engines.spark_fixtures import Run, clean_env

from clvcli.log.id_anomalies import MESSAGES, VARIANTS

RTOL = 1e-9
FOLDER = ROOT / "clvcli" / "engines"
OTHERS = sorted(p.name for p in FOLDER.iterdir() if p.is_dir() and p.name not in {"__pycache__", "local"})
COMMON = ["--tz", "Europe/Berlin", "--max-rejects", "5%"]
CASES: dict[str, tuple[str, list[str]]] = {
    "csv": (
        "csv",
        ["--where", "amount > 0.5 OR amount < 0 OR date < DATE '2023-02-01'", "--order-id", "order_no",
         "--by", "first_amount", "--horizon", "6m"],
    ),
    "parquet": (
        "parquet",
        ["--where", "note <> 'x' OR order_no LIKE 'O1%'", "--amount", "amount * 1.5", "--returns", "net",
         "--duplicates", "drop",
         "--as-of", "2024-06-30", "--decimals", "3", "--order-id", "order_no", "--line-id", "line_no",
         "--by", "shop"],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """What a run left."""

    table: pl.DataFrame
    manifest: dict[str, Any]
    rejects: str


def test_every_engine_of_the_folder_is_compared() -> None:
    assert set(OTHERS) | {"polars"} == set(ENGINES)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The log as CSV, and as Parquet of text columns."""
    folder = tmp_path_factory.mktemp("dirty")
    made = {"csv": write_csv(folder / "csv"), "parquet": folder / "parquet"}
    made["parquet"].mkdir()
    for i, path in enumerate(sorted(made["csv"].glob("*.csv"))):
        frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
        frame = frame.filter(pl.col("note").is_not_null() | pl.col("order_no").is_not_null())
        frame.write_parquet(made["parquet"] / f"part{i}.parquet", row_group_size=5000)
    return made


def scored(run: Run, log: Path, folder: Path, args: list[str]) -> Scored:
    done = run("score", log, *COMMON, *args, "-o", folder / "scored.parquet", "-q")
    assert (done.code, done.err) == (0, "")
    place = folder / "scored.parquet"
    manifest = json.loads(Path(f"{place}.run.json").read_text())
    table = pl.read_parquet(place / "*.parquet" if place.is_dir() else place)
    return Scored(table, manifest, Path(f"{place}.rejects.csv").read_text())


@pytest.mark.parametrize("case", CASES)
def test_spark_gives_the_same_table_and_accounts(
    case: str, logs: dict[str, Path], on_cluster: Run, on_this_machine: Run, tmp_path: Path
) -> None:
    kind, args = CASES[case]
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here = scored(on_this_machine, logs[kind], tmp_path / "here", args)
    there = scored(on_cluster, logs[kind], tmp_path / "there", args)
    assert sum(here.manifest["rows"]["excluded"].values()) > 500
    for part in ("rows", "customers", "purchases", "as_of", "columns"):
        assert there.manifest[part] == here.manifest[part], part
    assert there.rejects == here.rejects
    same_values(here.manifest["models"], there.manifest["models"], "models")
    assert len(there.manifest["models"]["groups"]) >= 3
    same_stages(here.manifest["stages"], there.manifest["stages"])
    same_warnings(here.manifest["warnings"], there.manifest["warnings"])
    codes = {warning["code"]: warning["message"] for warning in there.manifest["warnings"]}
    assert len({*MESSAGES, *VARIANTS} & codes.keys()) >= 8
    assert codes.keys() >= {"order_of_several_customers", "order_on_several_dates"}
    assert "which made 83 ids equal to another" in codes["trimmed_ids"]
    assert ("repeated_pairs_differ" in codes) == ("--line-id" in args)
    for part in ("series", "portfolio", "rules"):
        assert list(there.manifest[part]) == list(here.manifest[part])
        same_values(here.manifest[part], there.manifest[part], part)
    same_table(here.table, there.table)


def same_warnings(here: list[dict[str, Any]], there: list[dict[str, Any]]) -> None:
    """In any order."""
    mine, theirs = (sorted(run, key=lambda warning: warning["message"]) for run in (here, there))
    assert theirs == mine


def same_stages(here: list[dict[str, Any]], there: list[dict[str, Any]]) -> None:
    assert len(here) == len(there)
    for mine, theirs in zip(here, there, strict=True):
        exact = ("stage", "phase", "customers", "in_control")
        assert [theirs[n] for n in exact] == [mine[n] for n in exact]
        for name in ("clv", "total_spend", "expected_purchases"):
            assert theirs[name] == (None if mine[name] is None else pytest.approx(mine[name], rel=RTOL))


def same_values(here: Any, there: Any, where: str) -> None:
    """Numbers with a point to 1e-9 relative, everything else equal."""
    if isinstance(here, dict) and isinstance(there, dict):
        assert set(there) == set(here), where
        for name, value in here.items():
            same_values(value, there[name], f"{where}.{name}")
    elif isinstance(here, list) and isinstance(there, list):
        assert len(there) == len(here), where
        for i, value in enumerate(here):
            same_values(value, there[i], f"{where}[{i}]")
    elif isinstance(here, float):
        assert there == pytest.approx(here, rel=RTOL), where
    else:
        assert there == here, where


def same_table(here: pl.DataFrame, there: pl.DataFrame, *, least: int = 15_000) -> None:
    assert here.schema == there.schema
    assert here.height > least
    for name, kind in here.schema.items():
        mine, theirs = here[name], there[name]
        if kind != pl.Float64:
            assert theirs.equals(mine), name
            continue
        assert theirs.is_null().equals(mine.is_null()), name
        far = (theirs - mine).abs() > RTOL * mine.abs()
        assert not far.any(), name


AUTO = """
import sys
from clvcli.scoring import choose, scored
from clvcli.cli.app import run

choose.CUSTOMERS = scored.CUSTOMERS = 2_000
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.long_on_cluster
def test_a_model_is_chosen_by_the_same_customers_and_scaled_by_the_same_months(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "auto.py").write_text(AUTO)
    log = str(ROOT / "sample_data" / "transactions.csv")
    args = [log, "--model", "auto", "--seasonality", "month", "--horizon", "90d", "-q"]
    for python, more in (
        (sys.executable, ["-o", "here.parquet"]),
        (cluster.client, ["-o", "there", "--engine", "spark", "--remote", cluster.url]),
    ):
        done = subprocess.run(
            [python, "auto.py", "score", *args, *more], cwd=tmp_path, env=clean_env(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
    here, there = (json.loads((tmp_path / f"{n}.run.json").read_text()) for n in ("here.parquet", "there"))
    assert here["models"]["choice"]["folds"] == 3
    for part in ("models", "series", "portfolio"):
        same_values(here[part], there[part], part)
    same_warnings(here["warnings"], there["warnings"])
    tables = [pl.read_parquet(tmp_path / name) for name in ("here.parquet", "there/*.parquet")]
    same_table(*tables, least=5_000)


STAMPED = """
import datetime, sys
import pyarrow as pa, pyarrow.parquet as pq

start = datetime.datetime(2024, 1, 1, 22, 30)
stamps = [start + datetime.timedelta(days=i % 50 * 3, minutes=i % 180) for i in range(300)]
kind = pa.timestamp("us", "UTC" if sys.argv[2] == "moment" else None)
columns = {"customer_id": [f"c{i % 40}" for i in range(300)], "amount": [10.0 + i % 7 for i in range(300)]}
table = pa.table(columns | {"date": pa.array(stamps, pa.timestamp("us")).cast(kind)})
pq.write_table(table, sys.argv[1], use_deprecated_int96_timestamps=sys.argv[2] == "int96")
"""


@pytest.mark.parametrize("kind", ["int96", "naive", "moment"])
def test_times_of_parquet_fall_on_the_same_days(
    kind: str, cluster: Cluster, on_cluster: Run, on_this_machine: Run, tmp_path: Path
) -> None:
    subprocess.run([cluster.client, "-c", STAMPED, tmp_path / "log.parquet", kind], check=True, env=clean_env())
    args = ["score", "log.parquet", "--tz", "Europe/Berlin", "--no-model", "-q"]
    assert on_this_machine(*args, "-o", "here.parquet").code == 0
    done = on_cluster(*args, "-o", "there")
    assert (done.code, done.err) == (0, "")
    here, there = (pl.read_parquet(tmp_path / name) for name in ("here.parquet", "there/*.parquet"))
    assert there["last_purchase_date"].equals(here["last_purchase_date"])
    late = (here["first_purchase_date"] == date(2024, 1, 4)).sum()  # half of the times are 23:00 and later
    assert late == (1 if kind == "moment" else 2)


@pytest.mark.long_on_cluster
def test_a_page_is_made_on_the_way_and_later(
    logs: dict[str, Path], on_cluster: Run, on_this_machine: Run, tmp_path: Path
) -> None:
    done = on_cluster("score", logs["csv"], *COMMON, "-o", "scored", "--report", "page.html", "-q")
    assert (done.code, done.err) == (0, "")
    manifest = json.loads((tmp_path / "scored.run.json").read_text())
    assert manifest["outputs"] == ["scored", "page.html", "scored.rejects.csv", "scored.run.json"]
    assert on_this_machine("report", "scored", "-o", "later.html", "-q").code == 0
    assert (tmp_path / "later.html").read_bytes() == (tmp_path / "page.html").read_bytes()
    assert (tmp_path / "page.html").read_text().count("<svg") > 5


def test_collapsed_tables_and_cuts_are_equal(logs: dict[str, Path], cluster: Cluster, tmp_path: Path) -> None:
    options = {"data": [str(logs["csv"])], "tz": "Europe/Berlin", "max_rejects": "5%"}
    for name, python in (("polars", Path(sys.executable)), ("spark", cluster.client)):
        given = json.dumps(options | ({"engine": name, "remote": cluster.url} if name == "spark" else {}))
        script = ROOT / "tests" / "engines" / "inside.py"
        subprocess.run([python, script, name, given, tmp_path / name], check=True, env=clean_env(), timeout=600)
    here, there = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("polars", "spark"))
    assert len(here["history"][0]) > 5_000
    for name in ("mean_p_purchase", "total_clv"):  # sums of scores
        assert there["cuts"].pop(name) == pytest.approx(here["cuts"].pop(name), rel=RTOL)
    assert there == here
    mine, theirs = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("polars", "spark"))
    assert theirs.equals(mine)
