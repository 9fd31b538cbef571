"""Quotes in a block of lines: which lines are written so that any parser reads them in one way.

A quote opens a field right behind a separator or a line end, closes it right before one, or stands doubled within it.
"""

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from clvcli.log.records import Lines

Index = npt.NDArray[np.intp]
NEWLINE = ord("\n")


def troubled_lines(lines: "Lines", mark: bytes, quote: str, *, every: bool = False) -> tuple[Index, Index]:
    """(lines with a quote, those of them that need a careful look), ascending. `every`: all need one."""
    places = np.flatnonzero(lines.bytes == ord(quote))
    of = lines.of(places)
    with_quotes, first, count = np.unique(of, return_index=True, return_counts=True)
    if every:
        return with_quotes, with_quotes
    padded = np.full(lines.bytes.size + 2, NEWLINE, dtype=np.uint8)
    padded[1:-1] = lines.bytes
    before, after = padded[places], padded[places + 2]
    number = np.arange(places.size) - np.repeat(first, count)
    opens = number % 2 == 0
    separator = mark[0]
    sign = ord(quote)
    behind_end = (before == separator) | (before == NEWLINE) | ((before == sign) & (number > 0))
    before_end = (after == separator) | (after == NEWLINE) | (after == sign)
    wrong = ~np.where(opens, behind_end, before_end)
    bad = np.bincount(of[wrong], minlength=len(lines))[with_quotes] > 0
    return with_quotes, with_quotes[bad | (count % 2 == 1)]


def closed_on(lines: "Lines", at: int, with_quotes: Index, mark: bytes, quote: str) -> int | None:
    """The line on which the quote is closed that is open at the end of the broken line `at`; None where none is open,
    or the next quote does not look like its end: then the lines that follow stand for themselves."""
    from clvcli.log.records import MAX_LINES_OF_A_BROKEN_RECORD

    sign = quote.encode()
    if lines[at].count(sign) % 2 == 0:
        return None
    following = int(np.searchsorted(with_quotes, at, side="right"))
    if following >= with_quotes.size or with_quotes[following] > at + MAX_LINES_OF_A_BROKEN_RECORD:
        return None
    line = lines[int(with_quotes[following])]
    place = line.index(sign)
    begins = place == 0 or line[place - 1 : place] == mark
    ends = place + 1 == len(line) or line[place + 1 : place + 2] == mark
    return int(with_quotes[following]) if ends and not begins and line.count(sign) % 2 else None


def shifts_columns(line: bytes, mark: bytes, quote: str) -> bool:
    """Whether a quote that opens within an unquoted field is closed at the end of a later one: `Socks"Warm, soft",9`.
    Which separators lie between fields is then anybody's guess. (`5" nail` opens nothing: a blank follows.)"""
    sign, separator = re.escape(quote.encode()), re.escape(mark)
    field = rb"(?:^|%s)(?:%s(?:[^%s]|%s%s)*%s(?=%s|$)|([^%s]*))" % (separator, *[sign] * 5, separator, separator)
    halves = [part for part in re.findall(field, line) if part.count(quote.encode()) % 2]
    opener = next((i for i, part in enumerate(halves) if re.search(sign + rb"\S", part)), None)
    return opener is not None and any(part.endswith(quote.encode()) for part in halves[opener + 1 :])


def unquoted_marks(lines: "Lines", mark: bytes, quote: str | None) -> Index:
    """Count separators outside of quotes by line, as if no quote went on in the next line, (lines,)."""
    if not len(lines):
        return np.zeros(0, dtype=np.intp)
    places = np.flatnonzero(lines.bytes == mark[0])
    of = lines.of(places)
    if quote is not None and quote.encode() in lines.text:
        quotes = np.flatnonzero(lines.bytes == ord(quote))
        before = np.searchsorted(quotes, places) - np.searchsorted(quotes, lines.starts[of])
        of = of[before % 2 == 0]
    return np.bincount(of, minlength=len(lines)).astype(np.intp)


def opens_a_field(text: bytes, separator: str) -> bool:
    """Whether a double quote stands where a field begins."""
    return b'"' in text and re.search(rb'(?:^|[,;\t| %s\n])"' % re.escape(separator.encode()), text) is not None
