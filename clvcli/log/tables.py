"""The files of a log as tables that are read a block at a time, and the columns that they share."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote

import polars as pl

from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.language import marked
from clvcli.core.marked import enumerated
from clvcli.core.options import LogOptions
from clvcli.log.columns import Role, flag_of, resolve_roles
from clvcli.log.content import Content
from clvcli.log.exports.fill import FilledTable, on_first_lines
from clvcli.log.exports.match import exactly_proved_by
from clvcli.log.exports.within import Within
from clvcli.log.gather import skipped_empty
from clvcli.log.inputs import base
from clvcli.log.json_table import JsonTable
from clvcli.log.records import Records
from clvcli.log.stored import StoredTable
from clvcli.log.text import Block, TextTable

Table = base.Table | Within
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What a folder is called where a record has no value."""


@dataclass(frozen=True)
class Tables:
    """`columns`: of any of the files, in the order in which they are met; `types`: as they are read; `folders`: of a
    file the columns that its folders name, as in `country=DE/part.csv`."""

    tables: tuple[Table, ...]
    types: Mapping[str, pl.DataType]
    folders: Mapping[int, Mapping[str, str | None]] = field(default_factory=dict)

    @cached_property
    def by_file(self) -> dict[int, Table]:
        """The tables by the number of their file."""
        return {table.file: table for table in self.tables}

    def among(self, files: tuple[int, ...]) -> "Tables":
        """Those of these files, with the columns of all."""
        return replace(self, tables=tuple(self.by_file[file] for file in files))

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.types)

    @property
    def name(self) -> str:
        """The name of the log in messages: that of its first file."""
        return self.tables[0].name

    @property
    def is_small(self) -> bool:
        """Whether the first records are all of them."""
        return len(self.tables) == 1 and self.tables[0].is_small

    @property
    def is_complete(self) -> bool:
        """Whether all columns are known: those of JSON lines may come late."""
        inner = (table.inner if isinstance(table, Within) else table for table in self.tables)
        return all(table.is_complete for table in inner if isinstance(table, JsonTable))

    def head(self) -> pl.DataFrame:
        """The first records of the first file that has some."""
        heads = ((table.head(), table.file) for table in self.tables)
        found = next((self._whole(head, file) for head, file in heads if head.height), None)
        return pl.DataFrame(schema=dict(self.types)) if found is None else found

    def read(self, block: Block) -> Records:
        """The records of a block, with all columns: those that its file lacks are null."""
        found = self.by_file[block.file].read(block)
        return (
            found if found.frame.columns == self.columns else replace(found, frame=self._whole(found.frame, block.file))
        )

    def columns_of(self, table: Table) -> list[str]:
        """Names of the columns of one file, those of its folders behind."""
        return [*table.columns, *(n for n in self.folders.get(table.file, ()) if n not in table.columns)]

    def head_of(self, table: Table) -> pl.DataFrame:
        """First records of one file, with the columns of its folders."""
        head = table.head()
        return head.with_columns(pl.lit(v, pl.String).alias(n) for n, v in self._named(table.file, set(head.columns)))

    def _named(self, file: int, held: set[str]) -> list[tuple[str, str | None]]:
        return [(name, value) for name, value in self.folders.get(file, {}).items() if name not in held]

    def _whole(self, frame: pl.DataFrame, file: int) -> pl.DataFrame:
        held = set(frame.columns)
        known = dict(self._named(file, held))
        missing = [pl.lit(known.get(n), kind).alias(n) for n, kind in self.types.items() if n not in held]
        return frame.with_columns(missing).select(self.columns)


