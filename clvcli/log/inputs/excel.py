"""Workbooks: xlsx, xlsb, xls and ods, through fastexcel. Numbers and dates keep their type."""

import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clvcli.core.errors import InputError, Notice, UsageError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened, Table

if TYPE_CHECKING:
    import polars as pl

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
PARTS = ("xl/workbook.xml", "xl/workbook.bin")
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
LOOKED_AT = 50
"""Rows among which the header is looked for."""


@dataclass(frozen=True)
class Sheet:
    """`frame`: the records, without empty rows; `lines`: the row of each in the sheet, from 1, (records,)."""

    name: str
    frame: "pl.DataFrame"
    lines: "pl.Series"
    preamble: int


class Excel:
    """All sheets of one header are one log; the first sheet with records has it."""

    suffixes = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    schemes = ()

    def is_it(self, content: Content) -> bool:
        head = content.head(100)
        if head.startswith(OLE):
            return True
        if not head.startswith(ZIP):
            return False
        if ODS in head:
            return True
        try:
            with content.stream() as stream, zipfile.ZipFile(stream) as archive:
                return any(part in archive.NameToInfo for part in PARTS)
        except (zipfile.BadZipFile, OSError, ValueError):
            return False

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.stored import frame_table

        book = opened(content)
        found, notices = sheets_of(book, content, options)
        several = len(book.sheet_names) > 1
        tables: list[Table] = []
        for sheet in found:
            name = f"{content.source.name}[{sheet.name}]" if several else content.source.name
            facts: dict[str, object] = {"path": name, "format": "excel", "bytes": content.size, "sheet": sheet.name}
            if sheet.preamble:
                facts["preamble_lines"] = sheet.preamble
            if content.compression:
                facts["compression"] = content.compression
            lines = sheet.lines.to_numpy()
            tables.append(frame_table(file + len(tables), name, sheet.frame, facts, lines=lines))
        return tables, notices


def opened(content: Content) -> Any:
    """The workbook. Raises InputError for one that is damaged or encrypted."""
    import logging

    import fastexcel

    logging.getLogger("fastexcel").addHandler(logging.NullHandler())  # else what it guesses is printed on stderr
    name = content.source.name
    if content.head(4) == OLE and "EncryptedPackage".encode("utf-16-le") in content.read():
        raise InputError(
            marked("{place}: is protected by a password", place=name), hint="save it without one: File > Info > Protect"
        )
    try:
        return fastexcel.read_excel(content.data if content.data is not None else content.source.path)
    except fastexcel.FastExcelError as problem:
        reason = str(problem).splitlines()[0][:120]
        if "password" in reason.lower():
            raise InputError(
                marked("{place}: is protected by a password", place=name), hint="save it without one"
            ) from None
        raise InputError(
            marked("{place}: is a damaged workbook ({reason})", place=name, reason=reason),
            hint="save it again, or export it as CSV",
        ) from None
    except BaseException as problem:  # A panic of the reader is no Exception.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(
            marked("{place}: is a damaged workbook", place=name), hint="save it again, or export it as CSV"
        ) from None


def sheets_of(book: Any, content: Content, options: LogOptions) -> tuple[list[Sheet], list[Notice]]:
    """The sheets that --sheet names, else all with the header of the first one that has records; what is said of the
    others. Raises InputError for sheets that are no tables, UsageError for one that is not there."""
    name = content.source.name
    wanted = _wanted(book.sheet_names, name, options.sheet)
    found: list[Sheet] = []
    other: list[str] = []
    for title in wanted:
        sheet = _sheet(book, title, f"{name}[{title}]", content, header=options.header)
        if sheet is None:
            continue
        if found and sheet.frame.columns != found[0].frame.columns:
            if options.sheet == "all":
                raise InputError(
                    marked(
                        "{place}: the sheets {name} and {title} have different headers",
                        place=name,
                        name=found[0].name,
                        title=title,
                    ),
                    hint=f"--sheet {_quoted(found[0].name)}",
                )
            other.append(title)
            continue
        found.append(sheet)
    if not found:
        raise InputError(
            marked("{place}: no sheet has a header with records below it", place=name), hint="check the export"
        )
    if other:
        message = marked(
            "{place}: sheets with another header than {name} left out: {others}; --sheet names the one to read",
            place=name, name=found[0].name, others=", ".join(other[:5]),
        )  # fmt: skip
        return found, [Notice("skipped_sheets", message)]
    return found, []


