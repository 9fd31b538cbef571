"""SIGINT, SIGTERM and SIGHUP end a run at once, also inside Polars, whose native code never returns to handlers."""

import os
import signal
import sys
import threading

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
    CODES[signal.SIGHUP] = 129


def watch_signals() -> None:
    """Blocks these signals in every thread and waits for them in a thread of its own.

    Must run before other threads start: they inherit the mask. The waiting thread removes temporary files and leaves.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, CODES)
    threading.Thread(target=_wait, name="signals", daemon=True).start()


def _wait() -> None:
    number = signal.sigwait(CODES)
    try:
        output = sys.modules.get("clvcli.output")
        if output is not None:
            output.abandon()
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\x1b[?25h\n")  # a progress line hides the cursor
        if sys.stderr is not None:
            sys.stderr.flush()
    finally:
        os._exit(CODES[signal.Signals(number)])
