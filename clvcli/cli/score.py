"""`clv score`: see scoring/job.py."""

import sys
from collections.abc import Mapping
from typing import Any

from clvcli.cli.console import Console
from clvcli.core.options import ScoreOptions


def run(options: ScoreOptions, console: Console) -> None:
    """Scores a log, shows the summary, prints the manifest where --json asks."""
    renderer = None
    if options.report:
        from clvcli.report.html import renderer_of

        renderer = renderer_of(options)
    with console.working():
        from clvcli.scoring.job import score

        content = score(options, console.stage, renderer).manifest
    _tell(content, console)
    if options.json:
        from clvcli.scoring import manifest

        sys.stdout.buffer.write(manifest.encode(content))
        sys.stdout.flush()


def _tell(content: Mapping[str, Any], console: Console) -> None:
    """The summary; with -v how the files were read."""
    if console.quiet and console.log_file is None:  # what draws tables would be loaded for nothing
        return
    from clvcli.report.check import file_layout
    from clvcli.report.terminal import summary

    for item in content["inputs"]:
        console.note(f"File: {file_layout(item)}", level=1)
    console.show(summary(content, every_warning=console.verbose > 0))
