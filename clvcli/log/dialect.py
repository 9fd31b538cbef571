"""How a text file is laid out: separator, quoting, preamble, header. Told from its first lines.

An own detector, small on purpose. On the 377 text files of tests/corpus that are to be read it finds separator and
names in all, for which it was written; DuckDB 2.0's sniffer in 345; clevercsv 0.8 the separator in 375, but no preamble
and no header, and charset-normalizer 3.5 the encoding of all 7 that are not UTF-8: it guesses where this tool must
refuse. Both sniffers take some 5 ms a file, this one 0.7 (CPU time).
"""

import csv
import re
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.core.options.marks import BLANKS, NONE, mark_of
from clvcli.log.escapes import Escapes

SEPARATORS = (",", ";", "\t", "|")
SPACE = " "
NAMES = {
    ",": marked("comma"), ";": marked("semicolon"), "\t": marked("tab"), "|": marked("pipe"),
    SPACE: marked("space"), BLANKS: marked("blanks"),
}  # fmt: skip
HEAD_BYTES, HEAD_LINES = 1 << 20, 1000
MOST_LINES_OF_A_NAME = 20
MOST_LINES_ABOVE = 30
INVISIBLE = dict.fromkeys([0xFEFF, 0x200B, 0x200C, 0x200D, 0x2060, 0xAD, 0])
RULER = re.compile(r"[\s|+=-]*[-=]{2}[\s|+=-]*")
LIKE_DATA = re.compile(r"[+-]?\d+[.,]\d+|\d{4}[-/.]\d\d?[-/.]\d\d?.*|\d\d?[-/.]\d\d?[-/.]\d{2,4}.*|[+-]?\d+")

Joined = tuple[int, int, list[str]]
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # Huge fields are judged by their value, not by this limit.


@dataclass(frozen=True)
class Asked:
    """What the options say of the layout; None: told from the text. `quote` is empty where quotes are plain text."""

    header: bool = True
    separator: str | None = None
    quote: str | None = None
    escape: str | None = None
    skip_lines: int | None = None

    @classmethod
    def of(cls, options: LogOptions) -> "Asked":
        """By the options of a run."""
        quote = None if options.quote is None else "" if options.quote == NONE else mark_of(options.quote)
        separator, escape = (mark_of(text) if text else None for text in (options.separator, options.escape))
        return cls(options.header, separator, quote, escape, options.skip_lines)


