"""Files that change while they are read: one that grows is read as it was, any other change is refused."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.log.content import Content
from clvcli.log.inputs.base import input_format


@dataclass(frozen=True)
class Watched:
    """A file as it was when it was opened: its bytes, the time of its last change in ns, the number of its inode."""

    path: str
    name: str
    size: int
    changed: int
    inode: int


def watch(contents: Sequence[Content]) -> tuple[Watched, ...]:
    """The plain files among the inputs; what is held in memory cannot change."""
    found = []
    for content in contents:
        if input_format(content.format).schemes:  # a database knows how to be read while it is written
            continue
        source = content.source
        if content.data is None and not source.is_remote and not source.is_stdin and os.path.isfile(source.path):
            stat = os.stat(source.path)
            found.append(Watched(source.path, source.name, content.size, stat.st_mtime_ns, stat.st_ino))
    return tuple(found)


def about_changes(watched: Sequence[Watched]) -> list[Notice]:
    """What is said of files that have grown. Raises InputError for one that was cut short, replaced or rewritten."""
    notices = []
    for was in watched:
        try:
            now = os.stat(was.path)
        except OSError:
            raise _gone(was, "was removed") from None
        if now.st_ino != was.inode:
            raise _gone(was, "was replaced")
        if now.st_size < was.size:
            raise _gone(was, "was cut short")
        if now.st_size > was.size:
            message = marked(
                "{name} grew while it was read: its first {n:,} bytes count; later records wait for the next run",
                name=was.name, n=was.size,
            )  # fmt: skip
            notices.append(Notice("grown_file", message))
        elif now.st_mtime_ns != was.changed:
            raise _gone(was, "was rewritten")
    return notices


def _gone(was: Watched, what: str) -> InputError:
    return InputError(
        marked("{place}: {what} while it was read", place=was.name, what=what),
        hint="run again when nothing writes to it, or read a copy",
    )
