"""`make torture`: what nights bring, in bounded size, seeded, printed as counts. Exit 1 when anything fails."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from torture.case import Tally
from torture.hostile import torture_growth, torture_json, torture_names
from torture.logs import torture_dirty, torture_money, torture_moving
from torture.mutants import torture_inputs, torture_rules
from torture.places import torture_company, torture_environments, torture_limits
from torture.signals import torture_signals
from torture.starved import torture_starved
from torture.writes import torture_writes


def main() -> int:
    """Runs all parts, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(parts(Path(), 0, 1)))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the counts")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        for part, run in parts(Path(name), options.seed, options.scale).items():
            if options.parts and part not in options.parts:
                continue
            start = time.monotonic()
            tally = run()
            sys.stdout.write(f"{tally.line()} ({time.monotonic() - start:.0f} s)\n")
            for failure in tally.failures[:40]:
                sys.stdout.write(f"  {failure}\n")
            sys.stdout.flush()
            failed += len(tally.failures)
    sys.stdout.write(f"seed {options.seed}: {failed} failures\n")
    return 1 if failed else 0


def parts(folder: Path, seed: int, scale: float) -> dict[str, Callable[[], Tally]]:
    """The parts by name, at `scale` of their full counts."""

    def size(full: int) -> int:
        return max(2, round(full * scale))

    return {
        "environments": lambda: torture_environments(folder),
        "limits": lambda: torture_limits(folder),
        "starved": lambda: torture_starved(folder, seed, size(50)),
        "moving": lambda: torture_moving(folder, seed, size(200)),
        "money": lambda: torture_money(folder, seed, size(1_000)),
        "dirty": lambda: torture_dirty(size(1_000)),
        "company": lambda: torture_company(folder, size(4)),
        "writes": lambda: torture_writes(folder),
        "signals": lambda: torture_signals(folder, seed, size(200), size(40), size(40)),
        "rules": lambda: torture_rules(folder, seed, size(1_000)),
        "json": lambda: torture_json(folder, seed, size(2_000)),
        "growth": lambda: torture_growth(folder, seed, size(300)),
        "names": lambda: torture_names(folder, seed, size(100)),
        "inputs": lambda: torture_inputs(folder, seed, size(10_000)),
    }


if __name__ == "__main__":
    sys.exit(main())
