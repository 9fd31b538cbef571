"""NDJSON: one JSON object a line; dates as ISO texts, null as null."""

from typing import BinaryIO

import polars as pl

from clvcli.output.formats.base import SheetStyle, check_numbers


class Ndjson:
    """UTF-8, every column in every line, in the order of the table."""

    binary = False

    def write(self, frame: pl.DataFrame, target: BinaryIO, style: SheetStyle) -> None:  # noqa: ARG002  # nothing to dress
        check_numbers(frame)
        frame.write_ndjson(target)


FORMAT = Ndjson()
