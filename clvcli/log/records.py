"""Text -> records with the line they start on; what is no record of the table is set aside.

Polars parses every line that is written plainly. A line that is not (too few or too many fields, a stray quote, a NUL)
is looked at alone and either written plainly or set aside: the others of its block never pay for it.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options.marks import BLANKS
from clvcli.log.dialect import Dialect
from clvcli.log.quotes import closed_on, shifts_columns, troubled_lines, unquoted_marks

MAX_LINES_OF_A_RECORD = 2000
MAX_LINES_OF_A_BROKEN_RECORD = 20
"""A broken record goes on until its quote is closed; so far behind it a quote is taken for another one's."""
LONGEST_FOOTER = 200
FOOTER = re.compile(
    r"\W*(\d+\s+(rows?|records?|zeilen|lignes|filas)\b.*|[-=_*#]{3,}|"
    r"(total|totals|sum|summe|grand total|end|eof|count|rows?|records?|the end)\b.*|"
    r"(exported|generated|report|page|source|copyright|confidential|seller id)\b.*)\W*",
    re.IGNORECASE,
)
DOWNLOADED = re.compile(r"\W*\d+\W+record\(s\) downloaded\b.*|\W*(accrual|cash) basis\b.*", re.IGNORECASE)
"""A footer of several fields: `120,record(s) downloaded,from ,...`, `"Accrual Basis  Monday, April 01, 2024"`."""
if TYPE_CHECKING:
    import _csv

NEWLINE, BLANK = ord("\n"), ord(" ")
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Broken:
    """A record that has no place in the table: wrong number of fields, a quote that never ends, a NUL."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True)
class Records:
    """`frame`: a String column a field, null where the field is empty; `lines`: where each record starts, from 1,
    (records,); `rest`: bytes at the end that belong to a record which goes on in the next block."""

    frame: pl.DataFrame
    lines: npt.NDArray[np.int64]
    broken: tuple[Broken, ...]
    rest: int = 0


@dataclass(frozen=True)
class Edit:
    """Lines `first` to `stop` (exclusive) of a block are replaced by `text`, one plain record, or taken out."""

    first: int
    stop: int
    text: bytes | None


@dataclass(frozen=True)
class OddLines:
    """What NUL and quotes make odd in a block: its line numbers are from 0."""

    edits: tuple[Edit, ...]
    broken: tuple[Broken, ...]


class Lines:
    """The lines of a block, found without copies: `starts` and `ends` (before the line end), (lines,)."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.bytes = np.frombuffer(text, dtype=np.uint8)

    @cached_property
    def ends(self) -> Index:
        """Where each line ends."""
        ends = np.flatnonzero(self.bytes == NEWLINE)
        return ends if not self.text or self.text.endswith(b"\n") else np.append(ends, len(self.text))

    @cached_property
    def starts(self) -> Index:
        """Where each line starts."""
        return np.append(0, self.ends[:-1] + 1)[: self.ends.size]

    def __getitem__(self, i: int) -> bytes:
        return self.text[self.starts[i] : self.ends[i]]

    @cached_property
    def _count(self) -> int:
        return self.text.count(b"\n") + (bool(self.text) and not self.text.endswith(b"\n"))

    def __len__(self) -> int:
        return self._count

    def of(self, places: Index) -> Index:
        """The line of each place."""
        found: Index = np.searchsorted(self.starts, places, side="right") - 1
        return found


def records_of(
    text: bytes, dialect: Dialect, line: int = 1, *, last: bool = True, name: str = "", known: OddLines | None = None
) -> Records:
    """The records of whole lines of UTF-8 text with `\\n` line ends, without preamble, header and footer.

    `line`: the number of the first line. `last`: nothing follows; else a record whose quote is open at the end is left
    in `rest`. `known`: what `open_at_end` found in these lines. Blank lines are no records. Raises InputError when the
    lines cannot be told apart.
    """
    text, mark, quote = _plain_form(text, dialect)
    lines = Lines(text)
    if known is None:
        edits, broken, rest = _odd_lines(lines, dialect, mark, quote, last=last)
    else:
        edits, broken, rest = [*known.edits], [*known.broken], 0
    if rest:
        text = text[: len(text) - rest]
        lines = Lines(text)
    frame = _parsed(lines, edits, dialect.columns, mark, quote)
    if frame is None or _may_be_short(frame):
        edits, broken = _by_width(lines, edits, broken, dialect, mark, quote)
        frame = _parsed(lines, edits, dialect.columns, mark, quote)
    kept = _kept_lines(len(lines), edits)
    if frame is None or frame.height != kept.size:
        raise InputError(
            marked("{place}: its records cannot be told apart", place=name),
            hint="export it as plain CSV with quoted fields",
            code="broken_layout",
        )
    if quote is not None and quote.encode() in text:  # A quoted empty field is as empty as one without quotes.
        frame = frame.with_columns(pl.when(pl.all() != "").then(pl.all()))
    numbers = np.arange(line, line + len(lines))
    if dialect.escapes is not None:
        frame = dialect.escapes.put_back(frame)
        broken = [replace(b, value=dialect.escapes.shown(b.value)) for b in broken]
        numbers += dialect.escapes.lines_before(lines.text, lines.starts)
    told = tuple(Broken(int(numbers[b.line]), b.value, b.reason) for b in sorted(broken, key=lambda b: b.line))
    return Records(frame, numbers[kept], told, rest)


