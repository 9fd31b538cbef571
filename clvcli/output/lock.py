"""One writer at a time: a lock beside each output, held for the length of the run."""

import contextlib
import errno
import os
import sys
import time
from types import TracebackType
from typing import Self

from clvcli.core.errors import OutputError
from clvcli.core.language import marked
from clvcli.output.sink import output_error
from clvcli.output.tempfiles import GATE, LIVE, hidden

if sys.platform != "win32":
    import fcntl

_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
_PAUSE = 0.05


class Lock:
    """`.NAME.clvlock` beside the output, locked by the kernel: it is free again when its owner dies, however it dies.

    Where the file system knows no locks, or the system has others (Windows), `held` stays False and the run goes on:
    each file is still replaced whole.
    """

    def __init__(self, target: str, shown: str, wait: float | None) -> None:
        self.path = hidden(target, ".clvlock")
        self._shown, self._deadline = shown, time.monotonic() + (wait or 0.0)
        self._wait = wait
        self._descriptor: int | None = None
        self.held = False

    def __enter__(self) -> Self:
        try:
            while not self._attempt():
                if time.monotonic() >= self._deadline:
                    raise self._busy()
                time.sleep(_PAUSE)
        except OSError as error:
            self._release()
            raise output_error(self._shown, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        if self.held:
            # Unlinked while still locked: whoever waits on this inode sees that it is gone, and starts anew.
            with GATE, contextlib.suppress(OSError):
                LIVE.discard(self.path)
                os.unlink(self.path)
        self._close()

    def _attempt(self) -> bool:
        with GATE:
            return self._try()

    def _try(self) -> bool:
        """One attempt; True when the lock is ours, or when there are no such locks."""
        if sys.platform == "win32":
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        self._descriptor = descriptor
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._close()
            return False
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            self._close()
            return True
        if not self._current(descriptor):
            self._close()
            return False
        self.held = True
        LIVE.add(self.path)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return True

    def _current(self, descriptor: int) -> bool:
        """Whether the locked file is still the one with that name: its former owner unlinks it."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self.path))
        except FileNotFoundError:
            return False

    def _busy(self) -> OutputError:
        try:
            with open(self.path, "rb") as file:
                pid = file.read(20).decode("ascii", "replace").strip()
        except OSError:
            pid = ""
        owner = marked("run {pid}", pid=pid) if pid.isdigit() else marked("another run")
        told = marked("{place}: {owner} is writing it", place=self._shown, owner=owner)
        if self._wait is not None:
            told = marked("{told} (waited {seconds} s)", told=told, seconds=f"{self._wait:g}")
        return OutputError(
            told,
            "wait for it: --wait SECONDS",
            code="output_in_use",
        )

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self.held = False
