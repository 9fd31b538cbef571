"""The entry point: `clv` and `python -m clvcli`. What must see every thread begins before anything heavier is imported:
limited memory and signals are watched."""

import gc
import os
import signal
import sys

# Until they are watched, Ctrl-C waits: what is imported next would end in a trace.
if hasattr(signal, "pthread_sigmask"):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

from clvcli.cli.guardian import guard
from clvcli.cli.signals import watch_signals

# Before numpy is loaded. The matrices here are small: threads of BLAS would spin (a fit took ten times the processor
# time) and make the last digits depend on how many there are.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Arrays live too briefly for huge pages, which virtual machines give back to their host as soon as they are free: a
# tenth of the processor time of ten million rows.
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
GARBAGE = 300_000
"""Objects between two searches for garbage. A run makes fewer: imports make objects that stay, and 200 searches among
them took a sixteenth of a small run. What a log holds is freed by its last reference, without any search."""

# Before Polars is loaded: its allocator shares what one thread has freed with the others and keeps it for two seconds.
# Fresh pages cost more than the work on them: on ten million rows 0.4 of 1.6 seconds in the kernel.
os.environ.setdefault("_RJEM_MALLOC_CONF", f"narenas:{max(1, (os.cpu_count() or 1) // 2)},dirty_decay_ms:2000")


def main() -> None:
    """Runs the command line and ends the process."""
    guard()
    if sys.argv[1:2] == ["score"]:
        from clvcli.core.allocator import keep_memory

        keep_memory()  # before any thread: each has a heap of its own from its first allocation on
    watch_signals()
    gc.set_threshold(GARBAGE)
    from clvcli.cli.app import main as command_line

    command_line()


if __name__ == "__main__":
    main()
