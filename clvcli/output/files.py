"""The files of one run: all of them replaced together, or none.

Each is written to a temporary file in its own folder, forced to disk, and renamed over the old one at the end, the
manifest last. A rename that fails takes back those before it.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

from clvcli.errors import OutputError
from clvcli.formats.base import SCRATCH
from clvcli.output.earlier import written_by_run
from clvcli.output.lock import Lock, hidden
from clvcli.output.places import check_places, is_stream
from clvcli.output.sink import fill_descriptor, fill_stdout, translated

SUFFIX = ".clvtmp"
Fill = Callable[[BinaryIO], object]

_GATE = threading.Lock()  # held while temporaries are made or renamed
_LIVE: set[str] = set()  # what must not be left behind
_COMMIT_SECONDS = 1.5
_LINKLESS = {errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV}


def abandon() -> None:
    """Removes every temporary file and lock of this process; for the thread that ends it on a signal.

    Waits a moment for renames that are under way. Afterwards nothing more is written: the gate stays shut.
    """
    _GATE.acquire(timeout=_COMMIT_SECONDS)
    for path in tuple(_LIVE):
        with contextlib.suppress(OSError):
            os.unlink(path)
    for folder in tuple(SCRATCH):
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Written:
    """A finished temporary file and what it will replace."""

    temporary: str
    target: str
    shown: str
    replaces: bool


class Outputs:
    """The outputs of one run, as a context manager.

    `files` maps a role ("table", "manifest", ...) to a path, `-` for stdout; `inputs` are the files that are read.
    Entering checks every place (UsageError for collisions, OutputError for what cannot be written), takes the locks
    (OutputError at once when another run holds one, or after `wait` seconds) and sweeps what dead runs left.
    `write` fills one output, `commit` puts them all in place; leaving without `commit` leaves everything as it was.
    `own_only`: roles whose existing file is replaced only if an earlier run wrote it.
    """

    def __init__(
        self,
        files: Mapping[str, str],
        inputs: Iterable[str] = (),
        *,
        wait: float | None = None,
        own_only: Collection[str] = (),
    ) -> None:
        self._files, self._inputs, self._wait = dict(files), tuple(inputs), wait
        self._own_only = own_only
        self._streams: dict[str, Fill] = {}
        self._written: dict[str, _Written] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        check_places(self._files, self._inputs)
        for role in self._own_only:
            path = self._files.get(role)
            if path is not None and os.path.lexists(path) and not written_by_run(path):
                raise OutputError(f"{path}: there is a file that no earlier run wrote", "name the output: -o FILE")
        with self._stack:
            # In one order for all runs: two that wait for each other's files would wait for ever.
            for target, path in sorted((os.path.realpath(p), p) for p in self._regular().values()):
                lock = self._stack.enter_context(Lock(target, path, self._wait))
                if lock.held:
                    self._keep(lock.path)
                    _sweep(target)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for written in self._written.values():
            _discard(written.temporary)
        self._written.clear()
        self._streams.clear()
        self._stack.close()

    def write(self, role: str, fill: Fill) -> None:
        """Fills the output `role`; `fill` gets a binary file that cannot seek. Streams are filled at `commit`.

        Raises OutputError with the reason when a byte cannot be written, and whatever else `fill` raises.
        """
        path = self._files[role]
        if is_stream(path):
            self._streams[role] = fill
            return
        target = os.path.realpath(path)
        temporary = ""
        try:
            temporary, descriptor = _create(target)
            try:
                fill_descriptor(path, descriptor, fill)
                _copy_mode(target, descriptor)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException as error:
            _discard(temporary)
            raise translated(path, error) from error
        self._written[role] = _Written(temporary, target, path, os.path.exists(target))

    def commit(self, only: Collection[str] | None = None) -> None:
        """Puts what was written in place, the manifest last; with `only`, those roles and no other.

        Streams come first: when they fail, no file changes. Raises OutputError, and then every old file is back;
        ReaderGoneError when the reader of a pipe left.
        """
        for role, fill in self._streams.items():
            if only is None or role in only:
                _fill_stream(self._files[role], fill)
        chosen = [role for role in self._written if only is None or role in only]
        chosen.sort(key=lambda role: role == "manifest")
        with _GATE:
            _replace_all([self._written.pop(role) for role in chosen])

    def _regular(self) -> dict[str, str]:
        return {role: path for role, path in self._files.items() if not is_stream(path)}

    def _keep(self, path: str) -> None:
        _LIVE.add(path)
        self._stack.callback(_LIVE.discard, path)


def _create(target: str) -> tuple[str, int]:
    """A new temporary file for `target` and its descriptor. Closed to others where the old file was."""
    path = hidden(target, f".{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")
    mode = 0o600 if os.path.exists(target) else 0o666
    with _GATE:
        _LIVE.add(path)
        try:
            return path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        except BaseException:
            _LIVE.discard(path)
            raise


def _discard(path: str) -> None:
    if path:
        with contextlib.suppress(OSError):
            os.unlink(path)
        _LIVE.discard(path)


def _sweep(target: str) -> None:
    """Removes temporaries for `target`. Whoever holds its lock is the only one that may have any."""
    folder, start = os.path.split(hidden(target, "."))
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            middle = name.removeprefix(start).removesuffix(SUFFIX)
            if name == start + middle + SUFFIX and middle.replace("-", "").isalnum() and "-" in middle:
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def _copy_mode(target: str, descriptor: int) -> None:
    """Gives the new file mode and, where we may, owner of the one it replaces; a new one keeps the umask's."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return
    new = os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode) & 0o777)


def _replace_all(files: list[_Written]) -> None:
    """Renames each over its target. On any failure those already renamed are put back."""
    kept: list[str] = []
    done: list[tuple[_Written, str]] = []
    try:
        for file in files:
            with _named(file.shown):
                old = _second_name(file)
                kept.append(old)
                os.replace(file.temporary, file.target)
                done.append((file, old))
        for folder, shown in {os.path.dirname(f.target): f.shown for f in files}.items():
            with _named(shown):
                _sync_folder(folder)
    except BaseException:
        for file, old in reversed(done):
            _put_back(file, old)
        raise
    finally:
        for path in (*kept, *(f.temporary for f in files)):
            _discard(path)


@contextlib.contextmanager
def _named(shown: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise translated(shown, error) from error


def _second_name(file: _Written) -> str:
    """A second name of the file that is about to be replaced, to put it back; "" where there is none."""
    if not os.path.exists(file.target):
        return ""
    path = file.temporary.removesuffix(SUFFIX) + "-old" + SUFFIX
    _LIVE.add(path)
    try:
        os.link(file.target, path)
    except OSError as error:
        _LIVE.discard(path)
        if error.errno in _LINKLESS:
            return ""
        raise
    return path


def _put_back(file: _Written, old: str) -> None:
    """The old file again, or none where there was none. Without a second name the new one stays: it is whole."""
    with contextlib.suppress(OSError):
        if old:
            os.replace(old, file.target)
        elif not file.replaces:
            os.unlink(file.target)


def _sync_folder(folder: str) -> None:
    """Makes renames last through a power cut, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)


def _fill_stream(path: str, fill: Fill) -> None:
    """Writes to stdout, a pipe, a device or an open descriptor as it stands."""
    number = re.fullmatch(r"/(?:dev|proc/self)/fd/([0-9]+)", {"/dev/stdout": "/dev/fd/1"}.get(path, path))
    if path == "-":
        fill_stdout(fill)
        return
    with _named(path):
        descriptor = os.dup(int(number[1])) if number else os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            fill_descriptor(path, descriptor, fill)
        finally:
            os.close(descriptor)
