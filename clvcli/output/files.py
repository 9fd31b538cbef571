"""The files of one run: all of them replaced together, or none.

Each is written to a temporary file in its own folder, forced to disk, and renamed over the old one at the end, the
manifest last. A rename that fails takes back those before it.
"""

import contextlib
import io
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import TracebackType
from typing import BinaryIO, Self

from clvcli.core.addresses import is_database
from clvcli.core.errors import OutputError
from clvcli.core.language import marked
from clvcli.output.databases import check_target, write_table
from clvcli.output.earlier import listed_by_manifest, written_by_run
from clvcli.output.lock import Lock
from clvcli.output.places import check_places, is_stream
from clvcli.output.replace import BINARY, Written, copy_mode, create, discard, named, replace_all, sweep
from clvcli.output.sink import fill_descriptor, fill_stdout, translated
from clvcli.output.tempfiles import GATE

PRIVATE = "key"
"""The role whose new file nobody else may read."""

Fill = Callable[[BinaryIO], object]


class Outputs:
    """The outputs of one run, as a context manager.

    `files` maps a role ("table", "manifest", ...) to a path, `-` for stdout; `inputs` are the files that are read.
    Entering checks every place (UsageError for collisions, OutputError for what cannot be written), takes the locks
    (OutputError at once when another run holds one, or after `wait` seconds) and sweeps what dead runs left.
    `write` fills one output, `commit` puts them all in place; leaving without `commit` leaves everything as it was.
    `own_only`: roles whose existing file is replaced only if an earlier run wrote it: nobody typed their names.
    `log_file`: the log of the run, which no output may be.
    """

    def __init__(
        self,
        files: Mapping[str, str],
        inputs: Iterable[str] = (),
        *,
        wait: float | None = None,
        own_only: Collection[str] = (),
        log_file: str | None = None,
        if_exists: str = "fail",
    ) -> None:
        self._if_exists = if_exists
        self._files, self._inputs, self._wait, self._log_file = dict(files), tuple(inputs), wait, log_file
        self._own_only = own_only
        self._streams: dict[str, Fill] = {}
        self._written: dict[str, Written] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        check_places(self._files, self._inputs, self._log_file)
        for address in filter(is_database, self._files.values()):
            check_target(address, self._if_exists)
        for role in self._own_only:
            path = self._files.get(role)
            if (
                path is not None
                and not is_database(path)
                and os.path.lexists(path)
                and not is_stream(path)
                and not self._known(path)
            ):
                raise OutputError(
                    marked("{place}: there is a file that no earlier run wrote", place=path),
                    "name the output: -o FILE",
                    code="output_not_ours",
                )
        with self._stack:
            # In one order for all runs: two that wait for each other's files would wait for ever.
            for target, path in sorted((os.path.realpath(p), p) for p in self._regular().values()):
                lock = self._stack.enter_context(Lock(target, path, self._wait))
                if lock.held:
                    sweep(target)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for written in self._written.values():
            discard(written.temporary)
        self._written.clear()
        self._streams.clear()
        self._stack.close()

    def write(self, role: str, fill: Fill) -> None:
        """Fills the output `role`; `fill` gets a binary file that cannot seek. Streams are filled at `commit`.

        Raises OutputError with the reason when a byte cannot be written, and whatever else `fill` raises.
        """
        path = self._files[role]
        if not _is_file(path):
            self._streams[role] = fill
            return
        target = os.path.realpath(path)
        temporary = ""
        try:
            like = self._like(target)
            temporary, descriptor = create(target, closed=like is not None or role == PRIVATE)
            try:
                fill_descriptor(path, descriptor, fill)
                if like is not None:
                    copy_mode(like, descriptor)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException as error:
            discard(temporary)
            raise translated(path, error) from error
        self._written[role] = Written(temporary, target, path, os.path.exists(target))

    def commit(self, only: Collection[str] | None = None) -> None:
        """Puts what was written in place, the manifest last; with `only`, those roles and no other.

        Streams come first: when they fail, no file changes. Raises OutputError, and then every old file is back;
        ReaderGoneError when the reader of a pipe left.
        """
        for role, fill in self._streams.items():
            if only is None or role in only:
                if is_database(self._files[role]):
                    _fill_table(self._files[role], fill, self._if_exists)
                else:
                    _fill_stream(self._files[role], fill)
        chosen = [role for role in self._written if only is None or role in only]
        chosen.sort(key=lambda role: role == "manifest")
        with GATE:
            replace_all([self._written.pop(role) for role in chosen])

    def _known(self, path: str) -> bool:
        """Whether an earlier run of clv wrote it: by its own manifest, or by the one that this run replaces."""
        manifest = self._files.get("manifest")
        return written_by_run(path) or (manifest is not None and listed_by_manifest(path, manifest))

    def _like(self, target: str) -> str | None:
        """The file whose mode and owner a new one takes: that which it replaces, else the table beside it."""
        table = self._files.get("table")
        alone = (
            table is None
            or is_stream(table)
            or is_database(table)
            or target == os.path.realpath(self._files.get(PRIVATE, ""))
        )
        beside = [target] if alone or table is None else [target, os.path.realpath(table)]
        return next((path for path in beside if os.path.exists(path)), None)

    def _regular(self) -> dict[str, str]:
        return {role: path for role, path in self._files.items() if _is_file(path)}


def _is_file(path: str) -> bool:
    """Whether an output is neither a stream nor a table of a database."""
    return not is_stream(path) and not is_database(path)


def _fill_table(address: str, fill: Fill, if_exists: str) -> None:
    """Writes what `fill` gives, a Parquet file, as a table of a database."""
    import polars as pl

    held = io.BytesIO()
    fill(held)
    write_table(pl.read_parquet(held.getvalue()), address, if_exists)


def _fill_stream(path: str, fill: Fill) -> None:
    """Writes to stdout, a pipe, a device or an open descriptor as it stands."""
    number = re.fullmatch(r"/(?:dev|proc/self)/fd/([0-9]+)", {"/dev/stdout": "/dev/fd/1"}.get(path, path))
    if path == "-":
        fill_stdout(fill)
        return
    with named(path):
        descriptor = os.dup(int(number[1])) if number else os.open(path, os.O_WRONLY | BINARY)
        try:
            fill_descriptor(path, descriptor, fill)
        finally:
            os.close(descriptor)
