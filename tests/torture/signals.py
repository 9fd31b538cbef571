"""SIGKILL, SIGTERM and SIGINT at random moments, half of them aimed at the writing of the outputs."""

import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from torture.case import Case, State, Tally, environment, make_case, score

SLOW = 2.0  # seconds within which a run ends on SIGINT and SIGTERM
CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}


def torture_signals(folder: Path, seed: int, kills: int, terms: int, ints: int) -> Tally:
    """Two runs at a time, each in a folder of its own, alternating between two logs."""
    tally = Tally(f"signals {kills}/{terms}/{ints}")
    numbers = [signal.SIGKILL] * kills + [signal.SIGTERM] * terms + [signal.SIGINT] * ints
    random.Random(seed).shuffle(numbers)
    halves = [(folder / f"signals{i}", numbers[i::2], seed + i) for i in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda half: _shoot(tally, *half), halves))
    return tally


def _shoot(tally: Tally, folder: Path, numbers: list[signal.Signals], seed: int) -> None:
    case = make_case(folder)
    chance = random.Random(seed)
    length = _length(case)
    for turn, number in enumerate(numbers):
        log = chance.choice(["a.csv", "b.csv"])
        before, known = case.state(), set(case.strangers())  # SIGKILL leaves temporaries until the next whole run
        run = subprocess.Popen(score(log), cwd=folder, env=environment(), stdout=-1, stderr=-1, text=True)
        if turn % 2:
            _await_temporary(case, run)
            time.sleep(chance.uniform(0, 0.02))
        else:
            time.sleep(chance.uniform(0, length * 1.1))
        run.send_signal(number)
        start = time.monotonic()
        err = run.communicate(timeout=60)[1]
        late = time.monotonic() - start
        _judge(tally, case, number, run.returncode, err, late, before, case.wanted[log], known)
    _recover(tally, case)


def _judge(
    tally: Tally,
    case: Case,
    number: signal.Signals,
    code: int,
    err: str,
    late: float,
    old: State,
    new: State,
    known: set[str],
) -> None:
    """Every file is old or new; what may be left behind depends on the signal."""
    after = case.state()
    what = f"{number.name}, exit {code}"
    finished = "finished" if code == 0 else "stopped"
    tally.counts[f"{number.name} {finished}"] += 1
    for name, data in after.items():
        tally.check(data in (old.get(name), new[name]), f"{what}: {name} is neither old nor new")
    tally.check(set(old) <= set(after), f"{what}: an old file is gone")
    whole = after in (old, new)
    if number == signal.SIGKILL:
        tally.counts["killed between two renames"] += not whole
        return
    tally.check(whole, f"{what}: files of two runs")
    if code in (1, -number) and "clvcli" not in err:
        tally.counts["before the first line of ours"] += 1  # the interpreter's own words while it starts
    else:
        tally.check(code in (0, CODES[number]), f"{what}: exit code")
        tally.check("Traceback" not in err, f"{what}: {err[-400:]}")
    tally.check(late < SLOW * (2 if code == 0 else 1), f"{what}: took {late:.1f} s to stop")
    left = [n for n in case.strangers() if n.endswith((".clvlock", ".clvtmp")) and n not in known]
    tally.check(code == 0 or not left, f"{what}: left {left}")


def _recover(tally: Tally, case: Case) -> None:
    """One undisturbed run sweeps everything."""
    done = subprocess.run(score("a.csv"), cwd=case.folder, env=environment(), capture_output=True, check=False)
    tally.check(done.returncode == 0, f"recovery: exit {done.returncode}: {done.stderr.decode()[-300:]}")
    tally.check(case.state() == case.wanted["a.csv"], f"recovery: other bytes in {case.differs('a.csv')}")
    tally.check(not case.strangers(), f"recovery: left {case.strangers()}")


def _length(case: Case) -> float:
    start = time.monotonic()
    subprocess.run(score("a.csv"), cwd=case.folder, env=environment(), capture_output=True, check=True)
    return time.monotonic() - start


def _await_temporary(case: Case, run: "subprocess.Popen[str]") -> None:
    """Waits until the run writes, or is over."""
    known = set(case.strangers())
    while run.poll() is None:
        if any(n.endswith(".clvtmp") for n in set(case.strangers()) - known):
            return
        time.sleep(0.001)
