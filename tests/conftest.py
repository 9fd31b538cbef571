"""What all tests share: hypothesis profiles, the command as a user runs it, the CDNOW log."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as clvcli/__main__.py, before any test loads numpy

pytest_plugins = ["models.models_fixtures", "report.report_fixtures"]

settings.register_profile(
    "project",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
KEPT = {"PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"}
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


Clv = Callable[..., Result]


@pytest.fixture
def clv(tmp_path: Path) -> Clv:
    """Runs `python -m clvcli ARGS` in a folder of its own, with a clean environment; `env` adds variables."""

    def run(*args: str | Path, stdin: bytes = b"", cwd: Path = tmp_path, timeout: float = 120, **env: str) -> Result:
        clean = {k: v for k, v in os.environ.items() if k in KEPT}
        done = subprocess.run(
            [sys.executable, "-m", "clvcli", *map(str, args)],
            input=stdin, capture_output=True, cwd=cwd, timeout=timeout, check=False, env={**clean, **env},
        )  # fmt: skip
        err = done.stderr.decode("utf-8", "replace")
        assert "Traceback" not in err, err
        return Result(done.returncode, done.stdout, err)

    return run


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
