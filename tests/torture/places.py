"""Poor places to run in: no HOME, odd locale and zone, one thread, limits, full disks, closed streams, company."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from torture.case import Case, Tally, command, environment, make_case, score, speaks

ENVIRONMENTS: dict[str, dict[str, str]] = {
    "no HOME": {"HOME": ""},
    "LC_ALL=C": {"LC_ALL": "C", "LANG": "C"},
    "LC_ALL=C, no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "TZ +14": {"TZ": "Pacific/Kiritimati"},
    "TZ -11": {"TZ": "Pacific/Pago_Pago"},
    "one thread": {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    "four threads": {"POLARS_MAX_THREADS": "4"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 2": {"PYTHONHASHSEED": "2"},
    "dumb terminal": {"TERM": "dumb", "COLUMNS": "20"},
    "python -O": {"PYTHONOPTIMIZE": "1"},
}


def torture_environments(folder: Path) -> Tally:
    """The same bytes in every environment."""
    tally = Tally("environments")
    case = make_case(folder / "environments")
    for name, more in ENVIRONMENTS.items():
        env = {k: v for k, v in environment(**more).items() if v or k != "HOME"}
        done = subprocess.run(score("a.csv"), cwd=case.folder, env=env, capture_output=True, check=False)
        speaks(tally, name, done.returncode, done.stderr.decode("utf-8", "replace"), {0})
        tally.check(case.state() == case.wanted["a.csv"], f"{name}: other bytes in {case.differs('a.csv')}")
    return tally


def torture_limits(folder: Path) -> Tally:
    """Full disks, limits, protected folders, closed streams: one line, the right code, nothing changed."""
    tally = Tally("limits and full disks")
    case = make_case(folder / "limits")
    _run(tally, case, "undisturbed", score("a.csv"), {0})
    before = case.state()
    for blocks in (1, 20, 200):
        limit = _limit(resource.RLIMIT_FSIZE, blocks * 1024)
        _run(tally, case, f"ulimit -f {blocks}", score("b.csv"), {6}, before=limit)
        xlsx = command("score", "b.csv", "-o", "out/scored.csv", "-f", "xlsx", "-q")
        _run(tally, case, f"ulimit -f {blocks}, xlsx", xlsx, {6}, before=limit)
    for size in (200, 400, 600, 800, 1200, 1600):
        limit = _limit(resource.RLIMIT_AS, size << 20)
        _run(tally, case, f"ulimit -v {size} MB", command("score", "b.csv", "-o", "out/scored.csv", "--dry-run", "-q"),
             {0, 3}, before=limit)  # fmt: skip
    _run(tally, case, "ulimit -n 12", score("a.csv"), {0, 3, 6}, before=_limit(resource.RLIMIT_NOFILE, 12))
    tail = ["-o", "out/scored.csv", "-q"]
    for name, args in {
        "/dev/full": ["score", "b.csv", "-o", "/dev/full", "-q"],
        "manifest to /dev/full": ["score", "b.csv", *tail, "--manifest", "/dev/full"],
        "rejects to /dev/full": ["score", "b.csv", *tail, "--rejects", "/dev/full"],
        "report to /dev/full": ["score", "b.csv", *tail, "--report", "/dev/full"],
        "log file /dev/full": ["score", "b.csv", *tail, "--log-file", "/dev/full"],
        "a folder": ["score", "b.csv", "-o", "out", "-q"],
        "no such folder": ["score", "b.csv", "-o", "nowhere/x.csv", "-q"],
    }.items():
        _run(tally, case, name, command(*args), {6})
    with Path("/dev/full").open("wb") as full:
        _run(tally, case, "stdout full", command("score", "b.csv", "-o", "-", "-q"), {6}, stdout=full.fileno())
        _run(tally, case, "--json, stdout full", command("score", "a.csv", *tail, "--json"), {6}, stdout=full.fileno())
        _run(tally, case, "stderr full", command("score", "a.csv", *tail[:2]), {0}, stderr=full.fileno())
        _run(tally, case, "--help, stdout full", command("--help"), {6}, stdout=full.fileno())
    _run(tally, case, "stdout closed", command("score", "b.csv", "-o", "-", "-q"), {6}, before=_close(1))
    _run(tally, case, "stdout closed, none due", score("a.csv"), {0}, before=_close(1))
    _run(tally, case, "--json, stdout closed", command("score", "b.csv", *tail, "--json"), {6}, before=_close(1))
    _run(tally, case, "stderr closed", score("a.csv"), {0}, before=_close(2))
    _run(tally, case, "all closed", score("a.csv"), {0}, before=_close(0, 1, 2))
    _run(tally, case, "stdin closed", command("score", "-", *tail), {3}, before=_close(0))
    tally.check(case.state() == before, "limits: outputs changed")
    tally.check(not case.strangers(), f"limits: left {case.strangers()}")
    _protected(tally, case)
    return tally


def torture_company(folder: Path, rounds: int) -> Tally:
    """Six runs at once on one output: one wins or they follow each other; the bytes are always those of a run."""
    tally = Tally("six runs at once")
    case = make_case(folder / "company")
    for turn in range(rounds):
        wait = ["--wait", "120"] if turn % 2 else []
        runs = [
            subprocess.Popen([*score("ab"[i % 2] + ".csv"), *wait], cwd=case.folder, env=environment(), stderr=-1)
            for i in range(6)
        ]
        for run in runs:
            err = run.communicate(timeout=300)[1].decode()
            speaks(tally, "company", run.returncode, err, {0} if wait else {0, 6})
            tally.check(run.returncode == 0 or "is writing it" in err, f"company: {err}")
        tally.check(case.state() in case.wanted.values(), "company: files of two runs")
        tally.check(not case.strangers(), f"company: left {case.strangers()}")
    return tally


def _run(
    tally: Tally,
    case: Case,
    what: str,
    line: list[str],
    wanted: set[int],
    *,
    before: Callable[[], None] | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> None:
    done = subprocess.run(
        line, cwd=case.folder, env=environment(), stdout=stdout, stderr=stderr, check=False, preexec_fn=before,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    err = (done.stderr or b"").decode("utf-8", "replace")
    if ("closed" in what or stderr != subprocess.PIPE) and not err and done.returncode:
        err = "one line that had nowhere to go"
    speaks(tally, what, done.returncode, err, wanted)
    tally.check(not case.strangers(), f"{what}: left {case.strangers()}")


def _protected(tally: Tally, case: Case) -> None:
    """A folder that may be read only; root gives up the right to write there all the same."""
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    if drop and not shutil.which("setpriv"):
        tally.counts["read-only folder skipped: root without setpriv"] += 1
        return
    case.out.chmod(0o555)
    try:
        done = subprocess.run(
            [*drop, *score("b.csv")], cwd=case.folder, env=environment(), capture_output=True, check=False
        )
    finally:
        case.out.chmod(0o755)
    err = done.stderr.decode()
    speaks(tally, "read-only folder", done.returncode, err, {6})
    tally.check("no permission to write" in err, f"read-only folder: {err}")


def _limit(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, value))


def _close(*descriptors: int) -> Callable[[], None]:
    def close() -> None:
        for descriptor in descriptors:
            os.close(descriptor)

    return close


if sys.platform == "win32":  # pragma: no cover
    raise SystemExit("the torture needs a POSIX system")
