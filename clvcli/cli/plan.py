"""`clv plan`: see plan/job.py."""

from clvcli.cli.console import Console
from clvcli.core.options import PlanOptions


def run(options: PlanOptions, console: Console) -> None:
    """Plans, and shows the calendar in figures."""
    from clvcli.commands.plan.job import as_json, plan
    from clvcli.output.sink import fill_stdout
    from clvcli.report.plan import page

    with console.working():
        done = plan(options, console.stage)
    if options.json:
        content = as_json(done)
        fill_stdout(lambda sink: sink.write(content))
    elif done.output != "-":
        console.page(page(done, console.t.priced(done.currency)))
    if done.output != "-":
        console.note(console.t("Calendar: {path}", path=done.output or ""))
    console.warnings(done.notices)
