"""Logs that move while they are read, money of every size, dirty logs against plain Python."""

import json
import random
import threading
import time
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from unittest import mock

import polars as pl
from hypothesis import HealthCheck, settings
from log import test_ingest_twin
from torture.case import Tally, speaks
from torture.hostile import inside
from torture.writes import quiet_run

ROWS = 6_000


def torture_moving(folder: Path, seed: int, count: int) -> Tally:
    """Somebody appends to a log, cuts it short or replaces it at any moment of a run. Its result is that of the log as
    it was before or after, never of a part of it; else the run says so with status 3."""
    tally = Tally(f"{count} moving logs")
    chance = random.Random(seed)
    with inside(folder / "moving"), mock.patch("clvcli.log.text.BLOCK", 1 << 13):
        text = _rows(ROWS)
        for number in range(count):
            path = Path("log.csv")
            path.write_text(text)
            kind, wait = chance.choice(["append", "truncate", "replace"]), chance.uniform(0.0, 0.12)
            fewer = chance.randrange(1, ROWS)
            change = threading.Thread(target=_moved, args=(path, kind, wait, text, fewer))
            change.start()
            code, _, err = quiet_run(["score", "log.csv", "-o", "out.csv", "-q", "--no-model"])
            change.join()
            speaks(tally, f"{kind} {number}", code, err, {0, 3})
            whole = {ROWS, fewer} if kind != "append" else set(range(ROWS, ROWS + 401))
            if code == 0:
                read = json.loads(Path("out.csv.run.json").read_text())["rows"]["read"]
                tally.check(read in whole, f"{kind} {number}: {read} records of {ROWS} or {fewer}")
                tally.counts[f"{kind}, whole"] += 1
            for left in Path().glob("out.*"):
                left.unlink()
    return tally


def _moved(path: Path, kind: str, wait: float, text: str, fewer: int) -> None:
    time.sleep(wait)
    if kind == "append":
        with path.open("a") as stream:
            for i in range(400):
                stream.write(f"new{i},2024-05-05,1.")
                stream.flush()
                stream.write("00\n")
        return
    less = "".join(text.splitlines(keepends=True)[: fewer + 1])
    if kind == "truncate":
        with path.open("r+") as stream:
            stream.truncate(len(less))
        return
    path.with_suffix(".new").write_text(less)
    path.with_suffix(".new").replace(path)


def _rows(count: int) -> str:
    draw = random.Random(3)
    rows = (
        f"c{draw.randrange(300):04},2024-{draw.randrange(1, 5):02}-{draw.randrange(1, 29):02},"
        f"{draw.randrange(100, 999)}.00\n"
        for _ in range(count)
    )
    return "customer_id,date,amount\n" + "".join(rows)


def torture_money(folder: Path, seed: int, count: int) -> Tally:
    """Amounts from a cent to beyond what can be counted, 0 to 6 decimals: every sum is the plain one."""
    tally = Tally(f"{count} sizes of money")
    chance = random.Random(seed)
    with inside(folder / "money"):
        for number in range(count):
            decimals, size = chance.randrange(7), chance.uniform(0.0, 15.9)
            sums: dict[str, Decimal] = defaultdict(Decimal)
            lines = ["customer_id,date,amount"]
            for _ in range(chance.choice([20, 80, 300])):
                who, digits = f"c{chance.randrange(12)}", chance.randrange(decimals + 1)
                amount = round(Decimal(chance.uniform(0.01, 1.0) * 10**size), digits)
                sums[who] += amount
                lines.append(f"{who},2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02},{amount}")
            Path("log.csv").write_text("\n".join(lines) + "\n")
            more = [] if number % 10 == 0 else ["--no-model"]
            args = ["score", "log.csv", "-o", "out.csv", "-q", "--decimals", str(decimals), *more]
            code, _, err = quiet_run(args)
            speaks(tally, f"money {number} ({size:.1f}, {decimals})", code, err, {0, 3})
            if code == 0:
                _holds_sums(tally, f"money {number} ({size:.1f}, {decimals})", sums)
            for left in Path().glob("out.*"):
                left.unlink()
    return tally


def _holds_sums(tally: Tally, what: str, sums: dict[str, Decimal]) -> None:
    manifest = json.loads(Path("out.csv.run.json").read_text())
    rejected = sum(manifest["rows"]["rejected"].values())
    if rejected:
        tally.counts["with rejects"] += 1
        return
    table = pl.read_csv("out.csv", schema_overrides={"total_spend": pl.String}).select("customer_id", "total_spend")
    found = {who: Decimal(text) for who, text in table.iter_rows()}
    told = {w["code"] for w in manifest["warnings"]}
    near = all(abs(found[who] - sums[who]) <= abs(sums[who]) * Decimal("1e-15") + Decimal("0.000001") for who in sums)
    tally.check(near or "inexact_sums" in told, f"{what}: {found} is not {dict(sums)}")
    whole = sum(sums.values(), Decimal())
    staged = sum(Decimal(repr(stage["total_spend"])) for stage in manifest["stages"])
    tally.check(
        abs(staged - whole) <= whole * Decimal("1e-12") + Decimal("0.01"), f"{what}: stages {staged} of {whole}"
    )
    values = [stage["clv"] for stage in manifest["stages"] if stage["clv"] is not None]
    tally.check(all(value >= 0 for value in values), f"{what}: a negative value {values}")


def torture_dirty(count: int) -> Tally:
    """Random dirty logs: customers, purchases, sums and the fate of every record as plain Python has them."""
    tally = Tally(f"{count} dirty logs, plain Python")
    tried = settings(
        max_examples=count, deadline=None, database=None, derandomize=False, suppress_health_check=list(HealthCheck)
    )(test_ingest_twin.test_every_record_has_the_fate_that_the_twin_gives_it)
    try:
        tried()
    except Exception as difference:
        notes = "\n".join(getattr(difference, "__notes__", ()))
        tally.check(False, f"{type(difference).__name__}: {difference}\n{notes}")
    tally.counts["logs"] += count
    return tally
