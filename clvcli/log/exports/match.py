"""Which known export a log is, by its header, and the options of the run that follow from it."""

from collections.abc import Sequence
from dataclasses import replace

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.exports.form import Export, every_export, load_export

NONE = "none"


def export_of(options: LogOptions, headers: Sequence[Sequence[str]], name: str) -> tuple[Export | None, list[Notice]]:
    """The export that --source names, or the one that every header proves; None where there is none. When several are
    proved, the one whose columns hold those of all others, else none, with a notice.

    Raises ConfigError for a --source that is none, InputError when the log lacks its columns.
    """
    if options.source == NONE:
        return None, []
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
        return export, []
    found = [_proved_by(set(header)) for header in headers]
    shared = {e.key for e in found[0]}.intersection(*({e.key for e in each} for each in found[1:]))
    _refuse_several_kinds(found, shared, name)
    proved = [e for e in found[0] if e.key in shared]
    best = [e for e in proved if all(set(e.columns) >= set(other.columns) for other in proved)]
    if proved and len(best) != 1:
        names = ", ".join(e.key for e in proved)
        return None, [Notice("several_sources", f"the header fits several known exports ({names}); --source names one")]
    return (best[0] if best else None), []


def _proved_by(header: set[str]) -> list[Export]:
    return [e for e in every_export() if header.issuperset(e.columns) and header.isdisjoint(e.without)]


def _refuse_several_kinds(found: Sequence[Sequence[Export]], shared: set[str], name: str) -> None:
    """Raises InputError where every file is a known export, but not all are of one kind."""
    if shared or not all(found):
        return
    kinds = list(dict.fromkeys(each[0].name for each in found))
    raise InputError(
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
        Notice("source_replaced", f"--{key} replaces what {export.name} would take: {export.answers[key]}")
        for key in ("amount", "where")
        if key in export.answers and key not in left_out and not _same(getattr(options, key), export.answers[key])
    ]
    return replace(options, **left_out), told  # type: ignore[arg-type]


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).replace('"', "") == "".join(other.split()).replace('"', "")
