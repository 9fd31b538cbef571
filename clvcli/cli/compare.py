"""`clv compare`: see compare/job.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import placed, tell
from clvcli.core.options import CompareOptions


def run(options: CompareOptions, console: Console) -> None:
    """Compares, shows what moved and what it brought."""
    from clvcli.commands.compare.job import as_json, compare
    from clvcli.report.compare import page

    options = placed(options)
    with console.working():
        done = compare(options, console.stage)
    tell(options, console, lambda: page(done), lambda: as_json(done), done.notices)
