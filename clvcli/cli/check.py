"""`clv check`: see clvcli/commands/check.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import encoded, show_list
from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.core.options import CheckOptions


def run(options: CheckOptions, console: Console) -> None:
    """Shows what the log is, on stdout: it is what was asked for. Raises InputError when `clv score` would stop."""
    from clvcli.commands.check import check
    from clvcli.core.run_day import run_day
    from clvcli.report.check import check_page, check_rows

    with console.working():
        console.stage("reading")
        found = check(options, run_day())
    content = found.as_json()
    page = lambda: check_page(content, console.t, every_warning=options.verbose > 0)  # noqa: E731
    show_list(options, console, check_rows(content), page, lambda: encoded(content))
    if not found.usable:
        hint = marked("mend the records that are listed, or allow more with --max-rejects")
        raise InputError(found.reasons[0] if found.reasons else "no record is usable", hint=hint, code="no_used_record")
    if options.strict and found.warnings:
        first = found.warnings[0]
        raise InputError(
            marked("--strict: {text} ", text=first.message), hint="without --strict it is a warning", code=first.code
        )
