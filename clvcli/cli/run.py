"""`clv run`: see nightly/job.py."""

import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clvcli.cli.config_file import DEFAULT_CONFIG, stay_within
from clvcli.cli.console import Console
from clvcli.cli.params import AnyOptions, options_of
from clvcli.core.errors import ConfigError, GateError
from clvcli.core.language import marked
from clvcli.core.options import RunOptions, ScoreOptions
from clvcli.core.settings import declared

if TYPE_CHECKING:
    from clvcli.commands.nightly.section import Section
    from clvcli.scoring.job import Renderer


def run(options: RunOptions, console: Console) -> None:
    """Runs the job of clv.yaml and shows what came of it: with -q nothing, as its result is the folder. Raises
    GateError when a gate did not pass."""
    from clvcli.commands.nightly import job
    from clvcli.core.run_day import run_day
    from clvcli.output.sink import fill_stdout
    from clvcli.report.nightly import page

    section = _section(options)
    if options.dry_run:
        sys.stdout.write(f"{section.folder}/{run_day()}: {', '.join(section.steps)}\n")
        return
    with console.working():
        done = job.run(section, run_day(), _Builder(options), console.stage, _renderer)
    if options.json:
        content = job.encode(job.as_json(done))
        fill_stdout(lambda sink: sink.write(content))
    elif not options.quiet:
        console.page(page(done))
    if done.failed:
        texts = "; ".join(f"{gate.name}: {gate.text}" for gate in done.failed)
        raise GateError(texts, hint="look, then run again, or set run.gates in clv.yaml", code="gate_failed")


def _section(options: RunOptions) -> "Section":
    """The section `run` of the configuration, its folder beside that file."""
    from clvcli.commands.nightly.section import EXAMPLE, read_section
    from clvcli.core.strict_yaml import load

    file = Path(options.config or DEFAULT_CONFIG)
    if not file.is_file():
        raise ConfigError(marked("{place}: no such file; clv run needs its section run", place=file), hint=EXAMPLE)
    document = load(file.read_text(encoding="utf-8"), str(file))
    value = document.value if isinstance(document.value, dict) else {}
    if "run" not in value:
        raise ConfigError(marked("{place}: has no section run", place=file), hint=EXAMPLE)
    section = read_section(value["run"], document.where)
    folder = os.path.normpath(file.parent / section.folder)
    if not options.config:
        stay_within(file, {"run.folder": folder})
    return dataclasses.replace(section, folder=folder)


class _Builder:
    """Options of any command from the configuration and the environment, with values that the job forces."""

    def __init__(self, options: RunOptions) -> None:
        self.config = options.config
        self.talk = {name: getattr(options, name) for name in ("quiet", "verbose", "progress", "color", "log_file")}

    def __call__(self, cls: type[AnyOptions], **forced: Any) -> AnyOptions:
        values = {name: value for name, value in (self.talk | forced).items() if name in declared(cls)}
        return options_of(cls, {"config": self.config}, values)


def _renderer(options: ScoreOptions) -> "Renderer":
    from clvcli.report.html import renderer_of

    return renderer_of(options)
