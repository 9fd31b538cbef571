"""What all tests share: hypothesis profiles, the command as a user runs it, the CDNOW log."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as clvcli/__main__.py, before any test loads numpy

pytest_plugins = ["models.models_fixtures", "report.report_fixtures", "engines.spark_fixtures"]

ON_A_SERVER = os.environ.get("CI", "") not in ("", "0", "false")
"""There a failure is told as it was found; the same command makes it smaller here, from the same examples."""
settings.register_profile(
    "project",
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, *([] if ON_A_SERVER else [Phase.shrink])],
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
KEPT = {
    "PATH",
    "HOME",
    "LANG",
    "VIRTUAL_ENV",
    "TMPDIR",
    "COVERAGE_PROCESS_CONFIG",
    "COVERAGE_PROCESS_START",
    "PYTHONPATH",
}
"""What the command sees of the environment: nothing of the tester's own settings."""


GOOD = "customer,date,amount\n" + "".join(
    f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},{10 + i % 7}.50\n" for i in range(400)
)
"""A small clean log: 40 customers, 400 purchases."""


@dataclass(frozen=True)
class Result:
    """What one run of the command left: exit code, stdout bytes, stderr text."""

    code: int
    out: bytes
    err: str

    @property
    def page(self) -> str:
        """stdout as text: the page of a command's result."""
        return self.out.decode()


Clv = Callable[..., Result]


@pytest.fixture
def clv(request: pytest.FixtureRequest, tmp_path: Path) -> Clv:
    """Runs `clv ARGS` in a folder of its own, with a clean environment; `env` adds variables.

    In this process, through descriptors 0 to 2 and the same boundary that the command has. In a process of its own
    where the module says OWN_PROCESS, or where a variable counts only when the interpreter or a library starts.
    """
    own = getattr(request.module, "OWN_PROCESS", False)

    def run(*args: str | Path, stdin: bytes = b"", cwd: Path = tmp_path, timeout: float = 120, **env: str) -> Result:
        clean = {k: v for k, v in os.environ.items() if k in KEPT} | env
        here = not own and all(name.startswith("CLV_") or name in SEEN_AT_ONCE for name in env)
        words = [str(arg) for arg in args]
        done = run_here(words, stdin, cwd, clean) if here else run_apart(words, stdin, cwd, clean, timeout)
        assert "Traceback" not in done.err, done.err
        return done

    return run


SEEN_AT_ONCE = {"COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM"}


def run_apart(args: list[str], stdin: bytes, cwd: Path, env: dict[str, str], timeout: float) -> Result:
    """`python -m clvcli ARGS` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "clvcli", *args],
        input=stdin, capture_output=True, cwd=cwd, timeout=timeout, check=False, env=env,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def run_here(args: list[str], stdin: bytes, cwd: Path, env: dict[str, str]) -> Result:
    """The same in this process: no interpreter and no library starts anew."""
    from clvcli.cli.app import run

    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(stdin)
        files[0].seek(0)
        stack.enter_context(standard_streams(files))
        stack.enter_context(mock.patch.dict(os.environ, env, clear=True))
        stack.enter_context(contextlib.chdir(cwd))
        code = run(args)
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = (_all_of(file) for file in files[1:])
    return Result(code, out, err.decode("utf-8", "replace"))


def _all_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


@contextlib.contextmanager
def standard_streams(files: Sequence[IO[bytes]]) -> Iterator[None]:
    """Descriptors 0 to 2 and Python's streams over them are these files while the block runs."""
    kept = [os.dup(number) for number in range(3)]
    streams = sys.stdin, sys.stdout, sys.stderr
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.BufferedWriter(io.FileIO(n, "w", closefd=False)), "utf-8", "backslashreplace")
            for n in (1, 2)
        )
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)


def cdnow_rows(name: str = "CDNOW_sample.txt") -> Iterator[tuple[str, str, str]]:
    """(customer, ISO date, amount) of every line of a CDNOW log of the `lifetimes` wheel; the sample's own ids."""
    text = resources.files("lifetimes").joinpath("datasets", name).read_text()
    for line in text.splitlines():
        parts = line.split()
        if len(parts) >= 4 and parts[0].isdigit():
            customer, day, amount = parts[len(parts) - 4], parts[-3], parts[-1]
            yield customer, f"{day[:4]}-{day[4:6]}-{day[6:]}", amount


@pytest.fixture(scope="session")
def cdnow_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CDNOW sample as an ordinary CSV."""
    path = tmp_path_factory.mktemp("cdnow") / "cdnow.csv"
    lines = ["customer_id,date,amount", *(",".join(row) for row in cdnow_rows())]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def online_retail() -> Path:
    """The Online Retail log, where it stands beside the checkout."""
    path = SHARED / "data" / "online_retail.csv.gz"
    if not path.exists():
        pytest.skip("needs ../shared/data/online_retail.csv.gz, which is not here")
    return path
