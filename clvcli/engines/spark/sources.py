"""Which files DATA means to a cluster, and how Spark reads them."""

import io
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl

from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.language import marked
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.session import failures
from clvcli.log.content import Content
from clvcli.log.gather import skipped_empty, skipped_notices
from clvcli.log.inputs.base import format_of
from clvcli.log.sources import OWN_SUFFIXES, STDIN, SUFFIXES, Source, find_sources

PARQUET = (".parquet", ".pq")
UNSPLIT = (".zst", ".zstd", ".gzip")


@dataclass(frozen=True)
class Files:
    """The inputs of one kind. `paths`: as Spark opens them, sorted; `names`: what Spark calls a file -> what messages
    call it; `sizes`: bytes, in the order of `paths`."""

    parquet: bool
    paths: tuple[str, ...]
    names: dict[str, str]
    sizes: tuple[int, ...]
    notices: tuple[Notice, ...]

    @property
    def first(self) -> str:
        """The name of the first file in messages."""
        return self.names[self.paths[0]]

    def by_uri(self) -> dict[str, str]:
        """What `_metadata.file_path` says of a file, which spells paths in its own way -> how messages call it."""
        bare = {re.sub("^file:/+", "file:/", unquote(path)): name for path, name in self.names.items()}
        return bare | {quote(path, safe=":/=@+,;$&'()!~*"): name for path, name in bare.items()}

    def inputs(self) -> list[dict[str, object]]:
        """The files for the manifest: path, format, bytes."""
        kind = "parquet" if self.parquet else "csv"
        return [
            {"path": self.names[p], "format": kind, "bytes": n} for p, n in zip(self.paths, self.sizes, strict=True)
        ]


def find_files(session: Any, data: tuple[str, ...]) -> Files:
    """The files of DATA as the cluster sees them. A path without `scheme://` is one of this machine when it is there,
    else, if absolute, one of the cluster's own file system.

    Raises UsageError for stdin, InputError for what is missing, empty, or of two kinds.
    """
    if not data or STDIN in data:
        raise UsageError("--engine spark reads files, not stdin", hint="write stdin to a file first")
    found: dict[str, tuple[str, int]] = {}
    notices: list[Notice] = []
    there = [text for text in data if Source(text, text).is_remote or (text.startswith("/") and not _is_here(text))]
    for text in there:
        found |= _listed(session, text)
    if mine := tuple(text for text in data if text not in there):
        here = find_sources(mine)
        _refuse_other_formats(here.sources)
        found |= {Path(s.path).resolve().as_uri(): (s.name, os.path.getsize(s.path)) for s in here.sources}
        notices += skipped_notices(here)
    empty = [path for path, (_, size) in found.items() if size == 0]
    if len(empty) == len(found):
        raise InputError(marked("{place}: is empty", place=data[0]), hint="check the export that writes it")
    notices += [skipped_empty(marked("{place}: is empty", place=found[path][0])) for path in empty]
    return _of_one_kind({path: found[path] for path in sorted(found) if path not in empty}, tuple(notices))


def _refuse_other_formats(sources: Sequence[Source]) -> None:
    """A cluster reads text and Parquet."""
    for source in sources:
        if source.frame is not None:
            raise InputError(
                marked("{place}: Spark reads files alone", place=source.name), hint="--engine polars reads it"
            )
        kind = format_of(Content(source, "", None, None, os.path.getsize(source.path)))
        if kind is not None and kind != "parquet":
            raise InputError(
                marked("{place}: Spark reads CSV and Parquet alone", place=source.name),
                hint=f"--engine polars {shlex.quote(source.name)}",
            )


def _is_here(text: str) -> bool:
    import glob

    return os.path.exists(text) or any(glob.iglob(text))


def _listed(session: Any, address: str) -> dict[str, tuple[str, int]]:
    """The data files under an address of the cluster."""
    with failures(f"reading {address}"):
        reader = session.read.format("binaryFile").option("recursiveFileLookup", "true").load(address)
        rows = collected(reader.select("path", "length")).iter_rows()
        found = {path: (unquote(path), n) for path, n in rows if _is_data(unquote(path))}
    if not found:
        raise InputError(
            marked("{place}: no CSV or Parquet file there", place=address), hint="give an address of such files"
        )
    return found


def _is_data(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    own = path.endswith(OWN_SUFFIXES) or name.startswith((".", "_"))
    return not own and name.lower().endswith((*SUFFIXES, *PARQUET))


def _of_one_kind(found: dict[str, tuple[str, int]], notices: tuple[Notice, ...]) -> Files:
    kinds = {path: unquote(path).lower().endswith(PARQUET) for path in found}
    if len(set(kinds.values())) > 1:
        raise InputError(
            "DATA has Parquet and text files: --engine spark reads one kind in a run", hint="name the files of one kind"
        )
    odd = next((path for path in found if unquote(path).lower().endswith(UNSPLIT)), None)
    if odd is not None:
        name = found[odd][0]
        raise InputError(
            marked("{place}: Spark does not unpack this suffix", place=name),
            hint=marked("gzip with the suffix .gz, or --engine polars {quote}", quote=shlex.quote(name)),
        )
    names = {path: name for path, (name, _) in found.items()}
    return Files(all(kinds.values()), tuple(found), names, tuple(n for _, n in found.values()), notices)


def globless(path: str) -> str:
    """A path of one file as Spark opens it: marks of globs in its name are no marks, blanks are blanks."""
    return re.sub(r"([\\{}\[\]*?,])", r"\\\1", unquote(path))


def lines_of(session: Any, files: Files) -> Any:
    """Every line of the text files: raw (binary), file, start of its block."""
    frame = session.read.text([globless(path) for path in files.paths], lineSep="\n")
    return frame.selectExpr(
        "cast(value as binary) as raw", "_metadata.file_path as file", "_metadata.file_block_start as start"
    )


def typed_of(session: Any, files: Files) -> Any:
    """The columns of the Parquet files, as they are typed."""
    return session.read.option("mergeSchema", "false").parquet(*[globless(path) for path in files.paths])


def naive_times(session: Any, files: Files, frame: Any) -> Any:
    """The frame with the times of INT96 as the calendar times that they are in the default engine. Spark takes them for
    moments, like those that say so in the file, and tells nobody: a worker looks into the smallest of the files."""
    if "timestamp" not in dict(frame.dtypes).values():
        return frame
    smallest = files.paths[files.sizes.index(min(files.sizes))]
    whole = session.read.format("binaryFile").load(globless(smallest)).select("content")
    old = [name for name in collected(mapped(whole, old_times, {"name": pl.String}))["name"] if name in frame.columns]
    return frame.withColumns({n: frame[f"`{n}`"].cast("timestamp_ntz") for n in old}) if old else frame


def old_times(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Whole Parquet files -> the names of the columns that are INT96."""
    from pyarrow.parquet import ParquetFile

    for frame in frames:
        for content in frame["content"]:
            schema = ParquetFile(io.BytesIO(content)).metadata.schema
            columns = [schema.column(i) for i in range(len(schema))]
            yield pl.DataFrame({"name": [c.path for c in columns if c.physical_type == "INT96"]}, {"name": pl.String})
