"""`make fuzz`: the record splitter and its slow twin on random text for MINUTES; every difference is printed, smallest
first, and ends the run with status 1."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from log.test_records_twin import TEXTS, agrees_in_blocks, agrees_with_twin

ROUND = 2000
"""Examples of one search."""


def main() -> int:
    """Rounds of examples until time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    tried = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:

        @settings(
            max_examples=ROUND, deadline=None, database=None, derandomize=False,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
        )  # fmt: skip
        @given(TEXTS, st.integers(1, 80))
        def one_round(text: str, size: int) -> None:
            nonlocal tried
            tried += 1
            agrees_with_twin(text)
            agrees_in_blocks(Path(folder), text, size)

        while time.monotonic() < end:
            try:
                one_round()
            except Exception as finding:
                sys.stdout.write(f"after {tried:,} texts: {type(finding).__name__}: {finding}\n")
                for note in getattr(finding, "__notes__", ()):
                    sys.stdout.write(f"{note}\n")
                return 1
    sys.stdout.write(f"{tried:,} texts, no finding\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
