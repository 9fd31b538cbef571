"""The files of DATA, opened; what is said of those that are not read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.marked import several
from clvcli.core.options import LogOptions
from clvcli.log.content import Content, open_content
from clvcli.log.dates import check_zone
from clvcli.log.encoding import check_known
from clvcli.log.records import Broken
from clvcli.log.sources import Found, find_sources


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
            contents.append(content := open_content(replace(source, patience=options.timeout)))
            if content.retries:
                notices.append(asked_again(content))
        except InputError as problem:
            if "is empty" not in problem.message or len(found.sources) == 1:
                raise
            empty = problem
            notices.append(skipped_empty(problem.message))
    if not contents and empty is not None:
        raise empty
    return contents, notices


def nothing_fits(name: str, columns: int, broken: Sequence[Broken]) -> InputError:
    """What to say of a file of which no record fits its header."""
    reasons = Counter(one.reason for one in broken)
    told = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common())
    return InputError(
        marked(
            "{place}: no record fits the {columns} columns of the header ({told})",
            place=name,
            columns=columns,
            told=told,
        ),
        hint=marked("look at line {line}; export it as plain CSV with quoted fields", line=broken[0].line),
        code="broken_layout",
    )


def asked_again(content: Content) -> Notice:
    """What is said of an address that answered late."""
    message = several(
        "{place}: did not answer {n:d} time, then it did", "{place}: did not answer {n:d} times, then it did",
        content.retries, place=content.source.name,
    )  # fmt: skip
    return Notice("asked_again", message)


def skipped_empty(what: str) -> Notice:
    """What is said of a file without records among others."""
    return Notice("empty_file", marked("{told}; it was skipped", told=what))


def skipped_notices(found: Found) -> list[Notice]:
    """What a folder holds that is not read."""
    notices = []
    if found.skipped:
        message = several(
            "{n:d} file of an earlier run left out, like {first}",
            "{n:d} files of an earlier run left out, like {first}",
            len(found.skipped), first=found.skipped[0],
        )  # fmt: skip
        notices.append(Notice("skipped_outputs", message))
    if found.other:
        message = several(
            "{n:d} file of the folder left out, by its name no table, like {first}; name such files themselves to read "
            "them",
            "{n:d} files of the folder left out, by its name no table, like {first}; name such files themselves to "
            "read them",
            len(found.other), first=found.other[0],
        )  # fmt: skip
        notices.append(Notice("skipped_files", message))
    return notices
