"""Text from data, made safe to show on a terminal or a page."""


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """A number with its noun, in English: `1 customer`, `2,000 customers`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def printable(text: str) -> str:
    """`text` with every control character, escape and bidirectional mark replaced; line ends stay."""
    return "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
