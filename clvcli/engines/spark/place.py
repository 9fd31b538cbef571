"""Where the table of a cluster goes: a folder of Parquet files, put in place at the end, or an address."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from clvcli.core.errors import OutputError
from clvcli.core.language import marked
from clvcli.core.options import ScoreOptions
from clvcli.engines.place import ADDRESS, Writer, other_files
from clvcli.engines.spark.session import failures
from clvcli.output import OPTION_OF, Outputs, Targets, named_by_file, plan_targets
from clvcli.output.folder import FolderOutput
from clvcli.output.places import check_places

UNMARKED = ("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
SHARED = marked("-o ADDRESS, like s3://bucket/scored, or a folder that all workers share")


class ClusterPlace:
    """See engines/place.py. The workers write the table; at an address it is complete once `_SUCCESS` is there, which
    is the last thing that is written, and what was written is removed when the run fails."""

    def __init__(self, session: Callable[[], Any], options: ScoreOptions, *, named_only: bool) -> None:
        self._session = session
        self.targets = _targets(options, named_only=named_only)
        table = self.targets.table
        self._address = table if table is not None and ADDRESS.match(table) else None
        here = table is not None and self._address is None
        self._folder = FolderOutput(str(table), wait=options.wait) if here else None
        files = {role: path for role, path in self.targets.files.items() if role != "table"}
        read = [path for path in options.data if os.path.isfile(path)]
        own = named_by_file(options.sources, OPTION_OF) - {"table"}
        self._outputs = Outputs(files, [*read, *other_files(options)], wait=options.wait, own_only=own)
        self._stack = contextlib.ExitStack()
        self._begun = False

    def __enter__(self) -> Self:
        if self._folder is not None:
            check_places({"manifest": f"{self._folder.path}.run.json"}, ())
            self._stack.enter_context(self._folder)
        self._stack.enter_context(self._outputs)
        return self

    def __exit__(self, *error: Any) -> None:
        if self._begun:
            self._remove()
        self._stack.__exit__(*error)

    @contextmanager
    def filling(self, table: Any) -> Iterator[None]:
        """Has the workers write the table once the block is through, and counts what arrived. Raises OutputError."""
        if self._address is not None:
            self._refuse_existing(self._address)
        yield
        if self._address is not None:
            self._fill_address(table, self._address)
        elif self._folder is not None:
            self._fill_folder(table, self._folder)

    def _fill_address(self, table: Any, address: str) -> None:
        with failures(f"{address}: cannot be written", output=True):
            self._begun = True
            table.write.mode("append").option("compression", "zstd").option(*UNMARKED).parquet(address)
            _compare(address, self._session().read.parquet(address).count(), table.count())

    def _fill_folder(self, table: Any, folder: FolderOutput) -> None:
        with failures(f"{folder.path}: cannot be written", output=True):
            table.write.option("compression", "zstd").parquet(Path(folder.temporary).as_uri())
            folder.tidy()
            _compare(folder.path, folder.rows(), table.count())

    def _refuse_existing(self, address: str) -> None:
        """An object store cannot put a new folder in an old one's place at once: nothing there is replaced."""
        with failures(f"{address}: cannot be written", output=True):
            try:
                files = self._session().read.format("binaryFile").load(address).limit(1).count()
            except Exception as problem:
                if "PATH_NOT_FOUND" in str(problem):
                    return
                raise
            if files:
                raise OutputError(
                    marked("{place}: exists; an address is never replaced", place=address),
                    "a new name a run, like .../2024-12-31",
                )

    def _remove(self) -> None:
        """What was written to the address: nothing is left that looks like a table."""
        with contextlib.suppress(Exception):
            _nothing(self._session()).write.mode("overwrite").option(*UNMARKED).partitionBy("a").parquet(self._address)

    def dressed(self, table: Any, manifest: Mapping[str, Any]) -> None:
        """A folder of Parquet files shows nothing but rows."""

    def write(self, role: str, writer: Writer) -> None:
        """Another output, where it is wanted."""
        if role in self.targets.files:
            self._outputs.write(role, writer)

    def commit(self, only: set[str] | None = None) -> None:
        """Puts everything in place, the manifest last but for the mark of an address. Raises OutputError, and then
        every old output is back."""
        if only is not None:
            self._outputs.commit(only=only)
            return
        if self._folder is not None:
            self._folder.commit()
        try:
            self._outputs.commit()
        except BaseException:
            if self._folder is not None:
                self._folder.take_back()
            raise
        if self._folder is not None:
            self._folder.keep()
        if self._begun:
            self._begun = False
            with failures(f"{self._address}: cannot be marked as complete", output=True):
                _nothing(self._session()).write.mode("append").partitionBy("a").parquet(self._address)


def _compare(name: str, arrived: int, expected: int) -> None:
    """Workers without a common disk each write to their own, and none of them fails. Raises OutputError."""
    if arrived != expected:
        raise OutputError(
            marked(
                "{place}: {arrived} of the {expected} rows that the workers wrote arrived",
                place=name,
                arrived=arrived,
                expected=expected,
            ),
            hint=SHARED,
        )


def _nothing(session: Any) -> Any:
    """A frame without rows. Written by partitions it makes no file, but the job is committed like any other."""
    return session.createDataFrame([], "a int, b int")


def _targets(options: ScoreOptions, *, named_only: bool) -> Targets:
    """The outputs by name. The companions of an address go to the current folder, under its last name."""
    targets = plan_targets(
        list(options.data), output=options.output and options.output.rstrip("/"), format="parquet",
        manifest=options.manifest, rejects=options.rejects, report=options.report, json=options.json,
        dry_run=options.dry_run, named_only=named_only,
    )  # fmt: skip
    if targets.table is None or not ADDRESS.match(targets.table):
        return targets
    stem = targets.table.rstrip("/").rsplit("/", 1)[-1]
    rejects = options.rejects or f"{stem}.rejects.csv"
    return replace(targets, manifest=options.manifest or f"{stem}.run.json", rejects=rejects)
