"""Text with a separator; whatever is not told to be something else."""

from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.dialect import Asked
from clvcli.log.inputs.base import Opened
from clvcli.log.text import open_text


class Csv:
    """See log/text.py."""

    suffixes = (".csv", ".tsv", ".txt", ".tab", ".psv", ".gz", ".zst", ".gzip", ".zstd")
    schemes = ()

    def is_it(self, content: Content) -> bool:  # noqa: ARG002  # nothing says that it is
        return True

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:
        return [open_text(file, content, options.encoding, Asked.of(options), whole=whole)], []


INPUT = Csv()