def open_tables(contents: list[Content], options: LogOptions, *, whole: bool) -> tuple[Tables, list[Notice]]:
    """Opens every file. `whole`: texts are decoded in memory. Raises InputError for what is no table."""
    found: list[base.Table] = []
    notices: list[Notice] = []
    for content in contents:
        more, said = base.input_format(content.format).tables(len(found), content, options, whole=whole)
        found, notices = [*found, *more], [*notices, *said]
    stored = [t for t in found if isinstance(t, StoredTable)]
    if options.sheet is not None and not any("sheet" in table.described for table in stored):
        raise UsageError("--sheet: DATA has no workbook", hint="leave it out")
    asked = next((flag for flag in ("query", "table") if getattr(options, flag) is not None), None)
    if asked is not None and not any(base.input_format(content.format).schemes for content in contents):
        raise UsageError(marked("--{asked}: DATA is no database", asked=asked), hint="clv help databases")
    if len(stored) == len(found) and all(t.schema == stored[0].schema for t in stored):
        typed = Tables(tuple(replace(t, typed=True) for t in stored), _stored_types(stored[0].schema))
        return with_folders(typed), notices
    found, renamed = _with_one_spelling(found)
    notices += [*renamed, *(n for t in found if isinstance(t, TextTable) for n in _about_twice(t))]
    columns = dict.fromkeys(name for table in found for name in table.columns)
    return with_folders(Tables(tuple(found), dict.fromkeys(columns, pl.String()))), notices


def with_folders(tables: Tables) -> Tables:
    """The same, with the columns that folders name; a column within a file wins."""
    named = {table.file: found for table in tables.tables if (found := _folder_columns(table.name))}
    more = dict.fromkeys(name for found in named.values() for name in found)
    types = {**tables.types, **{name: pl.String() for name in more if name not in tables.types}}
    return replace(tables, types=types, folders=named) if named else tables


def _folder_columns(path: str) -> dict[str, str | None]:
    """`x/country=DE/year=2024/part.csv` -> country, year."""
    pairs = (part.partition("=") for part in path.replace("\\", "/").split("/")[:-1])
    return {
        unquote(name): None if value == NO_VALUE else unquote(value)
        for name, equals, value in pairs
        if name and equals and "?" not in name
    }


def _with_one_spelling(found: list[base.Table]) -> tuple[list[base.Table], list[Notice]]:
    """Text files whose columns are called `Amount` where the first file has `amount`: as there, but for known exports,
    whose own names prove them."""
    known: dict[str, str] = {}
    done: list[base.Table] = []
    notices: list[Notice] = []
    for one in found:
        table = one
        if done and isinstance(table, TextTable) and not exactly_proved_by(table.columns):
            other = {c: known[_folded(c)] for c in table.columns if known.get(_folded(c), c) != c}
            other = {c: name for c, name in other.items() if name not in table.columns}
            if other and len(set(other.values())) == len(other):
                columns = tuple(other.get(c, c) for c in table.columns)
                table = replace(table, dialect=replace(table.dialect, columns=columns))
                shown = enumerated([
                    marked("{column} is {name}", column=c, name=name) for c, name in list(other.items())[:4]
                ])  # fmt: skip
                message = marked("{place}: {columns}; export all files in one layout", place=table.name, columns=shown)
                notices.append(Notice("columns_renamed", message))
        for column in table.columns:
            known.setdefault(_folded(column), column)
        done.append(table)
    return done, notices


def _about_twice(table: TextTable) -> list[Notice]:
    names = table.dialect.twice
    if not names:
        return []
    message = marked(
        "{place}: {columns} appears twice in the header; the second is called {second}",
        place=table.name, columns=", ".join(names[:4]), second=f"{names[0]}_2",
    )  # fmt: skip
    return [Notice("repeated_columns", message)]


