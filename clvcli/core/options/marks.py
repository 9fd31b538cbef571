"""Single characters that an option names: as such, by name, or by number where they cannot be typed."""

import re

from clvcli.core.language import marked

BLANKS = "blanks"
"""Runs of blanks, as a separator."""
NONE = "none"
NAMED = {
    "comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " ", "caret": "^", "colon": ":",
    "apostrophe": "'", "quote": '"', "backslash": "\\", r"\t": "\t", BLANKS: BLANKS,
}  # fmt: skip


def mark_of(text: str) -> str:
    """The character. Raises ValueError where it cannot separate, quote or escape fields."""
    found = NAMED.get(text.lower(), text)
    if number := re.fullmatch(r"\\x([0-9a-fA-F]{2})|\\([0-7]{3})|\^([A-Z])", text):
        found = chr(int(number[1], 16) if number[1] else int(number[2], 8) if number[2] else ord(number[3]) - 64)
    if found != BLANKS and (len(found) != 1 or not found.isascii() or found.isalnum() or found in "\r\n\0"):
        raise ValueError(marked(r"is one ASCII character that is no letter or digit, \x01, or a name like tab or pipe"))
    return found


def a_separator(text: str) -> None:
    mark_of(text)


def a_quote(text: str) -> None:
    if text != NONE and mark_of(text) in (BLANKS, " "):
        raise ValueError(marked("is one character, or {none}", none=NONE))


def an_escape(text: str) -> None:
    if mark_of(text) in (BLANKS, " "):
        raise ValueError(marked("is one character, like backslash"))


def a_count(text: str) -> None:
    if not 0 <= int(text) <= 10_000:
        raise ValueError(marked("is a whole number from 0 to 10000"))
