"""What a format of inputs is. One file of this folder a format, told by content; found by listing."""

import importlib
from functools import cache
from pathlib import Path
from typing import Protocol

from clvcli.core.addresses import scheme_of
from clvcli.core.errors import Notice
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.json_table import JsonTable
from clvcli.log.stored import StoredTable
from clvcli.log.text import TextTable

Table = TextTable | StoredTable | JsonTable
ASKED_LAST = ("archives", "csv")
"""A workbook is an archive too; whatever may be text is CSV."""


class Input(Protocol):
    """A file of this folder defines `INPUT`. Raises InputError for what is damaged or no table."""

    suffixes: tuple[str, ...]
    """Of the files that are taken from a folder: in small letters, with the dot."""

    schemes: tuple[str, ...]
    """Of addresses (`sqlite://`) that are of this format."""

    def is_it(self, content: Content) -> bool:
        """Whether the first bytes are of this format."""

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> "Opened":
        """The tables inside, numbered from `file`. `whole`: look at all of it before the first record is read."""


Opened = tuple[list[Table], list[Notice]]


def names() -> list[str]:
    """The formats there are, in the order in which they are asked."""
    found = {f.stem for f in Path(__file__).parent.glob("[a-z]*.py")} - {"base", "frames", *ASKED_LAST}
    return [*sorted(found), *ASKED_LAST]


@cache
def input_format(name: str) -> Input:
    """The format called `name`, imported now."""
    chosen: Input = importlib.import_module(f"clvcli.log.inputs.{name}").INPUT
    return chosen


def format_of(content: Content) -> str | None:
    """The format of some content; None for what is none, which may be text."""
    return next((name for name in names() if name != "csv" and input_format(name).is_it(content)), None)


def format_of_address(address: str) -> str | None:
    """The format of what has an address of its own; None for files that lie somewhere else."""
    scheme = scheme_of(address)
    return next((name for name in names() if scheme in input_format(name).schemes), None)


def suffixes() -> tuple[str, ...]:
    """File suffixes of all formats."""
    return tuple(suffix for name in names() for suffix in input_format(name).suffixes)