def open_at_end(text: bytes, dialect: Dialect) -> tuple[int, OddLines | None]:
    """Bytes at the end of whole lines that belong to a record which goes on behind them; what is odd in those before,
    where that was looked for."""
    if dialect.quote is None or dialect.separator == BLANKS or dialect.quote.encode() not in text:
        return 0, None
    lines = Lines(text)
    edits, broken, rest = _odd_lines(lines, dialect, dialect.separator.encode(), dialect.quote, last=False)
    return rest, OddLines(tuple(edits), tuple(broken))


def _plain_form(text: bytes, dialect: Dialect) -> tuple[bytes, bytes, str | None]:
    """Text, separator and quote as the parser takes them: runs of blanks as separators become tabs."""
    if dialect.separator != BLANKS:
        return text, dialect.separator.encode(), dialect.quote
    tabbed = re.sub(rb"[^\S\n]+", b"\t", text)
    return re.sub(rb"(?m)^\t|\t$", b"", tabbed), b"\t", None


def _odd_lines(
    lines: Lines, dialect: Dialect, mark: bytes, quote: str | None, *, last: bool
) -> tuple[list[Edit], list[Broken], int]:
    """What NUL and quotes make odd; line numbers from 0."""
    edits: list[Edit] = []
    broken: list[Broken] = []
    nul: set[int] = set()
    if b"\0" in lines.text:
        found = lines.of(np.flatnonzero(lines.bytes == 0))
        nul = {int(i) for i in np.unique(found)}
    if quote is None or quote.encode() not in lines.text:
        for i in sorted(nul):
            edits.append(Edit(i, i + 1, None))
            broken.append(Broken(i, shown(lines[i]), "nul_byte"))
        return edits, broken, 0
    with_quotes, troubled = troubled_lines(lines, mark, quote, every=dialect.spaced)
    at = 0
    for i in sorted({int(i) for i in troubled} | nul):
        if i < at:
            continue
        fields, stop = _look(lines, i, nul, dialect, mark, quote)
        if stop > len(lines):
            if not last:
                return edits, broken, len(lines.text) - int(lines.starts[i])
            stop = i + 1
        if isinstance(fields, str):
            end = closed_on(lines, i, with_quotes, mark, quote) if stop == i + 1 else stop - 1
            if end is None and not last and i + MAX_LINES_OF_A_BROKEN_RECORD >= len(lines):
                return edits, broken, len(lines.text) - int(lines.starts[i])
            at = i + 1 if end is None else end + 1
            broken.append(Broken(i, shown(lines[i]), fields))
            edits.append(Edit(i, at, None))
            continue
        at = stop
        _keep(list(fields), lines[i], i, stop, len(dialect.columns), mark, edits, broken, quote)
    return edits, broken, 0


def _look(
    lines: Lines, at: int, nul: set[int], dialect: Dialect, mark: bytes, quote: str
) -> tuple[Sequence[str] | str, int]:
    """Fields of the record that starts on an odd line (or what is wrong with it), and the line after it: as _quoted."""
    if at in nul:
        return "nul_byte", at + 1
    fields, stop = _quoted(lines, at, dialect)
    if not isinstance(fields, str) and not nul.isdisjoint(range(at, stop)):
        return "nul_byte", stop
    if not isinstance(fields, str) and stop == at + 1 and shifts_columns(lines[at], mark, quote):
        return "bad_quotes", stop
    return fields, stop


def _quoted(lines: Lines, at: int, dialect: Dialect) -> tuple[list[str] | str, int]:
    """Fields of the record that starts on line `at` (or what is wrong with it), and the line after it: beyond the last
    line when a quote is open at the end of the block.

    A quote that stays open takes the following lines in, but only if that ends in a record of the right width; else the
    line alone is broken: one stray quote must not swallow the records that follow.
    """
    most = at + MAX_LINES_OF_A_RECORD
    reader = _reader((lines[i].decode() + "\n" for i in range(at, min(most, len(lines)))), dialect)
    try:
        fields = next(reader)
    except csv.Error as problem:
        if "unexpected end" in str(problem):
            return "unclosed_quote", len(lines) + 1 if most > len(lines) else at + 1
        return ("bad_quotes" if reader.line_num == 1 else "unclosed_quote"), at + 1
    if reader.line_num > 1 and len(fields) != len(dialect.columns):
        return "unclosed_quote", at + 1
    return fields, at + reader.line_num


def _read_one(text: str, dialect: Dialect) -> list[str]:
    """The fields of one record. Raises csv.Error for quotes that do not close or close too early."""
    return next(_reader([text], dialect), [])


def _reader(lines: Iterable[str], dialect: Dialect) -> "_csv.Reader":
    return csv.reader(
        lines, delimiter=dialect.separator, quotechar=dialect.quote, skipinitialspace=dialect.spaced, strict=True
    )


