"""`clv sources list|show`: the exports that are known by their header."""

import json
import sys

from clvcli.cli.console import Console
from clvcli.core.options import SourcesListOptions, SourcesShowOptions


def run_list(options: SourcesListOptions, console: Console) -> None:
    """Names, and what of each counts."""
    from rich.table import Table
    from rich.text import Text

    from clvcli.log.exports.form import every_export

    if options.json:
        found = [{"source": e.key, "name": e.name, "summary": e.summary, "url": e.url} for e in every_export()]
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("source", no_wrap=True)
    table.add_column("what counts")
    for e in every_export():
        table.add_row(Text(e.key), Text(f"{e.name}: {e.summary}" + (" (refused)" if e.refused else "")))
    console.page(table)


def run_show(options: SourcesShowOptions, console: Console) -> None:  # noqa: ARG001  # every command has this shape
    """The file itself, once it has passed. Raises ConfigError (4) for what is wrong with it."""
    from clvcli.log.exports.form import text_of_export

    sys.stdout.buffer.write(text_of_export(options.name).encode())
    sys.stdout.flush()
