"""Runs with less of everything: address space, data, files, processes, and memory of a control group."""

import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from torture.case import Tally, command, environment, speaks

GROUPS = Path("/sys/fs/cgroup/memory")
"""Of version 1, where the torture may make one; else these cases are skipped and counted."""


def torture_starved(folder: Path, seed: int, count: int) -> Tally:
    """A dirty log under random limits, with a page and without: its result, or one line and status 3 or 6."""
    tally = Tally(f"{count} random limits")
    chance = random.Random(seed)
    here = folder / "starved"
    here.mkdir()
    (here / "log.csv").write_text(_dirty(20_000))
    for number in range(count):
        kind = chance.choice(["address space", "address space", "data", "files", "file size", "group", "group"])
        page = ["--report", "out.html"] if chance.random() < 0.4 else []
        line = command("score", "log.csv", "-o", "out.csv", "-q", "--max-rejects", "20%", *page)
        before, after, value = _limit(kind, chance)
        if before is None:
            tally.counts["no control groups here"] += 1
            continue
        done = subprocess.run(
            line, cwd=here, env=environment(), capture_output=True, check=False, preexec_fn=before, timeout=600
        )
        after()
        what = f"{kind} {value} {'with a page' if page else ''} ({number})"
        if b"clv: " not in done.stderr and done.returncode and b"Fatal Python error" in done.stderr:
            tally.counts["too little for the interpreter"] += 1
            continue
        speaks(tally, what, done.returncode, done.stderr.decode("utf-8", "replace"), {0, 3, 6})
        tally.check(done.returncode == 0 or not (here / "out.csv").exists(), f"{what}: half a result")
        for left in here.glob("out.*"):
            left.unlink()
    return tally


def _limit(kind: str, chance: random.Random) -> tuple[Callable[[], None] | None, Callable[[], object], str]:
    """What the run does before it begins, what is tidied up after it, and the limit in words."""
    if kind == "group":
        megabytes = chance.choice([60, 80, 100, 130, 160, 200, 300])
        group = GROUPS / f"torture-{os.getpid()}-{chance.randrange(10**9)}"
        try:
            group.mkdir()
            (group / "memory.limit_in_bytes").write_text(str(megabytes << 20))
        except OSError:
            return None, lambda: None, ""
        return lambda: _write(group / "cgroup.procs", str(os.getpid())), group.rmdir, f"{megabytes} MB"
    kinds = {
        "address space": (resource.RLIMIT_AS, chance.randrange(300, 3500) << 20),
        "data": (resource.RLIMIT_DATA, chance.randrange(100, 2500) << 20),
        "files": (resource.RLIMIT_NOFILE, chance.randrange(6, 40)),
        "file size": (resource.RLIMIT_FSIZE, chance.randrange(1, 600) << 10),
    }
    number, value = kinds[kind]
    return lambda: resource.setrlimit(number, (value, value)), lambda: None, f"{value:,}"


def _write(path: Path, text: str) -> None:
    with path.open("w") as stream:
        stream.write(text)


def _dirty(count: int) -> str:
    draw = random.Random(4)
    lines = ["order,customer_id,date,amount"]
    for i in range(count):
        who, day = f"C{draw.randrange(count // 8):05}", f"2024-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        amount = f"{draw.randrange(100, 99_999) / 100:.2f}"
        kind = draw.random()
        who = f'"Lee, {who}"' if kind < 0.03 else f'"Ann "B" {who}' if kind < 0.04 else "" if kind < 0.05 else who
        amount = f"-{amount}" if 0.05 < kind < 0.1 else f"EUR {amount}" if 0.1 < kind < 0.2 else amount
        lines.append(f"{i // 2},{who},{day},{amount}")
    return "\n".join(lines) + "\n"


if sys.platform == "win32":  # pragma: no cover
    raise SystemExit("the torture needs a POSIX system")
