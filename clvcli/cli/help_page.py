"""What --help and --help-all show: plain text, as wide as the terminal."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from clvcli.cli.commands import COMMANDS, Command
from clvcli.core.settings import OptionInfo, declared, flag_of

OTHER = "Options"
UNBROKEN = "\u2011"
"""The hyphen that breaks no word."""


def write_commands(group: click.Group, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The commands of a group, by the parts of the work that they serve."""
    formatter.write_usage(ctx.command_path, "[OPTIONS] COMMAND [ARGS]...")
    formatter.write_paragraph()
    formatter.write_text(group.help or "")
    prefix = ctx.command_path.removeprefix("clv").strip()
    rows: dict[str, dict[str, str]] = {}
    for command in COMMANDS:
        first, _, second = command.name.partition(" ")
        if prefix and first == prefix:
            rows.setdefault("Commands", {})[second] = command.help
        elif not prefix:
            text = group.commands[first].help if second else command.help
            rows.setdefault(command.group, {})[first] = text or ""
    for title, lines in rows.items():
        _section(formatter, title, lines.items())
    _section(formatter, OTHER, (r for p in group.get_params(ctx) if (r := p.get_help_record(ctx)) is not None))
    formatter.write_paragraph()
    formatter.write_text("clv COMMAND -h shows a command on one screen, with examples; clv help TOPIC explains.")


def write_help(
    command: Command, params: Sequence[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter, whole: bool
) -> None:
    """One command: usage, what it does, examples and the usual options; `whole`: all options in their groups."""
    infos = {name: info for name, (_, _, info) in declared(command.options).items()}
    named = [p for p in params if p.name in infos]
    positional = [p.make_metavar(ctx) for p in named if isinstance(p, click.Argument)]
    formatter.write_usage(ctx.command_path, " ".join([*positional, "[OPTIONS]"]))
    formatter.write_paragraph()
    formatter.write_text(command.help)
    if command.examples and not whole:
        with formatter.section(_title("Examples")):
            for line, what in command.examples:
                if what:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
                    formatter.write(f"{'':{formatter.current_indent}}    {what}\n")
    shown = [p for p in named if whole or not command.common or p.name in command.common]
    if whole:
        panels = dict.fromkeys(infos[p.name].panel or "Arguments" for p in shown)
        for panel in panels:
            rows = [_row(p, infos[p.name]) for p in shown if (infos[p.name].panel or "Arguments") == panel]
            _section(formatter, panel, rows)
        return
    order = {name: place for place, name in enumerate(command.common)}
    shown = sorted((p for p in shown if infos[p.name].panel != "Running"), key=lambda p: order.get(p.name, 99))
    _section(formatter, OTHER, [*(_row(p, infos[p.name]) for p in shown), ("-h, --help", "Show this message.")])
    left = len(named) - len(shown)
    formatter.write_paragraph()
    formatter.write_text(f"{left} more: {ctx.command_path} --help-all. Where options come from: clv help settings.")


def _row(param: click.Parameter, info: OptionInfo) -> tuple[str, str]:
    """How an option is typed, and what it does, with its default as it would be typed."""
    if info.positional:
        return info.metavar or param.name, info.help
    long = flag_of(param.name, info)
    short = [flag for flag in info.flags if not flag.startswith("--")]
    both = next((flag for flag in info.flags if "/" in flag), long)
    words = ", ".join([*short, both])
    metavar = "" if isinstance(param, click.Option) and (param.is_flag or param.count) else f" {param.metavar}"
    return words + metavar, info.help + _default(param, info)


def _default(param: click.Parameter, info: OptionInfo) -> str:
    value: Any = param.default
    if value in (None, False, True, (), 0) or "default" in info.help:
        return ""
    return f" (default: {' '.join(value) if isinstance(value, tuple) else as_typed(value)})"


def as_typed(value: object) -> str:
    """A value of an option as people type it: 60, not 60.0."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _section(formatter: click.HelpFormatter, title: str, rows: Iterable[tuple[str, str]]) -> None:
    listed = list(rows)
    if listed:
        with formatter.section(_title(title)):
            whole = [(flag, text.replace("-", UNBROKEN)) for flag, text in listed]  # textwrap breaks after hyphens
            formatter.write_dl(whole, col_max=34, col_spacing=2)
        formatter.buffer[:] = [part.replace(UNBROKEN, "-") for part in formatter.buffer]


def _title(text: str) -> str:
    """A heading, bold on a terminal."""
    plain = "NO_COLOR" in os.environ or not sys.stdout.isatty()
    return text if plain else click.style(text, bold=True)
