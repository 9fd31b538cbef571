"""`clv fit`: see fit.py."""

import sys

from clvcli.cli.console import Console
from clvcli.core.options import FitOptions


def run(options: FitOptions, console: Console) -> None:
    """Fits, saves, and shows the parameters with their standard errors."""
    from clvcli.commands.fit import fit
    from clvcli.report.model_table import model_table

    with console.working():
        done = fit(options, console.stage)
    if options.json:
        sys.stdout.buffer.write(done.content)
        sys.stdout.buffer.flush()
    elif done.output != "-":
        console.page(model_table(done.model))
    for notice in done.notices:
        console.warn(notice)
    if "choice" in done.model:
        console.note(f"Chosen: {done.model['choice']['text']}")
    if done.output and done.output != "-":
        console.note(f"Model: {done.output}")
