"""`clv crosssell`: see crosssell/job.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import placed, tell
from clvcli.core.options import CrosssellOptions


def run(options: CrosssellOptions, console: Console) -> None:
    """Shows what comparable good customers buy that others do not."""
    from clvcli.commands.crosssell.document import as_json
    from clvcli.commands.crosssell.job import crosssell
    from clvcli.report.crosssell import page

    options = placed(options)
    with console.working():
        done = crosssell(options, console.stage)
    tell(options, console, lambda: page(done, options), lambda: as_json(done, options), done.notices)
    if options.output is None:
        console.note(f"Table: {done.outputs[0]}")
