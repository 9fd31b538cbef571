"""`make mutants`: one small change at a time in `models`, `scoring` and `log`; what no test notices is printed.

In a random order that a seed sets, so that a run that is ended early is a sample. What survives is a gap, or changes
nothing that matters: .github/MUTANTS.md
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from mutation.changes import ROOT, Change, changes
from mutation.judge import Collected, start, verdict, warm
from mutation.reach import TESTS, Plan, plan, session

PARTS = (
    "clvcli/models", "clvcli/log",
    *(f"clvcli/scoring/{name}.py" for name in ("predict", "terms", "describe", "classify")),
)  # fmt: skip


def main() -> int:
    """Prints each survivor and the counts by file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=0, help="0: all of them")
    parser.add_argument("--minutes", type=float, default=1e9, help="no further change is begun after that time")
    parser.add_argument("--most", type=float, default=1e9, help="seconds of tests for one change")
    parser.add_argument("--jobs", type=int, default=1, help="at a time")
    parser.add_argument("parts", nargs="*", default=PARTS)
    options = parser.parse_args()
    files = [p for part in options.parts for p in sorted((ROOT / part).rglob("*.py")) or [ROOT / part]]
    todo = [change for p in files for change in changes(str(p.relative_to(ROOT)))]
    total = len(todo)
    random.Random(options.seed).shuffle(todo)
    todo = todo[: options.count or total]
    warm()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tests = plan(Path(folder), options.most)
        run = Run(tests, Path(folder), options.jobs, time.monotonic() + 60 * options.minutes)
        inside = [change for change in todo if change.function]
        session(TESTS, Collected(lambda collected: run.judge(inside, collected)), silent=False)
        run.judge([change for change in todo if not change.function], None)
    for path, counted in sorted(run.counts.items()):
        sys.stdout.write(f"{path}: {_words(counted)}\n")
    judged = sum(run.counts.values(), Counter[str]())
    sys.stdout.write(f"{judged.total()} of {total} changes, seed {options.seed}: {_words(judged)}\n")
    return 0


@dataclass
class Run:
    """Judges changes, some at a time; survivors are printed as they are found."""

    plan: Plan
    folder: Path
    jobs: int
    end: float
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def judge(self, todo: list[Change], collected: Collected | None) -> None:
        """Until all are judged or time is up."""
        running: dict[int, tuple[Change, Path]] = {}
        left = iter(todo)
        while True:
            while len(running) < self.jobs and time.monotonic() < self.end and (change := next(left, None)):
                self._begin(change, running, collected)
            if not running:
                return
            child, status = os.waitpid(-1, 0)
            change, note = running.pop(child)
            self._note(change, verdict(status))
            if note.exists():
                self.plan.caught[change.path, note.read_text()] += 1
            shutil.rmtree(note.parent)

    def _begin(self, change: Change, running: dict[int, tuple[Change, Path]], collected: Collected | None) -> None:
        tests = self.plan.tests(change)
        if not tests:
            self._note(change, "unseen")
            return
        note = Path(tempfile.mkdtemp(dir=self.folder)) / "note"
        running[start(change, tests, note, collected)] = change, note

    def _note(self, change: Change, result: str) -> None:
        self.counts[change.path][result] += 1
        if result not in {"caught", "late"}:
            sys.stdout.write(f"{change.path}:{change.line}: {change.what} [{result}]\n")
            sys.stdout.flush()


def _words(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
