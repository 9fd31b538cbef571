"""The scored table as users get it: the contract's columns, in the contract's order, sorted by customer."""

from typing import BinaryIO

import polars as pl

from clvcli.core.deprecated import old_columns
from clvcli.core.fields import FIELDS
from clvcli.core.options import ScoreOptions
from clvcli.output.formats.base import Look, table_format
from clvcli.scoring.attributes import People
from clvcli.scoring.terms import count_columns


def finish(table: pl.DataFrame, people: People, options: ScoreOptions) -> pl.DataFrame:
    """Selects and orders the columns; with --changed-only keeps only customers whose stage changed."""
    always = [f.name for f in FIELDS if f.when == "always"]
    counts = count_columns(options.counts)
    last = [*people.shown, *(n for n in ("model_group", "previous_stage", "stage_changed") if n in table.columns)]
    chosen = table.select([*always, *counts, *last])
    chosen = chosen.with_columns(pl.col(new).alias(old) for old, new in old_columns(chosen.columns).items())
    if not chosen["customer_id"].is_sorted():
        chosen = chosen.sort("customer_id")
    return chosen.filter(pl.col("stage_changed")) if options.changed_only else chosen


def write_table(
    frame: pl.DataFrame, name: str, sink: BinaryIO, *, excel: bool = False, look: Look | None = None
) -> None:
    """Writes `frame` in the format called `name`."""
    table_format(name).write(frame, sink, look or Look(excel=excel))


def write_bytes(content: bytes, sink: BinaryIO) -> None:
    """Writes finished bytes."""
    sink.write(content)
