"""Where an output may go: the checks that are made before any work is done."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Mapping

from clvcli.core.addresses import is_database, masked
from clvcli.core.errors import OutputError, UsageError
from clvcli.core.language import marked
from clvcli.output.databases import check_address
from clvcli.output.sink import check_stdout, output_error

Identity = tuple[object, ...]


def is_stream(path: str) -> bool:
    """Whether `path` is written as it stands, without a temporary file: a pipe, a device, an open descriptor."""
    if path == "-" or re.match(r"/(dev|proc)/", os.path.normpath(path) if path.startswith("/") else path):
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def check_places(files: Mapping[str, str], inputs: Iterable[str], log_file: str | None = None) -> None:
    """Raises UsageError when two outputs, or an output and an input or the log of `--log-file`, are one file however
    they are spelled; OutputError when a target cannot be written: no such folder, a folder itself, protected.
    """
    read = {identity(path, stdio=0): path for path in inputs if "://" not in path}
    read.pop((), None)
    log = identity(log_file, stdio=1) if log_file else ()
    taken: dict[Identity, str] = {}
    for role, path in files.items():
        if role == "table" and is_database(path):
            check_address(path)
            continue
        _check_place(path)
        key = identity(path, stdio=1)
        if key and key in read:
            raise UsageError(
                marked("{role} would overwrite the input {read}", role=label(role), read=read[key]),
                "give it another name",
            )
        if key and key == log:
            raise UsageError(
                marked("{role} and the log (--log-file) are the same file: {path}", role=label(role), path=path),
                "give each its own",
            )
        if key and key in taken:
            raise UsageError(
                marked(
                    "{taken} and {role} are the same file: {path}", taken=label(taken[key]), role=label(role), path=path
                ),
                "give each its own",
            )
        if key:
            taken[key] = role


def label(role: str) -> str:
    """`report` -> "the report": how messages call an output."""
    return "the table (-o)" if role == "table" else f"the {role}"


def identity(path: str, stdio: int) -> Identity:
    """What makes a file the same file: device and inode, or those of its folder and the name. () for pipes, devices.

    `-` is the descriptor `stdio`. Hard links and symbolic links to one file are that file; so is `new/../file`, which
    the system would not open where there is no folder `new`: what is replaced is the resolved path.
    """
    try:
        info = os.fstat(stdio) if path == "-" else os.stat(os.path.realpath(path))
        return (info.st_dev, info.st_ino) if stat.S_ISREG(info.st_mode) else ()
    except ValueError:
        return ()
    except OSError:
        if path == "-":
            return ()
    folder, name = os.path.split(os.path.realpath(path))
    try:
        info = os.stat(folder)
    except (OSError, ValueError):
        return (folder, name)
    return (info.st_dev, info.st_ino, name)


def _check_place(path: str) -> None:
    if "://" in path:
        raise UsageError(
            marked("{place}: outputs are local files", place=masked(path)), "write a file, then copy it there"
        )
    if "\0" in path or path == "":
        raise UsageError("an output's name is empty or holds a NUL character")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UsageError(
            marked("{place}: the name is not UTF-8", place=ascii(path)[1:-1]), "give it another name"
        ) from None
    if path == "-":
        check_stdout()
        return
    if is_stream(path):
        return
    if os.path.isdir(path) or path.endswith(("/", os.sep)):
        raise OutputError(
            marked("{place}: is a folder", place=path),
            marked("name a file: {path}", path=os.path.join(path, "scored.csv")),
        )
    try:
        real = os.path.realpath(path)
        _check_folder(path, os.path.dirname(real))
        with contextlib.suppress(FileNotFoundError):
            os.stat(real)  # says ELOOP, ENAMETOOLONG
    except OSError as error:
        raise output_error(path, error) from error
    if os.path.exists(real) and not os.access(real, os.W_OK):
        raise OutputError(
            marked("{place}: the file there is write-protected", place=path),
            marked("chmod u+w {path}, or another name", path=path),
        )


def _check_folder(path: str, folder: str) -> None:
    """Whether a new name can be made in `folder`, where `path` really lies."""
    if not os.path.lexists(folder):
        raise OutputError(
            marked("{place}: the folder {folder} does not exist", place=path, folder=folder), f"mkdir -p {folder}"
        )
    if not os.path.isdir(folder):
        raise OutputError(
            marked("{place}: {folder} is not a folder", place=path, folder=folder), "write elsewhere with -o"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            marked("{place}: no permission to write in {folder}", place=path, folder=folder), "write elsewhere with -o"
        )
