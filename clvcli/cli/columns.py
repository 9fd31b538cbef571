"""`clv columns`: the catalogue of output columns."""

import json
import sys

from clvcli.cli.console import Console
from clvcli.core.fields import FIELDS
from clvcli.core.options import ColumnsOptions


def run(options: ColumnsOptions, console: Console) -> None:
    """Writes the catalogue to stdout: it is the data that was asked for."""
    if options.json:
        sys.stdout.write(json.dumps([f._asdict() for f in FIELDS], ensure_ascii=False, indent=1) + "\n")
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("column", no_wrap=True, overflow="fold")
    for name in ("type", "unit", "meaning"):
        table.add_column(name, overflow="fold")
    for field in FIELDS:
        note = "" if field.when == "always" else f" (with {field.when})"
        table.add_row(field.name, field.type, field.unit, field.meaning + note)
    console.page(table)