@dataclass(frozen=True)
class Dialect:
    """`skip` lines stand before the first record: preamble and header. `quote` is None when quotes are plain text.
    `spaced`: a blank stands between the separator and a quote. `told`: --quote said so; `twice`:
    names that stand in the header more than once."""

    separator: str
    quote: str | None
    columns: tuple[str, ...]
    skip: int
    preamble: int
    header: bool
    spaced: bool = False
    told: bool = False
    escapes: Escapes | None = None
    twice: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What a piece of text is split at."""
        return SPACE if self.separator == BLANKS else self.separator

    def facts(self) -> dict[str, object]:
        """For the manifest and `clv check`."""
        return {
            "separator": NAMES.get(self.separator, self.separator),
            "quote": self.quote,
            **({"escape": self.escapes.sign} if self.escapes else {}),
            "preamble_lines": self.preamble,
            "header": self.header,
        }


def detect(text: bytes, name: str, asked: Asked, escapes: Escapes | None = None) -> Dialect:
    """The layout of UTF-8 text with `\\n` line ends. Raises InputError when it is no table or its names collide."""
    head = text[:HEAD_BYTES]
    if len(head) < len(text) and b"\n" in head:
        head = head[: head.rindex(b"\n")]
    most = HEAD_LINES + (asked.skip_lines or 0)
    lines = head.decode("utf-8", errors="ignore").split("\n", most)[:most]
    if not any(line.strip() for line in lines[asked.skip_lines or 0 :]):
        raise InputError(marked("{place}: is empty", place=name), hint="check the export that writes it")
    start, declared = _declared_separator(lines)
    start, declared = max(start, asked.skip_lines or 0), asked.separator or declared
    told = asked.quote is not None
    quote = (asked.quote or None) if told else _quote(text, lines[start:], declared)
    spaced = quote is not None and declared not in (SPACE, BLANKS) and _is_spaced(lines[start:], quote)
    separator = declared or _separator(lines[start:], quote, spaced)
    if separator is None:
        raise _one_column(lines[start:], name)
    joined = _joined(lines, start, separator, quote, spaced)
    rows = [(i, cells) for i, _, cells in joined]
    usual = _usual_width([row for _, row in rows])
    first = 0 if asked.skip_lines is not None else _first(rows, usual, header=asked.header)
    index, cells = rows[first]
    made = partial(Dialect, separator, quote, spaced=spaced, told=told, escapes=escapes)
    if not asked.header:
        return made(tuple(f"column_{i + 1}" for i in range(usual)), index, index, False)
    columns, twice = _names(
        cells if escapes is None else [escapes.shown(cell) for cell in cells], rows[first + 1 :], name
    )
    skip = next(end for at, end, _ in joined if at == index)
    if skip < len(lines) and _is_below_names(lines[skip], separator, quote, spaced):
        skip += 1
    return made(columns, skip, index, True, twice=twice)


def _first(rows: list[tuple[int, list[str]]], usual: int, *, header: bool) -> int:
    """The row that has the names, or the first record where none has."""
    first = next((i for i, (_, row) in enumerate(rows) if len(row) >= usual or _is_short_header(rows, i, usual)), 0)
    at = _fuller(rows, first) if header else first
    return _further_down(rows, at, usual) if header and _is_record(rows[at][1]) else at


def _is_record(cells: list[str]) -> bool:
    """Whether a line has values where names should stand."""
    like_data = [c for c in map(clean_name, cells) if LIKE_DATA.fullmatch(c)]
    return len(like_data) >= 2 or any(not c.isdigit() for c in like_data)


def _one_column(lines: list[str], name: str) -> InputError:
    full = [line.strip() for line in lines[:200] if line.strip()]
    if (
        all(line.startswith('"') and line.endswith('"') and re.search("[,;\t|]", line) for line in full[1:])
        and full[1:]
    ):
        return InputError(
            marked(
                "{place}: every line stands within one pair of quotes, so that it holds one column only", place=name
            ),
            hint="export it again without quotes around whole lines",
            code="one_column",
        )
    return InputError(
        marked("{place}: holds one column only; no comma, semicolon, tab, pipe or blanks separate fields", place=name),
        hint="customer, date and amount need a column each; --separator ^ names another separator",
        code="one_column",
    )


def _joined(lines: list[str], start: int, separator: str, quote: str | None, spaced: bool) -> list[Joined]:
    """(first line, line after the last, fields) of each record that is not blank: a line whose quote stays open goes on
    in the next ones where that makes fields."""
    found: list[Joined] = []
    at = start
    while at < len(lines):
        end, cells = at + 1, None
        if quote is not None and separator != BLANKS and lines[at].count(quote) % 2:
            end, cells = _several(lines, at, separator, quote, spaced)
        if cells is not None or lines[at].strip():
            found.append((at, end, cells or _fields(lines[at], separator, quote, spaced)))
        at = end
    return found


def _several(lines: list[str], at: int, separator: str, quote: str, spaced: bool) -> tuple[int, list[str] | None]:
    """The line after the record that begins on line `at`, and its fields; None where its quote closes nowhere near."""
    marks, end = lines[at].count(quote), at + 1
    while marks % 2 and end < min(len(lines), at + MOST_LINES_OF_A_NAME):
        marks += lines[end].count(quote)
        end += 1
    text = "\n".join(lines[at:end])
    try:
        reader = csv.reader([text], delimiter=separator, quotechar=quote, skipinitialspace=spaced, strict=True)
        return end, next(reader, [])
    except csv.Error:
        return at + 1, None


def _is_ruler(line: str) -> bool:
    """A line of dashes between header and records. (Long ones are not tried: the match takes quadratic time.)"""
    return len(line) < 1000 and RULER.fullmatch(line) is not None


def _fuller(rows: list[tuple[int, list[str]]], first: int) -> int:
    """Title lines padded with empty fields (`Report,,`) are preamble: the header is the first line with names in it."""
    filled = [sum(bool(cell.strip()) for cell in row) for _, row in rows[first : first + 30]]
    best = max(filled, default=0)
    step = next((i for i, n in enumerate(filled) if 2 * n > best), 0)
    return first + step if step and not _looks_like_data(rows[first + step][1]) else first


def _declared_separator(lines: list[str]) -> tuple[int, str | None]:
    """Excel's first line `sep=;`."""
    match = re.fullmatch(r'"?sep=(.)"?[,;\t|]*', lines[0].strip("\ufeff \r"), re.IGNORECASE)
    if match is None and lines[0].strip().lower() == "sep=":
        return 1, "\t"
    return (1, match[1]) if match else (0, None)


