"""What --help and --help-all show: plain text, as wide as the terminal."""

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from clvcli.cli.commands import GROUPS, Command, children
from clvcli.cli.completion import HELP, INSTALL, OF_CLV, SHELLS
from clvcli.core.settings import OptionInfo, flag_of, kind_of, takes_value

OTHER = "Options"
INDENT, GAP = 2, 2
NARROWEST, WIDEST, WIDEST_FLAGS = 50, 98, 34
BRIEF_FLAGS, BRIEF_LINES = 23, 2
"""On a help of one screen flags are narrower, and what takes more lines is cut to its first clause."""
ABOUT = "Turns a transaction log into customers you understand. Start with: clv score DATA.csv"
MORE = "clv COMMAND -h shows a command on one screen, with examples; clv help TOPIC explains."


def screen_width() -> int:
    """The columns of the terminal that are written on."""
    return max(NARROWEST, min(shutil.get_terminal_size().columns - 2, WIDEST))


def list_of(words: str, width: int) -> str:
    """The commands that may follow `clv`, or the words of a group, by the parts of the work that they serve."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for name, (part, text) in children(words).items():
        rows.setdefault(part, []).append((name, text))
    usage = _wrapped("[OPTIONS] COMMAND [ARGS]...", width, f"Usage: clv {words}".strip() + " ")
    sections = [_section(title, listed, width) for title, listed in rows.items()]
    own = [("-V, --version", OF_CLV["--version"]), (f"{INSTALL} [{'|'.join(SHELLS)}]", OF_CLV[INSTALL])]
    options = _section(OTHER, [*(() if words else own), ("-h, --help", HELP["--help"])], width)
    return "\n".join([usage, _wrapped(GROUPS.get(words, ABOUT), width), *sections, options, _wrapped(MORE, width)])


def page_of(command: Command, width: int, *, whole: bool) -> str:
    """One command: usage, what it does, examples and the usual options; `whole`: all options in their groups."""
    known = command.declared
    infos = {name: info for name, (_, _, info) in known.items()}
    rows = {name: _row(name, *told) for name, told in known.items()}
    positional = [info.metavar or name for name, info in infos.items() if info.positional]
    path = f"clv {command.name}"
    parts = [_wrapped(" ".join([*positional, "[OPTIONS]"]), width, f"Usage: {path} "), _wrapped(command.help, width)]
    if whole:
        panels = {name: info.panel or "Arguments" for name, info in infos.items()}
        listed = {panel: [rows[name] for name in infos if panels[name] == panel] for panel in panels.values()}
        return "\n".join([*parts, *(_section(panel, few, width) for panel, few in listed.items())])
    examples = [_example(line, what, width) for line, what in command.examples if what]
    if examples:
        parts.append(_title("Examples") + "".join(examples))
    shown = [name for name in command.common or infos if infos[name].panel != "Running"]
    usual = [*(rows[name] for name in shown), ("-h, --help", "Show this message.")]
    parts.append(_section(f"{OTHER} [defaults]", [(flag, _bracketed(text)) for flag, text in usual], width, brief=True))
    left = f"{len(infos) - len(shown)} more: {path} --help-all; see also clv help settings."
    return "\n".join([*parts, _wrapped(left, width)])


def _example(line: str, what: str, width: int) -> str:
    """A command line and what it does, beside it where there is room."""
    beside = f"{'':{INDENT}}{line}  # {what}\n"
    below = " " * (INDENT + 4)
    return beside if len(beside) <= width else f"{'':{INDENT}}{line}\n" + _wrapped(what, width, below)


def _row(name: str, hint: Any, default: Any, info: OptionInfo) -> tuple[str, str]:
    """How an option is typed, and what it does, with its default as it would be typed."""
    if info.positional:
        return info.metavar or name, info.help
    short = [flag for flag in info.flags if not flag.startswith("--")]
    both = next((flag for flag in info.flags if "/" in flag), flag_of(name, info))
    kind = {int: "N", float: "NUMBER"}.get(kind_of(hint)[0], "TEXT")
    metavar = f" {info.metavar or '|'.join(info.choices) or kind}" if takes_value(name, hint) else ""
    return ", ".join([*short, both]) + metavar, info.help + _default(default, info)


def _default(value: Any, info: OptionInfo) -> str:
    if value in (None, False, True, (), 0) or "default" in info.help:
        return ""
    return f" (default: {' '.join(value) if isinstance(value, tuple) else as_typed(value)})"


def as_typed(value: object) -> str:
    """A value of an option as people type it: 60, not 60.0."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _wrapped(text: str, width: int, first: str = "") -> str:
    """A paragraph; no word is broken. What follows `first` stands beneath what follows it there."""
    return "\n".join(_lines(text, width, first, " " * len(first))) + "\n"


def _lines(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _section(title: str, rows: Iterable[tuple[str, str]], width: int, *, brief: bool = False) -> str:
    """A heading and two columns."""
    listed = list(rows)
    most = min(BRIEF_FLAGS if brief else WIDEST_FLAGS, width * 2 // 5)
    column = max((len(flag) for flag, _ in listed if len(flag) <= most), default=most) + GAP
    return _title(title) + "".join(line for flag, text in listed for line in _cells(flag, text, column, width, brief))


def _cells(flag: str, text: str, column: int, width: int, brief: bool) -> Iterator[str]:
    """The lines of one row: what is too long for the first column has a line of its own."""
    room, own_line = max(width - column - INDENT, 10), len(flag) > column - GAP
    lines = _lines(text, room)
    if brief and len(lines) + own_line > BRIEF_LINES:
        lines = _lines(_first_clause(text), room)
    if own_line:
        lines = ["", *lines]
    for number, line in enumerate(lines):
        yield f"{'':{INDENT}}{'' if number else flag:{column}}{line}".rstrip() + "\n"


def _bracketed(text: str) -> str:
    """A help with the default at its end in brackets."""
    return re.sub(r" \(default: ([^()]*)\)$", r" [\1]", text)


def _first_clause(text: str) -> str:
    """A help up to its first colon or semicolon, with the default at its end."""
    told, _, default = text.partition(" [")
    clause = re.split(r"[:;] ", told, maxsplit=1)[0].removesuffix(".")
    return f"{clause}. [{default}" if default else f"{clause}."


def _title(text: str) -> str:
    """A heading, bold on a terminal."""
    plain = "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return (text if plain else f"\x1b[1m{text}\x1b[0m") + ":\n"
