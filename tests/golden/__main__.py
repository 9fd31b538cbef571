"""What the reader makes of some 180 small logs, by the code of any checkout.

    cd tests
    python -m golden run CODE_DIR OUT_DIR [NAME ...]    score each log with that code, keep all that it gives
    python -m golden compare OUT_A OUT_B [--ignore KEY,KEY]   print what differs; status 1 when anything does
    python -m golden list                               the names
    python -m golden accept                             make the committed snapshot anew from this checkout

A NAME may be a part of a name. `run` keeps the table, the rejects, the manifest without `run`, `check.json`, the exit
code and stderr. `--corpus` adds the cases of tests/corpus, `--small` leaves the large logs out.
"""

import argparse
import sys
from pathlib import Path

from golden.compare import compare
from golden.run import every_case, run_all
from golden.snapshot import SNAPSHOT, encoded, snapshot

HERE = Path(__file__).resolve().parents[2]


def main() -> int:
    """The four commands."""
    parser = argparse.ArgumentParser(prog="golden", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=("run", "compare", "list", "accept"))
    parser.add_argument("rest", nargs="*")
    parser.add_argument("--corpus", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--ignore", default="")
    given = parser.parse_intermixed_args()
    if given.command == "compare":
        return compare(Path(given.rest[0]), Path(given.rest[1]), set(given.ignore.split(",")))
    if given.command == "accept":
        SNAPSHOT.write_text(encoded(snapshot(HERE)))
        return 0
    parts = given.rest[2:] if given.command == "run" else given.rest
    chosen = [
        case
        for case in every_case(corpus=given.corpus)
        if not (given.small and case.large) and (not parts or any(part in case.name for part in parts))
    ]
    if given.command == "list":
        print("\n".join(case.name for case in chosen))
        return 0
    run_all(Path(given.rest[0]), Path(given.rest[1]), chosen)
    print(f"{len(chosen)} logs in {given.rest[1]}")
    return 0


sys.exit(main())
