"""`clv compare`: see compare/job.py."""

from typing import TYPE_CHECKING

from clvcli.cli.console import Console
from clvcli.core.options import CompareOptions, HistoryOptions

if TYPE_CHECKING:
    from clvcli.commands.compare.job import Compared
    from clvcli.commands.compare.months import Series


def run(options: CompareOptions, console: Console) -> None:
    """Compares, shows what moved and what it brought."""
    from clvcli.commands.compare.job import compare

    with console.working():
        done = compare(options, console.stage)
    tell(done, options, console)


def tell(done: "Compared | Series", options: CompareOptions | HistoryOptions, console: Console) -> None:
    """The page of a comparison, or everything as JSON."""
    from clvcli.commands.compare.job import as_json
    from clvcli.output.sink import fill_stdout
    from clvcli.report.compare import page

    console.show(page(done))
    for notice in done.notices:
        console.warn(notice)
    if options.output and options.output != "-":
        console.note(f"Table: {options.output}")
    if options.json:
        content = as_json(done)
        fill_stdout(lambda sink: sink.write(content))
