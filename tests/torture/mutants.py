"""Mutated inputs and rules: whatever comes in, a stated exit code, one line, nothing half-written, no long wait."""

import json
import multiprocessing
import os
import random
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from torture.case import ROOT, STATED, Tally

SLOW = 10.0
"""Seconds of a processor: a machine that does something else meanwhile is no failure."""
SNIPPETS = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b"\r", b"\r\n", b"\n\n\n", b",", b";", b"\t", b"|", b"'",
    b"NaN", b"inf", b"-inf", b"1e400", b"1e308", b"-0", b"0", b"99999999999999999999", b"-1.005", b"1,234.56",
    b"2099-12-31", b"0000-00-00", b"2024-02-30", b"31/12/2024", b"1970-01-01", b"20240101", b"45292", b"1704067200",
    b"2024-01-01T12:00:00+14:00", b"null", b"None", b"n/a", b"#REF!", b"=1+1", b"\x1b[31m", b"[red]", b"<script>",
    "é".encode(), "é".encode("latin-1"), "\u202e".encode(), "\u200b".encode(), "１２".encode(), b"x" * 70_000,
    b"sep=;\n", b"EUR", b"\xe2\x82\xac", b"customer_id,date,amount\n", b"PAR1", b"\x1f\x8b", b"(\xb5/\xfd",
]  # fmt: skip
SWAPS = [(b",", b";"), (b",", b"\t"), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"-", b"/"), (b".", b","), (b"20", b"19"),
         (b"1", b""), (b" ", b"\t"), (b"-", b"")]  # fmt: skip
