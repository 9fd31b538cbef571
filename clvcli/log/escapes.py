"""Escaped characters, as MySQL and Hive export them: taken out before fields are told apart, put back afterwards.

Within a text an escaped separator, quote or line end becomes a control character that stands nowhere in it, so that
lines and fields are cut where they end. `\\N` alone in a field is null; `\\t`, `\\n`, `\\r`, `\\0` are what MySQL (LOAD
DATA) and Hive (LazySimpleSerDe) read them as; any other escaped character is itself.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked

SEPARATORS, QUOTES = ",;\t| ", "\"'"
LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": ""}


Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Escapes:
    """`sign`: as asked for; `stand_in`: control character -> the text that it stands for; `null`: the one for `\\N`;
    `line_end`: the one for an escaped line end, which ends a line of the file but no record."""

    sign: str
    stand_in: dict[str, str]
    null: str
    line_end: str

    def put_back(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The fields of records (String) as they were meant."""
        columns = [
            pl.when(pl.col(name) != self.null).then(self._meant(pl.col(name))).alias(name) for name in frame.columns
        ]
        return frame.with_columns(columns)

    def _meant(self, column: pl.Expr) -> pl.Expr:
        return column.str.replace_many(list(self.stand_in), list(self.stand_in.values()))

    def lines_before(self, text: bytes, places: Places) -> Places:
        """Count line ends within records before each place in the file."""
        found: Places = np.searchsorted(np.flatnonzero(np.frombuffer(text, np.uint8) == ord(self.line_end)), places)
        return found

    def shown(self, text: str) -> str:
        """A name or a line as it was meant."""
        for sign, meant in self.stand_in.items():
            text = text.replace(sign, meant)
        return text


def without_escapes(
    data: bytes, escape: str, separator: str | None, quote: str | None, name: str
) -> tuple[bytes, Escapes]:
    """UTF-8 text with `\\n` line ends without escaped characters, and how they are put back. `separator`, `quote`: None
    where they are not known yet. Raises InputError."""
    marks = (escape, *(separator or SEPARATORS), *(QUOTES if quote is None else quote), "\n", "N")
    wanted = {mark: mark for mark in marks} | {c: meant for c, meant in LETTERS.items() if c not in marks}
    free = iter([c for c in map(chr, (*range(1, 9), *range(14, 28))) if c not in wanted and c.encode() not in data])
    stand_in: dict[str, str] = {}
    of: dict[str, str] = {}
    for char, meant in wanted.items():  # the escape itself comes first: what follows a pair of them is not escaped
        found = next(free, None)
        if found is None:
            raise InputError(
                marked("{place}: holds too many control characters for --escape", place=name),
                hint="export without escapes",
            )
        data = data.replace((escape + char).encode(), found.encode())
        stand_in[found], of[char] = meant, found
    data = re.sub(re.escape(escape.encode()) + rb"(?=[^\n])", b"", data)
    return data, Escapes(escape, stand_in, of["N"], of["\n"])
