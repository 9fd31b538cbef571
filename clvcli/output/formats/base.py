"""What a table format is. One file of this folder a format; listed without importing them."""

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from clvcli.core.addresses import is_database
from clvcli.core.errors import UsageError
from clvcli.core.language import marked

if TYPE_CHECKING:
    import polars as pl

SCRATCH: set[str] = set()
"""Folders that a format fills on the way; whoever ends the process on a signal removes them."""

_SUFFIXES = {".jsonl": "ndjson", ".pq": "parquet"}
_FOREIGN = frozenset(
    (".xls", ".xlsm", ".ods", ".tsv", ".json", ".gz", ".zst", ".bz2", ".xz", ".zip", ".feather", ".arrow", ".orc")
)


@dataclass(frozen=True)
class Sheet:
    """A sheet beside the table. `rows`: cells below `head`. `kinds`: how each column shows numbers: `count`, `money`,
    `share`, or as it is; `widths` of the columns, in letters. `listed`: a table to filter, not notes.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    kinds: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    listed: bool = True


@dataclass(frozen=True)
class SheetStyle:
    """How a table is dressed, where its format can. `excel`: CSV for spreadsheets. `title` of the file, `table` the
    name of the table's sheet, `sheets` those beside it, of which the first is seen first; `phases` in their order give
    the stages colours; `money` the number format of amounts; `rtl` turns the sheets around.
    """

    excel: bool = False
    title: str = ""
    table: str = "customers"
    sheets: tuple[Sheet, ...] = ()
    phases: tuple[str, ...] = ()
    money: str = "#,##0.00"
    rtl: bool = False


class TableFormat(Protocol):
    """A file of this folder defines `FORMAT`."""

    binary: bool
    """Whether a terminal should be spared it."""

    def write(self, frame: "pl.DataFrame", target: BinaryIO, style: SheetStyle) -> None:
        """Writes the whole table. `target` cannot seek. The same frame gives the same bytes. Raises OutputError for a
        table that the format cannot hold, OSError from `target`. Closes nothing.
        """


def names() -> list[str]:
    """The formats there are, sorted: the files of this folder."""
    return sorted(f.stem for f in Path(__file__).parent.glob("[a-z]*.py") if f.stem != "base")


def table_format(name: str) -> TableFormat:
    """The format called `name`, imported now."""
    chosen: TableFormat = importlib.import_module(f"clvcli.output.formats.{name}").FORMAT
    return chosen


def format_of(path: str | None, explicit: str | None) -> str:
    """The format of `path`: what was asked for, else by suffix, else CSV.

    Raises UsageError for a suffix that promises what is not written, compressed CSV among them.
    """
    if path is not None and is_database(path):
        if explicit is not None:
            raise UsageError("--format: a table of a database has no format", hint="leave it out")
        return "parquet"  # on its way to the database
    if explicit is not None:
        return explicit
    suffix = os.path.splitext(path or "")[1].lower()
    if suffix in _FOREIGN:
        hint = marked("-o - | gzip > FILE") if suffix == ".gz" else f"-f {' or '.join(names())}"
        raise UsageError(marked("{place}: no output format has the suffix {suffix}", place=path, suffix=suffix), hint)
    known = _SUFFIXES.get(suffix, suffix[1:])
    return known if known in names() else "csv"


def with_texts(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The frame with its Enum columns as text."""
    import polars as pl

    return frame.with_columns(pl.selectors.enum().cast(pl.String))


def check_numbers(frame: "pl.DataFrame") -> None:
    """No table leaves with NaN or an infinity in it: what cannot be known is null. Raises AssertionError (a bug)."""
    import polars as pl

    floats = frame.select(pl.selectors.float())
    wrong = [name for name in floats.columns if not floats[name].is_finite().all()]
    if wrong:
        raise AssertionError(f"NaN or inf in {', '.join(wrong)}")
