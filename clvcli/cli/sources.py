"""`clv sources list|show`: the exports that are known by their header."""

import sys

from clvcli.cli.console import Console
from clvcli.cli.results import show_list
from clvcli.core.options import SourcesListOptions, SourcesShowOptions


def run_list(options: SourcesListOptions, console: Console) -> None:
    """Names, and what of each counts."""
    from rich.table import Table
    from rich.text import Text

    from clvcli.log.exports.form import every_export

    rows = [{"source": e.key, "name": e.name, "summary": e.summary, "url": e.url} for e in every_export()]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("source", no_wrap=True)
    table.add_column("what counts")
    for e in every_export():
        table.add_row(Text(e.key), Text(f"{e.name}: {e.summary}" + (" (refused)" if e.refused else "")))
    show_list(options, console, rows, lambda: table)


def run_show(options: SourcesShowOptions, console: Console) -> None:  # noqa: ARG001  # every command has this shape
    """The file itself, once it has passed. Raises ConfigError (4) for what is wrong with it."""
    from clvcli.log.exports.form import text_of_export

    sys.stdout.buffer.write(text_of_export(options.name).encode())
    sys.stdout.flush()
