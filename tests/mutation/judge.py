"""One process per change, forked from one that has imported everything but clvcli and the tests.

A process runs the tests that reach the changed lines, those that have caught most first, until one fails.
"""

import gc
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import itertools
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import hypothesis
import pytest
from mutation.changes import ROOT, Change
from mutation.reach import session, silence

CPU_SECONDS, WALL_SECONDS, BYTES = 90, 1200, 12 << 30
"""Limits of one process; a run of all tests takes 30 seconds of a processor."""
HEAVY = (
    "lifetimes",
    "mpmath",
    "numpy",
    "polars",
    "scipy.integrate",
    "scipy.optimize",
    "scipy.stats",
    "sqlglot",
)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports a module from changed source."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name != self.change.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(ROOT / self.change.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.change.source, str(ROOT / self.change.path), "exec"), module.__dict__)


class Chosen:
    """Keeps the chosen tests in the chosen order, and the name of the first that fails."""

    def __init__(self, names: list[str]) -> None:
        self.order = {name: place for place, name in enumerate(names)}
        self.failed = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.order), key=lambda i: self.order[i.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid


class Collected:
    """In place of running the collected tests: `work`, which forks, and runs some of them by `run`."""

    def __init__(self, work: Callable[["Collected"], None]) -> None:
        self.work = work
        self.items: dict[str, pytest.Item] = {}
        self.failed = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        self.work(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid

    def run(self, tests: list[str]) -> int:
        """Status 1 as soon as one fails."""
        for name, after in itertools.pairwise([*tests, None]):
            item = self.items[str(name)]
            item.ihook.pytest_runtest_protocol(item=item, nextitem=self.items[after] if after else None)
            if self.failed:
                return 1
        return 0


def warm() -> None:
    """Imports what every process needs, and makes hypothesis stop at the first failure instead of the smallest."""
    for name in HEAVY:
        importlib.import_module(name)
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("first failure", phases=phases)
    hypothesis.settings.load_profile("first failure")


def start(change: Change, tests: list[str], note: Path, collected: Collected | None) -> int:
    """Starts the process that judges a change; it leaves the test that caught it in `note`.

    With `collected` the code of one function is replaced in modules that are imported; without, they are imported anew.
    """
    child = os.fork()
    if child:
        return child
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_SECONDS)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(note.parent)
    os._exit(_judge(change, tests, note, collected))


def _judge(change: Change, tests: list[str], note: Path, collected: Collected | None) -> int:
    if collected:
        silence()
        replace(change)
        code = collected.run(tests)
        note.write_text(collected.failed)
        return code
    sys.meta_path.insert(0, Changed(change))
    chosen = Chosen(tests)
    code = session(sorted({test.partition("::")[0] for test in tests}), chosen)
    note.write_text(chosen.failed)
    return code


def replace(change: Change) -> None:
    """Gives the imported function that holds the change its new code."""
    module = importlib.import_module(change.module)
    found: Any = module
    for name in change.function.split("."):
        found = vars(found)[name]
    found = getattr(found, "fget", None) or getattr(found, "__func__", None) or getattr(found, "func", found)
    code = compile(change.source, str(ROOT / change.path), "exec")
    inspect.unwrap(found).__code__ = _code(code, change.function)


def _code(code: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part)
    return code


def verdict(status: int) -> str:
    """`survived`, `caught`, `late` (too much time of a processor) or `stuck` (too much time), by a wait status."""
    code = os.waitstatus_to_exitcode(status)
    words = {0: "survived", -signal.SIGXCPU: "late", -signal.SIGKILL: "late", -signal.SIGALRM: "stuck"}
    return words.get(code, "caught")
