"""Where the table of a cluster goes: a folder of Parquet files, put in place at the end, or an address."""

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from clvcli.core.errors import OutputError
from clvcli.core.options import ScoreOptions
from clvcli.engines.spark.session import failures
from clvcli.output import Outputs, Targets, plan_targets
from clvcli.output.folder import FolderOutput
from clvcli.output.places import check_places
from clvcli.scoring import manifest as manifests
from clvcli.scoring.table import write_bytes, write_table

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")


PARTITION = "format_string('%012d', spark_partition_id())"
ROW = "monotonically_increasing_id() & 8589934591"
"""The place in its partition: Spark puts the partition's number above 33 bits."""


@dataclass(frozen=True)
class Written:
    """The table as a Spark frame, sorted by customer. `part` and `row`: SQL for the part in which a row lies, a text
    that sorts as the parts do, and its place there, from 0."""

    table: Any
    part: str
    row: str

    @property
    def placed(self) -> Any:
        """customer_id, part, row."""
        return self.table.selectExpr("customer_id", f"{self.part} as part", f"{self.row} as row")


class Place:
    """The outputs of a run on a cluster, as a context manager; see `place_of`."""

    def __init__(self, targets: Targets, inputs: tuple[str, ...], wait: float | None) -> None:
        self._targets = targets
        table = targets.table
        self._address = table if table is not None and ADDRESS.match(table) else None
        self._folder = FolderOutput(table, wait=wait) if table is not None and self._address is None else None
        files = {role: path for role, path in targets.files.items() if role != "table"}
        self._outputs = Outputs(files, inputs, wait=wait)
        self._stack = contextlib.ExitStack()

    @property
    def outputs(self) -> list[str]:
        """Every output by name, for the manifest."""
        return list(self._targets.files.values())

    def __enter__(self) -> Self:
        if self._folder is not None:
            check_places({"manifest": f"{self._folder.path}.run.json"}, ())
            self._stack.enter_context(self._folder)
        self._stack.enter_context(self._outputs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def fill(self, session: Any, table: Any, only: str | None = None) -> Written:
        """Has the workers write the table, sorted by customer; returns it as it was written. With --dry-run nothing is
        written; with `only` the rows where that column is true are, and it returns all. Raises OutputError."""
        nowhere = self._address is None and self._folder is None
        kept = table.orderBy("customer_id").persist() if nowhere or only else None
        if nowhere:
            return Written(kept, PARTITION, ROW)
        if self._address is not None:
            self._refuse_existing(session, self._address)
        place = self._address or Path(self._folder.temporary).as_uri()  # type: ignore[union-attr]
        name = self._address or self._folder.path  # type: ignore[union-attr]
        with failures(f"{name}: cannot be written", output=True):
            rows = kept.where(only) if kept is not None else table.orderBy("customer_id")
            rows.write.option("compression", "zstd").parquet(place)
            if self._folder is not None:
                self._folder.tidy()
            if kept is not None:
                return Written(kept, PARTITION, ROW)
            return Written(session.read.parquet(place), "_metadata.file_name", "_metadata.row_index")

    def _refuse_existing(self, session: Any, address: str) -> None:
        """An object store cannot put a new folder in an old one's place at once: nothing there is replaced."""
        try:
            session.read.format("binaryFile").load(address).limit(1).count()
        except Exception as problem:
            if "PATH_NOT_FOUND" in str(problem):
                return
            raise
        raise OutputError(f"{address}: exists; an address is never replaced", "a new name a run, like .../2024-12-31")

    def commit(self, manifest: Mapping[str, Any], rejects: pl.DataFrame, page: bytes | None) -> None:
        """Puts everything in place, the manifest last. Raises OutputError, and then every old output is back."""
        if self._targets.report and page is not None:
            self._outputs.write("report", lambda sink: write_bytes(page, sink))
        if self._targets.rejects:
            self._outputs.write("rejects", lambda sink: write_table(rejects, "csv", sink))
        if self._targets.manifest:
            content = manifests.encode(manifest)
            self._outputs.write("manifest", lambda sink: write_bytes(content, sink))
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

    def write_rejects_alone(self, rejects: pl.DataFrame) -> None:
        """The rejects of a run that ends because of them."""
        if self._targets.rejects:
            self._outputs.write("rejects", lambda sink: write_table(rejects, "csv", sink))
            self._outputs.commit(only={"rejects"})


def place_of(options: ScoreOptions) -> Place:
    """The outputs that the options ask for. The companions of an address go to the current folder, under its last
    name. Raises UsageError."""
    targets = plan_targets(
        list(options.data), output=options.output and options.output.rstrip("/"), format="parquet",
        manifest=options.manifest, rejects=options.rejects, report=options.report, json=options.json,
        dry_run=options.dry_run,
    )  # fmt: skip
    if targets.table is not None and ADDRESS.match(targets.table):
        stem = targets.table.rstrip("/").rsplit("/", 1)[-1]
        targets = replace(
            targets,
            manifest=options.manifest or f"{stem}.run.json",
            rejects=options.rejects or f"{stem}.rejects.csv",
        )
    others = (options.customers, options.previous, options.use_model, options.config, options.rules, options.backtest)
    files = tuple(path for path in (*options.data, *others, "clv.yaml") if path and os.path.isfile(path))
    return Place(targets, files, options.wait)
