"""Pipelines and cron: stdin, stdout, silence, broken pipes, an environment without anything in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Clv

OWN_PROCESS = True  # pipes, threads, hash seeds and zones are those of a process

CLV = f"{sys.executable} -m clvcli"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(GOOD)
    return path


def test_stdin_to_stdout_is_the_table_alone(clv: Clv, log: Path) -> None:
    done = clv("score", "-", stdin=log.read_bytes())
    assert done.code == 0
    assert done.out.startswith(b"customer_id,first_purchase_date,")
    assert pl.read_csv(done.out).height == 40
    assert {p.name for p in log.parent.iterdir()} == {"log.csv"}


def test_a_file_gives_a_file_and_an_empty_stdout(clv: Clv, log: Path) -> None:
    done = clv("score", log)
    assert (done.code, done.out) == (0, b"")
    assert {p.name for p in log.parent.iterdir()} == {
        "log.csv", "log.scored.csv", "log.scored.csv.run.json", "log.scored.csv.rejects.csv",
    }  # fmt: skip


def test_quiet_says_nothing_unless_it_fails(clv: Clv, log: Path) -> None:
    assert clv("score", log, "-q").err == ""
    assert clv("score", "missing.csv", "-q").err.startswith("clv: ")


def test_json_prints_the_manifest_that_is_written(clv: Clv, log: Path, tmp_path: Path) -> None:
    done = clv("score", log, "--json", "-o", "t.csv")
    assert json.loads(done.out) == json.loads((tmp_path / "t.csv.run.json").read_text())


def test_a_reader_that_leaves_ends_the_run_silently_with_141(log: Path) -> None:
    many = GOOD + "".join(f"d{i},2024-05-05,3\n" for i in range(30_000))
    log.write_text(many)
    script = f"set -o pipefail; cat log.csv | {CLV} score - -q | head -n 1; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=log.parent, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].startswith("customer_id,")
    assert done.stdout.splitlines()[-1] == "141"


def test_nothing_needs_a_home_a_locale_or_a_terminal(log: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clvcli", "score", str(log), "-o", "out.csv"],
        env={"LC_ALL": "C"}, stdin=subprocess.DEVNULL, capture_output=True, cwd=log.parent, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


def test_a_second_run_replaces_its_own_output_but_nobody_elses(clv: Clv, log: Path) -> None:
    assert clv("score", log, "-q").code == 0
    assert clv("score", log, "-q").code == 0
    (log.parent / "log.scored.csv.run.json").unlink()
    done = clv("score", log, "-q")
    assert done.code == 6
    assert "-o" in done.err


@pytest.mark.usefixtures("log")
def test_a_folder_skips_what_earlier_runs_wrote(clv: Clv, tmp_path: Path) -> None:
    assert clv("score", ".", "-o", "scored.csv", "-q").code == 0
    first = (tmp_path / "scored.csv").read_bytes()
    done = clv("score", ".", "-o", "scored.csv")
    assert done.code == 0
    assert "scored.csv" in done.err
    assert (tmp_path / "scored.csv").read_bytes() == first


def test_a_dry_run_writes_nothing(clv: Clv, log: Path) -> None:
    done = clv("score", log, "--dry-run")
    assert (done.code, done.out) == (0, b"")
    assert {p.name for p in log.parent.iterdir()} == {"log.csv"}


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati"])
def test_the_same_bytes_whatever_the_order_threads_hash_seed_or_zone(
    clv: Clv, log: Path, tmp_path: Path, threads: str, zone: str
) -> None:
    assert clv("score", log, "-o", "a.csv", "-q").code == 0
    head, *lines = GOOD.splitlines()
    (tmp_path / "mixed.csv").write_text("\n".join([head, *sorted(lines, key=lambda line: hash((line, 7)))]) + "\n")
    env = {"POLARS_MAX_THREADS": threads, "TZ": zone, "PYTHONHASHSEED": threads}
    assert clv("score", "mixed.csv", "-o", "b.csv", "-q", **env).code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("number", ["INT", "TERM"])
def test_a_signal_stops_the_run_and_leaves_nothing(log: Path, number: str) -> None:
    import signal
    import time

    with subprocess.Popen(
        [sys.executable, "-m", "clvcli", "score", "-", "-o", "out.csv"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=log.parent,
    ) as process:  # fmt: skip
        time.sleep(1.5)  # stdin stays open: the run waits for more
        started = time.monotonic()
        process.send_signal(getattr(signal, f"SIG{number}"))
        code = process.wait(timeout=10)
        assert time.monotonic() - started < 2
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert code == {"INT": 130, "TERM": 143}[number]
    assert {p.name for p in log.parent.iterdir()} == {"log.csv"}
    assert os.path.exists(log)
