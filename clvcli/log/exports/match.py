"""Which known export a log is, by its header, and the options of the run that follow from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.exports.form import COLUMNS, Export, every_export, load_export
from clvcli.sql import renamed

NONE = "none"


Files = tuple[int, ...]


def export_of(options: LogOptions, headers: Sequence[Sequence[str]], name: str) -> tuple[Export | None, list[Notice]]:
    """The export of all files; as exports_of. Raises InputError for files of several kinds, too."""
    found, notices = exports_of(options, headers, name)
    if len(found) > 1:
        raise _several_kinds([export for export, _ in found if export is not None], name)
    return found[0][0], notices


def exports_of(
    options: LogOptions, headers: Sequence[Sequence[str]], name: str
) -> tuple[list[tuple[Export | None, Files]], list[Notice]]:
    """Numbers of the files of each kind. All are of the export that --source names, or of the one that every header
    proves; else each of its own where all prove one; else of none. When a header proves several, the one counts whose
    columns hold those of all others; where there is no such, none, with a notice.

    Raises ConfigError for a --source that is none, InputError when the log lacks its columns.
    """
    every = tuple(range(len(headers)))
    if options.source == NONE:
        return [(None, every)], []
    if options.source is not None:
        export = load_export(options.source)
        for header in headers:
            if missing := [c for c in export.columns if c not in header]:
                raise InputError(
                    marked(
                        "{place}: no column {missing}, which {name} has (--source {source})",
                        place=name,
                        missing=missing[0],
                        name=export.name,
                        source=options.source,
                    ),
                    hint="--source none reads it as any log",
                )
        return [(export, every)], []
    found = [proved_by(header) for header in headers]
    shared = {e.key for e in found[0]}.intersection(*({e.key for e in each} for each in found[1:]))
    if shared:
        found = [[e for e in each if e.key in shared] for each in found]
    if not all(found):
        return [(None, every)], []
    files: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    kinds: dict[tuple[str, tuple[str, ...]], Export] = {}
    for file, each in enumerate(found):
        one = _best(each)
        if one is None:
            return [(None, every)], [_several_fit(each)]
        kinds[one.key, one.columns] = one
        files.setdefault((one.key, one.columns), []).append(file)
    return [(kinds[key], tuple(those)) for key, those in files.items()], []


def proved_by(header: Sequence[str]) -> list[Export]:
    """The known exports that these columns prove; where none does, those that they prove but for capitals, blanks and
    underscores, with the names as they stand here."""
    found = exactly_proved_by(header)
    if found:
        return found
    folded = {_folded(name): name for name in header}
    if len(folded) < len(header):
        return []
    there = folded.keys()
    fits = (e for e in every_export() if not e.tables and there >= _folded_columns(e.columns))
    return [_respelled(e, folded) for e in fits if there.isdisjoint(_folded_columns(e.without))]


def exactly_proved_by(header: Iterable[str]) -> list[Export]:
    """The known exports that these columns prove as they are written."""
    names = set(header)
    fits = (e for e in every_export() if names.issuperset(e.columns) and names.isdisjoint(e.without))
    return [e for e in fits if not e.tables]


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


@cache
def _folded_columns(columns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_folded, columns))


def _respelled(export: Export, folded: Mapping[str, str]) -> Export:
    """The export with the names of a header, which are given by their folded form."""
    names = {column: folded[_folded(column)] for column in export.columns}
    answers = {
        key: names[text] if text in names else renamed(text, names)
        for key, text in export.answers.items()
        if key in COLUMNS
    }
    columns = tuple(names[column] for column in export.columns)
    down = tuple(names[column] for column in export.fill_down)
    return replace(export, columns=columns, fill_down=down, **answers)  # type: ignore[arg-type]


def _best(proved: Sequence[Export]) -> Export | None:
    """The one whose columns hold those of all others."""
    best = [e for e in proved if all(set(e.columns) >= set(other.columns) for other in proved)]
    return best[0] if len(best) == 1 else None


def _several_fit(proved: Sequence[Export]) -> Notice:
    names = ", ".join(e.key for e in proved)
    message = marked("the header fits several known exports ({names}); --source names one", names=names)
    return Notice("several_sources", message)


def _several_kinds(exports: Sequence[Export], name: str) -> InputError:
    kinds = [export.name for export in exports]
    return InputError(
        marked(
            "{place}: the files are exports of {kinds} kinds: {kinds2}",
            place=name,
            kinds=len(kinds),
            kinds2=", ".join(kinds[:4]),
        ),
        hint="read the files of each kind on their own; --source none reads them as one log",
    )


def with_export(options: LogOptions, export: Export | None, name: str) -> tuple[LogOptions, list[Notice]]:
    """The options, with those that the user left out answered by the export; a notice says which of its answers that
    decide what counts the user replaced. Raises InputError where it is no log."""
    if export is None:
        return options, []
    if export.refused is not None and (options.date is None or options.amount is None):
        raise InputError(f"{name}: {export.name}: {export.refused}", hint=export.hint)
    left_out = {key: text for key, text in export.answers.items() if getattr(options, key) is None}
    if "line_id" in left_out and options.order_id is not None and options.order_id != export.order_id:
        del left_out["line_id"]
    told = [
        Notice(
            "source_replaced",
            marked(
                "{option} replaces what {name} would take: {answer}",
                option=f"--{key}",
                name=export.name,
                answer=export.answers[key],
            ),
        )
        for key in ("amount", "where")
        if key in export.answers and key not in left_out and not _same(getattr(options, key), export.answers[key])
    ]
    return replace(options, **left_out), told  # type: ignore[arg-type]


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).replace('"', "") == "".join(other.split()).replace('"', "")
