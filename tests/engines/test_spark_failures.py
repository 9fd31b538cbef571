"""What goes wrong on a cluster ends in one line, the right exit code, and nothing half-written; or it ends right."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Result
from engines.cluster import Cluster
from engines.dirty_log import write_csv
from engines.spark_fixtures import Run, clean_env


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(GOOD)
    return path


def one_line(done: Result) -> str:
    lines = done.err.strip().splitlines()
    assert len(lines) == 1, done.err
    return lines[0]


def left(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_server_that_is_not_there(on_cluster: Run, log: Path, tmp_path: Path) -> None:
    done = on_cluster("score", log, "-o", "scored", remote="sc://127.0.0.1:1")
    assert done.code == 3
    assert "the connection to Spark failed or was lost" in one_line(done)
    assert left(tmp_path) == ["log.csv"]


def test_a_damaged_file_among_good_ones(on_cluster: Run, tmp_path: Path) -> None:
    frame = pl.read_csv(GOOD.encode(), infer_schema=False)
    (tmp_path / "in").mkdir()
    frame.write_parquet(tmp_path / "in" / "a.parquet")
    whole = (tmp_path / "in" / "a.parquet").read_bytes()
    (tmp_path / "in" / "b.parquet").write_bytes(whole[:-20])
    done = on_cluster("score", "in", "-o", "scored")
    assert done.code == 3
    assert "b.parquet" in one_line(done)
    assert left(tmp_path) == ["in"]


def test_a_path_that_the_cluster_does_not_have(on_cluster: Run, tmp_path: Path) -> None:
    done = on_cluster("score", "file:///no/such/folder", "-o", "scored")
    assert done.code == 3
    assert "not found by the cluster" in one_line(done)
    assert left(tmp_path) == []


def test_a_quoted_field_over_two_lines_is_refused(on_cluster: Run, log: Path, tmp_path: Path) -> None:
    log.write_text(GOOD.replace("c1,", '"c\n1",', 1))
    done = on_cluster("score", log, "-o", "scored")
    assert done.code == 3
    assert "log.csv, line 3: a quote is still open" in one_line(done)
    assert left(tmp_path) == ["log.csv"]


def test_a_log_of_returns_alone_is_refused(on_cluster: Run, log: Path, tmp_path: Path) -> None:
    rows = [f"c{i},2024-01-0{i},{amount}\n" for i in range(1, 9) for amount in (5, -9)]
    log.write_text("customer_id,date,amount\n" + "".join(rows))
    done = on_cluster("score", log, "--returns", "keep", "-o", "scored")
    assert done.code == 3
    assert "no purchase is left of the log" in one_line(done)
    assert left(tmp_path) == ["log.csv"]


def test_too_many_rejects_leave_the_rejects_alone(on_cluster: Run, log: Path, tmp_path: Path) -> None:
    log.write_text(GOOD + "c1,soon,5.00\n" * 50)
    done = on_cluster("score", log, "-o", "scored")
    assert done.code == 3
    assert "50 of 450 records are bad (bad_date 50)" in one_line(done)
    assert left(tmp_path) == ["log.csv", "scored.rejects.csv"]


def test_a_folder_that_no_run_wrote_is_not_replaced(on_cluster: Run, log: Path, tmp_path: Path) -> None:
    (tmp_path / "scored").mkdir()
    (tmp_path / "scored" / "precious").write_text("mine")
    done = on_cluster("score", log, "-o", "scored")
    assert done.code == 6
    assert "no earlier run wrote" in one_line(done)
    assert left(tmp_path / "scored") == ["precious"]


FENCE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
"""Starts a command that has to keep to the permissions of files although it is root's."""


