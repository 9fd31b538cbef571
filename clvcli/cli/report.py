"""`clv report`: see report/files.py."""

from clvcli.cli.console import Console
from clvcli.core.options import ReportOptions


def run(options: ReportOptions, console: Console) -> None:
    """Writes the page or the charts and says where they are."""
    from clvcli.report.files import write_report

    with console.working() as working:
        working.stage("drawing")
        done = write_report(options)
    if done.output and done.output != "-":
        console.note(f"Report: {done.output}")
    if done.charts:
        console.note(f"Charts: {len(done.charts)} files in {options.charts}")
