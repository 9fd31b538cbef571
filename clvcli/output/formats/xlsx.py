"""Excel workbook by XlsxWriter : a formatted table, stages in colour, a summary sheet."""

import tempfile
from datetime import date, datetime
from typing import Any, BinaryIO

import polars as pl

from clvcli.core.errors import OutputError
from clvcli.core.fields import FIELDS
from clvcli.core.language import marked
from clvcli.core.phrases import NAMES
from clvcli.output.formats.base import SCRATCH, Sheet, SheetStyle, check_numbers, with_texts

MAX_ROWS = 1_048_576 - 1  # a sheet's rows less the header
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
_CREATED = datetime(2000, 1, 1)  # fixed: the same table gives the same bytes
_FIRST_DAY = date(1900, 1, 1)  # what comes earlier is no date to a spreadsheet
_HEAD = {"bold": True, "bg_color": "#22384F", "font_color": "#FFFFFF", "valign": "top"}
_COLOURS = ("#DCEBFA", "#DDF3E4", "#EAF5CF", "#FFF1C9", "#FBDDD3", "#E9E1F5", "#DFF3F3", "#ECECEC")
_NUMBERS = {"probability": "0.0%", "share": "0.0%", "purchases": "0.00"}


class Xlsx:
    """The table's sheet with a frozen header, filters, number formats, ids as text and names beside them; the sheets
    of the style. The table stands first, for programs; the first of the others is what people see first. Rows are
    streamed: memory does not grow with them, and filters and banded rows stand in for tables of Excel's own.
    """

    binary = True

    def write(self, frame: pl.DataFrame, target: BinaryIO, style: SheetStyle) -> None:
        """Raises OutputError for tables larger than a sheet."""
        import xlsxwriter

        frame = with_texts(frame)
        check_numbers(frame)
        _check_size(frame)
        with tempfile.TemporaryDirectory(prefix="clv-") as folder:
            SCRATCH.add(folder)
            book = xlsxwriter.Workbook(target, {"constant_memory": True, "tmpdir": folder})
            book.set_properties({"title": style.title, "created": _CREATED})
            _table_sheet(book, _named(frame) if style.sheets else frame, style)
            for number, sheet in enumerate(style.sheets):
                added = _side_sheet(book, sheet, style)
                if number == 0:
                    added.activate()
            try:
                book.close()
            except xlsxwriter.exceptions.FileCreateError as error:
                cause = error.args[0] if error.args else None
                raise cause if isinstance(cause, OSError) else OSError(str(error)) from error
        SCRATCH.discard(folder)


def _check_size(frame: pl.DataFrame) -> None:
    if frame.height > MAX_ROWS:
        raise OutputError(
            marked(
                "xlsx holds {max_rows} rows, the table has {height}",
                max_rows=f"{MAX_ROWS:,}",
                height=f"{frame.height:,}",
            ),
            "-f csv or -f parquet",
        )
    if frame.width > MAX_COLUMNS:
        raise OutputError(
            marked(
                "xlsx holds {max_columns} columns, the table has {width}",
                max_columns=f"{MAX_COLUMNS:,}",
                width=f"{frame.width:,}",
            ),
            "-f csv or -f parquet",
        )
    for name in frame.select(pl.selectors.string()).columns:
        longest = frame[name].str.len_chars().max()
        if isinstance(longest, int) and longest > MAX_TEXT:
            raise OutputError(
                marked(
                    "xlsx holds {max_text} characters a cell, {name} has {longest}",
                    max_text=f"{MAX_TEXT:,}",
                    name=name,
                    longest=f"{longest:,}",
                ),
                "-f csv",
            )


def _table_sheet(book: Any, frame: pl.DataFrame, style: SheetStyle) -> None:
    sheet = _added(book, style.table, style)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, frame.height, frame.width - 1)
    head = book.add_format(_HEAD)
    formats = [
        book.add_format({"num_format": _number_format(name, kind, style)}) for name, kind in frame.schema.items()
    ]
    for column, (name, kind) in enumerate(frame.schema.items()):
        sheet.set_column(column, column, _width(name, kind))
        sheet.write_string(0, column, name, head)
    stage = frame.columns.index("stage") if "stage" in frame.columns else -1
    phase = frame.columns.index("phase") if "phase" in frame.columns else -1
    colours = _phase_formats(book, frame, style)
    for number, row in enumerate(frame.iter_rows(), start=1):
        for column, value in enumerate(row):
            style = formats[column]
            if column in (stage, phase) and phase >= 0:
                style = colours.get(row[phase], style)
            _cell(sheet, number, column, value, style)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with the attributes that name a customer beside the id."""
    naming = (*NAMES, "first_name", "last_name")
    names = [name for name in frame.columns[1:] if name.strip().lower().replace(" ", "_") in naming]
    return frame.select(frame.columns[0], *names, pl.exclude(frame.columns[0], *names)) if names else frame


def _added(book: Any, name: str, style: SheetStyle) -> Any:
    sheet = book.add_worksheet(_sheet_name(name))
    if style.rtl:
        sheet.right_to_left()
    return sheet


def _sheet_name(name: str) -> str:
    """A name that a sheet may have: 31 letters, none of []:*?/\\."""
    return "".join("-" if c in "[]:*?/\\" else c for c in name)[:31]


def _side_sheet(book: Any, told: Sheet, style: SheetStyle) -> Any:
    """A sheet beside the table: a dark head; what is listed has filters and banded rows."""
    sheet = _added(book, told.name, style)
    for column, width in enumerate(told.widths):
        sheet.set_column(column, column, width)
    if told.listed:
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(told.rows), len(told.head) - 1)
    head = book.add_format(_HEAD)
    for column, name in enumerate(told.head):
        sheet.write_string(0, column, name, head)
    shapes = {"count": "#,##0", "share": "0.0%", "money": style.money}
    kinds = [*told.kinds, *[""] * (len(told.head) - len(told.kinds))]
    shaped = [{"num_format": shapes.get(kind, "General"), "valign": "top", "text_wrap": kind == ""} for kind in kinds]
    plain = [book.add_format(shape) for shape in shaped]
    banded = [book.add_format(shape | {"bg_color": "#F2F5F8"}) for shape in shaped]
    for number, row in enumerate(told.rows, start=1):
        styles = banded if told.listed and number % 2 == 0 else plain
        for column, value in enumerate(row):
            _cell(sheet, number, column, value, styles[column])
    return sheet


def _cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """One cell by the type of its value: text is never read as a number, a formula or a link."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, date) and value >= _FIRST_DAY:
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def _phase_formats(book: Any, frame: pl.DataFrame, style: SheetStyle) -> dict[str, Any]:
    """A colour for each phase, in the order of the rules."""
    phases = style.phases
    if not phases and "phase" in frame.columns:
        phases = tuple(frame["phase"].drop_nulls().unique().sort())
    return {p: book.add_format({"bg_color": _COLOURS[i % len(_COLOURS)]}) for i, p in enumerate(phases)}


def _number_format(name: str, kind: pl.DataType, style: SheetStyle) -> str:
    if kind == pl.Date:
        return "yyyy-mm-dd"
    if kind == pl.String:
        return "@"
    if kind.is_integer():
        return "0"
    unit = next((f.unit for f in FIELDS if f.name == name), "")
    if unit == "currency":
        return style.money
    return _NUMBERS.get(unit, "0.00") if kind.is_numeric() else "General"


def _width(name: str, kind: pl.DataType) -> int:
    return max(len(name) + 3, 12 if kind != pl.String else 16)


FORMAT = Xlsx()
