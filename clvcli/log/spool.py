"""What a database gave, on disk: it is read once, and may be looked at as often as a file, in little memory."""

import shutil
import tempfile
import weakref
from pathlib import Path

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.output.formats.base import SCRATCH

ROWS = 1 << 17
"""Rows of a batch."""


class Spool:
    """Batches of one schema in a folder of its own, which goes when the spool does."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="clv-")
        SCRATCH.add(self.folder)
        self.parts: list[str] = []
        self.bytes = 0
        self._end = weakref.finalize(self, _remove, self.folder)

    def add(self, batch: pl.DataFrame) -> None:
        """Appends a batch. Raises InputError when the disk is full."""
        path = Path(self.folder) / f"{len(self.parts):06d}.arrow"
        try:
            batch.write_ipc(path, compression="lz4")
        except (OSError, pl.exceptions.PolarsError) as problem:
            reason = str(problem).splitlines()[0][:100]
            raise InputError(
                marked("{place}: no place for the rows of the query ({reason})", place=self.folder, reason=reason),
                hint="TMPDIR names a larger disk",
            ) from None
        self.parts.append(str(path))
        self.bytes += path.stat().st_size

    def scan(self) -> pl.LazyFrame:
        """Scan all batches."""
        return pl.scan_ipc(self.parts)

    def remove(self) -> None:
        """Remove the folder now."""
        self._end()


def _remove(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    SCRATCH.discard(folder)
