"""`clv report`: the page and the charts from the manifest of a scored table."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clvcli.core.addresses import beside
from clvcli.core.errors import InputError, OutputError
from clvcli.core.language import Language, marked
from clvcli.core.options import ReportOptions
from clvcli.output import Outputs
from clvcli.output.scored_table import read_manifest
from clvcli.report.backtest_file import read_backtest
from clvcli.report.charts.svg import for_file
from clvcli.report.edition import edition_of
from clvcli.report.html import page, sections_of

AGAIN = marked("clv score DATA -o SCORED writes table and manifest")


@dataclass(frozen=True)
class Reported:
    """What was written."""

    output: str | None
    charts: tuple[str, ...]


def write_report(options: ReportOptions) -> Reported:
    """Writes the page, the charts or both.

    Raises InputError for the manifest, OutputError for what cannot be written.
    """
    manifest, read = _manifest(options)
    inputs = [read, *([options.backtest] if options.backtest else [])]
    backtest = read_backtest(options.backtest) if options.backtest else None
    edition = edition_of(options, manifest)
    output = options.output or (None if options.charts else f"{options.scored}.report.html")
    contents: dict[str, bytes] = {}
    files: dict[str, str] = {}
    try:
        if output:
            files["report"], contents["report"] = output, page(manifest, backtest, edition)
        for ident, content in (_charts(manifest, backtest, edition.t) if options.charts else {}).items():
            files[ident] = os.path.join(str(options.charts), f"{ident}.svg")
            contents[ident] = content
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as problem:
        raise InputError(
            marked("{place}: is no whole manifest ({name})", place=read, name=type(problem).__name__), hint=AGAIN
        ) from problem
    if options.charts:
        _folder(options.charts)
    with Outputs(files, inputs, log_file=options.log_file) as outputs:
        for role, content in contents.items():
            outputs.write(role, lambda sink, content=content: sink.write(content))  # type: ignore[misc]
        outputs.commit()
    return Reported(output, tuple(path for role, path in files.items() if role != "report"))


def _manifest(options: ReportOptions) -> tuple[Mapping[str, Any], str]:
    """The manifest and the file it stands in; SCORED may be the manifest itself."""
    given = options.table_manifest or (options.scored if options.scored.endswith(".json") else None)
    name = given or f"{beside(options.scored)}.run.json"
    manifest = read_manifest(options.scored, given, AGAIN)
    if not manifest or not {"series", "stages", "rows", "models", "warnings", "arguments"} <= manifest.keys():
        raise InputError(marked("{place}: has nothing to draw: it is no manifest of clv score", place=name), hint=AGAIN)
    return manifest, name


def _charts(manifest: Mapping[str, Any], backtest: Mapping[str, Any] | None, t: Language) -> dict[str, bytes]:
    """Every chart by its name."""
    figures = [figure for section in sections_of(manifest, backtest, t) for figure in section.figures]
    return {figure.ident: for_file(figure.chart, figure.alt, rtl=t.rtl) for figure in figures}


def _folder(path: str) -> None:
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}", hint="--charts names a folder") from None
