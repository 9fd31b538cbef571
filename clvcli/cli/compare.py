"""`clv compare`: see compare/job.py."""

from clvcli.cli.console import Console
from clvcli.core.options import CompareOptions


def run(options: CompareOptions, console: Console) -> None:
    """Compares, shows what moved and what it brought."""
    from clvcli.commands.compare.job import as_json, compare
    from clvcli.output.sink import fill_stdout
    from clvcli.report.compare import page

    with console.working():
        done = compare(options, console.stage)
    console.show(page(done))
    for notice in done.notices:
        console.warn(notice)
    if options.output and options.output != "-":
        console.note(f"Table: {options.output}")
    if options.json:
        content = as_json(done)
        fill_stdout(lambda sink: sink.write(content))
