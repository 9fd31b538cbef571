"""Draws the summary of the demo as an SVG: `python tests/picture.py FILE.svg`. No fonts or addresses from elsewhere."""

import io
import json
import sys
from pathlib import Path

import readme
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from clvcli.report.terminal import summary

SCORE = "score sample_data/transactions.csv --customers sample_data/customers.csv -o scored.csv"
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img"
 aria-label="clv score on a terminal: customers, value and share of each stage">
<style>.{unique_id}-matrix {{font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px}}
{styles}</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#0c0c0c"/>
<g transform="translate({terminal_x}, 16)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def drawn() -> str:
    """The SVG: the command line and what it says at 100 columns."""
    folder = readme.demo_folder()
    readme.command(*SCORE.split(), "-q", cwd=folder)
    manifest = json.loads((folder / "scored.csv.run.json").read_text(encoding="utf-8"))
    screen = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    screen.print(Text(f"$ clv {SCORE}", style="bold green"))
    screen.print(summary(manifest))
    return screen.export_svg(title="", theme=MONOKAI, code_format=FRAME, unique_id="clv")


def main() -> None:
    Path(sys.argv[1]).write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
