"""The page is made at once, however many customers there are: its manifest is as long for ten as for a million."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from clvcli.core.language import Language, languages
from clvcli.report.edition import Edition
from clvcli.report.html import page

LIMIT = 0.15
"""Seconds of processor time, without the imports."""
FIRST = """
import json, sys, time
import babel.dates, babel.lists, babel.numbers, babel.units
from clvcli.core.language import Language
from clvcli.report.edition import Edition
from clvcli.report.html import page
manifest, edition = json.load(open(sys.argv[1])), Edition(Language(sys.argv[2], "EUR"))
start = time.process_time()
page(manifest, None, edition)
print(time.process_time() - start)
"""


@pytest.mark.parametrize("code", languages())
def test_a_page_takes_little_time(manifest: dict[str, Any], code: str) -> None:
    taken = []
    for _ in range(4):
        start = time.process_time()
        page(manifest, None, Edition(Language(code, "EUR")))
        taken.append(time.process_time() - start)
    assert min(taken) < LIMIT / 2


def test_so_does_the_first_page_of_a_process(manifest: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(manifest), encoding="utf-8")
    taken: list[float] = []
    while len(taken) < 8 and min(taken, default=1.0) >= LIMIT:  # another one's load is no fault of the page
        done = subprocess.run([sys.executable, "-c", FIRST, file, "ru"], capture_output=True, text=True, check=True)
        taken.append(float(done.stdout))
    assert min(taken) < LIMIT, taken
