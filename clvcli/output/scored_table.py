"""A scored table that an earlier run wrote, read back with its types and its manifest."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from clvcli.core.addresses import beside, is_database, table_of
from clvcli.core.deprecated import new_columns
from clvcli.core.errors import InputError
from clvcli.core.fields import FIELDS, SCHEMA
from clvcli.core.held import Held
from clvcli.core.language import marked
from clvcli.core.whole_json import misfit, read_json
from clvcli.output.databases import read_table
from clvcli.output.manifest_shape import MANIFEST

TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
}
COLUMNS: dict[str, pl.DataType] = {f.name: TYPES[f.type] for f in FIELDS}
_PARQUET = b"PAR1"
_XLSX = b"PK\x03\x04"
_ARROW = b"ARRO"


BESIDE = "left"
"""The phase of those who left for reasons of their own, like the stage left-natural."""


@dataclass(frozen=True)
class ScoredTable:
    """`frame`: the table, contract columns in their types, others as they are; `manifest`: of the run that made it."""

    path: str
    frame: pl.DataFrame
    manifest: Mapping[str, Any]

    @property
    def as_of(self) -> date:
        """The day on which the table stands."""
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def horizon(self) -> str:
        """The horizon of its predictions."""
        return str(self.manifest["horizon"])

    @property
    def stages(self) -> list[str]:
        """The stages in the rules' order; without a manifest's list, those that occur, sorted."""
        named = [str(row["stage"]) for row in self.manifest.get("stages", [])]
        return named or sorted(self.frame["stage"].drop_nulls().unique())

    @property
    def at_risk(self) -> frozenset[str]:
        """The stages that the rules mark as at risk, as far as the manifest says."""
        stages = (self.manifest.get("rules") or {}).get("stages") or {}
        return frozenset(name for name, stage in stages.items() if stage.get("at_risk"))

    def along_the_cycle(self) -> list[str]:
        """The stages by the order of their phases, not by that of the rules, in which they are tried.

        Stages of the phase `left` stand beside the cycle: nobody goes there by buying or by silence.
        """
        rows = self.manifest.get("stages", [])
        phases = [*self.manifest.get("rules", {}).get("phases", {}), *(row["phase"] for row in rows)]
        order = {phase: place for place, phase in reversed(list(enumerate(phases)))}
        known = sorted((row for row in rows if row["phase"] not in (None, BESIDE)), key=lambda row: order[row["phase"]])
        return [str(row["stage"]) for row in known] or self.stages

    def argument(self, name: str) -> Any:
        """The value that an option had in that run, None where the manifest does not say."""
        return self.manifest.get("arguments", {}).get(name, {}).get("value")


MARKS = {"customer_id", "stage", "days_since_last_purchase", "purchases"}


def is_scored(path: object) -> bool:
    """Whether a file is a table that clv score wrote, told by the columns at its start."""
    if not isinstance(path, str) or path == "-":
        return False
    if is_database(path):
        return bool(table_of(path)) and set(read_table(path).columns) >= MARKS
    try:
        if os.path.isdir(path):
            return any(set(pl.read_parquet_schema(part)) >= MARKS for part in sorted(Path(path).glob("*.parquet"))[:1])
        with open(path, "rb") as stream:
            head = stream.readline(1_000_000)
        if head.startswith(b"PAR1"):
            return set(pl.read_parquet_schema(path)) >= MARKS
        if head.startswith(_XLSX):
            return set(_of_workbook(path).columns) >= MARKS
        line = head.decode("utf-8", "replace").lstrip("\ufeff").strip()
        return set(json.loads(line) if line.startswith("{") else line.split(",")) >= MARKS
    except (InputError, OSError, ValueError, pl.exceptions.PolarsError):
        return False


def read_scored(path: str, manifest: Mapping[str, Any] | None) -> ScoredTable:
    """Reads CSV, Parquet, NDJSON, xlsx or Arrow, told apart by content, or a table of a database.

    Raises InputError for what is no scored table."""
    frame = read_own(path)
    frame = _typed(path, frame.rename(new_columns(frame.columns)))
    for name in ("customer_id", "stage"):
        if name not in frame.columns:
            raise InputError(
                marked("{place}: is no scored table: it has no column {column}", place=path, column=name),
                hint="clv score DATA writes one",
                code="no_scored_table",
            )
    if frame["customer_id"].null_count() or frame["customer_id"].is_duplicated().any():
        raise InputError(
            marked("{place}: a customer_id is empty or appears twice", place=path), hint="score again: clv score DATA"
        )
    return ScoredTable(path, frame, manifest or {})


def read_manifest(path: str, given: str | None, option: str, *, required: bool = True) -> Mapping[str, Any] | None:
    """The manifest of the table `path`: the file `given` by `option`, else PATH.run.json.

    Raises InputError when there is none and it is `required`, or when it is no manifest of this tool.
    """
    name, content = given or f"{beside(path)}.run.json", _held(path, given)
    try:
        content = read_json(Path(name).read_text(encoding="utf-8")) if content is None else content
    except FileNotFoundError:
        if given is None and not required:
            return None
        raise InputError(
            marked("{place}: no such file; the manifest says how {path} was made", place=name, path=path),
            hint=option,
            code="no_scored_table",
        ) from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else f"is not JSON of ours ({str(problem)[:60]})"
        raise InputError(f"{name}: {reason}", hint=option) from None
    if not isinstance(content, dict) or not {"clv", "as_of", "horizon"} <= content.keys():
        raise InputError(marked("{place}: is no manifest of a scored table", place=name), hint=option)
    if content.get("schema", SCHEMA) != SCHEMA:
        raise InputError(
            marked(
                "{place}: schema {found}; this clv reads schema {schema}",
                place=name,
                found=repr(content["schema"]),
                schema=SCHEMA,
            ),
            hint="score again with this version",
        )
    if wrong := misfit(content, MANIFEST):
        raise InputError(
            marked("{place}: is no manifest of a scored table: {wrong}", place=name, wrong=wrong), hint=option
        )
    try:
        date.fromisoformat(str(content["as_of"]))
    except ValueError:
        raise InputError(marked("{place}: as_of is no date", place=name), hint=option) from None
    return content


def _held(path: str, given: str | None) -> Any:
    """The manifest that the caller holds, or that of a table that the caller holds."""
    if isinstance(given, Held):
        return given.value
    return path.manifest if given is None and isinstance(path, Held) else None


def read_own(path: str) -> pl.DataFrame:
    """Any table that this tool wrote, CSV as text; without rows too. A folder holds Parquet files, as --engine spark
    writes it. Raises InputError."""
    if isinstance(path, Held):
        return path.value  # type: ignore[no-any-return]
    if is_database(path):
        return read_table(path)
    try:
        if os.path.isdir(path):
            if not any(name.endswith(".parquet") for name in os.listdir(path)):
                raise InputError(
                    marked("{place}: no Parquet file in it", place=path), hint="name a table that clv score wrote"
                )
            return pl.read_parquet(os.path.join(path, "*.parquet"))
        with open(path, "rb") as stream:
            start = stream.read(4)
        if start.startswith(_PARQUET):
            return pl.read_parquet(path)
        if start.startswith(_XLSX):
            return _of_workbook(path)
        if start.startswith(_ARROW):
            return pl.read_ipc(path)
        if start.startswith(b"{"):
            return pl.read_ndjson(path, infer_schema_length=None)
        return pl.read_csv(path, infer_schema=False, missing_columns="raise")
    except FileNotFoundError:
        raise InputError(
            marked("{place}: no such file", place=path), hint="name a table that clv score wrote"
        ) from None
    except (OSError, pl.exceptions.PolarsError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem).split("\n", 1)[0][:120]
        raise InputError(
            marked("{place}: cannot be read ({reason})", place=path, reason=reason),
            hint="name a table that clv score wrote",
        ) from None


def _of_workbook(path: str) -> pl.DataFrame:
    """The first sheet, as `-f xlsx` writes it."""
    import fastexcel

    try:
        found: pl.DataFrame = fastexcel.read_excel(path).load_sheet(0, schema_sample_rows=None).to_polars()
    except fastexcel.FastExcelError as problem:
        reason = str(problem).split("\n", 1)[0][:120]
        raise InputError(
            marked("{place}: cannot be read ({reason})", place=path, reason=reason),
            hint="name a table that clv score wrote",
        ) from None
    return found


def _typed(path: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Contract columns in the contract's types."""
    casts = []
    for name, wanted in COLUMNS.items():
        found = frame.schema.get(name)
        if found is None or found == wanted:
            continue
        if found == pl.String and wanted == pl.Boolean:
            casts.append(pl.col(name).replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean))
        elif found == pl.String and wanted == pl.Date:
            casts.append(pl.col(name).str.to_date("%Y-%m-%d"))
        else:
            casts.append(pl.col(name).cast(wanted))
    try:
        return frame.with_columns(casts)
    except pl.exceptions.PolarsError as problem:
        reason = str(problem).split("\n", 1)[0][:120]
        raise InputError(
            marked("{place}: is no scored table ({reason})", place=path, reason=reason),
            hint="clv score DATA writes one",
            code="no_scored_table",
        ) from None
