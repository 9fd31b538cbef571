"""All inputs as one frame of text columns, with the file and the line of every record."""

from collections import Counter
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.options import LogOptions
from clvcli.log.columns import Role, resolve_roles
from clvcli.log.content import Content, open_content
from clvcli.log.dates import check_zone
from clvcli.log.encoding import check_known
from clvcli.log.quality import REJECTS_SCHEMA
from clvcli.log.sources import Found, find_sources
from clvcli.log.suspicions import some
from clvcli.log.tabular import Table, read_text


@dataclass(frozen=True)
class Gathered:
    """`frame`: user columns as String; `place`: `file` (String) and `line` (Int64) of each record; `broken`: rejects
    that fit no row; `typed`: columns that are numbers by type (Parquet) in every file."""

    name: str
    frame: pl.DataFrame
    place: pl.DataFrame
    broken: pl.DataFrame
    typed: frozenset[str]
    inputs: tuple[dict[str, object], ...]
    notices: tuple[Notice, ...]


def open_all(options: LogOptions) -> tuple[list[Content], list[Notice]]:
    """Opens every source. An empty one among several is a notice; a sole one is refused."""
    check_known(options.encoding)
    check_zone(options.tz)
    found = find_sources(options.data)
    notices = skipped_notices(found)
    contents: list[Content] = []
    empty: InputError | None = None
    for source in found.sources:
        try:
            contents.append(open_content(source))
        except InputError as problem:
            if "is empty" not in problem.message or len(found.sources) == 1:
                raise
            empty = problem
            notices.append(skipped_empty(problem.message))
    if not contents and empty is not None:
        raise empty
    return contents, notices


def gather(contents: list[Content], notices: list[Notice], options: LogOptions) -> tuple[Gathered, dict[str, Role]]:
    """Reads every source by the exact path and finds the columns that they share."""
    tables: list[Table] = []
    empty: InputError | None = None
    for content in contents:
        try:
            tables.append(read_text(content, options.encoding, options.header))
        except InputError as problem:
            if "no records" not in problem.message or len(contents) == 1:
                raise
            empty = problem
            notices = [*notices, skipped_empty(problem.message)]
    if not tables:
        assert empty is not None
        raise empty
    roles = _roles(options, tables[0])
    needed = frozenset[str]().union(*(role.reads for role in roles.values()))
    for table in tables[1:]:
        _refuse_without(needed, table, tables[0])
    frame = pl.concat([t.frame for t in tables], how="diagonal")
    place = pl.concat([pl.DataFrame({"file": pl.repeat(t.name, t.frame.height, dtype=pl.String, eager=True),
                                     "line": t.lines}) for t in tables])  # fmt: skip
    rows = [(t.name, b.line, "", b.value, b.reason) for t in tables for b in t.broken]
    broken = pl.DataFrame(rows, schema=REJECTS_SCHEMA, orient="row")
    if not frame.height:
        raise _nothing_fits(tables[0])
    typed = frozenset[str].intersection(*(t.typed for t in tables))
    inputs = tuple(t.facts for t in tables)
    return Gathered(tables[0].name, frame, place, broken, typed, inputs, tuple(notices)), roles


def _roles(options: LogOptions, table: Table) -> dict[str, Role]:
    """The roles of the columns; where one is missing, the columns without a plain text are named too."""
    try:
        return resolve_roles(options, list(table.frame.columns), table.name)
    except InputError as problem:
        left_out = table.facts.get("left_out")
        if not isinstance(left_out, dict):
            raise
        shown = ", ".join(f"{name} ({kind})"[:80] for name, kind in list(left_out.items())[:3])
        raise InputError(
            f"{problem.message}; left out, as their types have no plain text: {shown}",
            hint="write such columns as text, numbers or dates; " + (problem.hint or ""),
        ) from None


def _nothing_fits(table: Table) -> InputError:
    reasons = Counter(broken.reason for broken in table.broken)
    told = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common())
    return InputError(
        f"{table.name}: no record fits the {table.frame.width} columns of the header ({told})",
        hint=f"look at line {table.broken[0].line}; export it as plain CSV with quoted fields",
    )


def skipped_empty(what: str) -> Notice:
    """What is said of a file without records among others."""
    return Notice("empty_file", f"{what}; it was skipped")


def skipped_notices(found: Found) -> list[Notice]:
    """What a folder holds that is not read."""
    notices = []
    if found.skipped:
        files = some(len(found.skipped), "file")
        notices.append(Notice("skipped_outputs", f"{files} of an earlier run left out, like {found.skipped[0]}"))
    if found.other:
        files = some(len(found.other), "file")
        message = f"{files} of the folder left out, by its name no CSV or Parquet, like {found.other[0]}"
        notices.append(Notice("skipped_files", message + "; name such files themselves to read them"))
    return notices


def _refuse_without(needed: frozenset[str], table: Table, first: Table) -> None:
    missing = sorted(needed - set(table.frame.columns))
    if missing:
        raise InputError(
            f"{table.name}: no column {missing[0]}, which {first.name} has",
            hint="read files of one layout together, others on their own",
        )