def _keep(
    fields: list[str], line: bytes, first: int, stop: int, width: int, mark: bytes, edits: list[Edit],
    broken: list[Broken], quote: str | None,
) -> None:  # fmt: skip
    """A record with the right number of fields, trailing empty ones left out of count; else it is broken."""
    while len(fields) > width and not fields[-1].strip():
        fields.pop()
    if len(fields) == width:
        edits.append(Edit(first, stop, mark.join(_written(field, mark, quote) for field in fields)))
        return
    broken.append(Broken(first, shown(line), "too_few_fields" if len(fields) < width else "too_many_fields"))
    edits.append(Edit(first, stop, None))


def _written(field: str, mark: bytes, quote: str | None) -> bytes:
    value = field.encode()
    if quote is None:
        return value
    sign = quote.encode()
    if sign in value or b"\n" in value or mark in value:
        return sign + value.replace(sign, sign + sign) + sign
    return value


def _parsed(
    lines: Lines, edits: list[Edit], columns: tuple[str, ...], mark: bytes, quote: str | None
) -> pl.DataFrame | None:
    """The lines, edited, as String columns; None when some have more fields than there are columns."""
    text = _edited(lines, edits)
    schema = dict.fromkeys(columns, pl.String())
    if not text:
        return pl.DataFrame(schema=schema)
    try:
        return pl.scan_csv(
            text, has_header=False, schema=schema, separator=mark.decode(),
            quote_char=quote if quote is not None and quote.encode() in text else None,
            missing_columns="insert", extra_columns="raise",
        ).collect()  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    except BaseException as problem:  # A Polars panic is no Exception.
        if type(problem).__name__ != "PanicException":
            raise
        return None


def _edited(lines: Lines, edits: list[Edit]) -> bytes:
    if not edits:
        return lines.text
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda e: e.first):
        pieces.append(lines.text[at : lines.starts[edit.first]])
        if edit.text is not None:
            pieces += [edit.text, b"\n"]
        at = int(lines.starts[edit.stop]) if edit.stop < len(lines) else len(lines.text)
    pieces.append(lines.text[at:])
    return b"".join(pieces)


def _kept_lines(count: int, edits: list[Edit]) -> npt.NDArray[np.int64]:
    """The line on which each record starts, from 0."""
    kept = np.ones(count, dtype=bool)
    for edit in edits:
        kept[edit.first : edit.stop] = False
        kept[edit.first] = edit.text is not None
    return np.flatnonzero(kept).astype(np.int64)


def _may_be_short(frame: pl.DataFrame) -> bool:
    """Whether a record may have too few fields, or be a blank line: then its last field is empty."""
    return bool(frame.to_series(frame.width - 1).null_count()) if frame.width else False


def _by_width(
    lines: Lines, edits: list[Edit], broken: list[Broken], dialect: Dialect, mark: bytes, quote: str | None
) -> tuple[list[Edit], list[Broken]]:
    """The edits and broken lines, and those that the number of fields makes odd."""
    width = len(dialect.columns)
    counted = unquoted_marks(lines, mark, quote)
    odd = counted != width - 1
    if mark.isspace():
        odd |= _only_marks(lines, counted)
    for edit in edits:
        odd[edit.first : edit.stop] = False
    more, told = list(edits), list(broken)
    for i in np.flatnonzero(odd).tolist():
        line = lines[i]
        if not line or line.isspace():
            more.append(Edit(i, i + 1, None))
        elif quote is not None and quote.encode() in line:
            _keep(_read_one(line.decode(), dialect), line, i, i + 1, width, mark, more, told, quote)
        else:
            _keep(line.decode().split(mark.decode()), line, i, i + 1, width, mark, more, told, quote)
    return more, told


def _only_marks(lines: Lines, counted: Index) -> npt.NDArray[np.bool_]:
    """Lines with a separator that is a blank itself, and with nothing else."""
    found = np.zeros(len(lines), dtype=bool)
    if len(lines):
        low = np.maximum.reduceat(lines.bytes, lines.starts) <= BLANK
        for i in np.flatnonzero(low & (counted > 0)).tolist():
            found[i] = lines[i].isspace()
    return found


def without_footer(raw: list[bytes], dialect: Dialect) -> int:
    """The number of lines without the footer: last lines of one field that read like one (`(3 rows)`, `Total: 12`), and
    lines of separators alone, as spreadsheets write them below a table."""
    end = len(raw)
    while end > dialect.skip:
        line = raw[end - 1].decode().strip()
        if line:
            cells = [cell.strip() for cell in line.split(dialect.mark) if cell.strip()]
            words = line.strip(dialect.mark + '" ')
            empty = not words and dialect.mark in line
            if DOWNLOADED.fullmatch(line):
                end -= 1
                continue
            if len(cells) > 1 or len(words) > LONGEST_FOOTER or not (empty or FOOTER.fullmatch(words)):
                break
        end -= 1
    return end if any(line.strip() for line in raw[end:]) else len(raw)


def shown(line: bytes) -> str:
    """A line as rejects show it."""
    return line[:200].decode("utf-8", errors="replace")
