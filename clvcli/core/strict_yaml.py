"""YAML without its traps: what a person reads is what the program gets, and every error knows its line and column.

Refused: duplicate keys, anchors, aliases, merge keys, tags, several documents, unquoted yes/no/on/off, 010, 1_000,
0x10, 1:30, .inf, days that do not exist; more than 256 KB or 20 levels. A date such as 2024-06-01 stays text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked

MAX_CHARACTERS = 262_144
MAX_DEPTH = 20

Path = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SWITCHES = re.compile(r"yes|no|on|off", re.IGNORECASE)
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = ("", "~", "null", "Null", "NULL")
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_TRAPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[-+]?0[0-9_]+"), marked("is octal in YAML")),
    (re.compile(r"[-+]?0[xXoObB][0-9a-fA-F_]+"), marked("is hexadecimal, octal or binary in YAML")),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"), marked("counts in sixties in YAML")),
    (re.compile(r"[-+]?[0-9][0-9.]*_[0-9_.]*"), marked("has an underscore in a number")),
    (re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)"), marked("is no finite number")),
    (re.compile(r"[-+]?[0-9]{19,}"), marked("is too long a number")),
)


@dataclass(frozen=True)
class Document:
    """One parsed file: plain dicts, lists, texts, numbers, booleans and None, and where each of them stands."""

    value: Any
    name: str
    marks: Mapping[Path, tuple[int, int]] = field(default_factory=dict, repr=False)

    def where(self, path: Path) -> str:
        """`rules.yaml:12:5`, the place of a key or an item; of what holds it when `path` leads nowhere."""
        known = next((path[:n] for n in range(len(path), -1, -1) if path[:n] in self.marks), ())
        line, column = self.marks.get(known, (1, 1))
        return f"{self.name}:{line}:{column}"


def load(text: str, name: str) -> Document:
    """Parses one strict document. `name` is the file's name in messages. Raises ConfigError with line, column, hint."""
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(
            marked("{place}: is longer than {max_characters} KB", place=name, max_characters=MAX_CHARACTERS // 1024),
            hint="is it the right file?",
        )
    reader = _Reader(name)
    try:
        value = reader.document(yaml.parse(text.removeprefix("\ufeff"), Loader=_LOADER))
    except yaml.reader.ReaderError as problem:
        raise reader.unreadable(text, problem.position) from None
    except yaml.MarkedYAMLError as problem:
        raise reader.broken(text, problem) from None
    except (yaml.YAMLError, UnicodeEncodeError, ValueError, IndexError):
        raise ConfigError(marked("{place}: is not YAML", place=name), hint="save it as UTF-8 text") from None
    return Document(value, name, reader.marks)


class _Reader:
    """Turns parser events into plain values; remembers where they stand."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.marks: dict[Path, tuple[int, int]] = {}

    def document(self, events: Iterator[Any]) -> Any:
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            return None
        if first.version or first.tags:
            raise self.error(first, "has a % directive in it", "remove the line")
        self.marks[()] = (1, 1)
        value = self.node(next(events), events, ())
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self.error(after, "has a second document after ---", "one document a file")
        return value

    def node(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            raise self.error(event, f"has an alias, *{event.anchor}", "write the text again")
        if event.anchor:
            raise self.error(event, f"has an anchor, &{event.anchor}", "remove it; text with & needs quotes")
        if event.tag is not None:
            raise self.error(event, f"has a tag, {event.tag}", "remove it; text with ! needs quotes")
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else self.plain(event)
        if len(path) >= MAX_DEPTH:
            raise self.error(event, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path)
        return self.mapping(events, path)

    def sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        result: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            here = (*path, len(result))
            self.marks[here] = _place(event)
            result.append(self.node(event, events, here))
        return result

    def mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if isinstance(event, yaml.AliasEvent):
                raise self.error(event, f"has an alias, *{event.anchor}", "write the text again")
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(event, "has a list or a mapping as a key", "text with [ or { needs quotes")
            if event.value == "<<" and not event.style:
                raise self.error(event, "has a merge key, <<", "write the keys again")
            key = self.node(event, events, path)
            if not isinstance(key, str):
                raise self.error(event, f"has a key that is no text: {_shown(event.value)}", "put it in quotes")
            here = (*path, key)
            if key in result:
                line, column = self.marks[here]
                raise self.error(
                    event, f"has the key {_shown(key)} twice (first at line {line}, column {column})", "remove one"
                )
            self.marks[here] = _place(event)
            result[key] = self.node(next(events), events, here)
        return result

    def plain(self, event: Any) -> str | int | float | bool | None:
        """What an unquoted scalar is."""
        text = event.value
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _SWITCHES.fullmatch(text):
            raise self.error(event, f"{text} may mean true or false in YAML", f'write "{text}", or true or false')
        if _WHOLE.fullmatch(text):
            return int(text)
        if trap := next((why for pattern, why in _TRAPS if pattern.fullmatch(text)), None):
            raise self.error(
                event,
                marked("{value} {trap}", value=_shown(text), trap=trap),
                marked('write "{value}" or another number', value=_shown(text)),
            )
        if _FLOAT.fullmatch(text):
            if abs(number := float(text)) == float("inf"):
                raise self.error(event, marked("{value} is too large a number", value=text))
            return number
        if _DATE.fullmatch(text):
            try:
                date.fromisoformat(text)
            except ValueError:
                raise self.error(
                    event, marked("{value} is no day of the calendar", value=text), marked("dates are YYYY-MM-DD")
                ) from None
        return str(text)

    def error(self, event: Any, message: str, hint: str | None = None) -> ConfigError:
        line, column = _place(event)
        return ConfigError(
            marked("{name}:{line}:{column}: {text}", name=self.name, line=line, column=column, text=message), hint=hint
        )

    def unreadable(self, text: str, position: int) -> ConfigError:
        before = text[:position]
        line, column = before.count("\n") + 1, position - before.rfind("\n")
        code = f"U+{ord(text[position]):04X}" if position < len(text) else "?"
        return ConfigError(
            marked(
                "{name}:{line}:{column}: has a control character, {code}",
                name=self.name,
                line=line,
                column=column,
                code=code,
            ),
            hint="save it as UTF-8 text",
        )

    def broken(self, text: str, problem: yaml.MarkedYAMLError) -> ConfigError:
        why = str(problem.problem or problem.context or "is not YAML")
        unclosed = "end of stream" in why
        mark = problem.context_mark if unclosed and problem.context_mark else problem.problem_mark
        if mark is None:
            return ConfigError(marked("{place}: is not YAML", place=self.name), hint="check quotes and indentation")
        lines = text.split("\n")
        if mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
            why = "tab"
        message, hint = next(((m, h) for words, m, h in _EXPLAINED if words in why), (why, _INDENTATION))
        return ConfigError(
            marked(
                "{name}:{line}:{column}: {text}",
                name=self.name,
                line=mark.line + 1,
                column=mark.column + 1,
                text=message,
            ),
            hint=hint,
        )


_INDENTATION = marked("check quotes and indentation on this line and the one before")
_EXPLAINED = (
    ("tab", marked("a tab in the indentation"), marked("indent with spaces")),
    ("mapping values", marked("a second colon in the line"), marked("put text with a colon in quotes")),
    ("cannot start any token", marked("a value cannot start with this sign"), marked("put the text in quotes")),
    ("end of stream", marked("a quote is not closed"), marked("close it")),
    (
        "nesting depth",
        marked("is nested deeper than {max_depth} levels", max_depth=MAX_DEPTH),
        marked("is it the right file?"),
    ),
    ("document start", marked("something stands after the end of the document"), marked("remove it")),
)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
