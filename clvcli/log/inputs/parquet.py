"""Parquet files."""

from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened


class Parquet:
    """See log/parquet.py."""

    suffixes = (".parquet", ".pq")
    schemes = ()

    def is_it(self, content: Content) -> bool:
        return content.head(4) == b"PAR1"

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.parquet import open_parquet

        return [open_parquet(file, content)], []


INPUT = Parquet()
