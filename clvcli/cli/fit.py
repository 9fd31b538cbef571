"""`clv fit`: see fit.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import show_list
from clvcli.core.options import FitOptions


def run(options: FitOptions, console: Console) -> None:
    """Fits, saves, and shows the parameters with their standard errors."""
    from clvcli.commands.fit import fit
    from clvcli.report.model_table import model_rows, model_table

    with console.working():
        done = fit(options, console.stage)
    if done.output != "-":
        rows = model_rows(done.model)
        show_list(options, console, rows, lambda: model_table(done.model), lambda: done.content)
    if "choice" in done.model:
        console.note(f"Chosen: {done.model['choice']['text']}")
    if done.output and done.output != "-":
        console.note(f"Model: {done.output}")
    console.warnings(done.notices)
