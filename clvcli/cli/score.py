"""`clv score`: see pipeline.score."""

import sys

from clvcli.cli.console import Console
from clvcli.options import ScoreOptions


def run(options: ScoreOptions, console: Console) -> None:
    """Scores a log, shows the summary, prints the manifest where --json asks."""
    from clvcli import manifest, pipeline
    from clvcli.report.terminal import summary

    renderer = None
    if options.report:
        from clvcli.report.html import renderer_of

        renderer = renderer_of(options)
    with console.working():
        done = pipeline.score(options, console.stage, renderer)
    console.show(summary(done.manifest))
    if options.json:
        sys.stdout.buffer.write(manifest.encode(done.manifest))
        sys.stdout.flush()
