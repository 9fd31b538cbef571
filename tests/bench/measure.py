"""Whole processes, timed by the operating system's own account, in turn, so that a busy machine slows all alike."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Cost:
    """Processor seconds (user and system), wall seconds, peak memory in MB; `printed`: the command's own figure."""

    cpu: float
    wall: float
    memory: float
    printed: float | None = None


def cost_of(command: Sequence[str]) -> Cost:
    """Runs it once. Raises RuntimeError, with the end of what it said, when it fails."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool is compiled
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=environment)
        assert process.stdout is not None
        text = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"status {process.returncode}: {' '.join(command)}: {said.read()[-400:].decode()}")
    figure = text.strip().split("\n")[-1]
    printed = float(figure) if figure.replace(".", "", 1).isdigit() else None
    scale = 1024 if sys.platform != "darwin" else 1024**2
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / scale, printed)


def clv(*arguments: str) -> list[str]:
    """The command as a process."""
    return [sys.executable, "-m", "clvcli", *arguments]


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int = ROUNDS) -> dict[str, Cost]:
    """The medians of each command over so many rounds, in each of which every command runs once."""
    runs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(cost_of(command))
    return {name: _median(found) for name, found in runs.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    cpu, wall, memory = (statistics.median(getattr(c, name) for c in costs) for name in ("cpu", "wall", "memory"))
    printed = [c.printed for c in costs if c.printed is not None]
    return Cost(cpu, wall, memory, statistics.median(printed) if printed else None)


def limited(command: Sequence[str], megabytes: int) -> tuple[int, str]:
    """Runs it under a limit of address space: its status and the end of what it said."""
    size = (megabytes << 20, megabytes << 20)
    run = subprocess.run(
        command, capture_output=True, check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, size)
    )
    return run.returncode, run.stderr.decode("utf-8", "replace").strip()[-120:]
