"""`clv crosssell`: see crosssell/job.py."""

from clvcli.cli.console import Console
from clvcli.core.options import CrosssellOptions


def run(options: CrosssellOptions, console: Console) -> None:
    """Compares, shows, prints everything where --json asks."""
    from clvcli.commands.crosssell.document import as_json
    from clvcli.commands.crosssell.job import crosssell
    from clvcli.output.sink import fill_stdout
    from clvcli.report.crosssell import page

    with console.working():
        done = crosssell(options, console.stage)
    console.show(page(done, options))
    for notice in done.notices:
        console.warn(notice)
    if options.output and options.output != "-":
        console.note(f"Table: {options.output}")
    if options.json:
        content = as_json(done, options)
        fill_stdout(lambda sink: sink.write(content))
