"""English texts that keep the message of the catalogues and the values that they were made of."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
"""A value's place in a message: its name and, as in a format string, how English writes it."""


class Marked(str):
    """A text with its `message`, the message of several (`more`; None where nothing is counted) and its `values`: texts
    that may be marked themselves, numbers, days. What is counted is called `n`."""

    __slots__ = ("message", "more", "values")
    message: str
    more: str | None
    values: Mapping[str, Any]


def marked(message: str, /, **values: object) -> str:
    """The message with its values: says that it is shown somewhere, and so belongs into the catalogues. A number is
    written as the reader's language has it where the message says how: `{n:,}`, `{share:.0%}`, `{worth:,.2f}`,
    `{count:d}`, `{day:%Y-%m-%d}`; else as it stands, like a line or what is typed."""
    return _made(message, None, values)


def several(one: str, more: str, n: int, /, **values: object) -> str:
    """The message that fits the number, which stands in it as `{n}`, `{n:d}` or `{n:,}`."""
    return _made(one, more, {"n": n, **values})


def enumerated(texts: Sequence[str], joint: str = ", ") -> str:
    """Texts one after the other, each as it is marked."""
    named = {f"text{i}": text for i, text in enumerate(texts)}
    return marked(joint.join(f"{{{name}}}" for name in named), **named)


def both(texts: Sequence[str]) -> str:
    """Texts that are joined by `and`."""
    told = texts[0]
    for each in texts[1:]:
        told = marked("{one} and {other}", one=told, other=each)
    return told


def rewritten(text: str, change: Callable[[str], str]) -> str:
    """The text with its values changed; one that is not marked changed as a whole."""
    if not isinstance(text, Marked):
        return change(text)
    values = {k: rewritten(v, change) if isinstance(v, str) else v for k, v in text.values.items()}
    return _made(text.message, text.more, values)


def particulars(text: str) -> dict[str, Any]:
    """Message and values as JSON has them; nothing for a text that is not marked."""
    if not isinstance(text, Marked):
        return {}
    values = {name: _plain(value) for name, value in text.values.items()}
    return {"template": text.message, **({} if text.more is None else {"several": text.more}), "values": values}


def from_json(message: str, particulars: Mapping[str, Any]) -> str:
    """The text as it was marked; as it stands where the particulars are none of it."""
    try:
        text = _read(particulars)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return message
    return text if text == message else message


def _made(message: str, more: str | None, values: Mapping[str, object]) -> str:
    english = message if more is None or values["n"] == 1 else more
    text = Marked(english.format(**values) if values else english)
    text.message, text.more = message, more
    text.values = {name: _kept(value) for name, value in values.items()}
    return text


def _kept(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value  # numpy's numbers
    return value if isinstance(value, str | int | float | date) and not isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return particulars(value) or value
    return value.isoformat() if isinstance(value, date) else value


def _read(found: Mapping[str, Any]) -> str:
    days = set(_days(found["template"]))
    values = {
        name: _read(value) if isinstance(value, Mapping) else date.fromisoformat(value) if name in days else value
        for name, value in found["values"].items()
    }
    return _made(found["template"], found.get("several"), values)


def _days(message: str) -> Iterator[str]:
    yield from (name for name, how in FIELD.findall(message) if how.startswith("%"))
