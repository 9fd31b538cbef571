"""What a cluster costs by row, and what its driver holds: the same log with 216,000 and with 2,160,000 customers.

    make bench-spark        (needs Java; tens of minutes)

Prints for each size the seconds of the wall, the processor seconds of the workers and of the Connect server, and the
peak memory of this machine's side: the process of `clv` and the server, which is Spark's driver. Ends with status 1
when the memory of either has grown by more than GROWTH between the sizes.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engines.cluster import Cluster, children, running

SIZES = (216_000, 2_160_000)
FILES = 8
GROWTH = 1.15
"""Of memory, for ten times the customers: packed histories, of which there are more until the days of the log bound
them, and the distinct amounts that the spend model sees."""


@dataclass(frozen=True)
class Cost:
    """One run. Seconds; memory in MB."""

    rows: int
    customers: int
    wall: float
    workers: float
    server: float
    clv_memory: float
    server_memory: float

    def text(self) -> str:
        """One line."""
        micro = 1e6 * (self.workers + self.server) / self.rows
        return (
            f"{self.rows:>11,} records  {self.customers:>10,} customers  {self.wall:5.0f} s  "
            f"workers {self.workers:5.0f} s  server {self.server:4.0f} s  {micro:6.1f} us a record  "
            f"clv {self.clv_memory:5.0f} MB  server {self.server_memory:5.0f} MB"
        )


def write_log(folder: Path, customers: int) -> int:
    """A simulated log, by date, in Parquet files; the number of its records."""
    folder.mkdir()
    flat = folder.with_suffix(".csv")
    command = [sys.executable, "-m", "clvcli", "simulate", "--customers", str(customers), "-o", str(flat), "-q"]
    subprocess.run(command, check=True)
    frame = pl.read_csv(flat, infer_schema=False).sort("date")
    flat.unlink()
    step = -(-frame.height // FILES)
    for i in range(FILES):
        frame.slice(i * step, step).write_parquet(folder / f"part{i}.parquet", row_group_size=100_000)
    return frame.height


def measured(cluster: Cluster, log: Path, rows: int, customers: int) -> Cost:
    """Scores the log on the cluster."""
    before, start = _seconds(cluster), time.monotonic()
    words = [cluster.client, "-m", "clvcli", "score", log, "--engine", "spark", "--remote", cluster.url, "-q"]
    words += ["-o", log.with_suffix(".scored")]
    process, peak = subprocess.Popen([str(w) for w in words], cwd=log.parent), 0.0
    while process.poll() is None:
        # Not ru_maxrss: a child inherits that of its parent.
        with contextlib.suppress(OSError, StopIteration):
            peak = max(peak, _peak(process.pid))
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(f"the run of {rows:,} records failed")
    after = _seconds(cluster)
    workers = sum(after[name] - before.get(name, 0.0) for name in after if name.startswith("worker"))
    return Cost(
        rows, customers, time.monotonic() - start, workers, after["connect"] - before["connect"],
        peak, _peak(cluster.processes["connect"].pid),
    )  # fmt: skip


def _seconds(cluster: Cluster) -> dict[str, float]:
    """Processor seconds of each process of the cluster and what it started, ended children included."""
    tick = os.sysconf("SC_CLK_TCK")
    found = {}
    for name, process in cluster.processes.items():
        total = 0
        for pid in (process.pid, *children(process.pid)):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += sum(int(value) for value in fields[11:15])
        found[name] = total / tick
    return found


def _peak(pid: int) -> float:
    """Peak resident memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Runs both sizes."""
    with tempfile.TemporaryDirectory(prefix="clv-bench-") as place, running() as cluster:
        costs = []
        for customers in SIZES:
            log = Path(place) / f"log{customers}"
            rows = write_log(log, customers)
            costs.append(measured(cluster, log, rows, customers))
            print(costs[-1].text(), flush=True)
        small, large = costs
        grown = [large.clv_memory / small.clv_memory, large.server_memory / small.server_memory]
        print(f"memory: clv x {grown[0]:.2f}, server x {grown[1]:.2f}; time a record x "
              f"{(large.workers / large.rows) / (small.workers / small.rows):.2f}")  # fmt: skip
        sys.exit(1 if max(grown) > GROWTH else 0)


if __name__ == "__main__":
    main()