def _quote(text: bytes, lines: list[str], declared: str | None) -> str | None:
    """The double quote, or the single one where it stands around most fields; None when quotes quote nothing."""
    if b'"' in text:
        return '"' if _quotes_open_fields(text, declared) else None
    marks = re.escape("".join(SEPARATORS) + (declared or "" if declared != BLANKS else "") + SPACE)
    full = [line for line in lines[:200] if line.strip()]
    single = sum(re.search(rf"(?:^|[{marks}])'[^']*'(?:$|[{marks}])", line) is not None for line in full)
    return "'" if full and single > 0.8 * len(full) else '"'


def _is_spaced(lines: list[str], quote: str) -> bool:
    """`a, "b", "c"`: quotes behind a separator and a blank, and nowhere right behind a separator."""
    head = "\n".join(lines[:200])
    marks = re.escape("".join(SEPARATORS))
    return bool(re.search(f"[{marks}] +{quote}", head)) and not re.search(f"[{marks}]{quote}", head)


def _quotes_open_fields(text: bytes, declared: str | None) -> bool:
    """False when quotes stand only within fields (`5" nail`): then they quote nothing."""
    marks = "".join(SEPARATORS) + " " + (declared or "" if declared != BLANKS else "")
    return re.search(rb'(?:^|[%s\n])"' % re.escape(marks.encode()), text) is not None


def _fields(line: str, separator: str, quote: str | None, spaced: bool) -> list[str]:
    if separator == BLANKS:
        return re.split("[ \t]+", line.strip(" \t"))
    if quote is None or quote not in line:
        return line.split(separator)
    return next(csv.reader([line], delimiter=separator, quotechar=quote, skipinitialspace=spaced), [])


def _width(line: str, separator: str, quote: str | None, spaced: bool) -> int:
    """How many fields a line has."""
    if separator != BLANKS and (quote is None or quote not in line):
        return line.count(separator) + 1
    return len(_fields(line, separator, quote, spaced))


def _separator(lines: list[str], quote: str | None, spaced: bool) -> str | None:
    """The mark that cuts the most lines into the same number of fields, the first of them (the header) included."""
    full = [line for line in lines if line.strip() and not _is_ruler(line)]
    best: tuple[float, int, int] | None = None
    found = None
    held = [mark for mark in SEPARATORS if any(mark in line for line in full)]
    for order, mark in enumerate((*held, BLANKS)):
        if mark == BLANKS and found is not None:
            continue
        widths = [_width(line, mark, quote, spaced) for line in full]
        usual = _usual_width_of(widths)
        if usual < 2 or (mark == BLANKS and usual < 3):
            continue
        share = sum(width == usual for width in widths) / len(widths)
        score = (round(share + (0.2 if usual in widths[:1] else 0.0), 2), usual, -order)
        if share >= 0.4 and (best is None or score > best):
            best, found = score, mark
    if quote is not None and found in (None, BLANKS):
        widths = [len(_fields(line, SPACE, quote, spaced)) for line in full]
        usual, quoted = _usual_width_of(widths), any(f" {quote}" in line for line in full)
        if quoted and usual >= 3 and widths.count(usual) >= 0.4 * len(widths):
            return SPACE
    return found


