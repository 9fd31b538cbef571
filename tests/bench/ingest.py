"""What the checks of the front door cost: `clv score` on a clean CSV of a million rows, with them and without.

    python tests/bench/ingest.py [ROWS]

Without: the same run, but the log is read by a bare Polars scan, parsed by schema and grouped by customer and day;
nothing is checked, counted or warned about. Runs alternate; the medians of wall and processor time are compared. Ends
with status 1 when the checks cost more than 15 % of the processor time of the whole run.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from clvcli.core.options import LogOptions, ScoreOptions
from clvcli.log.purchases import Purchases
from clvcli.log.quality import REJECTS_SCHEMA, DataQuality
from clvcli.log.read import Log, read_log
from clvcli.scoring import job as pipeline
from clvcli.scoring import scored

LIMIT = 0.15
ROUNDS = 3


def write_log(path: Path, rows: int) -> None:
    """Two years, five lines a customer, the usual four columns."""
    draw = random.Random(20260101)
    first = date(2023, 1, 1)
    days = [(first + timedelta(days=i)).isoformat() for i in range(730)]
    with path.open("w") as stream:
        stream.write("customer_id,date,amount,order_id\n")
        for i in range(rows):
            customer = int(rows / 5 * draw.random() ** 1.5)
            stream.write(f"C{customer:07d},{draw.choice(days)},{draw.randint(100, 30000) / 100:.2f},O{i:08d}\n")


def bare(options: LogOptions, run_day: date, keep: tuple[str, ...] = ()) -> Log:  # noqa: ARG001
    """A log without any check."""
    schema: dict[str, Any] = {
        "customer_id": pl.String,
        "date": pl.Date,
        "amount": pl.Decimal(18, 2),
        "order_id": pl.String,
    }
    lines = pl.scan_csv(options.data[0], schema=schema)
    grouped = lines.group_by("customer_id", pl.col("date").alias("day")).agg(
        (pl.col("amount").to_physical()).sum().cast(pl.Int64), pl.len().alias("lines")
    )
    found = grouped.collect(engine="streaming").sort("customer_id", "day")
    read = int(found["lines"].sum())
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    quality = DataQuality(read, read, 0, {}, {}, (), columns, ({"path": options.data[0]},))
    as_of = found["day"].max()
    assert isinstance(as_of, date)
    return Log(Purchases.of(found), None, as_of, quality, pl.DataFrame(schema=REJECTS_SCHEMA))


def timed(options: ScoreOptions, reader: Callable[..., Log]) -> tuple[float, float]:
    """Wall and processor seconds of one whole run."""
    scored.read_log = reader  # type: ignore[attr-defined]
    wall, processor = time.perf_counter(), time.process_time()
    pipeline.score(options)
    return time.perf_counter() - wall, time.process_time() - processor


def main(rows: int) -> int:
    """Prints the medians and the cost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        write_log(path, rows)
        options = ScoreOptions(data=(str(path),), output=str(Path(folder, "scored.csv")))
        timed(options, bare), timed(options, read_log)
        runs = [(timed(options, bare), timed(options, read_log)) for _ in range(ROUNDS)]
    medians = [[statistics.median(run[way][clock] for run in runs) for clock in (0, 1)] for way in (0, 1)]
    print(f"{rows:,} clean rows, whole run of clv score, median of {ROUNDS}")
    for name, (wall, processor) in zip(("without checks", "with checks"), medians, strict=True):
        print(f"  {name:15} {wall:6.2f} s   processor {processor:6.2f} s")
    cost, work = (medians[1][i] / medians[0][i] - 1 for i in (0, 1))
    print(f"  the checks cost {cost:+.1%} of the wall time, {work:+.1%} of the processor time; at most {LIMIT:.0%}")
    return int(work > LIMIT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
