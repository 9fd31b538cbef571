"""Files of one log that are known exports of several kinds: each is read as its own, their records come together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.options import LogOptions
from clvcli.log.columns import Role
from clvcli.log.currency import refuse_marks
from clvcli.log.currency_marks import distinct
from clvcli.log.exports.form import Export
from clvcli.log.exports.join import joined_by
from clvcli.log.exports.match import exports_of, with_export
from clvcli.log.judge import Terms
from clvcli.log.proofs import Proved
from clvcli.log.tables import Tables, filled, roles_of


@dataclass(frozen=True)
class Part:
    """The files of one kind. `options`: with the answers of its `export`, which is None where no known one is."""

    tables: Tables
    options: LogOptions
    roles: Mapping[str, Role]
    export: Export | None

    @property
    def files(self) -> list[int]:
        """Their numbers."""
        return [table.file for table in self.tables.tables]


def parts_of(tables: Tables, options: LogOptions) -> tuple[list[Part], list[Notice]]:
    """The log by kinds, mostly one. Raises as exports_of, with_export and roles_of do."""
    found = joined_by(tables.tables, options)
    if found is not None:
        export, records, told = found
        columns = dict.fromkeys(name for table in records for name in table.columns)
        own = Tables(tuple(records), dict.fromkeys(columns, pl.String()))
        part, replaced = _part(own, options, export)
        return [part], [*told, *replaced]
    kinds, notices = exports_of(options, [table.columns for table in tables.tables], tables.name)
    parts: list[Part] = []
    for one, places in kinds:
        own = tables if len(kinds) == 1 else tables.among(tuple(tables.tables[place].file for place in places))
        part, replaced = _part(own, options, one)
        parts, notices = [*parts, part], [*notices, *replaced]
    return parts, notices


def _part(tables: Tables, options: LogOptions, export: Export | None) -> tuple[Part, list[Notice]]:
    answered, replaced = with_export(options, export, tables.name)
    if export is not None and export.fill_down:
        tables = filled(tables, export.fill_down)
    return Part(tables, answered, roles_of(answered, tables), export), replaced


def together(tables: Tables, parts: Sequence[Part]) -> Tables:
    """All files in their order, as the parts read them."""
    if len(parts) == 1:
        return parts[0].tables
    own = {table.file: table for part in parts for table in part.tables.tables}
    return replace(tables, tables=tuple(own[table.file] for table in tables.tables))


def terms_of_all(parts: Sequence[Part], terms: Sequence[Terms]) -> Terms:
    """Those of the first kind, with each file's own. The number of an order is one within a kind alone."""
    kinds: dict[int, Terms] = {}
    for part, own in zip(parts, terms, strict=True):
        key = part.export.key if part.export is not None else ""
        kinds |= dict.fromkeys(part.files, replace(own, label=f"{key} "))
    return replace(terms[0], kinds=kinds)


def proved_of_all(found: Sequence[Proved], name: str) -> Proved:
    """What the first kind proves, with what is said of all. Raises InputError for amounts in several currencies."""
    first = found[0].decided
    marks = distinct({mark for one in found for mark in one.marks})
    refuse_marks(marks, name)
    dates = replace(
        first.dates,
        notices=tuple(dict.fromkeys(n for one in found for n in one.decided.dates.notices)),
        has_times=any(one.decided.dates.has_times for one in found),
    )
    notices = tuple(dict.fromkeys(n for one in found for n in one.decided.notices))
    return Proved(replace(first, dates=dates, notices=notices), marks)


def told_of(parts: Sequence[Part]) -> str | None:
    """What the files are, a line a kind; None where none is known."""
    lines = []
    for part in parts:
        if part.export is None:
            continue
        names = [table.name for table in part.tables.tables]
        shown = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        whose = part.export.name if len(parts) == 1 else f"{shown}: {part.export.name}"
        lines.append(f"{whose}: {part.export.summary}")
    return "\n".join(lines) or None


def columns_of_all(parts: Sequence[Part]) -> dict[str, str]:
    """What fills each role, in the files of each kind."""
    texts: dict[str, dict[str, None]] = {}
    for part in parts:
        for name, role in part.roles.items():
            texts.setdefault(name, {})[role.text] = None
    return {name: " | ".join(found) for name, found in texts.items()}


def currencies_of_all(
    parts: Sequence[Part], counted: Mapping[str, "Counter[str | None]"]
) -> dict[str, "Counter[str | None]"]:
    """Records by the text of the currency, a column each; those that exports of several kinds name are one."""
    named = list(dict.fromkeys(part.roles["currency"].text for part in parts if "currency" in part.roles))
    if len(parts) == 1 or not named:
        return dict(counted)
    one: Counter[str | None] = Counter()
    for column in named:
        one.update(counted.get(column, Counter()))
    return {" | ".join(named): one}


def kind_of_files(parts: Sequence[Part]) -> dict[int, int]:
    """The place of the kind of each file."""
    return {file: place for place, part in enumerate(parts) for file in part.files}
