"""Data as text: what a terminal or a page may show of it."""


def printable(text: str) -> str:
    """`text` without control characters, escapes and bidirectional marks: each becomes a replacement character."""
    return "".join(
        c if c == "\n" or (c.isprintable() and not "\u202a" <= c <= "\u202e" and not "\u2066" <= c <= "\u2069") else "�"
        for c in text
    )
