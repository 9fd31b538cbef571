"""A chart as SVG: in the page, as wide as its column and in the page's colours; or as a file, in light colours."""

from collections.abc import Callable, Sequence

from clvcli.report.charts.marks import Box, Chart, Curve, Dot, Mark, Points, Rule, Words
from clvcli.report.palette import PALETTE, light

FONTS = "Arial, Helvetica, 'Liberation Sans', Arimo, sans-serif"
WIDTH = 720
"""Pixels of a chart in a file of its own."""
STEP = 8
"""Room beside a plot is a multiple of this, so that the style sheet can name all of them."""
MOST, MOST_LEAST, NARROWEST = 240, 1200, 160
_WIDE = 1000


def styles(colour: Callable[[str], str] = "var(--{})".format) -> str:
    """The rules that drawings need; `colour`: how a colour of the palette is written."""
    return (
        "".join(f".f-{name}{{fill:{colour(name)}}}.l-{name}{{stroke:{colour(name)}}}" for name in PALETTE)
        + ".l{fill:none;stroke-width:2.5;stroke-linejoin:round}"
        + ".d{stroke-dasharray:6 4}"
    )


def room_styles() -> str:
    """The rules for the room beside a plot in a page, and for its least width."""
    steps = range(0, MOST + 1, STEP)
    beside = "".join(f".s{n}{{margin-inline-start:{n}px}}.e{n}{{margin-inline-end:{n}px}}" for n in steps)
    return beside + "".join(f".m{n}{{min-width:{n}px}}" for n in range(0, MOST_LEAST + 1, 10 * STEP))


def for_page(chart: Chart, label: str, *, rtl: bool = False) -> str:
    """The chart to stand in the page; `label` is for those who cannot see it; rtl: mirrored."""
    start, end = (_up(n, STEP, MOST) for n in (chart.start, chart.end))
    least = f" m{_up(chart.least, 10 * STEP, MOST_LEAST)}" if chart.least > NARROWEST else ""
    inner = _marks(chart.marks, chart.height, rtl=rtl)
    told = f'role="img" aria-label="{_escaped(label)}"'
    drawn = f'<svg {told} width="100%" height="{chart.height}" overflow="visible">{inner}</svg>'
    plot = f'<div class="plot s{start} e{end}{least}">{drawn}</div>'
    scrolled = f'<div class="scroll" role="group" tabindex="0" aria-label="{_escaped(label[:60])}">{plot}</div>'
    return scrolled if least else plot


def for_file(chart: Chart, label: str, *, rtl: bool = False) -> bytes:
    """The chart as a file of its own, WIDTH pixels wide, in light colours on white."""
    before, after = (chart.end, chart.start) if rtl else (chart.start, chart.end)
    size = f'width="{WIDTH}" height="{chart.height}"'
    flow = ' direction="rtl"' if rtl else ""
    inner = _marks(chart.marks, chart.height, rtl=rtl)
    place = f'x="{before}" width="{WIDTH - before - after}" height="{chart.height}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {chart.height}" role="img"'
        f' font-family="{FONTS}"{flow}><title>{_escaped(label)}</title><style>{styles(light)}</style>'
        f'<rect width="100%" height="100%" fill="{light("paper")}"/>'
        f'<svg {place} overflow="visible">{inner}</svg></svg>\n'
    ).encode()


def _marks(marks: Sequence[Mark], height: int, *, rtl: bool) -> str:
    return "".join(_mark(mark, height, rtl=rtl) for mark in marks)


def _mark(mark: Mark, height: int, *, rtl: bool) -> str:
    if isinstance(mark, Box):
        low = 1 - mark.high if rtl else mark.low
        place = f'x="{_share(low)}" width="{_share(mark.high - mark.low)}" y="{_px(mark.top)}"'
        return f'<rect {place} height="{_px(mark.bottom - mark.top)}" class="f-{mark.colour}"/>'
    if isinstance(mark, Rule):
        ends = "".join(f' {n}="{_share(_at(v, rtl=rtl))}"' for n, v in (("x1", mark.low), ("x2", mark.high)))
        tall = f'y1="{_px(mark.top)}" y2="{_px(mark.bottom)}"'
        thick = f' stroke-width="{mark.width:g}"' if mark.width != 1 else ""
        return f'<line{ends} {tall}{thick} class="l-{mark.colour}"/>'
    if isinstance(mark, Dot):
        return f'<circle cx="{_share(_at(mark.x, rtl=rtl))}" cy="{_px(mark.y)}" r="3.5" class="f-{mark.colour}"/>'
    if isinstance(mark, Curve):
        return _curve(mark, height, rtl=rtl)
    return _words(mark, rtl=rtl)


def _curve(mark: Curve, height: int, *, rtl: bool) -> str:
    """Paths know no shares of a width: they stand in a drawing of their own that is stretched across."""
    look, steady = f"f-{mark.colour}", ""
    if not mark.filled:
        look, steady = f"l l-{mark.colour}{' d' if mark.dash else ''}", ' vector-effect="non-scaling-stroke"'
    stretched = f'viewBox="0 0 {_WIDE} {height}" width="100%" height="{height}" preserveAspectRatio="none"'
    return f'<svg {stretched}><path d="{_path(mark.points, rtl=rtl)}" class="{look}"{steady}/></svg>'


def _path(points: Points, *, rtl: bool) -> str:
    return "M" + "L".join(f"{_px(_at(x, rtl=rtl) * _WIDE)} {_px(y)}" for x, y in points)


def _words(mark: Words, *, rtl: bool) -> str:
    """`start` is where reading begins: in a page from right to left that is the right side, for the browser too."""
    down, shift = mark.y + 0.35 * mark.size, -mark.shift if rtl else mark.shift
    anchor = {"start": "end", "end": "start"}.get(mark.anchor, mark.anchor) if mark.turned and rtl else mark.anchor
    look = f'font-size="{mark.size}" class="f-{mark.colour}"' + (
        f' text-anchor="{anchor}"' if anchor != "start" else ""
    )
    square = f'<tspan class="f-{mark.key}">{"╍" if mark.dash else "■"} </tspan>' if mark.key else ""
    x, said = _share(_at(mark.x, rtl=rtl)), square + _escaped(mark.said)
    if mark.turned:
        turn = f"translate({_px(0.35 * mark.size)},{_px(mark.y)}) rotate(-90)"
        return f'<svg x="{x}" overflow="visible"><text transform="{turn}" {look}>{said}</text></svg>'
    look = look.replace('class="', 'class="spare ') if mark.spare else look
    moved = f' dx="{_px(shift)}"' if shift else ""
    return f'<text x="{x}" y="{_px(down)}"{moved} {look}>{said}</text>'


def _at(share: float, *, rtl: bool) -> float:
    return 1 - share if rtl else share


def _share(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%" if share else "0"


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _up(value: int, step: int, most: int) -> int:
    return min(-(-value // step) * step, most)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").strip()
