"""What all parts of the torture share: tallies, small logs with known results, one run of the command."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from clvcli.commands.simulate.job import simulate
from clvcli.core.options import SimulateOptions

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("scored.csv", "scored.csv.rejects.csv", "scored.csv.run.json")
STATED = {0, 2, 3, 4, 5, 6, 7, 130, 141, 143}
State = dict[str, bytes]


@dataclass
class Tally:
    """Counts of one part, and what went wrong in words."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def check(self, holds: bool, failure: str) -> bool:
        """Notes a failure unless `holds`."""
        if not holds:
            self.failures.append(failure)
        return holds

    def line(self) -> str:
        """One line of the report."""
        counts = ", ".join(f"{n} {what}" for what, n in sorted(self.counts.items()))
        return f"{self.name:28} {'ok' if not self.failures else f'{len(self.failures)} FAILED':10} {counts}"


def environment(**more: str) -> dict[str, str]:
    """A clean environment in which the checkout is what runs."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR"}}
    # No bytecode: under a limit on file sizes Python 3.11 leaves truncated files in __pycache__.
    return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1", **more}


def command(*args: str) -> list[str]:
    """The command line of `clv ARGS`."""
    return [sys.executable, "-m", "clvcli", *args]


def score(log: str) -> list[str]:
    """The run that is interrupted, starved and repeated."""
    return command("score", log, "-o", "out/scored.csv", "-q")


@dataclass(frozen=True)
class Case:
    """A folder with two logs and what a whole run makes of each."""

    folder: Path
    wanted: dict[str, State]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def state(self) -> State:
        """Every output that is there, without what may differ between equal runs."""
        return {name: comparable(self.out / name) for name in NAMES if (self.out / name).exists()}

    def differs(self, log: str) -> list[str]:
        """The outputs that are not those of a whole run over `log`."""
        state = self.state()
        return [name for name in NAMES if state.get(name) != self.wanted[log][name]]

    def strangers(self) -> list[str]:
        """Files in the output's folder that are no outputs."""
        return sorted(p.name for p in self.out.iterdir() if p.name not in NAMES)


def make_case(folder: Path, buyers: int = 1200) -> Case:
    """Draws the logs a.csv and b.csv and runs each once, undisturbed."""
    (folder / "out").mkdir(parents=True)
    wanted = {}
    for seed, log in enumerate(("a.csv", "b.csv"), start=1):
        simulate(SimulateOptions(output_file=str(folder / log), buyers=buyers, seed=seed))
        done = subprocess.run(score(log), cwd=folder, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the undisturbed run fails with {done.returncode}: {done.stderr}")
        wanted[log] = Case(folder, {}).state()
    for name in NAMES:
        (folder / "out" / name).unlink()
    return Case(folder, wanted)


def comparable(path: Path) -> bytes:
    """A file's bytes; of a manifest everything but `run` and `wait`. Half a manifest stays as it is."""
    data = path.read_bytes()
    if not path.name.endswith(".run.json"):
        return data
    try:
        manifest = json.loads(data)
    except ValueError:
        return data
    manifest.pop("run", None)
    manifest["arguments"].pop("wait", None)
    return json.dumps(manifest, sort_keys=True).encode()


def speaks(tally: Tally, what: str, code: int, err: str, wanted: set[int]) -> None:
    """Checks an exit code, and that no traceback and no bug reached the user."""
    tally.counts[f"exit {code}"] += 1
    tally.check(code in wanted, f"{what}: exit {code}, wanted {sorted(wanted)}: {err[-300:]}")
    tally.check("Traceback" not in err and "a bug in clv" not in err, f"{what}: {err[-600:]}")
    failed = code not in (0, 141, 130, 143)
    tally.check(not failed or len(err.strip().splitlines()) == 1, f"{what}: not one line: {err[-300:]!r}")