def _wanted(titles: list[str], name: str, asked: str | None) -> list[str]:
    if asked is None or asked == "all":
        return titles
    if asked in titles:
        return [asked]
    if asked.isdigit() and 1 <= int(asked) <= len(titles):
        return [titles[int(asked) - 1]]
    shown = ", ".join(titles[:12])
    raise UsageError(
        marked("--sheet: {name} has no sheet {asked}", name=name, asked=asked),
        hint=marked("its sheets are {shown}", shown=shown),
    )


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _sheet(book: Any, title: str, name: str, content: Content, *, header: bool) -> Sheet | None:
    """None for a sheet without a record. A header that stands in the first row costs one look at the sheet."""
    from clvcli.log.first_row import first_row

    if header:
        frame = _loaded(book, title, name, header_row=0)
        if frame is None:
            return None
        if _is_header(frame):
            with content.stream() as stream:
                row = first_row(stream, title)
            if row is not None:
                return _records(title, name, frame, row - 1)
    texts = _loaded(book, title, name, header_row=None, skip_rows=0, dtypes="string")
    if texts is None:
        return None
    at = _header_row(texts) if header else -1
    if at is None:
        return None
    names = _names(texts, at, name)
    how: dict[str, int | None] = {"header_row": at} if header else {"header_row": None, "skip_rows": 0}
    frame = _loaded(book, title, name, **how)
    if frame is None:
        return None
    frame.columns = names
    return _records(title, name, frame, at)


def _loaded(book: Any, title: str, name: str, **how: Any) -> "pl.DataFrame | None":
    import fastexcel

    try:
        frame: pl.DataFrame = book.load_sheet(title, schema_sample_rows=None, **how).to_polars()
    except fastexcel.FastExcelError as problem:
        if "no data" in str(problem).lower() or "empty" in str(problem).lower():
            return None
        reason = str(problem).splitlines()[0][:150]
        raise InputError(
            marked("{place}: cannot be read ({reason})", place=name, reason=reason),
            hint="save it again, or export it as CSV",
        ) from None
    except BaseException as problem:  # A panic of the reader is no Exception.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(
            marked("{place}: is a damaged workbook", place=name), hint="save it again, or export it as CSV"
        ) from None
    return frame if frame.width else None


def _is_header(frame: "pl.DataFrame") -> bool:
    """Whether the names that the reader found need no second look: gaps and names that stand twice get made-up ones,
    a title above the header leaves texts in every column."""
    names = set(frame.columns)
    made_up = (re.fullmatch(r"(.*)_\d+", name) for name in names)
    twice = any(found is not None and found[1] in names for found in made_up)
    return not twice and not any(name.startswith("__UNNAMED__") for name in names)


def _header_row(texts: "pl.DataFrame") -> int | None:
    """The first row with about as many cells as the fullest of the rows below it; None without records."""
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in texts.head(LOOKED_AT).iter_rows()]
    best = max(filled, default=0)
    return next((i for i, n in enumerate(filled) if 2 * n > best and i + 1 < texts.height), None)


def _names(texts: "pl.DataFrame", at: int, name: str) -> list[str]:
    """The header as CSV has it. Raises InputError for what looks like data, or a name that appears twice."""
    from clvcli.log.dialect import LIKE_DATA, clean_name

    if at < 0:
        return [f"column_{i + 1}" for i in range(texts.width)]
    cells = [clean_name(cell or "") for cell in texts.row(at)]
    like_data = [cell for cell in cells if LIKE_DATA.fullmatch(cell)]
    if len(like_data) >= 2 or any(not cell.isdigit() for cell in like_data):
        raise InputError(
            marked(
                "{place}: row {at} looks like data ({cells}), not like column names",
                place=name,
                at=at + 1,
                cells=", ".join(cells)[:80],
            ),
            hint="--no-header, then --customer column_1 --date column_2 --amount column_3",
        )
    names = [cell or f"column_{i + 1}" for i, cell in enumerate(cells)]
    if twice := [cell for cell, n in Counter(names).items() if n > 1]:
        raise InputError(
            marked("{place}: the column {column} appears twice in the header", place=name, column=twice[0]),
            hint="rename one of the two",
        )
    return names


def _records(title: str, name: str, frame: "pl.DataFrame", at: int) -> Sheet | None:
    """The rows below the header that are not empty. Whole numbers are such: a workbook knows floats alone."""
    import polars as pl

    from clvcli.log.dialect import LIKE_DATA, clean_name
    from clvcli.log.inputs.frames import whole_numbers

    like_data = [cell for cell in frame.columns if LIKE_DATA.fullmatch(cell.strip())]
    if like_data and at >= 0 and (len(like_data) >= 2 or not like_data[0].isdigit()):
        raise InputError(
            marked(
                "{place}: row {at} looks like data ({cells}), not like column names",
                place=name,
                at=at + 1,
                cells=", ".join(frame.columns)[:80],
            ),
            hint="--no-header, then --customer column_1 --date column_2 --amount column_3",
        )
    frame.columns = [clean_name(cell) for cell in frame.columns]
    lines = pl.int_range(at + 2, at + 2 + frame.height, dtype=pl.Int64, eager=True)
    texts = pl.selectors.string()
    frame = frame.with_columns(pl.when(texts != "").then(texts))
    full = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    frame, lines = frame.filter(full), lines.filter(full)
    if not frame.height:
        return None
    return Sheet(title, pl.DataFrame([whole_numbers(column) for column in frame]), lines, max(at, 0))


INPUT = Excel()
