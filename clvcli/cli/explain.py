"""`clv explain`: see clvcli/commands/explain."""

from clvcli.cli.console import Console
from clvcli.cli.results import encoded, show_list
from clvcli.core.options import ExplainOptions


def run(options: ExplainOptions, console: Console) -> None:
    """Explains one customer on stdout: it is what was asked for."""
    from clvcli.commands.explain import explain
    from clvcli.report.explain import explanation_page, explanation_rows

    with console.working():
        found = explain(options, console.stage)
    rows = explanation_rows(found)
    show_list(options, console, rows, lambda: explanation_page(found), lambda: encoded(found.as_json()))
