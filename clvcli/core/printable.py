"""Text from data, made safe to show on a terminal or a page."""


def printable(text: str) -> str:
    """`text` with every control character, escape and bidirectional mark replaced; line ends stay."""
    return "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
