"""Scores golden logs with the code of a checkout, in one process of its own, and keeps what it gives in folders."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from golden.cases import cases
from golden.lines import Golden

WORKER = Path(__file__).with_name("worker.py")


def slug(name: str) -> str:
    """The folder of a case."""
    return re.sub("[^A-Za-z0-9]+", "-", name).strip("-").lower()


def every_case(*, corpus: bool = False) -> list[Golden]:
    """The golden logs, and those of the corpus as well."""
    found = cases()
    if corpus:
        from corpus.make import CASES
        from corpus.make import slug as corpus_slug

        for case in CASES:
            args = tuple(
                "--no-header" if name == "header" else f"--{name.replace('_', '-')}={value}"
                for name, value in case.args.items()
            )
            found.append(Golden(f"corpus {corpus_slug(case)}", case.files, args, tuple(case.files)))
    return found


def run_all(code: Path, out: Path, chosen: Sequence[Golden], *, read_only: bool = False) -> None:
    """Fills OUT/SLUG/ for each: its inputs, scored.csv and its rejects, manifest.json, check.json, outcome.json.

    The folder of a case is made anew. `read_only`: no model is fitted and `clv check` is left out.
    """
    todo = []
    for case in chosen:
        folder = out.resolve() / slug(case.name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in case.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content() if callable(content) else content)
        line = {
            "folder": str(folder),
            "data": case.data,
            "args": case.args,
            "stdin": case.stdin,
            "read_only": read_only,
        }
        todo.append(line)
    while todo:
        ended = subprocess.run(
            [sys.executable, str(WORKER)], input=json.dumps(todo), text=True, env=environment(code), check=False,
            capture_output=True, cwd=out,
        )  # fmt: skip
        left = [line for line in todo if not Path(str(line["folder"]), "outcome.json").exists()]
        if left:  # the first of them ended the process
            dead = {"score": [ended.returncode, "", ended.stderr[-500:]]}
            Path(str(left[0]["folder"]), "outcome.json").write_text(json.dumps(dead))
        todo = left[1:]


def environment(code: Path) -> dict[str, str]:
    """What a run sees: the code, a day, nothing of the tester's own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    threads = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **threads, "PYTHONPATH": str(code.resolve()), "CLV_TODAY": "2026-11-22", "COLUMNS": "100"}
