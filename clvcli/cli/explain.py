"""`clv explain`: see clvcli/commands/explain."""

import json
import sys

from clvcli.cli.console import Console
from clvcli.core.options import ExplainOptions


def run(options: ExplainOptions, console: Console) -> None:
    """Explains one customer on stdout: it is what was asked for."""
    from clvcli.commands.explain import explain
    from clvcli.report.explain import explanation_page

    with console.working():
        found = explain(options, console.stage)
    if options.json:
        sys.stdout.write(json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return
    console.page(explanation_page(found))
