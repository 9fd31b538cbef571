"""The page of a run, from its manifest."""

from collections.abc import Mapping
from typing import Any

from clvcli.api.data import path_of
from clvcli.api.options import options_from
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import ReportOptions
from clvcli.output import Outputs
from clvcli.report.backtest_file import read_backtest
from clvcli.report.edition import edition_of
from clvcli.report.html import page


def page_of(manifest: Mapping[str, Any], path: Any, given: Mapping[str, Any]) -> str:
    """The whole page, written to `path` where there is one. Raises UsageError, InputError, OutputError."""
    wrong = sorted({"output", "charts", "table_manifest"} & given.keys())
    if wrong:
        raise UsageError(
            marked("{place}: the page of a run is made of the run", place=wrong[0]), hint="run.report(path)"
        )
    options = options_from(ReportOptions, given, scored="")
    backtest = read_backtest(options.backtest) if options.backtest else None
    content = page(manifest, backtest, edition_of(options, manifest))
    if path is not None:
        with Outputs({"report": path_of(path, "path")}) as outputs:
            outputs.write("report", lambda sink: sink.write(content))
            outputs.commit()
    return content.decode()


def first_screen(manifest: Mapping[str, Any]) -> str:
    """The head of the page alone: what to decide."""
    return page(manifest, None, edition_of(options_from(ReportOptions, {}, scored=""), manifest), whole=False).decode()
