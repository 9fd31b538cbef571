"""`clv score`: see pipeline.score."""

from clvcli.cli.console import Console
from clvcli.options import ScoreOptions


def run(options: ScoreOptions, console: Console) -> None:
    """Scores a log and shows the summary."""
    print(options)
