"""`clv config`: the options in force and where each comes from."""

import difflib
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clvcli.cli.commands import COMMANDS
from clvcli.cli.console import Console
from clvcli.cli.help_page import as_typed
from clvcli.cli.params import options_of
from clvcli.cli.results import show_list
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import ConfigOptions
from clvcli.core.settings import declared

if TYPE_CHECKING:
    from rich.table import Table


def run(options: ConfigOptions, console: Console) -> None:
    """Lists what clv.yaml and CLV_* set for a command, all its options with --all. Raises UsageError for no command."""
    if options.schema is not None:
        from clvcli.cli.schemas import config_schema, manifest_schema

        shape = config_schema() if options.schema == "config" else manifest_schema()
        sys.stdout.write(json.dumps(shape, ensure_ascii=False, indent=1) + "\n")
        return
    known = {command.name: command for command in COMMANDS}
    if options.command not in known:
        near = difflib.get_close_matches(options.command, known, 1)
        raise UsageError(
            marked("no command {command}", command=options.command), hint=f"clv config {near[0] if near else 'score'}"
        )
    cls = known[options.command].options
    arguments = {name: () for name, (_, _, info) in declared(cls).items() if info.positional}
    found = options_of(cls, {"config": options.config}, arguments)
    sources = {**found.sources, **dict.fromkeys(arguments, "default")}
    rows: list[dict[str, Any]] = [
        {"option": name, "value": _text(found.__dict__[name]), "source": sources[name]}
        for name in declared(cls)
        if options.all or sources[name] != "default"
    ]
    if not rows and options.result_format == "text" and not options.json:
        console.note(f"clv {options.command}: every option has its default; clv config {options.command} --all")
    elif rows:
        show_list(options, console, rows, lambda: _table(rows))


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else as_typed(value)


def _table(rows: Sequence[dict[str, Any]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("option", "value", "source"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row.values()))
    return table
