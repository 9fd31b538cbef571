"""Which files DATA means: a file, several, a glob, a folder, an object-store address, or `-`."""

import glob
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from clvcli.core.addresses import masked
from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked

if TYPE_CHECKING:
    import polars as pl

STDIN, FRAME = "-", "frame://"
SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".psv", ".parquet", ".pq", ".gz", ".zst", ".gzip", ".zstd")
OWN_SUFFIXES = (".run.json", ".rejects.csv")


@dataclass(frozen=True)
class Source:
    """One input. `path` opens it, `name` is how messages and rejects call it. `frame`: one in memory."""

    path: str
    name: str
    frame: "pl.DataFrame | None" = field(default=None, compare=False, repr=False)
    patience: float = 60.0
    """Seconds without a byte from an address."""

    @property
    def is_stdin(self) -> bool:
        return self.path == STDIN

    @property
    def is_web(self) -> bool:
        return self.path.startswith(("http://", "https://"))

    @property
    def is_remote(self) -> bool:
        return re.match(r"(?i)[a-z][a-z0-9+.-]+://", self.path) is not None


@dataclass(frozen=True)
class Found:
    """The inputs in a stable order, the files that were skipped because an earlier run wrote them, and the other files
    of a folder that are no data by their names."""

    sources: tuple[Source, ...]
    skipped: tuple[str, ...]
    other: tuple[str, ...] = ()


def source_of(text: str) -> Source:
    """A single input that needs no expanding."""
    from clvcli.log.inputs.frames import Frame

    return Source(FRAME, str(text), text.table) if isinstance(text, Frame) else Source(text, masked(text))


def find_sources(data: tuple[str, ...]) -> Found:
    """Expands DATA. Raises InputError for what is missing, UsageError for `-` beside other inputs or twice."""
    from clvcli.log.inputs.frames import Frame

    if not data:
        raise UsageError("no DATA given", hint="name files, a folder or a database, or - for stdin")
    if STDIN in data and len(data) > 1:
        raise UsageError("DATA - (stdin) cannot be combined with other inputs", hint="write stdin to a file first")
    sources: list[Source] = []
    skipped: list[str] = []
    other: list[str] = []
    for text in data:
        if isinstance(text, Frame):
            sources.append(source_of(text))
            continue
        paths, own, rest = _expand(text)
        sources += [Source(path, masked(path) if path != STDIN else "stdin") for path in paths]
        skipped += own
        other += rest
    _refuse_twice(sources)
    for source in sources:
        if not _is_text(source.path):
            shown = ascii(source.path)[1:-1]
            raise InputError(
                marked("{place}: its name is not UTF-8", place=shown),
                hint="rename it, or pass it through stdin: DATA -",
            )
    return Found(tuple(sources), tuple(skipped), tuple(other))


def _is_text(path: str) -> bool:
    """Whether a path is text that a manifest can hold: bytes that are not UTF-8 come as surrogates."""
    try:
        return bool(path.encode())
    except UnicodeEncodeError:
        return False


def _expand(text: str) -> tuple[list[str], list[str], list[str]]:
    """(inputs, outputs of earlier runs, other files)."""
    if text == STDIN or Source(text, text).is_remote:
        return [text], [], []
    if os.path.isdir(text):
        every = sorted(str(p) for p in Path(text).rglob("*") if p.is_file() and not _is_hidden(p.relative_to(text)))
        from clvcli.log.inputs.base import suffixes

        known = suffixes()
        named = [p for p in every if p.lower().endswith(known)]
        kept, own = _without_own(
            named, marked("{place}: no CSV, Parquet, Excel, JSON or Arrow file in this folder", place=text)
        )
        return kept, own, [p for p in every if not p.lower().endswith((*known, *OWN_SUFFIXES))]
    if os.path.exists(text):
        return [text], [], []
    if any(mark in text for mark in "*?["):
        matches = [p for p in glob.glob(text, recursive=True) if os.path.isfile(p)]
        return (*_without_own(matches, marked("{place}: no file matches", place=text)), [])
    raise InputError(marked("{place}: no such file", place=text), hint=_nearest(text))


def _is_hidden(path: Path) -> bool:
    """Hidden files and folders, `_temporary` and marks like `_SUCCESS` are no data."""
    return any(part.startswith((".", "_")) for part in path.parts)


def _without_own(paths: list[str], message: str) -> tuple[list[str], list[str]]:
    """Drops what earlier runs wrote: `*.run.json`, `*.rejects.csv` and the outputs that a `.run.json` lists."""
    paths = sorted(paths)
    written: set[str] = set()
    for folder in {os.path.dirname(p) or "." for p in paths}:
        for manifest in Path(folder).glob("*.run.json"):
            written |= _outputs_of(manifest)
    own = [p for p in paths if p.endswith(OWN_SUFFIXES) or os.path.realpath(p) in written]
    kept = [p for p in paths if p not in set(own)]
    if not kept:
        hint = (
            marked("only outputs of earlier runs are there: {own}", own=own[0])
            if own
            else marked("give the path of a file, or of a folder with files")
        )
        raise InputError(message, hint=hint)
    return kept, own


def _outputs_of(manifest: Path) -> set[str]:
    """Real paths of the outputs that a manifest lists; none when it is no manifest of ours."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        outputs = found["outputs"] if isinstance(found, dict) and "clv" in found else []
    except (OSError, ValueError, KeyError, RecursionError):
        return set()
    listed = {os.path.realpath(str(manifest).removesuffix(".run.json"))}
    for item in outputs if isinstance(outputs, list) else []:
        path = item.get("path") if isinstance(item, dict) else item
        if isinstance(path, str):
            listed.add(os.path.realpath(path))
            listed.add(os.path.realpath(manifest.parent / os.path.basename(path)))
    return listed


def _nearest(text: str) -> str | None:
    import difflib

    folder = os.path.dirname(text) or "."
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return marked("the folder {folder} does not exist", folder=folder)
    near = difflib.get_close_matches(os.path.basename(text), names, 1)
    return (
        marked("did you mean {name}?", name=os.path.join(os.path.dirname(text), near[0]))
        if near
        else marked("check the path")
    )


def _refuse_twice(sources: list[Source]) -> None:
    """The same file twice would double every purchase."""
    seen: dict[str, str] = {}
    for source in sources:
        if source.frame is not None:
            continue
        key = source.path if source.is_remote or source.is_stdin else os.path.realpath(source.path)
        if key in seen:
            raise InputError(
                marked("{place}: given twice (also as {seen})", place=source.name, seen=seen[key]),
                hint="name each file once",
            )
        seen[key] = source.name
