"""Temporary files beside their targets, and the renames that put them in place: all of them or none."""

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from clvcli.output.sink import translated
from clvcli.output.tempfiles import GATE, LIVE, hidden

SUFFIX = ".clvtmp"
BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows writes other line ends without it."""
_LINKLESS = {errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV}


@dataclass(frozen=True)
class Written:
    """A finished temporary file and what it will replace."""

    temporary: str
    target: str
    shown: str
    replaces: bool


def create(target: str, *, closed: bool) -> tuple[str, int]:
    """A new temporary file for `target` and its descriptor. Closed to others until it gets the mode of another."""
    path = hidden(target, f".{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")
    mode = 0o600 if closed else 0o666
    with GATE:
        LIVE.add(path)
        try:
            return path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY, mode)
        except BaseException:
            LIVE.discard(path)
            raise


def discard(path: str) -> None:
    if path:
        with contextlib.suppress(OSError):
            os.unlink(path)
        LIVE.discard(path)


def sweep(target: str) -> None:
    """Removes temporaries for `target`. Whoever holds its lock is the only one that may have any."""
    folder, start = os.path.split(hidden(target, "."))
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            middle = name.removeprefix(start).removesuffix(SUFFIX)
            if name == start + middle + SUFFIX and middle.replace("-", "").isalnum() and "-" in middle:
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def copy_mode(like: str, descriptor: int) -> None:
    """Gives the new file mode and, where we may, owner of another. Where that is gone it stays closed."""
    if sys.platform == "win32":
        return
    try:
        old = os.stat(like)
    except FileNotFoundError:
        return
    new = os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode) & 0o777)


def replace_all(files: list[Written]) -> None:
    """Renames each over its target. On any failure those already renamed are put back."""
    kept: list[str] = []
    done: list[tuple[Written, str]] = []
    try:
        for file in files:
            with named(file.shown):
                old = _second_name(file)
                kept.append(old)
                os.replace(file.temporary, file.target)
                done.append((file, old))
        for folder, shown in {os.path.dirname(f.target): f.shown for f in files}.items():
            with named(shown):
                _sync_folder(folder)
    except BaseException:
        for file, old in reversed(done):
            _put_back(file, old)
        raise
    finally:
        for path in (*kept, *(f.temporary for f in files)):
            discard(path)


@contextlib.contextmanager
def named(shown: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise translated(shown, error) from error


def _second_name(file: Written) -> str:
    """A second name of the file that is about to be replaced, to put it back; "" where there is none."""
    if not os.path.exists(file.target):
        return ""
    path = file.temporary.removesuffix(SUFFIX) + "-old" + SUFFIX
    LIVE.add(path)
    try:
        os.link(file.target, path)
    except OSError as error:
        LIVE.discard(path)
        if error.errno in _LINKLESS:
            return ""
        raise
    return path


def _put_back(file: Written, old: str) -> None:
    """The old file again, or none where there was none. Without a second name the new one stays: it is whole."""
    with contextlib.suppress(OSError):
        if old:
            os.replace(old, file.target)
        elif not file.replaces:
            os.unlink(file.target)


def _sync_folder(folder: str) -> None:
    """Makes renames last through a power cut, where the file system can."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)
