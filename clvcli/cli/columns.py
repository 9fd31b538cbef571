"""`clv columns`: the catalogue of output columns."""

from typing import TYPE_CHECKING

from clvcli.cli.console import Console
from clvcli.cli.results import show_list
from clvcli.core.fields import FIELDS
from clvcli.core.options import ColumnsOptions

if TYPE_CHECKING:
    from rich.table import Table


def run(options: ColumnsOptions, console: Console) -> None:
    """Writes the catalogue to stdout: it is the data that was asked for."""
    show_list(options, console, [f._asdict() for f in FIELDS], _table)


def _table() -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("column", no_wrap=True, overflow="fold")
    for name in ("type", "unit", "meaning"):
        table.add_column(name, overflow="fold")
    for field in FIELDS:
        note = "" if field.when == "always" else f" (with {field.when})"
        table.add_row(field.name, field.type, field.unit, field.meaning + note)
    return table
