"""`clv explain`: see clvcli/commands/explain."""

from clvcli.cli.console import Console
from clvcli.cli.results import encoded, show_list
from clvcli.core.options import ExplainOptions


def run(options: ExplainOptions, console: Console) -> None:
    """Explains one customer on stdout: it is what was asked for."""
    from clvcli.commands.explain import explain
    from clvcli.output import Outputs
    from clvcli.report.explain import explanation_page, explanation_rows

    files = {name: path for name, path in (("page", options.html), ("picture", options.svg)) if path}
    with Outputs(files, [path for path in options.data if isinstance(path, str)], log_file=options.log_file) as outputs:
        with console.working():
            found = explain(options, console.stage)
        t = console.t.priced(found.currency)
        if files:
            from clvcli.report import explain_picture

            for role in files:
                content = getattr(explain_picture, role)(found, t)
                outputs.write(role, lambda sink, content=content: sink.write(content))  # type: ignore[misc]
            outputs.commit()
    rows = explanation_rows(found)
    show_list(options, console, rows, lambda: explanation_page(found, t), lambda: encoded(found.as_json()))
