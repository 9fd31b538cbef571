"""What real logs cost: `clv score` on dirty, odd and optioned logs beside clean ones, and both beside a bare scan.

    python tests/bench/score.py [--rows N ...] [--rounds N] [--only WORD] [--folder DIR] [--write FILE] [PART ...]

Parts: logs (every shape of a log against its floor and against the clean log), start (help, the small sample), commands
(against `score`), report (what it adds), growth, limits (address space), peers (lifetimes), doors (each format of
inputs against its reader alone), memory (of databases and of lines of JSON). Every figure is of medians of whole
processes that ran in turn: CPU is user and system time of the whole process, memory its peak.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

from parts import PARTS, Plan, Row

MEANING = """
`floor`: a bare Polars streaming scan of the same file, the expressions that the options name, and a group by customer
with four aggregates. `clean`: the same rows as a clean CSV with codes for ids.
"""


def heading() -> str:
    """When and with what."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "numpy", "scipy"))
    return f"{date.today()}, Python {platform.python_version()}, {libraries}, {os.cpu_count()} processors"


def table(rows: Iterator[Row]) -> Iterator[str]:
    """A Markdown table, a line at a time as it is measured."""
    for i, row in enumerate(rows):
        yield "| " + " | ".join(row) + " |"
        if i == 0:
            yield "|" + "---|" * len(row)


def main() -> None:
    """Prints the tables; with --write also into a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="shapes whose name holds this")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "clv-bench"))
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    plan = Plan(given.folder, tuple(given.rows), given.rounds, given.only)
    lines = [f"# Benchmarks\n\n{heading()}; medians of {given.rounds} rounds, each command once a round.\n{MEANING}"]
    print(lines[0])
    for part in given.parts or PARTS:
        lines.append(f"\n## {part}\n")
        print(lines[-1])
        for line in table(PARTS[part](plan)):
            print(line, flush=True)
            lines.append(line)
    if given.write:
        given.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
