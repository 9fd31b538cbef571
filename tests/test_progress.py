"""Progress on a terminal: records, share, speed and time left wherever the size is known."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT

from clvcli.core.options import LogOptions
from clvcli.core.progress import METER, Meter
from clvcli.log.read import read_log

LINES = 120_000


def test_what_is_told() -> None:
    meter = Meter()
    assert meter.text() == ""
    meter.start(1000)
    assert meter.text() == ""
    meter.add(250, 5000)
    assert meter.text(meter.began + 2) == "5,000 records, 25%, 2,500 a second, 6 s left"
    assert meter.text(meter.began + 100) == "5,000 records, 25%, 50 a second, 5 min 0 s left"
    meter.add(900, 5000)
    assert meter.text(meter.began + 4000).endswith("100%, 2 a second, 0 s left")
    meter.clear()
    assert meter.text() == ""


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_reading_counts_every_record_and_ends_at_the_whole(tmp_path: Path, kind: str) -> None:
    import datetime

    days = pl.date_range(datetime.date(2023, 1, 1), datetime.date(2024, 12, 31), eager=True)
    frame = pl.DataFrame({
        "customer": [f"c{i % 997}" for i in range(LINES)],
        "date": days.gather([i % days.len() for i in range(LINES)]),
        "amount": [1.5] * LINES,
    })  # fmt: skip
    path = tmp_path / f"log.{kind}"
    frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)
    meter = Meter()
    token = METER.set(meter)
    try:
        read_log(LogOptions(data=(str(path),)), datetime.date(2025, 1, 2))
    finally:
        METER.reset(token)
    assert meter.records == LINES
    assert meter.total is not None
    assert meter.done / meter.total == pytest.approx(1.0, abs=0.01)


def test_a_terminal_shows_it(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    args = [sys.executable, "-m", "clvcli", "simulate", "--rows", "400000", "-o", str(tmp_path / "big.csv")]
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": "120"}
    with subprocess.Popen(args, stdout=slave, stderr=slave, stdin=slave, cwd=ROOT, env=environment) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65_536)
            except OSError:  # how Linux tells that the other end is closed
                break
            if not part:
                break
            shown += part
        assert process.wait() == 0
    os.close(master)
    assert re.search(r"drawing: [\d,]+ records, \d+%, [\d,]+ a second, \d+ s left", shown.decode())
