"""Markdown: a pipe table for a page or a chat; null as nothing. To read, not to read back."""

from typing import BinaryIO

import polars as pl

from clvcli.output.formats.base import SheetStyle, check_numbers, with_texts


class Markdown:
    """UTF-8; numbers stand at the right; `|`, `\\` and line ends of the data are escaped."""

    binary = False

    def write(self, frame: pl.DataFrame, target: BinaryIO, style: SheetStyle) -> None:  # noqa: ARG002  # nothing to dress
        check_numbers(frame)
        sides = ["---:" if frame[name].dtype.is_numeric() else "---" for name in frame.columns]
        lines = [_line(frame.columns), f"|{'|'.join(sides)}|"]
        lines += [_line(["" if cell is None else str(cell) for cell in row]) for row in with_texts(frame).iter_rows()]
        target.write(("\n".join(lines) + "\n").encode())


def _line(cells: list[str]) -> str:
    escaped = (c.replace("\\", "\\\\").replace("|", "\\|").replace("\r", " ").replace("\n", "<br>") for c in cells)
    return f"| {' | '.join(escaped)} |"


FORMAT = Markdown()
