"""How close `clv score` comes to reading the file: ratios to a bare Polars scan and to other tools, in one run.

    python tests/bench/score.py [--million N ...] [--rounds N] [--folder DIR] [--write FILE] [PART ...]

Parts: logs (CSV and Parquet, three kinds of ids), peers (lifetimes), start (help, a small log), report (what it adds),
growth. Logs are drawn by `clv simulate` into DIR and kept there. Every ratio is of medians of whole processes that ran
in turn.
"""

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

from measure import Cost, cost_of, in_turn

PYTHON = sys.executable
RIVALS = str(Path(__file__).with_name("rivals.py"))
IDS = ("code", "integer", "uuid")
SMALL = 10_000
Row = tuple[str, ...]


def clv(*arguments: str) -> list[str]:
    """The command as a process."""
    return [PYTHON, "-m", "clvcli", *arguments]


def rival(name: str, path: Path) -> list[str]:
    """A rival as a process."""
    return [PYTHON, RIVALS, name, str(path)]


def score(path: Path) -> list[str]:
    """The whole main job, Parquet out."""
    return clv("score", str(path), "-o", f"{path}.scored.parquet", "-q")


def drawn(folder: Path, rows: int, ids: str, suffix: str = "csv", *more: str) -> Path:
    """A clean log of about so many rows, or as `more` says, drawn once."""
    size = [] if "--customers" in more else ["--rows", str(rows)]
    path = folder / f"{ids}-{rows}{''.join(more).replace('/', '-')}.{suffix}"
    if not path.exists():
        cost_of(clv("simulate", *size, "--dirt", "0", "--ids", ids, "-q", "-o", str(path), *more))
    return path


def against_floor(path: Path, rounds: int, *, duckdb: bool) -> dict[str, Cost]:
    """The main job and its rivals on one log, in turn."""
    commands = {"clv": score(path), "floor": rival("floor", path), "columns": rival("columns", path)}
    if duckdb:
        commands["duckdb"] = rival("duckdb", path)
    return in_turn(commands, rounds)


def logs(folder: Path, million: list[int], rounds: int) -> Iterator[Row]:
    """Ratios of the whole run to the floor, log by log."""
    yield ("log", "CPU / floor", "wall / floor", "memory / floor", "CPU / columns", "CPU / DuckDB", "CPU s")
    for size in million:
        for ids in IDS:
            for suffix in ("csv", "parquet"):
                path = drawn(folder, size * 1_000_000, ids, suffix)
                cost = against_floor(path, rounds, duckdb=True)
                ours, floor = cost["clv"], cost["floor"]
                yield (
                    f"{size} M rows, {suffix}, {ids}",
                    *(f"{getattr(ours, what) / getattr(floor, what):.2f}" for what in ("cpu", "wall", "memory")),
                    *(f"{ours.cpu / cost[name].cpu:.2f}" for name in ("columns", "duckdb")),
                    f"{ours.cpu:.1f}",
                )


def peers(folder: Path, million: list[int], rounds: int) -> Iterator[Row]:  # noqa: ARG001
    """How many times faster than lifetimes."""
    yield ("customers", "fit + score, times faster", "end to end, times faster (CPU)", "end to end (wall)")
    for customers in (100_000, 1_000_000):
        path = drawn(folder, 0, "code", "csv", "--customers", str(customers))
        few = 1 if customers > 100_000 else min(rounds, 3)
        fits = in_turn({"ours": rival("fit", path), "theirs": rival("lifetimes-fit", path)}, few)
        whole = in_turn({"ours": score(path), "theirs": rival("lifetimes", path)}, few)
        yield (
            f"{customers:,}",
            f"{(fits['theirs'].printed or 0) / (fits['ours'].printed or 1):.0f}",
            f"{whole['theirs'].cpu / whole['ours'].cpu:.0f}",
            f"{whole['theirs'].wall / whole['ours'].wall:.0f}",
        )


