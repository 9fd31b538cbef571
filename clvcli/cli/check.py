"""`clv check`: see clvcli/commands/check.py."""

import json
import sys

from clvcli.cli.console import Console
from clvcli.core.errors import InputError
from clvcli.core.options import CheckOptions


def run(options: CheckOptions, console: Console) -> None:
    """Shows what the log is, on stdout: it is what was asked for. Raises InputError when `clv score` would stop."""
    from clvcli.commands.check import check
    from clvcli.core.run_day import run_day
    from clvcli.report.check import check_page

    with console.working():
        console.stage("reading")
        found = check(options, run_day())
    if options.json:
        sys.stdout.write(json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n")
        sys.stdout.flush()
    else:
        console.page(check_page(found.as_json()))
    if not found.usable:
        hint = "mend the records that are listed, or allow more with --max-rejects"
        raise InputError(found.reasons[0] if found.reasons else "no record is usable", hint=hint)
    if options.strict and found.warnings:
        first = found.warnings[0]
        raise InputError(f"--strict: {first.message} [{first.code}]", hint="without --strict it is a warning")
