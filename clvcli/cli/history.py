"""`clv history`: see compare/months.py."""

from clvcli.cli.console import Console
from clvcli.core.options import HistoryOptions


def run(options: HistoryOptions, console: Console) -> None:
    """Scores the log at each step, shows the stages over time."""
    from clvcli.cli.compare import tell
    from clvcli.commands.compare.job import history

    with console.working():
        done = history(options, console.stage)
    tell(done, options, console)
