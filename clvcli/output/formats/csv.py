"""CSV: RFC 4180 quoting, ISO dates, shortest floats that read back exactly, null as nothing, "" as an empty text."""

from typing import BinaryIO

import polars as pl

from clvcli.output.formats.base import SheetStyle, check_numbers, with_texts

# What a spreadsheet takes for the start of a formula, also after blanks and invisible characters, also full-width.
_FORMULA = r"^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]"


class Csv:
    """UTF-8, one header line, lines end with `\\n`. With `style.excel`: byte-order mark, CRLF, and texts that would be
    formulas start with an apostrophe; all other texts are exact.
    """

    binary = False

    def write(self, frame: pl.DataFrame, target: BinaryIO, style: SheetStyle) -> None:
        check_numbers(frame)
        if style.excel:
            frame = without_formulas(with_texts(frame))
        frame.write_csv(target, include_bom=style.excel, line_terminator="\r\n" if style.excel else "\n")


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells and headers that a spreadsheet would run as a formula, neutralised by a leading apostrophe."""
    text = pl.selectors.string()
    guarded = pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)
    heads = pl.Series(frame.columns, dtype=pl.String)
    risky = heads.str.contains(_FORMULA)
    renamed = {name: f"'{name}" for name, risk in zip(heads, risky, strict=True) if risk}
    return frame.with_columns(guarded.name.keep()).rename(renamed)


FORMAT = Csv()
