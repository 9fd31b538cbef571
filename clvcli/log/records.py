"""The exact path: text -> records with the line they start on; what is no record of the table is set aside.

Well-formed records are handed on in plain comma-separated form, so that Polars parses them as it parses a clean file.
"""

import csv
import re
from dataclasses import dataclass

from clvcli.log.dialect import BLANKS, Dialect

MAX_LINES_OF_A_RECORD = 2000
LONGEST_FOOTER = 200
FOOTER = re.compile(
    r"\W*(\d+\s+(rows?|records?|zeilen|lignes|filas)\b.*|[-=_*#]{3,}|"
    r"(total|totals|sum|summe|grand total|end|eof|count|rows?|records?|the end)\b.*|"
    r"(exported|generated|report|page|source|copyright|confidential)\b.*)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Broken:
    """A record that has no place in the table: wrong number of fields, a quote that never ends, a NUL."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True)
class Records:
    """`rows[i]` is a record without line end in the form of `separator`; it starts on line `lines[i]`, counted from
    1. `footer` counts the lines below the table that are not blank."""

    rows: list[bytes]
    lines: list[int]
    broken: list[Broken]
    separator: bytes
    footer: int


def split(text: bytes, dialect: Dialect, *, part: bool = False) -> Records:
    """Cuts UTF-8 text with `\\n` line ends into records. Blank lines are no records; neither is a footer.

    `part`: it is some lines of a file, without its preamble, header and footer.
    """
    raw = text.split(b"\n")
    width = len(dialect.columns)
    end = len(raw) if part else without_footer(raw, dialect)
    separator = b"\t" if dialect.separator == BLANKS else dialect.separator.encode()
    blanks = dialect.separator == BLANKS
    quote = None if blanks or dialect.quote is None else dialect.quote.encode()
    rows: list[bytes] = []
    lines: list[int] = []
    broken: list[Broken] = []
    wanted = width - 1
    at = 0 if part else dialect.skip
    while at < end:
        line, number = raw[at], at + 1
        at += 1
        if not line or line.isspace():
            continue
        if blanks:
            line = separator.join(line.split())
        if b"\0" in line:
            broken.append(Broken(number, _shown(line), "nul_byte"))
        elif quote is not None and quote in line:
            fields, at = _quoted(raw, at - 1, end, dialect, quote)
            _keep(fields, line, number, width, separator, rows, lines, broken)
        elif line.count(separator) == wanted and b'"' not in line:
            rows.append(line)
            lines.append(number)
        else:
            _keep(line.decode().split(separator.decode()), line, number, width, separator, rows, lines, broken)
    return Records(rows, lines, broken, separator, sum(not line.isspace() for line in raw[end:] if line))


def _keep(
    fields: list[str] | str,
    line: bytes,
    number: int,
    width: int,
    separator: bytes,
    rows: list[bytes],
    lines: list[int],
    broken: list[Broken],
) -> None:
    """A record with the right number of fields, trailing empty ones left out of count; else it is broken."""
    if isinstance(fields, str):
        broken.append(Broken(number, _shown(line), fields))
        return
    while len(fields) > width and not fields[-1].strip():
        fields.pop()
    if len(fields) != width:
        broken.append(Broken(number, _shown(line), "too_few_fields" if len(fields) < width else "too_many_fields"))
        return
    rows.append(separator.join(_written(field, separator) for field in fields))
    lines.append(number)


def _written(field: str, separator: bytes) -> bytes:
    value = field.encode()
    if b'"' in value or b"\n" in value or separator in value:
        return b'"' + value.replace(b'"', b'""') + b'"'
    return value


def _quoted(raw: list[bytes], at: int, end: int, dialect: Dialect, quote: bytes) -> tuple[list[str] | str, int]:
    """Fields of the record that starts on line `at`, and the line after it.

    A quote that stays open takes the following lines in, but only if that ends in a record of the right width; else the
    line alone is broken: one stray quote must not swallow the records that follow.
    """
    last = min(end, at + MAX_LINES_OF_A_RECORD)
    following = at + 1
    while True:
        try:
            fields = _read_one(b"\n".join(raw[at:following]).decode(), dialect)
        except csv.Error as problem:
            if "unexpected end" not in str(problem):
                return ("bad_quotes" if following == at + 1 else "unclosed_quote"), at + 1
            # Only a line with a quote can close the open one.
            following = next((i + 1 for i in range(following, last) if quote in raw[i]), last + 1)
            if following > last:
                return "unclosed_quote", at + 1
            continue
        if following > at + 1 and len(fields) != len(dialect.columns):
            return "unclosed_quote", at + 1
        return fields, following


def _read_one(text: str, dialect: Dialect) -> list[str]:
    """The fields of one record. Raises csv.Error for quotes that do not close or close too early."""
    reader = csv.reader(
        [text], delimiter=dialect.separator, quotechar=dialect.quote, skipinitialspace=dialect.spaced, strict=True
    )
    return next(reader)


def without_footer(raw: list[bytes], dialect: Dialect) -> int:
    """The number of lines without the footer: last lines of one field that read like one (`(3 rows)`, `Total: 12`), and
    lines of separators alone, as spreadsheets write them below a table."""
    end = len(raw)
    while end > dialect.skip:
        line = raw[end - 1].decode().strip()
        if line:
            cells = [cell.strip() for cell in line.split(dialect.separator) if cell.strip()]
            words = line.strip(dialect.separator + '" ')
            empty = not words and dialect.separator in line
            if len(cells) > 1 or len(words) > LONGEST_FOOTER or not (empty or FOOTER.fullmatch(words)):
                break
        end -= 1
    return end if any(line.strip() for line in raw[end:]) else len(raw)


def _shown(line: bytes) -> str:
    return line[:200].decode("utf-8", errors="replace")
