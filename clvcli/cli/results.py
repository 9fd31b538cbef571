"""Where the result of a command goes: stdout, as a page for people or as -f says; a table where -o says."""

import csv
import dataclasses
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from clvcli.cli.console import Console
from clvcli.core.errors import Notice
from clvcli.core.options import ResultOptions

if TYPE_CHECKING:
    from rich.console import RenderableType


class _Listing(Protocol):
    """Options of a command that shows a list."""

    @property
    def result_format(self) -> str: ...

    @property
    def json(self) -> bool: ...


Some = TypeVar("Some", bound=ResultOptions)


def placed(options: Some) -> Some:
    """The options with their table on stdout where -f names a format of tables and -o nothing; `-f json` is --json."""
    if options.result_format == "json":
        return dataclasses.replace(options, json=True)
    return dataclasses.replace(options, output="-") if options.format and options.output is None else options


def tell(
    options: ResultOptions,
    console: Console,
    page: Callable[[], "RenderableType"],
    document: Callable[[], bytes],
    notices: Sequence[Notice],
) -> None:
    """The page on stdout, or the document, or nothing more where the table itself went there; then what to know."""
    from clvcli.output.sink import fill_stdout

    if options.json:
        content = document()
        fill_stdout(lambda sink: sink.write(content))
    elif options.output != "-":
        console.page(page())
    for notice in notices:
        console.warn(notice)
    if options.output and options.output != "-":
        console.note(f"Table: {options.output}")


def show_list(
    options: _Listing, console: Console, rows: Sequence[Mapping[str, Any]], page: Callable[[], "RenderableType"]
) -> None:
    """Rows of one shape on stdout: as a page, CSV, JSON or Markdown."""
    if options.json or options.result_format == "json":
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    elif options.result_format == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, [*rows[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        sys.stdout.write(text.getvalue())
    elif options.result_format == "md":
        cells = [[*rows[0]], ["---"] * len(rows[0]), *([str(v).replace("|", "\\|") for v in r.values()] for r in rows)]
        sys.stdout.writelines(f"| {' | '.join(line)} |\n" for line in cells)
    else:
        console.page(page())
    sys.stdout.flush()
