"""A process that waits for the run where memory is limited, and says why it died.

Native code that gets no memory aborts without a word, and the kernel kills without one. No exception comes of it, so a
second process is what remains. It holds nothing and opens nothing.
"""

import os
import signal
import sys
from contextlib import suppress

from clvcli.core.free_memory import is_limited

if sys.platform != "win32":
    CRASHES = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS}
    FATAL = {signal.SIGKILL, *CRASHES}
    PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT)
PARENT_DIES = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
SPOKEN = "clv: not enough memory for this run (hint: raise the limit on memory, or split the log by customer)\n"


def guard() -> None:
    """Goes on as a child where memory is limited; the parent passes signals on and ends as the child does: status 3 and
    one line where that died of itself. Must run before any thread starts."""
    if sys.platform == "win32" or not is_limited():
        return
    parent = os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *PASSED_ON})
    child = os.fork()
    if child:
        _leave_as(_ended(child))
    _end_with(parent)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(parent: int) -> None:
    """The run ends when its guardian is killed: whoever killed it meant the run."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PARENT_DIES, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGTERM)


def _ended(child: int) -> int:
    """The wait status of the child, once it has ended."""
    while True:
        number = signal.sigwait({signal.SIGCHLD, *PASSED_ON})
        if number != signal.SIGCHLD:
            with suppress(ProcessLookupError):
                os.kill(child, number)
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status


def _leave_as(status: int) -> None:
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    if number in FATAL:
        with suppress(OSError, ValueError, AttributeError):
            os.write(2, SPOKEN.encode())
        os._exit(3)
    os._exit(128 + number)
