"""Which tests reach which line, and how long each takes: measured once, by a run without a change."""

import itertools
import json
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import pytest
from mutation.changes import ROOT, Change

TESTS = (
    "tests/models", "tests/economics/test_sbg.py", "tests/backtest/test_backtest_scores.py", "tests/cli/test_cdnow.py",
    "tests/test_scoring.py", "tests/test_predict.py", "tests/test_invariants.py", "tests/log",
)  # fmt: skip
"""The tests that judge."""


@dataclass
class Plan:
    """Which tests reach (file, line), what each takes, and how many changes of a file each has caught."""

    reach: dict[str, dict[int, set[str]]]
    seconds: dict[str, float]
    most: float
    """Seconds of tests for one change, as measured by that run; those that are likely to fail soon come first."""
    caught: Counter[tuple[str, str]] = field(default_factory=Counter)

    def tests(self, change: Change) -> list[str]:
        """The tests for a change."""
        lines = self.reach.get(change.path, {})
        found = {test for line in change.lines or lines for test in lines.get(line, ())}
        if not found and not change.lines:
            found = set(self.seconds)
        order = sorted(found, key=lambda test: (self.seconds[test] / (1 + 4 * self.caught[change.path, test]), test))
        spent = itertools.accumulate(self.seconds[test] for test in order)
        return [test for test, until in zip(order, spent, strict=True) if until <= self.most or test == order[0]]


class Watch:
    """Measures which test reaches which line. What a shared fixture reaches counts for all tests of its file."""

    def __init__(self) -> None:
        self.cover = coverage.Coverage(data_file=None, include=["*/clvcli/*"], config_file=False, branch=False)
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.cover.switch_context(f"{nodeid}|setup")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        self.cover.switch_context(f"{item.nodeid}|call")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def reach(self) -> dict[str, dict[int, set[str]]]:
        """Tests by file and line."""
        data, found = self.cover.get_data(), {}
        of_file: dict[str, set[str]] = defaultdict(set)
        for name in self.seconds:
            of_file[name.partition("::")[0]].add(name)
        for path in data.measured_files():
            lines = {}
            for line, contexts in data.contexts_by_lineno(path).items():
                pairs = [c.rpartition("|") for c in contexts if c]
                lines[line] = {
                    n
                    for name, _, when in pairs
                    for n in (of_file[name.partition("::")[0]] if when == "setup" else {name})
                }
            found[str(Path(path).relative_to(ROOT))] = lines
        return found


def plan(folder: Path, most: float) -> Plan:
    """A run without a change; SystemExit when it fails."""
    child = os.fork()
    if not child:
        watch = Watch()
        watch.cover.start()
        code = session(TESTS, watch)
        watch.cover.stop()
        tests = {path: {line: sorted(names) for line, names in lines.items()} for path, lines in watch.reach().items()}
        (folder / "plan.json").write_text(json.dumps([tests, watch.seconds]))
        os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("the tests fail without a change")
    reach, seconds = json.loads((folder / "plan.json").read_text())
    return Plan({p: {int(n): set(t) for n, t in lines.items()} for p, lines in reach.items()}, seconds, most)


def session(files: Sequence[str], plugin: object, *, silent: bool = True) -> int:
    """Pytest in this process."""
    if silent:
        silence()
    options = ["-q", "-x", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"]
    return int(
        pytest.main(
            [*options, "-m", "not slow", f"--rootdir={ROOT}", *(str(ROOT / f) for f in files)], plugins=[plugin]
        )
    )


def silence() -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(quiet, descriptor)
