"""Progress on a terminal: records, share, speed and time left wherever the size is known."""

import os
import pty
import re
import subprocess
import sys
from datetime import date
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
    meter.end("adding up")
    assert meter.text() == "10,000 records, adding up"
    meter.clear()
    assert meter.text() == ""


def test_what_is_told_of_a_step_of_unknown_size() -> None:
    meter = Meter()
    assert meter.text(meter.began + 0.9) == ""
    assert meter.text(meter.began + 3) == "3 s"
    meter.of = "6,600 customers"
    meter.clear()
    assert meter.text(meter.began + 65) == "6,600 customers, 1 min 5 s"
    meter.start(None)
    meter.add(0, 4000)
    assert meter.text(meter.began + 2) == "4,000 records, 2,000 a second"


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
def test_unpacking_is_counted_in_packed_bytes(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import bz2
    import gzip
    import lzma

    text = b"customer,date,amount\n" + b"".join(b"c%d,2024-01-%02d,1.5\n" % (i, i % 28 + 1) for i in range(5000))
    path = tmp_path / f"log.csv.{suffix}"
    path.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[suffix].compress(text))
    seen: list[tuple[str, float | None, float]] = []
    meter, add = Meter(), Meter.add

    def noted(self: Meter, done: float, records: int = 0) -> None:
        add(self, done, records)
        seen.append((self.doing, self.total, self.done))

    monkeypatch.setattr(Meter, "add", noted)
    token = METER.set(meter)
    try:
        read_log(LogOptions(data=(str(path),)), date(2025, 1, 2))
    finally:
        METER.reset(token)
    size = path.stat().st_size
    assert [one for one in seen if one[0]][-1] == ("unpacking", size, size)
    assert meter.text() == "5,000 records, adding up by customer"


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
