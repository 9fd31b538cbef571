"""`clv backtest`: see backtest/job.py."""

from clvcli.cli.console import Console
from clvcli.core.options import BacktestOptions


def run(options: BacktestOptions, console: Console) -> None:
    """Judges, shows the table and the verdict."""
    import sys

    from clvcli.commands.backtest.job import backtest
    from clvcli.report.backtest_table import backtest_page

    with console.working():
        done = backtest(options, console.stage)
    if options.json:
        sys.stdout.buffer.write(done.encoded)
        sys.stdout.buffer.flush()
    elif done.output != "-":
        console.page(backtest_page(done.content))
    for notice in done.notices:
        if notice.code != "heuristic_wins":  # the verdict has said so
            console.warn(notice)
    if done.output and done.output != "-":
        console.note(f"Backtest: {done.output}")
