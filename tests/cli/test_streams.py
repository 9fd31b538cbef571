"""The standard streams as cron, systemd and shells leave them: closed, full, shared with noisy native code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*args: str, close: tuple[int, ...] = (), code: str = "", **streams: int) -> subprocess.CompletedProcess[str]:
    """`clv ARGS` with descriptors closed; `code` runs where the first stage of a command would."""

    def before() -> None:
        for descriptor in close:
            os.close(descriptor)

    program = f"import os, sys; from clvcli.cli import app\nfrom clvcli.__main__ import main\n{code}\nmain()"
    plumbing = {"stdin": -1, "stdout": -1, "stderr": -1, **streams}
    prepare: Callable[[], None] | None = before if close else None
    done: subprocess.CompletedProcess[str] = subprocess.run(
        [sys.executable, "-c", program, *args], env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, check=False,
        preexec_fn=prepare, **plumbing,
    )  # type: ignore[call-overload]  # fmt: skip
    return done


NOISE = (
    "real = app.run\ndef noisy(a):\n    os.write(2, b'thread panicked at x.rs')\n    return real(a)\napp.run = noisy"
)


def test_native_code_is_heard_with_vv_only() -> None:
    assert run("columns", code=NOISE).stderr == ""
    assert run("columns", "-vv", code=NOISE).stderr == "thread panicked at x.rs"


def test_our_own_words_still_reach_stderr() -> None:
    done = run("score", "nowhere.csv", code=NOISE)
    assert done.returncode == 3
    assert done.stderr.startswith("clv: nowhere.csv")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("close", "status"), [((0,), 0), ((1,), 6), ((2,), 0), ((0, 2), 0), ((0, 1, 2), 6)])
def test_closed_descriptors(close: tuple[int, ...], status: int) -> None:
    """Only a closed stdout matters to a command that prints; one line says so where there is a stderr."""
    done = run("columns", "--json", close=close)
    assert done.returncode == status
    assert done.stderr.count("\n") == (1 if status and 2 not in close else 0)
    assert done.stdout.startswith("[") is (status == 0)


def test_a_closed_descriptor_is_taken_before_any_file_can_have_it() -> None:
    code = "import clvcli.cli.streams as s; s.prepare_streams(); print(os.readlink('/proc/self/fd/2'), flush=True)"
    assert run("--version", code=code, close=(2,)).stdout.splitlines()[0] == "/dev/null"


@pytest.mark.parametrize("args", [["columns"], ["columns", "--json"], ["--help"], ["--version"]])
def test_a_full_stdout_is_status_6(args: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(*args, stdout=full.fileno())
    assert done.returncode == 6
    assert "no space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_stderr_does_not_matter() -> None:
    with Path("/dev/full").open("wb") as full:
        assert run("columns", stderr=full.fileno()).returncode == 0


def test_too_little_address_space_is_told_before_native_code_dies() -> None:
    code = "import resource as r; r.setrlimit(r.RLIMIT_AS, (400 << 20, 400 << 20))"
    done = run("columns", code=code)
    assert done.returncode == 3
    assert "400 MB of address space" in done.stderr


def test_what_others_registered_for_the_end_is_done_and_the_status_stays() -> None:
    done = run("score", "nowhere.csv", code="import atexit; atexit.register(lambda: os.write(1, b'tidied up'))")
    assert (done.returncode, done.stdout) == (3, "tidied up")


def test_a_thread_that_is_still_at_work_is_waited_for() -> None:
    work = "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), os.write(1, b'done'))).start()"
    done = run("--version", code=work)
    assert done.returncode == 0
    assert done.stdout.endswith("done")


def test_a_quiet_run_loads_no_tables(cdnow_csv: Path, tmp_path: Path) -> None:
    code = "import atexit; atexit.register(lambda: os.write(1, repr(sorted(sys.modules)).encode()))"
    loaded = {quiet: run("score", str(cdnow_csv), "-o", str(tmp_path / "out.csv"), *quiet, code=code).stdout
              for quiet in ((), ("-q",))}  # fmt: skip
    assert "'rich.table'" in loaded[()]
    assert "'rich.table'" not in loaded["-q",]
    assert "'scipy.special'" not in loaded["-q",]
