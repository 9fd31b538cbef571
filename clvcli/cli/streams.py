"""stdin, stdout and stderr as they are found: closed, full, without a reader."""

import atexit
import contextlib
import io
import os
import sys
import threading
from typing import NoReturn


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


def silence_native_code() -> None:
    """Leaves stderr to Python alone: what Rust says when it panics, or a library about its threads, is for -vv."""
    if not hasattr(sys.stderr, "fileno"):
        return
    try:
        real = os.dup(sys.stderr.fileno())
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    except OSError:
        return
    sys.stderr = io.TextIOWrapper(
        os.fdopen(real, "wb"), encoding=sys.stderr.encoding, errors="backslashreplace", line_buffering=True
    )


def flush_streams() -> None:
    """Flushes what is left; what cannot be written is dropped without the interpreter's complaint at its end. Again,
    it does nothing."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            setattr(sys, name, None)


def leave(code: int) -> NoReturn:
    """Ends the process, everything written. What packages registered for the end is done first.

    The interpreter's own end frees object by object what the system frees at once: a fifth of a small run. It is left
    to do so only where a thread is still at work, for which it waits.
    """
    if any(not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()):
        sys.exit(code)
    atexit._run_exitfuncs()
    flush_streams()
    os._exit(code)
