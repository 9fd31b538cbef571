"""`clv economics`: see economics/job.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import placed, tell
from clvcli.core.options import EconomicsOptions


def run(options: EconomicsOptions, console: Console) -> None:
    """Shows what customers are worth, cost and keep."""
    from clvcli.commands.economics.document import as_json
    from clvcli.commands.economics.job import economics
    from clvcli.report.economics import page

    options = placed(options)
    with console.working():
        done = economics(options, console.stage)
    tell(options, console, lambda: page(done), lambda: as_json(done, options), done.notices)
