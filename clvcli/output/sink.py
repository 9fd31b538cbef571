"""Bytes on their way out: a descriptor as a file object that remembers why it failed."""

import errno
import io
import os
import select
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from clvcli.core.errors import OutputError
from clvcli.core.language import marked

_HINTS = {
    errno.ENOSPC: "free some space, or write elsewhere with -o",
    errno.EDQUOT: "free some space, or write elsewhere with -o",
    errno.EFBIG: "the limit on file sizes is ulimit -f",
    errno.EROFS: "write elsewhere with -o",
    errno.EACCES: "write elsewhere with -o",
    errno.EPERM: "write elsewhere with -o",
    errno.ENAMETOOLONG: "a shorter name",
    errno.ELOOP: "another name",
    errno.EMFILE: "the limit on open files is ulimit -n",
    errno.EIO: "the disk or its connection fails",
}
_STEP = 1 << 20


def output_error(path: str, error: OSError) -> OutputError:
    """The failure of a write in words: which output, why, what to do."""
    shown = marked("stdout") if path == "-" else path
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(
        marked("{place}: cannot be written: {reason}", place=shown, reason=reason[:1].lower() + reason[1:]),
        _HINTS.get(error.errno or 0),
    )


class ReaderGoneError(BrokenPipeError):
    """The reader of a pipe left before it had everything (`clv ... | head`): status 141, not worth a word."""


class Sink:
    """Writes every byte to a descriptor, in steps. `failure` holds what stopped it.

    Libraries that write into it turn its exceptions into their own, without errno and with interrupts swallowed:
    the caller looks at `failure` first.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.failure: BaseException | None = None
        self.over = False
        """Afterwards nothing is written: the descriptor may be another file's by then. Finalisers write late."""

    def flush(self) -> None:
        """Nothing is held back."""

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        if self.over or self.failure is not None:
            return len(view)  # a library that tidies up after itself must not fail again, out of our sight
        try:
            for start in range(0, len(view), _STEP):
                self._all(view[start : start + _STEP])
        except BaseException as error:
            self.failure = error
            raise
        return len(view)

    def _all(self, view: memoryview) -> None:
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])


def fill_descriptor(path: str, descriptor: int, fill: Callable[[BinaryIO], object]) -> None:
    """Lets `fill` write into a descriptor; `path` is for messages. Raises OutputError, ReaderGoneError,
    and whatever else `fill` raises.
    """
    sink = Sink(descriptor)
    try:
        fill(cast(BinaryIO, sink))
    except BaseException as error:
        cause = sink.failure or error
        raise translated(path, cause) from cause
    finally:
        sink.over = True
    if sink.failure is not None:
        raise translated(path, sink.failure) from sink.failure


def translated(path: str, error: BaseException) -> BaseException:
    """An error of the operating system as one of ours; anything else unchanged."""
    if not isinstance(error, OSError) or isinstance(error, ReaderGoneError):
        return error
    return ReaderGoneError("the reader left") if error.errno == errno.EPIPE else output_error(path, error)


class ClosedStdout(io.RawIOBase):
    """Stands for a stdout that was closed when the process began: nothing can be written to it."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ARG002
        raise OSError(errno.EBADF, "stdout is closed")


def check_stdout() -> None:
    """Raises OutputError when stdout is closed."""
    if sys.stdout is None or isinstance(getattr(sys.stdout, "buffer", None), ClosedStdout):
        raise OutputError("stdout is closed, and data was due there", "-o FILE")


def fill_stdout(fill: Callable[[BinaryIO], object]) -> None:
    """Lets `fill` write bytes to stdout, past its text layer. Raises OutputError and ReaderGoneError as above."""
    check_stdout()
    try:
        sys.stdout.flush()
        descriptor = sys.stdout.fileno()
    except io.UnsupportedOperation:
        fill(sys.stdout.buffer)
    except OSError as error:
        raise translated("-", error) from error
    else:
        fill_descriptor("-", descriptor, fill)