def _usual_width(rows: list[list[str]]) -> int:
    return _usual_width_of([len(row) for row in rows])


def _usual_width_of(widths: list[int]) -> int:
    counts = Counter(widths)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _is_short_header(rows: list[tuple[int, list[str]]], i: int, usual: int) -> bool:
    """The line right before the records that has names, but too few of them: by one, or by empty fields at the ends of
    the records."""
    following = rows[i + 1][1] if i + 1 < len(rows) else []
    names = len(rows[i][1])
    if not len(following) == usual > names >= 2 or not _looks_like_data(following):
        return False
    return names == usual - 1 or not any(cell.strip() for cell in following[names:])


def _is_below_names(line: str, separator: str, quote: str | None, spaced: bool) -> bool:
    return _is_ruler(line.replace(separator, " ")) or _is_units(_fields(line, separator, quote, spaced))


def _is_units(cells: list[str]) -> bool:
    """A line of units below the names: `(text);(dd.mm.yyyy);(EUR)`."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and all(re.fullmatch(r"[(\[<].*[)\]>]", cell) for cell in filled)


def _further_down(rows: list[tuple[int, list[str]]], first: int, usual: int) -> int:
    """The first of the next lines that has a name in every field, and records below it."""
    for at in range(first + 1, min(first + MOST_LINES_ABOVE, len(rows) - 2)):
        cells = [cell.strip() for cell in rows[at][1]]
        if len(cells) != usual or len(set(cells)) < len(cells) or not all(re.search(r"[^\W\d_]", c) for c in cells):
            continue
        below = [row for _, row in rows[at + 1 : at + 12] if not _is_units(row)]
        if not _looks_like_data(cells) and len(below) > 1 and all(map(_looks_like_data, below)):
            return at
    return first


def _looks_like_data(cells: list[str]) -> bool:
    return any(LIKE_DATA.fullmatch(cell.strip()) for cell in cells)


def clean_name(cell: str) -> str:
    """A column name without blanks at its ends, line ends and invisible characters."""
    lines = cell.translate(INVISIBLE).split("\n")
    return " ".join(line for part in lines if (line := part.strip()))


def _names(cells: list[str], below: list[tuple[int, list[str]]], name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the columns, and those that stand there more than once."""
    names = [clean_name(cell) for cell in cells]
    width = _usual_width([row for _, row in below[:200]]) if below else len(names)
    if width == len(names) - 1 and not names[-1]:
        names = names[:-1]
    trailing = not any(cell.strip() for _, row in below[:200] for cell in row[len(names) :])
    if below and width > len(names) and not trailing:
        raise InputError(
            marked(
                "{place}: the header names {names} columns, but the records have {width} fields",
                place=name,
                names=len(names),
                width=width,
            ),
            hint="name every column in the header, or export without row numbers",
            code="broken_layout",
        )
    like_data = [cell for cell in names if LIKE_DATA.fullmatch(cell)]
    if len(like_data) >= 2 or any(not cell.isdigit() for cell in like_data):
        raise InputError(
            marked(
                "{place}: the first line looks like data ({names}), not like column names",
                place=name,
                names=", ".join(names)[:80],
            ),
            hint="--no-header, then --customer column_1 --date column_2 --amount column_3",
            code="no_header",
        )
    names = [cell or f"column_{i + 1}" for i, cell in enumerate(names)]
    twice = tuple(cell for cell, n in Counter(names).items() if n > 1)
    return _told_apart(names), twice


def _told_apart(names: list[str]) -> tuple[str, ...]:
    """`note, note` -> `note, note_2`."""
    written, found, numbers = set(names), dict[str, None](), dict[str, int]()
    for cell in names:
        name = cell
        while name in found or (name != cell and name in written):
            numbers[cell] = numbers.get(cell, 1) + 1
            name = f"{cell}_{numbers[cell]}"
        found[name] = None
    return tuple(found)
