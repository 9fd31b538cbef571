"""`clv fit`: see fit.py."""

from clvcli.cli.console import Console
from clvcli.core.options import FitOptions


def run(options: FitOptions, console: Console) -> None:
    """Fits, saves, and shows the parameters with their standard errors."""
    from clvcli.commands.fit import fit
    from clvcli.report.model_table import model_table

    with console.working():
        done = fit(options, console.stage)
    for notice in done.notices:
        console.warn(notice)
    console.show(model_table(done.model))
    if "choice" in done.model:
        console.note(f"Chosen: {done.model['choice']['text']}")
    if done.output:
        console.note(f"Model: {done.output}")
    if options.json:
        import sys

        sys.stdout.buffer.write(done.content)
