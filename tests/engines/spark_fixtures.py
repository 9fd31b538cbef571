"""The cluster of the tests, started once. `make test-spark` sets CLV_TEST_SPARK: elsewhere these tests are skipped."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from engines.cluster import ROOT, Cluster, UnavailableError, running

if TYPE_CHECKING:
    from conftest import Result

Word = str | Path
Run = Callable[..., "Result"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A master, two workers and a Connect server on loopback; skips where they cannot be."""
    if not os.environ.get("CLV_TEST_SPARK"):
        pytest.skip("make test-spark runs the tests that need a Spark cluster")
    try:
        with running() as found:
            yield found
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def on_cluster(cluster: Cluster, tmp_path: Path) -> Run:
    """Runs `clv ARGS` over Spark Connect, in a folder of its own; `remote` replaces the address."""

    def run(*args: Word, remote: str = cluster.url, cwd: Path = tmp_path, timeout: float = 600) -> "Result":
        words: list[Word] = [
            cluster.client,
            "-m",
            "clvcli",
            *map(str, args),
            "--engine",
            "spark",
            "--remote",
            remote,
        ]
        return result_of(words, cwd, clean_env(), timeout)

    return run


@pytest.fixture
def submitted(cluster: Cluster, tmp_path: Path) -> Run:
    """Hands `clv ARGS` to spark-submit."""

    def run(*args: str | Path, cwd: Path = tmp_path, timeout: float = 600) -> "Result":
        program: list[Word] = [
            cluster.home / "bin" / "spark-submit",
            *cluster.conf(),
            ROOT / "clvcli" / "__main__.py",
        ]
        env = cluster.env | {"PYTHONPATH": str(ROOT)}
        return result_of([*program, *map(str, args), "--engine", "spark"], cwd, env, timeout)

    return run


@pytest.fixture
def on_this_machine(tmp_path: Path) -> Run:
    """Runs `clv ARGS` with the default engine."""

    def run(*args: str | Path, cwd: Path = tmp_path, timeout: float = 600) -> "Result":
        return result_of([sys.executable, "-m", "clvcli", *map(str, args)], cwd, clean_env(), timeout)

    return run


def clean_env() -> dict[str, str]:
    """Nothing of this process but where things are."""
    return {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}} | {
        "CLV_TODAY": "2026-01-01"
    }


def result_of(words: list[Word], cwd: Path, env: dict[str, str], timeout: float) -> "Result":
    """What a command left. No traceback may be in it."""
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, cwd=cwd, timeout=timeout, check=False, env=env
    )
    err = done.stderr.decode("utf-8", "replace")
    assert "Traceback" not in err, err
    from conftest import Result

    return Result(done.returncode, done.stdout, err)
