"""A bound on what a step may cost, so that what takes long fails at once."""

import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """What takes more seconds of CPU fails then, and not when it ends."""

    def end(*_: object) -> None:
        raise AssertionError(f"takes more than {seconds} seconds of CPU")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
