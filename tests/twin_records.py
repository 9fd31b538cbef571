"""The slow twin of the record splitter: text -> records, a character at a time, from its rules. An oracle.

It shares no code with clvcli. Comma, double quote, `\\n`. The rules: a line is a record unless a quote that opens a
field stays open; then the record goes on, line by line, to where the quote is closed, if that gives the right number of
fields. What does not parse is a reject that owns its line, and the lines up to the one on which its open quote is
closed where that shows (see `extent`). Blank lines are nothing. Fields beyond the width count only when something is in
them.
"""

from dataclasses import dataclass, field

MOST_LINES, MOST_OF_A_BROKEN_ONE = 2000, 20
Fields = list[str]


@dataclass
class Split:
    """(first line, fields) of records and (first line, reason) of rejects; lines from 0."""

    records: list[tuple[int, Fields]] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)


class OpenError(Exception):
    """The text ends within quotes."""


class MisplacedError(Exception):
    """A closing quote that neither a comma nor the end follows."""


def split(text: str, width: int) -> Split:
    """Every line of the text has one owner."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    found, at = Split(), 0
    while at < len(lines):
        if not lines[at] or (lines[at].isspace() and '"' not in lines[at]):
            at += 1
            continue
        at = _one(lines, at, width, found)
    return found


def _one(lines: list[str], at: int, width: int, found: Split) -> int:
    """Takes the record of line `at`; the line after it."""
    if "\0" in lines[at]:
        found.rejects.append((at, "nul_byte"))
        return extent(lines, at)
    try:
        fields, stop = _record(lines, at)
    except OpenError:
        found.rejects.append((at, "unclosed_quote"))
        return extent(lines, at)
    except MisplacedError:
        found.rejects.append((at, "bad_quotes"))
        return extent(lines, at)
    if stop > at + 1:
        if len(fields) != width:
            found.rejects.append((at, "unclosed_quote"))
            return extent(lines, at)
        if any("\0" in line for line in lines[at:stop]):
            found.rejects.append((at, "nul_byte"))
            return stop
    elif _shifted(lines[at]):
        found.rejects.append((at, "bad_quotes"))
        return extent(lines, at)
    while len(fields) > width and not fields[-1].strip():
        fields.pop()
    if len(fields) == width:
        found.records.append((at, fields))
    else:
        found.rejects.append((at, "too_few_fields" if len(fields) < width else "too_many_fields"))
    return stop


def _record(lines: list[str], at: int) -> tuple[Fields, int]:
    """The fields of the record that begins on line `at`, and the line after it. Raises OpenError where it never ends,
    or not within reason, or ends in nonsense on a later line."""
    for stop in range(at + 1, min(len(lines), at + MOST_LINES) + 1):
        try:
            return [text for text, _ in parse("\n".join(lines[at:stop]))], stop
        except OpenError:
            continue
        except MisplacedError:
            if stop == at + 1:
                raise
            raise OpenError from None
    raise OpenError


def parse(text: str) -> list[tuple[str, bool]]:
    """(field, whether it is quoted) of one record."""
    fields, i = [], 0
    while True:
        value = ""
        quoted = i < len(text) and text[i] == '"'
        if quoted:
            i += 1
            while True:
                if i >= len(text):
                    raise OpenError
                if text[i] == '"':
                    if text[i + 1 : i + 2] != '"':
                        break
                    i += 1
                value += text[i]
                i += 1
            i += 1
            if i < len(text) and text[i] != ",":
                raise MisplacedError
        else:
            while i < len(text) and text[i] != ",":
                value += text[i]
                i += 1
        fields.append((value, quoted))
        if i >= len(text):
            return fields
        i += 1


def _shifted(line: str) -> bool:
    """Half a pair of quotes within an unquoted field, the first with something right behind it, and another half at the
    end of a later unquoted one."""
    halves = [value for value, quoted in parse(line) if not quoted and value.count('"') % 2]
    for i, value in enumerate(halves):
        for j, sign in enumerate(value):
            if sign == '"' and value[j + 1 : j + 2].strip():
                return any(other.endswith('"') for other in halves[i + 1 :])
    return False


def extent(lines: list[str], at: int) -> int:
    """The line after a broken record: behind the next line with a quote, if that one is near and closes one, and does
    not open another; else the next line."""
    if lines[at].count('"') % 2 == 0:
        return at + 1
    for i in range(at + 1, min(len(lines), at + MOST_OF_A_BROKEN_ONE + 1)):
        place = lines[i].find('"')
        if place < 0:
            continue
        begins = place == 0 or lines[i][place - 1] == ","
        ends = place + 1 == len(lines[i]) or lines[i][place + 1] == ","
        return i + 1 if ends and not begins and lines[i].count('"') % 2 else at + 1
    return at + 1