def _refuse_twice(table: Table, roles: Mapping[str, Role]) -> None:
    """Raises InputError for a role that was recognised by a name which two columns have."""
    for role in roles.values():
        if isinstance(table, TextTable) and role.how == "recognised" and role.text in table.dialect.twice:
            flag, name = flag_of(role.name), shlex.quote(role.text)
            raise InputError(
                marked("{place}: the column {column} appears twice in the header", place=table.name, column=role.text),
                hint=marked(
                    "{flag} {name} takes the first, {flag2} {quote} the second",
                    flag=flag,
                    name=name,
                    flag2=flag,
                    quote=shlex.quote(role.text + "_2"),
                ),
                code="repeated_column",
            )


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def filled(tables: Tables, columns: tuple[str, ...], order: str | None = None, nothing: tuple[str, ...] = ()) -> Tables:
    """The same, with these columns carried down in every file; see FilledTable."""
    return replace(tables, tables=tuple(
        t if isinstance(t, FilledTable) else FilledTable(t, columns, order, nothing) for t in tables.tables
    ))  # fmt: skip


def filled_in_orders(
    tables: Tables, roles: Mapping[str, Role], conditions: frozenset[str]
) -> tuple[Tables, list[Notice]]:
    """The same, with what stands on the first line of an order alone carried down to its others, which add 0 to its
    amount; a notice says which columns those are. `conditions`: columns that --where reads."""
    order = roles.get("order_id")
    if order is None or order.is_sql:
        return tables, []
    money = roles["amount"].reads
    wanted = frozenset[str]().union(*(role.reads for role in roles.values())) | conditions
    found = on_first_lines(tables.head(), order.text, sorted(wanted))
    if not found:
        return tables, []
    down = tuple(n for n in found if n not in money)
    told = marked(
        "{columns}: on the first line of each order alone; its other lines are taken to have the same",
        columns=", ".join(found),
    )
    if len(down) < len(found):
        told = marked("{told}, and no amount of their own", told=told)
    nothing = tuple(n for n in found if n in money)
    return filled(tables, down, order.text, nothing), [Notice("filled_in_order", told)]


def _stored_types(schema: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    text = (pl.Categorical, pl.Enum, pl.Binary)
    return {name: pl.String() if isinstance(kind, text) else kind for name, kind in schema.items()}


def roles_of(options: LogOptions, tables: Tables) -> dict[str, Role]:
    """The roles of the columns, which every file must have. Where one is missing, the columns without a plain text are
    named too."""
    first = tables.tables[0]
    try:
        roles = _resolved(options, tables, first)
    except InputError as problem:
        left_out = first.left_out if isinstance(first, StoredTable) else {}
        if not left_out:
            raise
        shown = ", ".join(f"{name} ({kind})"[:80] for name, kind in list(left_out.items())[:3])
        raise InputError(
            marked("{text}; left out, as their types have no plain text: {shown}", text=problem.message, shown=shown),
            hint=marked("write such columns as text, numbers or dates; {hint}", hint=problem.hint or ""),
        ) from None
    _refuse_twice(first, roles)
    needed = frozenset[str]().union(*(role.reads for role in roles.values()))
    for table in tables.tables[1:]:
        if missing := sorted(needed - set(tables.columns_of(table))):
            raise InputError(
                marked(
                    "{place}: no column {missing}, which {name} has",
                    place=table.name,
                    missing=missing[0],
                    name=first.name,
                ),
                hint="read files of one layout together, others on their own",
                code="different_layouts",
            )
    return roles


def _resolved(options: LogOptions, tables: Tables, first: Table) -> dict[str, Role]:
    """The roles by the columns of the file; where one is not found, by those of its folders too."""
    own = list(first.columns)
    try:
        return resolve_roles(options, own, first.name, first.head)
    except (InputError, UsageError):
        if tables.columns_of(first) == own:
            raise
    return resolve_roles(options, tables.columns_of(first), first.name, lambda: tables.head_of(first))


def without_bare(tables: Tables, bare: list[str]) -> list[Notice]:
    """What is said of files that have a header alone. Raises InputError when all are such."""
    told = [marked("{place}: has a header but no records", place=name) for name in bare]
    if bare and len(bare) == len(tables.tables):
        raise InputError(told[-1], hint="check the export that writes it")
    return [skipped_empty(text) for text in told]
