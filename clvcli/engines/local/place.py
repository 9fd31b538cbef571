"""The outputs of a run on one machine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import polars as pl

from clvcli.core.addresses import is_database
from clvcli.core.background import in_background
from clvcli.core.errors import UsageError
from clvcli.core.options import ScoreOptions
from clvcli.engines.place import Writer, other_files
from clvcli.log.sources import find_sources
from clvcli.output import OPTION_OF, Outputs, named_by_file, plan_targets
from clvcli.output.formats.base import SheetStyle, table_format
from clvcli.output.workbook import style_of

DRESSED = {"xlsx"}
"""Formats that show more of the run than its table."""


class LocalPlace:
    """See engines/place.py. The table is written while the rest of the run is computed."""

    def __init__(self, options: ScoreOptions, *, named_only: bool) -> None:
        paths = [source.path for source in find_sources(options.data).sources]
        self.targets = plan_targets(
            paths, output=options.output, format=options.format, manifest=options.manifest, rejects=options.rejects,
            report=options.report, key=options.redact, json=options.json, dry_run=options.dry_run,
            named_only=named_only,
        )  # fmt: skip
        own = {"table"} if self.targets.default_name else set()
        own |= named_by_file(options.sources, OPTION_OF)
        read = [*paths, *other_files(options)]
        self._excel = options.excel
        if options.if_exists is not None and not (self.targets.table and is_database(self.targets.table)):
            raise UsageError("--if-exists: the table does not go to a database", "-o sqlite:///shop.db#scored")
        self._outputs = Outputs(
            self.targets.files, read, wait=options.wait, own_only=own, log_file=options.log_file,
            if_exists=options.if_exists or "fail",
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._outputs.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._outputs.__exit__(*error)

    @contextmanager
    def filling(self, table: pl.DataFrame) -> Iterator[None]:
        """Writes the table, where it says nothing of the rest of the run."""
        with in_background(lambda: self._fill(table, SheetStyle(excel=self._excel), dressed=False)):
            yield

    def dressed(self, table: pl.DataFrame, manifest: Mapping[str, Any]) -> None:
        """Writes the table where it does."""
        if self.targets.format in DRESSED:
            self._fill(table, style_of(manifest, excel=self._excel), dressed=True)

    def _fill(self, table: pl.DataFrame, style: SheetStyle, *, dressed: bool) -> None:
        if self.targets.table and (self.targets.format in DRESSED) == dressed:
            written = table_format(self.targets.format)
            self._outputs.write("table", lambda sink: written.write(table, sink, style))

    def write(self, role: str, writer: Writer) -> None:
        """Another output, where it is wanted."""
        if role in self.targets.files:
            self._outputs.write(role, writer)

    def commit(self, only: set[str] | None = None) -> None:
        """Put the files in place."""
        self._outputs.commit(only=only)


def place(options: ScoreOptions, *, named_only: bool = False) -> LocalPlace:
    """The outputs that the options ask for. Raises UsageError."""
    return LocalPlace(options, named_only=named_only)
