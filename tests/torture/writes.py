"""Every system call of the outputs fails once in turn, in whole runs inside this process."""

import contextlib
import errno
import io
import os
from pathlib import Path
from typing import Any
from unittest import mock

from torture.case import Tally, make_case, speaks

from clvcli.cli.app import run

CALLS = ("open", "write", "fsync", "fchmod", "fchown", "replace", "link", "ftruncate", "dup")


class Saboteur:
    """Makes the n-th call fail, once."""

    def __init__(self, nth: int, code: int) -> None:
        self.nth, self.code, self.calls, self.failed = nth, code, 0, ""

    def wrap(self, name: str) -> Any:
        real = getattr(os, name)

        def call(*args: Any, **more: Any) -> Any:
            self.calls += 1
            if self.calls == self.nth:
                self.failed = name
                raise OSError(self.code, os.strerror(self.code))
            return real(*args, **more)

        return call


RUNS: tuple[tuple[int, bool, list[str]], ...] = (
    (errno.ENOSPC, False, []),
    (errno.EIO, True, []),
    (errno.ENOSPC, True, ["-f", "parquet"]),
    (errno.EIO, False, ["-f", "xlsx", "--excel"]),
    (errno.ENOSPC, True, ["-o", "/dev/null", "--manifest", "out/m.json"]),
)


def torture_writes(folder: Path) -> Tally:
    """ENOSPC and EIO at call 1, 2, 3, ... until a run needs fewer calls; over no files and over old ones."""
    tally = Tally("each write failing once")
    case = make_case(folder / "writes", buyers=60)
    here = Path.cwd()
    os.chdir(case.folder)
    try:
        quiet_run(["score", "b.csv", "-o", "out/scored.csv", "-q"])
        old = {p.name: p.read_bytes() for p in case.out.iterdir()}
        for code, over_old, extra in RUNS:
            _all_calls(tally, case.out, old if over_old else {}, extra, code)
    finally:
        os.chdir(here)
    return tally


def _all_calls(tally: Tally, out: Path, old: dict[str, bytes], extra: list[str], code: int) -> None:
    nth, more = 1, True
    while more:
        for path in out.iterdir():
            path.unlink()
        for name, data in old.items():
            (out / name).write_bytes(data)
        saboteur = Saboteur(nth, code)
        with contextlib.ExitStack() as stack:
            for name in CALLS:
                stack.enter_context(mock.patch.object(os, name, saboteur.wrap(name)))
            status, _, err = quiet_run(["score", "a.csv", "-o", "out/scored.csv", "-q", "--no-model", *extra])
        more = bool(saboteur.failed)
        if more:
            what = f"{errno.errorcode[code]} at call {nth} ({saboteur.failed}) {' '.join(extra)}"
            speaks(tally, what, status, err, {6})
            after = {p.name: p.read_bytes() for p in out.iterdir()}
            tally.check(after == old, f"{what}: {sorted(set(after) ^ set(old)) or 'other contents'}")
        nth += 1


def quiet_run(args: list[str]) -> tuple[int, str, str]:
    """`clv ARGS` in this process: exit code, stdout, stderr."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(args)
    out.flush()
    return code, out.buffer.getvalue().decode("utf-8", "replace"), err.getvalue()
