"""`clv history`: see compare/months.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import placed, tell
from clvcli.core.options import HistoryOptions


def run(options: HistoryOptions, console: Console) -> None:
    """Scores the log at each step, shows the stages over time."""
    from clvcli.commands.compare.job import as_json, history
    from clvcli.report.compare import page

    options = placed(options)
    with console.working():
        done = history(options, console.stage)
    tell(options, console, lambda: page(done), lambda: as_json(done), done.notices)
