"""Files that a run reads back, changed by somebody: manifests and models, user SQL that grows, names of any bytes."""

import contextlib
import copy
import json
import os
import random
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torture.case import STATED, Tally, command, environment, speaks
from torture.writes import quiet_run

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, -1e308, 10**18, 10**400, "", "x", "2024-02-30", [], [None], [[]], {}, {"": None},
    {"value": 1}, [1, 2], "\u0000", "[/red]", "9" * 5000, 0.5,
)  # fmt: skip
GIGABYTES = 4
"""Address space of a run whose SQL grows: what is let through keeps within it."""


def torture_json(folder: Path, seed: int, count: int) -> Tally:
    """Mutants of a manifest and of a model file, through every command that reads one."""
    tally = Tally(f"{count} hostile JSON files")
    with inside(folder / "json"):
        for day in ("2024-06-30", "2024-10-31"):
            Path(f"{day}.csv").write_text("customer_id,date,amount\n" + _lines(day))
            code, _, err = quiet_run(["score", f"{day}.csv", "-o", f"{day}.scored.csv", "-q"])
            assert code == 0, err
        assert quiet_run(["fit", "2024-10-31.csv", "-o", "model.json"])[0] == 0
        new, old, mutant = "2024-10-31.scored.csv", "2024-06-30.scored.csv", "mutant.json"
        lines: dict[str, list[list[str]]] = {
            "model.json": [["score", "2024-10-31.csv", "--use-model", mutant, "-o", "out.csv", "-q"]],
            f"{new}.run.json": [
                ["report", new, "--manifest", mutant, "-o", "out.html"],
                ["compare", old, new, "--new-manifest", mutant],
                ["top", new, "--manifest", mutant],
                ["plan", new, "--manifest", mutant, "-o", "out.csv"],
            ],
            f"{old}.run.json": [["compare", old, new, "--old-manifest", mutant]],
        }
        chance = random.Random(seed)
        for number in range(count):
            name = chance.choice(list(lines))
            Path(mutant).write_text(_mutated(Path(name).read_text("utf-8"), chance), "utf-8")
            code, _, err = quiet_run(chance.choice(lines[name]))
            speaks(tally, f"JSON {number} of {name}", code, err.rsplit("\n", 2)[-2] if code and err else "", STATED)
            for left in Path().glob("out.*"):
                left.unlink()
    return tally


def _lines(last: str) -> str:
    draw = random.Random(5)
    days = [f"2023-{m:02d}-{d:02d}" for m in range(1, 13) for d in (3, 17)]
    days += [f"2024-{m:02d}-{d:02d}" for m in range(1, 11) for d in (4, 19)]
    rows = [(f"C{draw.randrange(60):03d}", draw.choice(days), f"{draw.randrange(100, 9999) / 100}") for _ in range(500)]
    return "".join(f"{c},{d},{a}\n" for c, d, a in rows if d <= last) + f"C001,{last},5.00\n"


def _mutated(text: str, chance: random.Random) -> str:
    """One to three values, lists or keys of the tree changed."""
    value = json.loads(text)
    for _ in range(chance.choice([1, 1, 2, 3])):
        holder, key = value, chance.choice(list(value))
        while isinstance(inner := holder[key], dict | list) and inner and chance.random() < 0.85:
            holder, key = inner, chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        kind = chance.randrange(5)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder.extend(holder[:1] * chance.randrange(3))
        elif kind == 2 and isinstance(holder, dict):
            holder[chance.choice(["", "x", "value"])] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))  # a later change may reach into it
        if not value:
            break
    return json.dumps(value)


def torture_growth(folder: Path, seed: int, count: int) -> Tally:
    """Rules whose texts grow at random: refused by name, or run within a few gigabytes."""
    tally = Tally(f"{count} growing SQL texts")
    chance = random.Random(seed)
    limit = GIGABYTES << 30
    with inside(folder / "growth"):
        Path("log.csv").write_text("customer_id,date,amount\n" + _lines("2024-10-31"))
        for number in range(count):
            fields = {"f0": "customer_id"}
            for i in range(1, chance.choice([2, 8, 40, 199])):
                fields[f"f{i}"] = _grown(f"f{i - 1}", chance)
            rules = {"stages": [{"stage": "a", "when": f"length(f{len(fields) - 1}) > 3"}], "fields": fields}
            Path("rules.yaml").write_text(json.dumps(rules))
            code, _, err = quiet_run(["rules", "check", "rules.yaml"])
            speaks(tally, f"SQL {number}", code, err if code else "", {0, 4})
            if code == 0 or number % 10 == 0:
                line = command("score", "log.csv", "--rules", "rules.yaml", "-o", "out.csv", "-q", "--no-model")
                done = _limited(line, resource.RLIMIT_AS, limit)
                speaks(tally, f"SQL {number}, run", done.returncode, done.stderr.decode(), {code})
    return tally


def _grown(inner: str, chance: random.Random) -> str:
    return chance.choice(
        [
            f"concat({inner}, {inner})",
            f"{inner} || 'x'",
            f"replace({inner}, 'C', '{'C' * chance.choice([1, 3, 60])}')",
            f"left({inner} || {inner}, {chance.randrange(1, 50)})",
            f"upper({inner})",
            f"coalesce(nullif({inner}, 'x'), {inner})",
            f"replace({inner}, '0', '')",
        ]
    )


def torture_names(folder: Path, seed: int, count: int) -> Tally:
    """Logs, outputs and folders by names of any bytes; and few descriptors to open them with."""
    tally = Tally(f"{count} names")
    chance = random.Random(seed)
    with inside(folder / "names") as here:
        log = ("customer_id,date,amount\n" + _lines("2024-10-31")).encode()
        for number in range(count):
            name = bytes(chance.choice(b"\xff\xc3\xa9 a.\n\t'\"*[?-=\x80\\") for _ in range(chance.randrange(1, 9)))
            inner = here / str(number)
            inner.mkdir()
            path = os.path.join(os.fsencode(inner), b"n" + name + chance.choice([b".csv", b""]))
            with open(path, "wb") as stream:
                stream.write(log)
            data = inner if number % 2 else os.fsdecode(path)
            code, _, err = quiet_run(["score", str(data), "-o", str(inner / "out.csv"), "-q", "--no-model"])
            speaks(tally, f"name {path!r}", code, err, {0, 2, 3, 6})
        for files in range(6, 40, 3):
            line = command("score", os.fsdecode(path), "-o", "out.csv", "-q", "--no-model")
            done = _limited(line, resource.RLIMIT_NOFILE, files)
            own = b"clv: " in done.stderr or done.returncode == 0
            tally.counts["too few descriptors for the interpreter" if not own else "few descriptors"] += 1
            if own:
                speaks(tally, f"{files} descriptors", done.returncode, done.stderr.decode(), {0, 3, 6})
    return tally


def _limited(line: list[str], kind: int, value: int) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        line, env=environment(), capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(kind, (value, value)),
    )  # fmt: skip


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[Path]:
    """Makes a folder and works in it."""
    folder.mkdir(parents=True)
    with contextlib.chdir(folder):
        yield folder
