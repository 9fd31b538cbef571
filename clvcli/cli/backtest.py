"""`clv backtest`: see backtest/job.py."""

from clvcli.cli.console import Console
from clvcli.cli.results import show_list
from clvcli.core.options import BacktestOptions


def run(options: BacktestOptions, console: Console) -> None:
    """Judges, shows the table and the verdict."""
    from clvcli.commands.backtest.job import backtest
    from clvcli.report.backtest_table import backtest_page, backtest_rows

    with console.working():
        done = backtest(options, console.stage)
    if done.output != "-":
        rows = backtest_rows(done.content)
        show_list(options, console, rows, lambda: backtest_page(done.content), lambda: done.encoded)
    if done.output and done.output != "-":
        console.note(f"Backtest: {done.output}")
    console.warnings([notice for notice in done.notices if notice.code != "heuristic_wins"])  # the verdict has said so
