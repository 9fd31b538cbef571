"""An export that is several tables: those of the records, and others that are joined to them by a key."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.marked import enumerated, several
from clvcli.core.options import LogOptions
from clvcli.log.anomalies import records as records_of
from clvcli.log.exports.form import Export, every_export, load_export
from clvcli.log.exports.match import NONE
from clvcli.log.exports.within import Within
from clvcli.log.ids import BLANKS
from clvcli.log.inputs import base
from clvcli.log.json_table import JsonTable
from clvcli.log.stored import StoredTable
from clvcli.log.text import TextTable


@dataclass(frozen=True)
class Other:
    """A table that is joined: its `name`, `key` and `frame` of text, a row a value of the key."""

    name: str
    key: str
    frame: pl.DataFrame


@dataclass(frozen=True)
class JoinedTable(Within):
    """The records of a table with the columns of the others; null where nothing joins."""

    others: tuple[Other, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Its own, and those of the others behind."""
        more = (name for other in self.others for name in other.frame.columns if name != other.key)
        return (*self.inner.columns, *more)

    def facts(self) -> dict[str, object]:
        """Facts of the table for the manifest."""
        return {**self.inner.facts(), "joined": [other.name for other in self.others]}

    def changed(self, frame: pl.DataFrame) -> pl.DataFrame:
        for other in self.others:
            keyed = frame.with_columns(_key(other.key).alias("\0"))
            found = keyed.join(other.frame.rename({other.key: "\0"}), on="\0", how="left", maintain_order="left")
            frame = found.drop("\0")
        return frame


def joined_by(tables: Sequence[object], options: LogOptions) -> tuple[Export, list[JoinedTable], list[Notice]] | None:
    """The export of which these files are the tables, and its records; None where they are not. Raises InputError for
    tables that lack one, and for a key that stands twice."""
    if options.source == NONE or len(tables) < 2:
        return None
    plain = [table for table in tables if isinstance(table, TextTable | StoredTable | JsonTable)]
    known = every_export() if options.source is None else (load_export(options.source),)
    for export in known:
        if not export.tables:
            continue
        found = _sorted_out(export, plain)
        if found is not None:
            return export, *_joined(export, found)
    return None


def _sorted_out(export: Export, tables: Sequence[base.Table]) -> dict[str, list[base.Table]] | None:
    """The files of each table of the export; None where a file is none of them, or may be several."""
    found: dict[str, list[base.Table]] = {}
    for table in tables:
        names = [name for name, columns in export.tables.items() if set(columns) <= set(table.columns)]
        if len(names) != 1:
            return None
        found.setdefault(names[0], []).append(table)
    needed = [next(iter(export.tables)), *export.join]
    missing = [name for name in needed if name not in found]
    if len(missing) == len(needed) or len(found) < 2:
        return None
    if missing:
        raise InputError(
            marked("{place}: {name}: the table of {missing} is not among the files",
                   place=tables[0].name, name=export.name, missing=missing[0]),
            hint=marked("add the file with {columns}", columns=", ".join(export.tables[missing[0]])),
            code="different_layouts",
        )  # fmt: skip
    return found


def _joined(export: Export, found: dict[str, list[base.Table]]) -> tuple[list[JoinedTable], list[Notice]]:
    first = next(iter(export.tables))
    held = set(found[first][0].columns)
    others: list[Other] = []
    for name, key in export.join.items():
        whole = _whole(found[name], [c for c in found[name][0].columns if c == key or c not in held])
        other = Other(", ".join(table.name for table in found[name]), key, _once(whole, key, found[name][0].name))
        held |= set(other.frame.columns)
        others.append(other)
    return [JoinedTable(table, tuple(others)) for table in found[first]], _left_alone(found[first], others)


def _whole(tables: Sequence[base.Table], columns: list[str]) -> pl.DataFrame:
    """All records of files of one table, as text."""
    parts = [table.read(block).frame for table in tables for block in table.blocks()]
    texts = [part.select(pl.col(name).cast(pl.String) for name in columns if name in part.columns) for part in parts]
    return pl.concat(texts, how="diagonal") if texts else pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))


def _once(frame: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    """A row a value of the key; equal rows are one. Raises InputError for other rows of one key."""
    rows = frame.with_columns(_key(key)).drop_nulls(key).unique(maintain_order=True)
    twice = rows.filter(pl.col(key).is_duplicated())
    if twice.height:
        raise InputError(
            marked("{place}: {key} {value} appears twice, so that nothing can be joined by it",
                   place=name, key=key, value=twice[key][0]),
            hint=marked("export the table with one row a {key}", key=key),
        )  # fmt: skip
    return rows


def _key(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars(BLANKS)


def _left_alone(records: Sequence[base.Table], others: Sequence[Other]) -> list[Notice]:
    """Records that join no row of another table, and rows that no record joins."""
    keys = [c for c in records[0].columns if any(c == other.key for other in others)]
    rows = _whole(records, keys)
    said = []
    for other in others:
        if other.key not in rows.columns:
            continue
        rows = rows.with_columns(_key(other.key))
        lone = rows.join(other.frame, on=other.key, how="anti").height
        unused = other.frame.join(rows, on=other.key, how="anti").height
        if lone:
            said.append(marked(
                "{records} of {name} without a row of {other}",
                records=records_of(lone), name=records[0].name, other=other.name,
            ))  # fmt: skip
        if unused:
            said.append(several(
                "{n:d} row of {other} without a record of {name}", "{n:d} rows of {other} without a record of {name}",
                unused, name=records[0].name, other=other.name,
            ))  # fmt: skip
        rows = rows.join(other.frame, on=other.key)
    return [Notice("rows_join_nothing", enumerated(said, "; "))] if said else []
