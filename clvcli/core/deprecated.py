"""Names on their way out: an old one works for one minor version, with the warning `deprecated`. Imports nothing heavy.

Whoever renames an option or a column adds a line here. A test fails once the version in which the line ends is reached.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from clvcli.core.errors import Notice
from clvcli.core.marked import marked


class Renamed(NamedTuple):
    """The name that counts, and the first version that no longer knows the old one: ("horizon", "0.3")."""

    name: str
    until: str


OPTIONS: dict[str, Renamed] = {}
"""Old name of an option, as in clv.yaml, -> the new one. Holds for the flag, CLV_* and the file."""

COMMANDS: dict[str, Renamed] = {"schema": Renamed("columns", "0.3"), "compare --every": Renamed("history", "0.3")}
"""Old name of a command -> the new one. With a flag behind it: the command with that flag."""

COLUMNS: dict[str, Renamed] = {}
"""Old name of an output column -> the new one. Tables have both, conditions may use either, older tables are read."""


def renamed_command(args: Sequence[str]) -> tuple[list[str], list[Notice]]:
    """A command line with the new name of its command, and what to say. What follows `--` is data."""
    flags = {word.partition("=")[0] for word in args[: _end_of_flags(args)]}
    for old, (new, until) in COMMANDS.items():
        name, _, flag = old.partition(" ")
        if args and args[0] == name and (not flag or flag in flags):
            return [new, *args[1:]], [_notice(f"clv {old}", f"clv {new}", until)]
    return list(args), []


def _end_of_flags(args: Sequence[str]) -> int:
    return args.index("--") if "--" in args else len(args)


def renamed_flags(args: Sequence[str]) -> tuple[list[str], list[Notice]]:
    """A command line with the new names of its flags, and what to say. What follows `--` is data."""
    flags = {"--" + old.replace("_", "-"): renamed for old, renamed in OPTIONS.items()}
    found: list[Notice] = []
    result: list[str] = []
    for place, word in enumerate(args):
        name, equals, value = word.partition("=")
        if place >= _end_of_flags(args) or name not in flags:
            result.append(word)
            continue
        new = "--" + flags[name].name.replace("_", "-")
        found.append(_notice(marked("the option {name}", name=name), new, flags[name].until))
        result.append(new + equals + value)
    return result, found


def renamed_keys(values: Mapping[str, Any], prefix: str, where: str) -> tuple[dict[str, Any], list[Notice]]:
    """Options by name with their new names: `prefix` is "CLV_" for the environment, "" for a file called `where`.

    Where both names are given the new one counts.
    """
    result, found = dict(values), []
    for old, (new, until) in OPTIONS.items():
        before, after = (prefix + old.upper(), prefix + new.upper()) if prefix else (old, new)
        if before in result:
            value = result.pop(before)
            result.setdefault(after, value)
            found.append(_notice(f"{where}{before}", after, until))
    return result, found


def column_notices() -> list[Notice]:
    """What every run says while columns have two names."""
    return [_notice(marked("the column {name}", name=old), new, until) for old, (new, until) in COLUMNS.items()]


def new_columns(names: Collection[str]) -> dict[str, str]:
    """Old -> new name of the columns of a table that has the old one alone."""
    return {old: new for old, (new, _) in COLUMNS.items() if old in names and new not in names}


def old_columns(names: Collection[str]) -> dict[str, str]:
    """Old -> new name of the columns of a table that has the new one alone."""
    return {old: new for old, (new, _) in COLUMNS.items() if new in names and old not in names}


def with_new_names(names: Collection[str]) -> set[str]:
    """Names of columns, and the new ones of those that are old."""
    return {*names, *(COLUMNS[name].name for name in names if name in COLUMNS)}


def _notice(what: str, new: str, until: str) -> Notice:
    return Notice("deprecated", marked(
        "{what} is now called {new}: the old name goes with version {until}", what=what, new=new, until=until
    ))  # fmt: skip
