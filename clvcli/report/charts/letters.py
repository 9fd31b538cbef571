"""How wide words are, near enough to leave room for them: nothing here reads a font."""

from unicodedata import combining, east_asian_width

NARROW = frozenset("iljtfrI.,:;'|!()[] ")
BROAD = frozenset("mwMWЖШЩЮЫФ@%€")
WIDEST = frozenset("سشصض")


def width_of(text: str, size: int) -> float:
    """Pixels that a text takes in a common sans serif, rather too many than too few."""
    return size * sum(map(_share, text))


def _share(letter: str) -> float:
    if combining(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return 1.0
    if letter in NARROW:
        return 0.4
    if letter in WIDEST:
        return 1.2
    return 1.0 if letter in BROAD else 0.76 if letter.isupper() else 0.63


def wrapped(text: str, size: int, room: float) -> list[str]:
    """The text in lines of at most `room` pixels, broken at blanks; a longer word is broken within. Nothing is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        for part in _parts(word, size, room):
            longer = f"{line} {part}" if line else part
            if line and width_of(longer, size) > room:
                lines.append(line)
                line = part
            else:
                line = longer
    return [*lines, line] if line else lines or [""]


def _parts(word: str, size: int, room: float) -> list[str]:
    parts, part = [], ""
    for letter in word:
        if part and width_of(part + letter, size) > room:
            parts.append(part)
            part = ""
        part += letter
    return [*parts, part] if part else parts
