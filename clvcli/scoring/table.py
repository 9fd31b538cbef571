"""The scored table as users get it: the contract's columns, in the contract's order."""

from collections.abc import Sequence
from typing import BinaryIO

import polars as pl

from clvcli.core.deprecated import old_columns
from clvcli.core.fields import FIELDS
from clvcli.core.options import ScoreOptions
from clvcli.engines.people import CustomerAttributes
from clvcli.output.formats.base import SheetStyle, table_format
from clvcli.scoring.terms import count_columns


def columns_of(table: Sequence[str], people: CustomerAttributes, options: ScoreOptions) -> dict[str, str]:
    """The columns of the output in their order, by name, from those of the scored `table`."""
    always = [f.name for f in FIELDS if f.when == "always"]
    last = [*people.shown, *(n for n in ("clv_to_cac", "model_group", "previous_stage", "stage_changed") if n in table)]
    chosen = [*always, *count_columns(options.counts), *last]
    return {name: name for name in chosen} | old_columns(chosen)


def write_table(
    frame: pl.DataFrame, name: str, sink: BinaryIO, *, excel: bool = False, style: SheetStyle | None = None
) -> None:
    """Writes `frame` in the format called `name`."""
    table_format(name).write(frame, sink, style or SheetStyle(excel=excel))


def write_bytes(content: bytes, sink: BinaryIO) -> None:
    """Writes finished bytes."""
    sink.write(content)