@pytest.fixture(scope="module")
def fenced(cluster: Cluster) -> Iterator[str]:
    """A Connect server that may not read and write everything."""
    if os.geteuid() != 0:
        yield cluster.url
        return
    if subprocess.run([*FENCE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root, and no setpriv that takes its rights away")
    yield cluster.start_connect("fenced", master="local[1]", before=FENCE)
    cluster.kill("fenced")


def test_an_input_that_the_cluster_may_not_read(on_cluster: Run, fenced: str, log: Path, tmp_path: Path) -> None:
    log.chmod(0)
    done = on_cluster("score", log, "-o", "scored", remote=fenced)
    assert done.code == 3
    assert "log.csv: permission denied on the cluster" in one_line(done)
    assert left(tmp_path) == ["log.csv"]


@pytest.mark.parametrize("scheme", ["", pytest.param("file://", marks=pytest.mark.long_on_cluster)])
def test_an_output_that_the_cluster_may_not_write(
    scheme: str, on_cluster: Run, fenced: str, log: Path, tmp_path: Path
) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    done = on_cluster("score", log, "-o", f"{scheme}{tmp_path}/shut/scored", remote=fenced)
    assert done.code == 6
    of_client = "no permission to write" if os.geteuid() else None
    assert (of_client if of_client and not scheme else "permission denied on the cluster") in one_line(done)
    assert (left(tmp_path), left(tmp_path / "shut")) == (["log.csv", "shut"], [])


@pytest.mark.long_on_cluster
def test_an_earlier_table_is_replaced_and_an_address_is_not(on_cluster: Run, log: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert on_cluster("score", log, "-o", "scored", "-q").code == 0
    assert left(tmp_path) == ["log.csv", "scored", "scored.rejects.csv", "scored.run.json"]
    assert on_cluster("score", log, "-o", f"file://{tmp_path}/lake", "-q").code == 0
    assert left(tmp_path)[:4] == ["lake", "lake.rejects.csv", "lake.run.json", "log.csv"]
    done = on_cluster("score", log, "-o", f"file://{tmp_path}/lake")
    assert done.code == 6
    assert "an address is never replaced" in one_line(done)
    tables = [pl.read_parquet(tmp_path / name / "*.parquet") for name in ("scored", "lake")]
    assert tables[0].equals(tables[1])


LACKING = """
import sys
from clvcli.engines.spark import session
from clvcli.core.errors import ClvError

session.NEEDED += ("scipyy",)
opened = session.open_session(sys.argv[1])
try:
    session.check_workers(opened)
except ClvError as problem:
    print(problem.exit_code, problem.message)
"""


def test_a_package_that_the_workers_lack(cluster: Cluster, tmp_path: Path) -> None:
    program = tmp_path / "lacking.py"
    program.write_text(LACKING)
    done = subprocess.run(
        [cluster.client, program, cluster.url], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=clean_env(),
    )  # fmt: skip
    assert done.stdout.startswith("3 the worker "), done.stderr
    assert done.stdout.strip().endswith("lacks scipyy")


@pytest.mark.long_on_cluster
def test_spark_submit_gives_the_same(on_cluster: Run, submitted: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "log", 2_000)
    args = ["score", "log", "--tz", "UTC", "--max-rejects", "5%", "-q"]
    assert on_cluster(*args, "-o", "connect").code == 0
    done = submitted(*args, "-o", "submit")
    assert done.code == 0, done.err
    tables = [pl.read_parquet(tmp_path / name / "*.parquet") for name in ("connect", "submit")]
    assert tables[0].equals(tables[1])
    rows = [json.loads((tmp_path / f"{name}.run.json").read_text())["rows"] for name in ("connect", "submit")]
    assert rows[0] == rows[1]


@pytest.fixture
def worker(cluster: Cluster) -> Iterator[str]:
    """A worker that a test may kill; it is there again afterwards."""
    yield "worker2"
    if "worker2" not in cluster.processes:
        cluster.start_worker("worker2")


@pytest.fixture
def server(cluster: Cluster) -> Iterator[str]:
    """The Connect server, which a test may kill; there is one again afterwards."""
    yield "connect"
    if "connect" not in cluster.processes:
        cluster.url = cluster.start_connect("connect")


@pytest.mark.long_on_cluster
@pytest.mark.parametrize("moment", ["reading", "writing"])
def test_a_server_lost_on_the_way(moment: str, cluster: Cluster, server: str, on_cluster: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "log", 5_000)
    assert on_cluster("score", "log", "--max-rejects", "5%", "-q", "-o", "scored").code == 0
    before = left(tmp_path), pl.read_parquet(tmp_path / "scored" / "*.parquet")
    pattern, folder = ("*.index", cluster.folder / "local") if moment == "reading" else ("*.parquet", tmp_path)
    known = set(folder.rglob(pattern))
    gone: list[float] = []

    def kill_once_it_works() -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end and not set(folder.rglob(pattern)) - known:
            time.sleep(0.05)
        cluster.kill(server)
        gone.append(time.monotonic())

    killer = threading.Thread(target=kill_once_it_works)
    killer.start()
    done = on_cluster("score", "log", "--max-rejects", "5%", "-q", "-o", "scored")
    killer.join()
    assert 20 < time.monotonic() - gone[0] < 60
    assert done.code == (3 if moment == "reading" else 6)
    assert "the connection to Spark failed or was lost" in one_line(done)
    assert (left(tmp_path), pl.read_parquet(tmp_path / "scored" / "*.parquet").equals(before[1])) == (before[0], True)


WAITS = """
from pyspark.sql import SparkSession
from clvcli.engines.spark.retry import GiveUpOnce

policy = GiveUpOnce()
one, other = policy.to_state(), policy.to_state()
print(sum(iter(one.next_attempt, None)) / 1000, other.next_attempt(), policy.to_state().next_attempt())
print(GiveUpOnce().to_state().next_attempt())
"""


@pytest.mark.long_on_cluster
def test_a_hiccup_of_half_a_minute_is_waited_for_once(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "waits.py").write_text(WAITS)
    done = subprocess.run(
        [cluster.client, "waits.py"], capture_output=True, text=True, check=True, cwd=tmp_path, env=clean_env()
    )
    seconds, other, later, fresh = done.stdout.split()
    assert 28 <= float(seconds) <= 31
    assert (other, later, fresh) == ("None", "None", "50")


@pytest.mark.long_on_cluster
def test_a_worker_killed_on_the_way(cluster: Cluster, worker: str, on_cluster: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "log", 20_000)
    args = ["score", "log", "--tz", "UTC", "--max-rejects", "5%", "-q"]
    assert on_cluster(*args, "-o", "calm").code == 0

    def kill_once_it_reads() -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end and not list((cluster.folder / "local").rglob("*.index")):
            time.sleep(0.2)
        cluster.kill(worker)

    killer = threading.Thread(target=kill_once_it_reads)
    killer.start()
    done = on_cluster(*args, "-o", "killed")
    killer.join()
    if done.code:
        assert done.code == 3
        one_line(done)
        assert not (tmp_path / "killed").exists()
    else:
        tables = [pl.read_parquet(tmp_path / name / "*.parquet") for name in ("calm", "killed")]
        assert tables[0].equals(tables[1])


def test_nothing_of_spark_is_imported_without_the_engine(tmp_path: Path, cluster: Cluster) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    program = (
        "import sys\n"
        "from clvcli.cli.app import run\n"
        "assert run(['score', 'log.csv', '-o', 'scored.csv', '-q']) == 0\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('pyspark', 'grpc', 'pandas')])\n"
    )
    done = subprocess.run(
        [cluster.client, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path, env=clean_env()
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
