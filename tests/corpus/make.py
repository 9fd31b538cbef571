"""Writes the corpus to a folder, to look at or to feed to other tools: `python tests/corpus/make.py FOLDER`."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus import cases_amounts, cases_dates, cases_exports, cases_kinds, cases_layout, cases_records
from corpus.build import Case

CASES: list[Case] = [
    *cases_layout.CASES,
    *cases_kinds.CASES,
    *cases_exports.CASES,
    *cases_dates.CASES,
    *cases_amounts.CASES,
    *cases_records.CASES,
]


def slug(case: Case) -> str:
    """A folder name for a case."""
    return f"{CASES.index(case):03d}-{re.sub('[^a-z0-9]+', '-', case.name.lower()).strip('-')[:40]}"


def write(case: Case, folder: Path) -> list[Path]:
    """Writes the files of a case and gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    return paths


if __name__ == "__main__":
    for each in CASES:
        write(each, Path(sys.argv[1]) / slug(each))
    print(f"{len(CASES)} cases in {sys.argv[1]}")
