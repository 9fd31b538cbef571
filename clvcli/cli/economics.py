"""`clv economics`: see economics/job.py."""

from clvcli.cli.console import Console
from clvcli.core.options import EconomicsOptions


def run(options: EconomicsOptions, console: Console) -> None:
    """Computes, shows, prints every figure where --json asks."""
    from clvcli.commands.economics.document import as_json
    from clvcli.commands.economics.job import economics
    from clvcli.output.sink import fill_stdout
    from clvcli.report.economics import page

    with console.working():
        done = economics(options, console.stage)
    console.show(page(done))
    for notice in done.notices:
        console.warn(notice)
    if options.output and options.output != "-":
        console.note(f"Table: {options.output}")
    if options.json:
        content = as_json(done, options)
        fill_stdout(lambda sink: sink.write(content))
