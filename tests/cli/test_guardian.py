"""Where memory is limited a run ends in its result, or in one line and status 3: never by a signal without a word."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import GOOD

RUN = "from clvcli.cli.guardian import guard; guard(); import os, signal, sys, time; "
FAR = 1 << 40


def limited() -> None:
    """So large that nothing runs out; a limit all the same. No signal is ignored, as nohup has it."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (FAR, FAR))


def start(code: str, before: Callable[[], None] = limited) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", RUN + code], text=True, stdout=-1, stderr=-1, preexec_fn=before)  # noqa: PLW1509


@pytest.mark.parametrize("number", ["SIGABRT", "SIGKILL", "SIGSEGV", "SIGTRAP"])
def test_a_run_that_dies_of_itself_is_told_of(number: str) -> None:
    out, err = (run := start(f"os.kill(os.getpid(), signal.{number})")).communicate(timeout=60)
    assert (run.returncode, out) == (3, "")
    assert err.startswith("clv: not enough memory")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("code", [0, 3, 141])
def test_codes_pass_through(code: int) -> None:
    out, err = (run := start(f"print('x'); sys.exit({code})")).communicate(timeout=60)
    assert (run.returncode, out, err) == (code, "x\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on(number: signal.Signals) -> None:
    code = "from clvcli.cli.signals import watch_signals; watch_signals(); print('on', flush=True); time.sleep(60)"
    run = start(code)
    assert run.stdout
    run.stdout.readline()
    run.send_signal(number)
    assert run.wait(30) == 128 + number


def test_the_run_ends_with_its_guardian() -> None:
    run = start("print(os.getpid(), flush=True); time.sleep(60)")
    assert run.stdout
    child = int(run.stdout.readline())
    assert child != run.pid
    run.kill()
    run.wait(30)
    for _ in range(300):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the run goes on alone")


def test_without_a_limit_there_is_no_second_process() -> None:
    from clvcli.core.free_memory import is_limited

    if is_limited():
        pytest.skip("memory is limited here")
    out, _ = (run := start("print(os.getpid())", lambda: None)).communicate(timeout=60)
    assert int(out) == run.pid


@pytest.mark.parametrize("megabytes", [300, 700, 1100, 1700, 2300])
def test_little_address_space(tmp_path: Path, megabytes: int) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    size = megabytes << 20
    done = subprocess.run(
        [sys.executable, "-m", "clvcli", "score", "log.csv", "-o", "x.csv", "--report", "x.html", "-q"], cwd=tmp_path,
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )  # fmt: skip
    assert done.returncode in {0, 3}, done.stderr
    assert len(done.stderr.splitlines()) == (1 if done.returncode else 0), done.stderr
    assert (tmp_path / "x.csv").exists() == (done.returncode == 0)
