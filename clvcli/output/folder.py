"""A table of many files: a folder that is filled under a hidden name and put in place whole, at the end."""

import contextlib
import os
import secrets
import shutil
from types import TracebackType
from typing import Self

from clvcli.core.errors import OutputError
from clvcli.core.language import marked
from clvcli.output.earlier import written_by_run
from clvcli.output.formats.base import SCRATCH
from clvcli.output.lock import Lock
from clvcli.output.replace import named
from clvcli.output.tempfiles import GATE, hidden

SUFFIX = ".clvtmp"


class FolderOutput:
    """The folder `path` of one run, as a context manager. `temporary`: where to write.

    Entering raises OutputError for a place that cannot be written, for a folder that no earlier run wrote (it is never
    removed), and while another run writes it. Leaving without `commit` leaves everything as it was.
    """

    def __init__(self, path: str, *, wait: float | None = None) -> None:
        self.path, self._target = path, os.path.realpath(path)
        self.temporary = hidden(self._target, f".{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}")
        self._old = self.temporary.removesuffix(SUFFIX) + "-old" + SUFFIX
        self._lock = Lock(self._target, path, wait)

    def __enter__(self) -> Self:
        folder = os.path.dirname(self._target)
        if not os.path.isdir(folder):
            raise OutputError(
                marked("{place}: the folder {folder} does not exist", place=self.path, folder=folder),
                f"mkdir -p {folder}",
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(
                marked("{place}: no permission to write in {folder}", place=self.path, folder=folder),
                "write elsewhere with -o",
            )
        if os.path.lexists(self._target) and not (os.path.isdir(self._target) and written_by_run(self._target)):
            raise OutputError(
                marked("{place}: there is something that no earlier run wrote", place=self.path),
                "name the output: -o NAME",
                code="output_not_ours",
            )
        self._lock.__enter__()
        if self._lock.held:
            self._sweep(folder)
        SCRATCH.add(self.temporary)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.temporary, ignore_errors=True)
        SCRATCH.discard(self.temporary)
        self._lock.__exit__(kind, error, trace)

    def _sweep(self, folder: str) -> None:
        """Removes what dead runs left: workers may go on writing for a while after their run was ended.

        A run that was killed between the two renames of `commit` left the old folder under its hidden name: it is put
        back.
        """
        start = os.path.basename(hidden(self._target, "."))
        for name in os.listdir(folder):
            middle = name.removeprefix(start).removesuffix(SUFFIX)
            if name != start + middle + SUFFIX or not middle.replace("-", "").isalnum() or "-" not in middle:
                continue
            if middle.endswith("-old") and not os.path.lexists(self._target):
                os.rename(os.path.join(folder, name), self._target)
            else:
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)

    def tidy(self) -> list[str]:
        """Leaves the Parquet files of the temporary folder alone in it, under plain names in their order. Returns
        these. Raises OutputError when there are none: who wrote them wrote to another disk."""
        names = sorted(os.listdir(self.temporary)) if os.path.isdir(self.temporary) else []
        parts = [name for name in names if name.endswith(".parquet") and not name.startswith((".", "_"))]
        if not parts:
            hint = marked("-o ADDRESS, like s3://bucket/scored, or a folder that all workers share")
            raise OutputError(
                marked("{place}: what the workers wrote did not arrive on this machine", place=self.path), hint
            )
        with named(self.path):
            for name in set(names) - set(parts):
                os.unlink(os.path.join(self.temporary, name))
            plain = [f"part-{i:05d}.parquet" for i in range(len(parts))]
            for name, new in zip(parts, plain, strict=True):
                os.rename(os.path.join(self.temporary, name), os.path.join(self.temporary, new))
        return plain

    def rows(self) -> int:
        """Count rows of the Parquet files in the temporary folder, as this machine sees them."""
        import polars as pl

        names = sorted(name for name in os.listdir(self.temporary) if name.endswith(".parquet"))
        files = [os.path.join(self.temporary, name) for name in names]
        return sum(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item() for file in files)

    def commit(self) -> None:
        """Puts the folder in place. Raises OutputError, and then the old one is back."""
        with GATE, named(self.path):
            replaced = os.path.lexists(self._target)
            if replaced:
                os.rename(self._target, self._old)
            try:
                os.rename(self.temporary, self._target)
            except OSError:
                if replaced:
                    os.rename(self._old, self._target)
                raise

    def take_back(self) -> None:
        """After a commit: the old folder again, or none."""
        with GATE, contextlib.suppress(OSError):
            os.rename(self._target, self.temporary)
            if os.path.lexists(self._old):
                os.rename(self._old, self._target)

    def keep(self) -> None:
        """After a commit: the old folder is no longer needed."""
        shutil.rmtree(self._old, ignore_errors=True)
