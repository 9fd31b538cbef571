"""Files of one log that are written in different ways: each is read by what it proves itself."""

import re
from collections.abc import Mapping
from dataclasses import replace

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.marked import both
from clvcli.core.options import LogOptions
from clvcli.log.columns import Role
from clvcli.log.currency import refuse_marks
from clvcli.log.currency_marks import distinct
from clvcli.log.dates import DateRule
from clvcli.log.proofs import Proved, proved
from clvcli.log.reading import Decided, Seen
from clvcli.log.tables import Tables

Apart = tuple[Proved, dict[int, Decided]]


def apart(
    whole: Proved, seen: Mapping[int, Seen], roles: Mapping[str, Role], options: LogOptions, tables: Tables
) -> Apart:
    """The proofs of a log of several files, and of those that by themselves prove another form than all together.
    A file that proves none is read as the others."""
    alone: dict[int, Proved] = {}
    for file, part in seen.items():
        if _is_plainly(part, whole.decided):
            continue
        try:
            alone[file] = proved(part, roles, options, tables)
        except InputError:
            continue
    other = {
        file: found.decided
        for file, found in alone.items()
        if _dates(found.decided) != _dates(whole.decided) or _marks(found.decided) != _marks(whole.decided)
    }
    sure = {file for file in other if _proves(seen[file], other[file], whole.decided)}
    if not sure:
        return whole, {}
    return _together(whole, {f: p for f, p in alone.items() if f in sure or f not in other}, tables)


ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]*)?")
PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _is_plainly(seen: Seen, whole: Decided) -> bool:
    """Whether a file can prove nothing against the whole log: its dates are ISO as those of the log are, and no amount
    has another mark than the point of the log. That is told from the texts, without a proof for each of many files."""
    if whole.dates.main != "ymd" or whole.dates.others or (whole.mark or ".") != "." or whole.back:
        return False
    forms = {"date": ISO_DAY, "value": PLAIN_NUMBER}
    return all(text is None or (what in forms and forms[what].fullmatch(text)) for what, _, text in seen)


def proved_apart(seen: Mapping[int, Seen], roles: Mapping[str, Role], options: LogOptions, tables: Tables) -> Apart:
    """The same where all files together contradict each other. Raises InputError, with the name of the file, for one
    that proves nothing."""
    alone: dict[int, Proved] = {}
    for file, part in seen.items():
        try:
            alone[file] = proved(part, roles, options, tables)
        except InputError as problem:
            name, first = tables.by_file[file].name, tables.name
            told = problem.message
            told = told.removeprefix(f"{first}: ") if told.startswith(f"{first}: ") else told
            message = marked("{place}: {text}", place=name, text=told)
            raise type(problem)(message, problem.hint, code=problem.code) from None
    refuse_marks(distinct({mark for found in alone.values() for mark in found.marks}), tables.name)
    usual = max(alone, key=lambda file: (sum(seen[file].values()), -file))
    return _together(alone[usual], alone, tables)


def _together(whole: Proved, alone: Mapping[int, Proved], tables: Tables) -> Apart:
    """What is told of the log, and how each file is read that differs from `whole`."""
    base = whole.decided
    by_file = {
        file: _with_formats(base, found.decided)
        for file, found in alone.items()
        if _dates(found.decided) != _dates(base) or _marks(found.decided) != _marks(base)
    }
    told = [base, *by_file.values()]
    notices = dict.fromkeys(n for d in told for n in d.dates.notices)
    names = ", ".join(tables.by_file[file].name for file in sorted(by_file))
    ways = dict.fromkeys(
        marked("dates {format}, decimal mark {mark}", format=d.dates.label, mark=d.mark or ".") for d in told
    )
    said = ("formats_by_file", marked(
        "files are written in different ways ({ways}): {names} read by their own",
        ways=both(list(ways)), names=names,
    ))  # fmt: skip
    dates = replace(base.dates, notices=(*notices, *((said,) if by_file else ())),
                    has_times=any(d.dates.has_times for d in told))  # fmt: skip
    marks = distinct({*whole.marks, *(mark for found in alone.values() for mark in found.marks)})
    return Proved(replace(base, dates=dates), marks), by_file


def _with_formats(base: Decided, own: Decided) -> Decided:
    """What the log proves, with the forms of dates and amounts of one file; types of columns are those of the log."""
    kinds = {
        name: replace(kind, mark=own.kinds[name].mark, back=own.kinds[name].back)
        if name in own.kinds and own.kinds[name].is_number else kind
        for name, kind in base.kinds.items()
    }  # fmt: skip
    return replace(base, dates=own.dates, mark=own.mark, back=own.back, kinds=kinds)


def _dates(decided: Decided) -> tuple[object, ...]:
    rule = decided.dates
    return rule.date_format, rule.main, rule.order, rule.others


def _marks(decided: Decided) -> tuple[object, ...]:
    kinds = decided.kinds
    return decided.mark or ".", decided.back, tuple(kinds[n].mark for n in sorted(kinds) if kinds[n].is_number)


def _proves(seen: Seen, own: Decided, whole: Decided) -> bool:
    """Whether a file shows that it is written in another way: whole numbers prove no decimal mark."""
    if _dates(own) != _dates(whole) and not _is_guess(own.dates):
        return True
    mark = own.mark or "."
    return _marks(own) != _marks(whole) and any(
        what == "value" and text is not None and mark in text for what, _, text in seen
    )


def _is_guess(rule: DateRule) -> bool:
    return rule.sure == ""
