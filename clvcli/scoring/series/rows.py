"""A few rows as a part of a series."""

import base64
import io

import polars as pl


def packed(table: pl.DataFrame) -> str:
    """A few rows as text."""
    sink = io.BytesIO()
    table.write_ipc(sink, compression="zstd")
    return base64.b64encode(sink.getvalue()).decode()


def unpacked(text: str) -> pl.DataFrame:
    """The rows that were packed."""
    return pl.read_ipc(base64.b64decode(text))
