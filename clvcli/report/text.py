"""What is shown to people as text: control characters of the data are replaced, blanks at line ends removed."""

from typing import TYPE_CHECKING

from clvcli.core.printable import printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

WIDTH = 100
"""Columns where there is no terminal and nothing says how many."""


class Printable:
    """What it holds, as a screen may show it: control characters of the data are replaced, styles stay."""

    def __init__(self, renderable: "RenderableType") -> None:
        self.renderable = renderable

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        for text, style, control in console.render(self.renderable, options):
            yield Segment(text if control else printable(text), style, control)


def text_on(screen: "Console", renderable: "RenderableType") -> str:
    """What the screen shows, without the blanks that fill up tables."""
    with screen.capture() as captured:
        screen.print(Printable(renderable))
    return "\n".join(line.rstrip() for line in captured.get().split("\n"))


def as_text(renderable: "RenderableType", width: int = WIDTH) -> str:
    """The same without a screen: plain text of at most `width` columns."""
    import io

    from rich.console import Console

    plain = Console(
        file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False, color_system=None,
        force_terminal=False, force_jupyter=False, _environ={},
    )  # fmt: skip
    return text_on(plain, renderable)