def start(folder: Path, million: list[int], rounds: int) -> Iterator[Row]:  # noqa: ARG001
    """What starting costs: the help against a bare Typer app, a small log against a bare group_by."""
    yield ("what", "CPU ratio")
    stub = [PYTHON, "-c", STUB, "--help"]
    cost = in_turn({"clv": clv("--help"), "stub": stub}, rounds * 2)
    yield ("clv --help / a Typer app of the same commands", f"{cost['clv'].cpu / cost['stub'].cpu:.2f}")
    path = drawn(folder, SMALL, "code")
    cost = in_turn({"clv": score(path), "floor": rival("floor", path)}, rounds)
    yield (f"{SMALL:,} rows / a bare group_by of them", f"{cost['clv'].cpu / cost['floor'].cpu:.2f}")


STUB = """
import typer
app = typer.Typer(no_args_is_help=True)
for name in "backtest check compare crosssell economics explain fit init plan report run schema score simulate".split():
    def command(): "What it does."
    app.command(name)(command)
app()
"""


def report(folder: Path, million: list[int], rounds: int) -> Iterator[Row]:  # noqa: ARG001
    """What --report adds to a run of a million customers."""
    yield ("log of a million customers", "CPU added", "wall added", "CPU s added")
    for suffix in ("csv", "parquet"):
        path = drawn(folder, 0, "code", suffix, "--customers", "1000000")
        cost = in_turn({"plain": score(path), "report": [*score(path), "--report", f"{path}.html"]}, rounds)
        plain, told = cost["plain"], cost["report"]
        added = (f"{told.cpu / plain.cpu - 1:.0%}", f"{told.wall / plain.wall - 1:.0%}", f"{told.cpu - plain.cpu:.2f}")
        yield suffix, *added


def growth(folder: Path, million: list[int], rounds: int) -> Iterator[Row]:
    """CPU a row by rows and by purchases a customer: a line of bars shows that nothing grows faster than the log."""
    yield ("log", "CPU, microseconds a row", "")
    for size in sorted({1, 3, 10, 30} & set(range(max(million) * 3 + 1))):
        path = drawn(folder, size * 1_000_000, "code")
        yield _growth_row(f"{size} M rows", path, min(rounds, 3))
    for a_customer in (1, 5, 20, 50):
        rate = f"r={a_customer / 2:g},alpha=26,a=0.01,b=50"
        path = drawn(folder, 3_000_000, "code", "csv", "--params", rate)
        yield _growth_row(f"3 M rows, about {a_customer} purchases a customer", path, min(rounds, 3))


def _growth_row(name: str, path: Path, rounds: int) -> Row:
    with path.open("rb") as stream:
        rows = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 24), b"")) - 1
    each = in_turn({"clv": score(path)}, rounds)["clv"].cpu / rows * 1e6
    return name, f"{each:.2f}", "#" * round(each * 20)


PARTS: dict[str, Callable[[Path, list[int], int], Iterator[Row]]] = {
    "logs": logs, "peers": peers, "start": start, "report": report, "growth": growth,
}  # fmt: skip


def heading() -> str:
    """When and with what."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "numpy", "scipy", "duckdb", "lifetimes"))
    import os

    return f"{date.today()}, Python {platform.python_version()}, {libraries}, {os.cpu_count()} processors"


def table(rows: Iterator[Row]) -> Iterator[str]:
    """A Markdown table, a line at a time as it is measured."""
    for i, row in enumerate(rows):
        yield "| " + " | ".join(row) + " |"
        if i == 0:
            yield "|" + "---|" * len(row)


def main() -> None:
    """Prints the tables; with --write also into a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--million", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "clv-bench"))
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    lines = [f"# Benchmarks\n\n{heading()}; medians of {given.rounds} rounds, each command once a round.\n"]
    print(lines[0])
    for part in given.parts:
        lines.append(f"\n## {part}\n")
        print(lines[-1])
        for line in table(PARTS[part](given.folder, given.million, given.rounds)):
            print(line, flush=True)
            lines.append(line)
    if given.write:
        given.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
