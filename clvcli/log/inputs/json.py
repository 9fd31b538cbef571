"""JSON: one object a line, or objects in an array; nested values are columns `a.b`."""

import re

from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened
from clvcli.log.kinds import as_ascii

START = re.compile(rb'\{\s*["}]|\[\s*[\[{\]]')


class Json:
    """See log/json_table.py."""

    suffixes = (".jsonl", ".ndjson")
    schemes = ()

    def is_it(self, content: Content) -> bool:
        return START.match(as_ascii(content.head(512)).lstrip()) is not None

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:
        from clvcli.log.json_table import open_json

        return [open_json(file, content, options.encoding, whole=whole)], []


INPUT = Json()
