"""Where the result of a command goes: stdout, as a page for people or as -f says; a table where -o says."""

import csv
import dataclasses
import io
import json
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
    if options.output and options.output != "-":
        console.note(f"Table: {options.output}")
    console.warnings(notices)


def show_list(
    options: _Listing,
    console: Console,
    rows: Sequence[Mapping[str, Any]],
    page: Callable[[], "RenderableType"],
    document: Callable[[], bytes] | None = None,
    names: Sequence[str] = (),
) -> None:
    """Rows of one shape on stdout: as a page, CSV, JSON or Markdown; `document` is the JSON where it is more, `names`
    the columns where there may be no rows."""
    from clvcli.output.sink import fill_stdout

    if options.json or options.result_format == "json":
        content = document() if document else encoded(rows)
    elif options.result_format == "csv":
        content = _csv(_cells(rows, names)).encode()
    elif options.result_format == "md":
        content = _markdown(_cells(rows, names)).encode()
    else:
        console.page(page())
        return
    fill_stdout(lambda sink: sink.write(content))


def encoded(value: object) -> bytes:
    """A value as JSON, dates as text."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def _csv(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    head, *rest = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, ["---"] * len(head), *rest])


def _cells(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[list[str]]:
    """The names of all rows, in the order in which they come, then their values as texts."""
    known = list(dict.fromkeys([*names, *(name for row in rows for name in row)]))
    return [known, *([_plain(row.get(name)) for name in known] for row in rows)]


def _plain(value: object) -> str:
    """A value as text: nothing for none, as YAML and JSON write booleans."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
