"""What must not be left behind when the process ends on a signal: temporary files and locks, by name."""

import contextlib
import hashlib
import os
import shutil
import threading

from clvcli.output.formats.base import SCRATCH

GATE = threading.Lock()  # held while files of LIVE are made, renamed or removed
LIVE: set[str] = set()
_COMMIT_SECONDS = 1.5


def abandon() -> None:
    """Removes every temporary file and lock of this process; for the thread that ends it on a signal.

    Waits a moment for renames that are under way. Afterwards nothing more is written: the gate stays shut.
    """
    GATE.acquire(timeout=_COMMIT_SECONDS)
    for path in tuple(LIVE):
        with contextlib.suppress(OSError):
            os.unlink(path)
    for folder in tuple(SCRATCH):
        shutil.rmtree(folder, ignore_errors=True)


def hidden(target: str, tail: str) -> str:
    """A dot-name beside `target`; long names are shortened to a digest, for names have a limit too."""
    folder, name = os.path.split(target)
    if len(os.fsencode(name)) > 180:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return os.path.join(folder, f".{name}{tail}")
