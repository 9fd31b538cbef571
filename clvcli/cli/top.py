"""`clv top`: see top/job.py."""

from clvcli.cli.console import Console
from clvcli.core.options import TopOptions


def run(options: TopOptions, console: Console) -> None:
    """Chooses, and prints the customers on stdout."""
    from clvcli.commands.top.job import as_csv, as_json, top
    from clvcli.output.sink import fill_stdout
    from clvcli.report.top import markdown, page

    with console.working():
        found = top(options, console.stage)
    t = console.t.priced(found.currency)
    if options.result_format == "text":
        console.page(page(found, t))
        console.warnings(found.notices)
        return
    makers = {"csv": lambda: as_csv(found), "json": lambda: as_json(found, options)}
    content = makers.get(options.result_format, lambda: markdown(found, t).encode())()
    fill_stdout(lambda sink: sink.write(content))
    console.warnings(found.notices)
