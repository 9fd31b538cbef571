"""Small drawings of a terminal, in letters: bars and sparklines."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

EIGHTHS = " ▏▎▍▌▋▊▉█"
TICKS = "▁▂▃▄▅▆▇█"
ASCII_TICKS = "_.:-=+*#"


def ascii_only(console: Console) -> bool:
    """Whether the screen shows nothing but ASCII."""
    return not console.encoding.lower().startswith("utf")


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """A bar of `width` cells at share 1, in eighths of a cell."""
    if ascii_only:
        return "#" * round(share * width)
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")


def sparkline(values: Sequence[float], *, top: float | None = None, ascii_only: bool = False) -> str:
    """Values as a line of ticks from 0 to `top` (default: the largest)."""
    ticks, highest = ASCII_TICKS if ascii_only else TICKS, max(values, default=0.0) if top is None else top
    return "".join(ticks[max(0, min(7, int(v / highest * 8)))] if highest > 0 else ticks[0] for v in values)


class Sparkline:
    """A sparkline that fits its place: of more values than cells, the last of each equal part is drawn."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = list(values)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(8, len(self.values)), max(1, len(self.values)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        n, cells = len(self.values), max(1, min(len(self.values), options.max_width))
        drawn = [self.values[(i + 1) * n // cells - 1] for i in range(cells)] if n else []
        top = max(self.values, default=0.0)
        yield Text(sparkline(drawn, top=top, ascii_only=ascii_only(console)), no_wrap=True)
