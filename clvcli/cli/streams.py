"""stdin, stdout and stderr as they are found: closed, full, without a reader."""

import contextlib
import io
import os
import sys


def prepare_streams() -> None:
    """Gives closed descriptors 0 to 2 to /dev/null: else the next file opened would get the number, and what native
    code says on stderr would end up in it. Writing to a closed stdout fails; a closed stdin is empty; a closed stderr
    swallows.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
    if sys.stdout is None:
        from clvcli.output.sink import ClosedStdout

        sys.stdout = io.TextIOWrapper(ClosedStdout(), encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")


def settle_streams() -> None:
    """Flushes what is left; what cannot be written is dropped without the interpreter's complaint at its end."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        try:
            getattr(sys, name).flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
            setattr(sys, name, None)