WORDS = [
    "when:", "stages:", "- stage: x", "when: 1", "when: nonsense > 1", "when: (SELECT 1)", "&a [*a]", "<<: *a", "no",
    "010", "2024-02-30", "!!python/object:os.system {}", "!!binary x", "%YAML 1.1", "---", "...", "?", ": :", "\t- x",
    "when: '" + "(" * 300 + "1" + ")" * 300 + "'", "when: " + " OR ".join(["purchases = 1"] * 400), "{", "}", "[", "|",
    "when: now() > as_of", "when: sum(clv) > 1", "when: purchases", "when: random() > 0.5", "share: 2", "share: .nan",
    "otherwise:", "phases: []", "when: clv / 0 > 1", "when: stage = 'x'", "\u0000", "\u202e", "x: " * 50, "- " * 200,
]  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A share of the mutants for one process."""

    folder: Path
    seed: int
    count: int
    kind: str


@dataclass(frozen=True)
class Verdict:
    """What one process found."""

    counts: dict[str, int]
    failures: list[str]


def torture_inputs(folder: Path, seed: int, count: int) -> Tally:
    """Mutants of small logs through `score`, one in ten with models; where it succeeds, every record has a fate."""
    return _spread(Tally(f"{count} mutated inputs"), folder / "inputs", seed, count, "input")


def torture_rules(folder: Path, seed: int, count: int) -> Tally:
    """Mutants of the shipped rules through `score --rules`."""
    return _spread(Tally(f"{count} mutated rules"), folder / "rules", seed, count, "rules")


def _spread(tally: Tally, folder: Path, seed: int, count: int, kind: str) -> Tally:
    """Two processes; one that dies is a failure that names its last mutant."""
    context = multiprocessing.get_context("spawn")
    jobs = [Job(folder / str(i), seed * 1000 + i, (count + i) // 2, kind) for i in range(2)]
    workers = []
    for job in jobs:
        job.folder.mkdir(parents=True)
        receiver, sender = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(job, sender))
        worker.start()
        sender.close()
        workers.append((job, worker, receiver))
    for job, worker, receiver in workers:
        try:
            verdict = receiver.recv()
            tally.counts.update(verdict.counts)
            tally.failures += verdict.failures
        except EOFError:
            kept = job.folder.parent / f"died{job.seed}"
            job.folder.rename(kept)
            tally.failures.append(f"the process died with {worker.exitcode} on the mutant in {kept}")
        worker.join()
    return tally


def _work(job: Job, sender: "multiprocessing.connection.Connection") -> None:
    os.chdir(job.folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # as the command does: what native code says is for -vv
    chance = random.Random(job.seed)
    seeds = _inputs(job.folder) if job.kind == "input" else _rules()
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for number in range(job.count):
        name, data = chance.choice(seeds)
        words = SNIPPETS if job.kind == "input" else [w.encode() for w in WORDS]
        mutant = mutate(data, chance, words)
        path = Path(f"mutant{name}")
        path.write_bytes(mutant)
        rules = ["--rules", str(path)] if job.kind == "rules" else []
        source = "log.csv" if job.kind == "rules" else str(path)
        wanted = {0, 4} if job.kind == "rules" else STATED - {4, 5, 6, 7, 130, 141, 143}
        fast = ["--no-model"] if number % 10 else []
        problem = _try(["score", source, "-o", "out.csv", "-q", *fast, *rules], wanted, counts)
        if problem:
            kept = Path("/tmp") / f"mutant-{job.seed}-{number}{name}"
            kept.write_bytes(mutant)
            failures.append(f"{kept}: {problem}")
        path.unlink()
    sender.send(Verdict(dict(counts), failures))
    sender.close()


def _try(args: list[str], wanted: set[int], counts: Counter[str]) -> str:
    """Runs one mutant; returns what is wrong with the outcome."""
    from torture.writes import quiet_run

    before = {p.name for p in Path().iterdir()}
    start = time.process_time()
    code, out, err = quiet_run(args)
    seconds = time.process_time() - start
    counts[f"exit {code}"] += 1
    after = {p.name for p in Path().iterdir()} - before
    problem = ""
    if code not in wanted or "Traceback" in err or "a bug in clv" in err:
        problem = f"exit {code}: {err[-300:]}"
    elif seconds > SLOW:
        problem = f"took {seconds:.0f} s of a processor"
    elif out:
        problem = f"stdout holds {out[:100]!r}"
    elif code and after - {"out.csv.rejects.csv"}:
        problem = f"exit {code}, and yet {sorted(after)}"
    elif code and len(err.strip().splitlines()) != 1:
        problem = f"not one line: {err[-300:]!r}"
    elif re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", err):
        problem = f"control characters on stderr: {err[-200:]!r}"
    elif code == 0:
        problem = _accounted(Path("out.csv.run.json"))
    for name in after:
        Path(name).unlink()
    return problem


def _accounted(path: Path) -> str:
    rows = json.loads(path.read_bytes())["rows"]
    total = rows["used"] + rows["duplicates"] + sum(rows["excluded"].values()) + sum(rows["rejected"].values())
    return "" if total == rows["read"] else f"{rows['read']} read, {total} accounted for"


def mutate(data: bytes, chance: random.Random, words: list[bytes]) -> bytes:
    """One to four changes: a word put in or over something, bytes flipped, parts cut, doubled, swapped."""
    for _ in range(chance.choice([1, 1, 2, 4])):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        kind = chance.randrange(7)
        if kind == 0:
            data = data[:at] + chance.choice(words) + data[at:]
        elif kind == 1:
            fields = [m.span() for m in re.finditer(rb"[^,\n]+", data)] or [(0, 0)]
            start, end = chance.choice(fields)
            data = data[:start] + chance.choice(words) + data[end:]
        elif kind == 2:
            data = data[:at] + bytes(chance.randrange(256) for _ in range(chance.randrange(1, 5))) + data[at + 3 :]
        elif kind == 3:
            data = data[:at] + data[min(to, at + 200) :]
        elif kind == 4:
            data = data[:to] + data[at:to][:2000] + data[to:]
        elif kind == 5:
            data = data[:at] if chance.random() < 0.3 else data[at:] + data[:at]
        else:
            old, new = chance.choice(SWAPS)
            data = data.replace(old, new, chance.choice([1, 5, -1]))
    return data


def _inputs(folder: Path) -> list[tuple[str, bytes]]:
    """Small logs to start from."""
    from clvcli.commands.simulate.job import simulate
    from clvcli.core.options import SimulateOptions

    found = []
    for number, (name, more) in enumerate([(".csv", {"dirt": 0.0}), (".csv", {"dirt": 0.005, "ids": "uuid"}),
                                           (".csv", {"table": "lines"}), (".parquet", {"dirt": 0.0})]):  # fmt: skip
        path = folder / f"seed{number}{name}"
        simulate(SimulateOptions(output_file=str(path), buyers=60, seed=number, **more))  # type: ignore[arg-type]
        found.append((name, path.read_bytes()))
        path.unlink()
    return found


def _rules() -> list[tuple[str, bytes]]:
    from clvcli.commands.simulate.job import simulate
    from clvcli.core.options import SimulateOptions

    simulate(SimulateOptions(output_file="log.csv", buyers=60, dirt=0.0))
    return [(".yaml", p.read_bytes()) for p in sorted((ROOT / "configs").glob("*.yaml"))]
